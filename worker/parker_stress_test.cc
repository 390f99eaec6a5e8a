// Parkers under threads: no wake is lost, and what every unparker did before is
// visible, also of those who found the token there already (Tokio #7622).

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/worker/parker.h"
#include "weft/worker/retiring_parker.h"

namespace weft {
namespace {

template <class Parker>
class ParkerStress : public ::testing::Test {};
using Models = ::testing::Types<FutexParker, CondvarParker, RetiringParker>;
TYPED_TEST_SUITE(ParkerStress, Models);

// Each unparker counts up a relaxed counter of its own and unparks. The sleeper
// leaves when it has seen all of all counters: if a wake is lost or does not
// publish, it sleeps for ever.
TYPED_TEST(ParkerStress, NoWakeIsLostAndEachPublishes) {
  const std::uint64_t seed = TestSeed();
  const std::uint64_t rounds = StressIterations(40'000);
  constexpr int kUnparkers = 3;
  TypeParam parker;
  std::vector<CacheAligned<atomic<std::uint64_t>>> counters(kUnparkers);

  std::vector<Thread> threads;
  for (int i = 0; i < kUnparkers; ++i) {
    threads.emplace_back([&, i] {
      XorShift64 random(seed + static_cast<std::uint64_t>(i));
      for (std::uint64_t n = 1; n <= rounds; ++n) {
        counters[i]->store(n, std::memory_order_relaxed);
        parker.Unpark();
        if (random.Below(64) == 0) YieldThread();
      }
    });
  }
  XorShift64 random(seed + kUnparkers);
  const auto all_done = [&] {
    for (auto& counter : counters) {
      if (counter->load(std::memory_order_relaxed) != rounds) return false;
    }
    return true;
  };
  while (!all_done()) {
    switch (random.Below(4)) {
      case 0:
        // A timeout that sometimes runs out just as the token comes.
        (void)parker.ParkFor(std::chrono::microseconds(random.Below(20)));
        break;
      case 1:
        YieldThread();
        [[fallthrough]];
      default:
        parker.Park();
    }
    // If a token was taken without its work being visible, the next Park may
    // be for ever: that is the test.
  }
  for (Thread& thread : threads) thread.join();
}

// Plain memory is handed to and fro; under ThreadSanitizer this also shows that
// Park and Unpark synchronise.
TYPED_TEST(ParkerStress, PlainMemoryIsHandedOver) {
  const std::uint64_t rounds = StressIterations(20'000);
  TypeParam mine, yours;
  std::uint64_t value = 0;
  Thread thread([&] {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      yours.Park();
      ++value;
      mine.Unpark();
    }
  });
  for (std::uint64_t i = 0; i < rounds; ++i) {
    ++value;
    yours.Unpark();
    mine.Park();
  }
  thread.join();
  EXPECT_EQ(value, 2 * rounds);
}

}  // namespace
}  // namespace weft
