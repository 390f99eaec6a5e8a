// How many allocations a spawn makes, counted by the global operator new.

#include <chrono>
#include <cstdint>
#include <utility>

#include "gtest/gtest.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/allocations.h"
#include "weft/pool/testing/helpers.h"
#include "weft/task/yield.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

// Fewer than a worker's queue holds: what overflows would run late.
constexpr std::uint64_t kTasks = 100;

Task<int> Coroutine(int value) {
  co_await YieldNow();
  co_return value;
}

struct Future {
  weft::Poll<int> Poll(Context&) { return 1; }
};

class Allocations : public ::testing::Test {
 protected:
  Allocations()
      : pool_([] {
          Options options;
          options.workers = 1;
          options.watchdog_period = std::chrono::nanoseconds::zero();
          return options;
        }()) {}

  // What one of many calls of `spawn` allocates, from outside and on a worker.
  template <class SpawnOne>
  void ExpectPerSpawn(std::uint64_t expected, SpawnOne spawn) {
    EXPECT_EQ(CountOutside([&] { spawn(pool_.executor()); }), expected)
        << "outside";
    EXPECT_EQ(pool_.BlockOn(CountInside([&] { spawn(pool_.executor()); })),
              expected)
        << "inside";
  }

  // The registries of tasks first grow to what is needed, and keep that.
  template <class F>
  std::uint64_t CountOutside(F f) {
    for (std::uint64_t i = 0; i < 2 * kTasks; ++i) f();
    testing::WaitUntilAsleep(pool_);
    const std::uint64_t before = testing::Allocations();
    for (std::uint64_t i = 0; i < kTasks; ++i) f();
    // The looks at the metrics allocate, too.
    const std::uint64_t here = testing::AllocationsHere();
    testing::WaitUntilAsleep(pool_);
    const std::uint64_t looks = testing::AllocationsHere() - here;
    return (testing::Allocations() - before - looks) / kTasks;
  }

  template <class F>
  static Task<std::uint64_t> CountInside(F f) {
    for (std::uint64_t i = 0; i < 2 * kTasks; ++i) f();
    for (int i = 0; i < 200; ++i) co_await YieldNow();
    const std::uint64_t before = testing::Allocations();
    for (std::uint64_t i = 0; i < kTasks; ++i) f();
    for (int i = 0; i < 200; ++i) co_await YieldNow();
    co_return (testing::Allocations() - before) / kTasks;
  }

  Pool pool_;
};

TEST_F(Allocations, ADetachedTaskIsOne) {
  ExpectPerSpawn(1, [](Executor& e) { SpawnDetachedOn(e, [] {}); });
  ExpectPerSpawn(1, [](Executor& e) { SpawnDetachedOn(e, Future()); });
  ExpectPerSpawn(1, [](Executor& e) { SpawnDetachedOn(e, Coroutine(1)); });
}

TEST_F(Allocations, AJoinableTaskIsOne) {
  ExpectPerSpawn(1, [](Executor& e) { SpawnOn(e, [] {}).Detach(); });
  ExpectPerSpawn(1, [](Executor& e) { SpawnOn(e, Future()).Detach(); });
  ExpectPerSpawn(1, [](Executor& e) { SpawnOn(e, Coroutine(1)).Detach(); });
}

TEST_F(Allocations, ACallableThatReturnsACoroutineIsTwo) {
  ExpectPerSpawn(
      2, [](Executor& e) { SpawnDetachedOn(e, [] { return Coroutine(1); }); });
}

TEST_F(Allocations, JoiningAddsNoneOnAThreadThatHasWaitedBefore) {
  EXPECT_EQ(
      CountOutside([&] { (void)SpawnOn(pool_.executor(), Future()).Join(); }),
      1u);
}

TEST_F(Allocations, ADetachedBatchIsOneEach) {
  Future bodies[100];
  EXPECT_EQ(
      CountOutside([&] { SpawnDetachedBatchOn(pool_.executor(), bodies); }),
      100u);
}

}  // namespace
}  // namespace weft
