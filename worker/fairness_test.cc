#include "weft/worker/fairness.h"

#include <chrono>
#include <cstdint>

#include "gtest/gtest.h"
#include "weft/worker/concepts.h"
#include "weft/worker/testing/manual_clock.h"

namespace weft {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using worker_testing::ManualClock;
using Tuned = TunedFairness<ManualClock>;

static_assert(FairnessPolicy<TunedFairness<>>);
static_assert(FairnessPolicy<FixedFairness>);

// Ticks `polls` times, each followed by a poll of that length; returns how
// often the injector came first.
template <class Fairness>
int Polls(Fairness& fairness, int polls, nanoseconds length) {
  int injector = 0;
  for (int i = 0; i < polls; ++i) {
    injector += fairness.Tick() ? 1 : 0;
    ManualClock::Advance(length);
  }
  return injector;
}

// The interval after the mean has settled.
std::uint32_t IntervalFor(nanoseconds length) {
  Tuned fairness;
  Polls(fairness, 1000, length);
  return fairness.interval();
}

TEST(FixedFairness, EverySixtyFirst) {
  FixedFairness fairness;
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(Polls(fairness, 60, microseconds(1)), 0);
    EXPECT_EQ(Polls(fairness, 1, microseconds(1)), 1);
    fairness.Pause();
    fairness.Resume();
  }
}

TEST(TunedFairness, BeginsWithSixtyOne) {
  Tuned fairness;
  EXPECT_EQ(fairness.interval(), 61u);
  EXPECT_EQ(Polls(fairness, 60, nanoseconds(0)), 0);
  EXPECT_EQ(Polls(fairness, 1, nanoseconds(0)), 1);
}

TEST(TunedFairness, AimsAtTwoHundredMicroseconds) {
  EXPECT_EQ(IntervalFor(microseconds(4)), 50u);
  EXPECT_EQ(IntervalFor(microseconds(10)), 20u);
  EXPECT_EQ(IntervalFor(microseconds(40)), 5u);
}

TEST(TunedFairness, ShortPollsGiveTheLongestInterval) {
  EXPECT_EQ(IntervalFor(nanoseconds(100)), 127u);
  EXPECT_EQ(IntervalFor(nanoseconds(1)), 127u);
  EXPECT_EQ(IntervalFor(nanoseconds(0)), 127u);
}

TEST(TunedFairness, LongPollsGiveTheShortestInterval) {
  EXPECT_EQ(IntervalFor(milliseconds(1)), 2u);
  EXPECT_EQ(IntervalFor(std::chrono::hours(1)), 2u);
}

TEST(TunedFairness, TheInjectorComesFirstOnceInEachInterval) {
  Tuned fairness;
  Polls(fairness, 1000, microseconds(10));
  ASSERT_EQ(fairness.interval(), 20u);
  EXPECT_EQ(Polls(fairness, 1000, microseconds(10)), 50);
}

// A single batch of very different polls moves the mean, but one short batch
// does not throw it over.
TEST(TunedFairness, TheMeanMovesWithEachPollByATenth) {
  Tuned fairness;
  Polls(fairness, 1000, microseconds(10));
  ASSERT_EQ(fairness.interval(), 20u);
  // A tick before a pause is followed by no poll.
  (void)fairness.Tick();
  fairness.Pause();
  fairness.Resume();
  // 0.9 * 10 + 0.1 * 109 = 19.9 us.
  Polls(fairness, 1, microseconds(109));
  (void)fairness.Tick();
  fairness.Pause();
  EXPECT_EQ(fairness.interval(), 10u);
}

// In batches, as if poll by poll.
TEST(TunedFairness, ABatchWeighsAsMuchAsItsPolls) {
  Tuned in_batches;
  Tuned one_by_one;
  for (int poll = 0; poll < 6; ++poll) {
    (void)one_by_one.Tick();
    ManualClock::Advance(microseconds(8));
    (void)one_by_one.Tick();
    one_by_one.Pause();
    one_by_one.Resume();
  }
  in_batches.Resume();
  Polls(in_batches, 6, microseconds(8));
  (void)in_batches.Tick();
  in_batches.Pause();
  EXPECT_EQ(in_batches.interval(), one_by_one.interval());
  EXPECT_LT(in_batches.interval(), 50u);
}

TEST(TunedFairness, SmallChangesChangeNothing) {
  Tuned fairness;
  Polls(fairness, 1000, microseconds(10));
  ASSERT_EQ(fairness.interval(), 20u);
  Polls(fairness, 1000, nanoseconds(9'100));  // 200 / 9.1 = 21.98
  EXPECT_EQ(fairness.interval(), 20u);
  Polls(fairness, 1000, nanoseconds(8'500));  // 23.5
  EXPECT_EQ(fairness.interval(), 23u);
  Polls(fairness, 1000, nanoseconds(9'500));  // 21.05
  EXPECT_EQ(fairness.interval(), 23u);
}

TEST(TunedFairness, TimeBetweenPauseAndResumeDoesNotCount) {
  Tuned fairness;
  for (int round = 0; round < 100; ++round) {
    Polls(fairness, 10, microseconds(10));
    (void)fairness.Tick();
    fairness.Pause();
    ManualClock::Advance(std::chrono::hours(1));
    fairness.Resume();
  }
  EXPECT_NEAR(fairness.interval(), 20u, Tuned::kHysteresis);
}

TEST(TunedFairness, PausesWithoutPollsChangeNothing) {
  Tuned fairness;
  for (int round = 0; round < 100; ++round) {
    ManualClock::Advance(milliseconds(1));
    fairness.Pause();
    ManualClock::Advance(milliseconds(1));
    fairness.Resume();
    (void)fairness.Tick();
  }
  EXPECT_EQ(fairness.interval(), 61u);
}

// When polls grow long, the injector does not wait for the end of an interval
// chosen when they were short.
TEST(TunedFairness, AShorterIntervalShortensTheOneUnderWay) {
  Tuned fairness;
  Polls(fairness, 1000, nanoseconds(100));
  ASSERT_EQ(fairness.interval(), 127u);
  while (!fairness.Tick()) {
  }
  // A batch of long polls ends after at most kPollsPerClock ticks.
  const int slow = static_cast<int>(Tuned::kPollsPerClock) + 3;
  EXPECT_GE(Polls(fairness, slow, milliseconds(1)), 1);
}

}  // namespace
}  // namespace weft
