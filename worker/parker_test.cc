// The suite that every ParkerPolicy passes.

#include "weft/worker/parker.h"

#include <chrono>
#include <cstdint>
#include <limits>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/thread.h"
#include "weft/worker/concepts.h"
#include "weft/worker/retiring_parker.h"

namespace weft {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

static_assert(ParkerPolicy<FutexParker>);
static_assert(ParkerPolicy<RetiringParker>);
static_assert(ParkerPolicy<CondvarParker>);
static_assert(alignof(FutexParker) == kFalseSharingRange);
static_assert(alignof(CondvarParker) == kFalseSharingRange);

template <class Parker>
class ParkerConformance : public ::testing::Test {
 protected:
  Parker parker;
};
using Models = ::testing::Types<FutexParker, CondvarParker, RetiringParker>;
TYPED_TEST_SUITE(ParkerConformance, Models);

// Known bugs W16, Tokio #7041: the token comes first, the sleep does not begin.
TYPED_TEST(ParkerConformance, W16ATokenLeftBeforeParkEndsItAtOnce) {
  EXPECT_FALSE(this->parker.Unpark()) << "nobody slept";
  this->parker.Park();
}

TYPED_TEST(ParkerConformance, W16ATokenLeftBeforeParkForEndsItAtOnce) {
  this->parker.Unpark();
  EXPECT_TRUE(this->parker.ParkFor(std::chrono::hours(24)));
}

TYPED_TEST(ParkerConformance, ATokenIsTakenOnce) {
  this->parker.Unpark();
  this->parker.Park();
  EXPECT_FALSE(this->parker.ParkFor(milliseconds(1)));
}

TYPED_TEST(ParkerConformance, TokensDoNotAddUp) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(this->parker.Unpark());
  EXPECT_TRUE(this->parker.ParkFor(milliseconds(1)));
  EXPECT_FALSE(this->parker.ParkFor(milliseconds(1)));
}

TYPED_TEST(ParkerConformance, ParkForGivesUpAndForgetsThatItSlept) {
  EXPECT_FALSE(this->parker.ParkFor(milliseconds(1)));
  EXPECT_FALSE(this->parker.Unpark()) << "nobody sleeps any more";
  EXPECT_TRUE(this->parker.ParkFor(milliseconds(1)));
}

TYPED_TEST(ParkerConformance, ParkForNothingReturnsAtOnce) {
  EXPECT_FALSE(this->parker.ParkFor(nanoseconds(0)));
  EXPECT_FALSE(this->parker.ParkFor(nanoseconds(-1)));
  EXPECT_FALSE(this->parker.ParkFor(nanoseconds::min()));
  this->parker.Unpark();
  EXPECT_TRUE(this->parker.ParkFor(nanoseconds(0)));
}

// Known bugs C5: now + the longest timeout is not a time in the past.
TYPED_TEST(ParkerConformance, C5TheLongestTimeoutIsLong) {
  atomic<bool> woken{false};
  Thread sleeper([&] {
    woken.store(this->parker.ParkFor(nanoseconds::max()),
                std::memory_order_relaxed);
  });
  this->parker.Unpark();
  sleeper.join();
  EXPECT_TRUE(woken.load(std::memory_order_relaxed));
}

TYPED_TEST(ParkerConformance, ASleepingThreadIsWoken) {
  int payload = 0;
  Thread sleeper([&] {
    this->parker.Park();
    EXPECT_EQ(payload, 42);  // published by the token
  });
  payload = 42;
  this->parker.Unpark();
  sleeper.join();
}

// Exactly one of many unparks of a sleeping thread makes the system call.
TYPED_TEST(ParkerConformance, OnlyOneUnparkWakes) {
  Thread sleeper([&] { this->parker.Park(); });
  SleepFor(milliseconds(2));
  int woke = 0;
  for (int i = 0; i < 5; ++i) woke += this->parker.Unpark() ? 1 : 0;
  sleeper.join();
  // None if the thread was not there yet. Two if it took the first token and
  // ended: then nobody sleeps, so never two.
  EXPECT_LE(woke, 1);
}

TYPED_TEST(ParkerConformance, TwoThreadsCanPassATokenToAndFro) {
  TypeParam other;
  constexpr int kRounds = 200;
  int rounds = 0;
  Thread thread([&] {
    for (int i = 0; i < kRounds; ++i) {
      this->parker.Park();
      ++rounds;
      other.Unpark();
    }
  });
  for (int i = 0; i < kRounds; ++i) {
    EXPECT_EQ(rounds, i);
    this->parker.Unpark();
    other.Park();
  }
  thread.join();
  EXPECT_EQ(rounds, kRounds);
}

}  // namespace
}  // namespace weft
