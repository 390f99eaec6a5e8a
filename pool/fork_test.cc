// Fork coroutines (fork/) in a pool: how trees begin and end there, and what
// they share workers with.

#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/thread.h"
#include "weft/fork/fork_task.h"
#include "weft/pool/pool.h"
#include "weft/pool/single_queue.h"
#include "weft/pool/testing/helpers.h"
#include "weft/task/yield.h"
#include "weft/worker/no_forks.h"

namespace weft {
namespace {

using testing::Event;

Options Workers(int n) {
  Options options;
  options.workers = n;
  return options;
}

ForkTask<std::int64_t> Fib(std::int64_t n) {
  if (n < 2) co_return n;
  auto [a, b] = co_await ForkJoin(Fib(n - 1), Fib(n - 2));
  co_return a + b;
}

class PoolFork : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, PoolFork, ::testing::Values(1, 2, 4));

TEST_P(PoolFork, BlockOn) {
  Pool pool(Workers(GetParam()));
  EXPECT_EQ(pool.BlockOn(Fib(15)), 610);
}

TEST_P(PoolFork, ATaskAwaitsTrees) {
  Pool pool(Workers(GetParam()));
  EXPECT_EQ(pool.BlockOn([]() -> Task<std::int64_t> {
    std::int64_t sum = 0;
    for (int i = 0; i < 20; ++i) {
      sum += co_await Fib(10);
      co_await YieldNow();
    }
    co_return sum;
  }),
            20 * 55);
}

TEST_P(PoolFork, TreesSideBySide) {
  Pool pool(Workers(GetParam()));
  std::vector<JoinHandle<std::int64_t>> trees;
  for (int i = 0; i < 50; ++i) trees.push_back(pool.Spawn(Fib(12)));
  for (auto& tree : trees) EXPECT_EQ(std::move(tree).Join().value(), 144);
}

TEST_P(PoolFork, OfASingleQueue) {
  SingleQueuePool pool(Workers(GetParam()));
  EXPECT_EQ(pool.BlockOn(Fib(12)), 144);
}

// The child runs until its parent, on another worker, lets it end. That worker
// slept when the child was forked.
ForkTask<int> WaitsFor(Event& event) {
  event.Wait();
  co_return 1;
}
ForkTask<int> Sets(Event& event) {
  event.Set();
  co_return 2;
}
ForkTask<int> Both(Event& event) {
  auto [a, b] = co_await ForkJoin(WaitsFor(event), Sets(event));
  co_return a + b;
}
TEST(PoolForkParallel, ASleeperIsWokenForAFork) {
  Pool pool(Workers(2));
  for (int i = 0; i < 20; ++i) {
    Event event;
    EXPECT_EQ(pool.BlockOn(Both(event)), 3);
  }
}

// One deeper: the second sleeper is woken by the first.
ForkTask<int> Deeper(Event& outer, Event& inner) {
  auto [a, b] = co_await ForkJoin(Both(inner), Sets(outer));
  outer.Wait();
  co_return a + b;
}
TEST(PoolForkParallel, AndAnotherForWhatIsLeft) {
  Pool pool(Workers(3));
  for (int i = 0; i < 20; ++i) {
    Event outer, inner;
    EXPECT_EQ(pool.BlockOn(Deeper(outer, inner)), 5);
  }
}

// A fork coroutine that blocks its worker: which runs other tasks meanwhile,
// and if need be the fork coroutines beneath.
ForkTask<std::int64_t> Blocks(Pool& pool, int depth) {
  if (depth == 0) co_return pool.BlockOn(Fib(8));
  auto [a, b] =
      co_await ForkJoin(Blocks(pool, depth - 1), Blocks(pool, depth - 1));
  co_return a + b;
}
TEST_P(PoolFork, OneThatBlocks) {
  Pool pool(Workers(GetParam()));
  EXPECT_EQ(pool.BlockOn(Blocks(pool, 3)), 8 * 21);
}

// What the blocked one waits for is done by its parent.
ForkTask<int> BlocksForParent(Pool& pool, Event& event) {
  pool.BlockOn([&event]() -> Task<> {
    while (!event.IsSet()) co_await YieldNow();
  });
  co_return 1;
}
ForkTask<int> LetsItGo(Pool& pool, Event& event) {
  auto [a, b] = co_await ForkJoin(BlocksForParent(pool, event), Sets(event));
  co_return a + b;
}
TEST(PoolForkParallel, SeveralWorkersRunTheParentOfOneThatBlocks) {
  Pool pool(Workers(2));
  Event event;
  EXPECT_EQ(pool.BlockOn(LetsItGo(pool, event)), 3);
}

// ---- The end. ----

ForkTask<int> Notes(Event& begun, Event& go_on, bool& ended) {
  begun.Set();
  go_on.Wait();
  ended = true;
  co_return 1;
}
ForkTask<int> ForksNotes(Event& begun, Event& go_on, bool& ended) {
  Forked<int> child = co_await Fork(Notes(begun, go_on, ended));
  co_await Join();
  co_return *child;
}

TEST_P(PoolFork, AnAbortWaitsForTheTree) {
  Pool pool(Workers(GetParam()));
  Event begun, go_on;
  bool ended = false;
  auto handle = pool.Spawn(ForksNotes(begun, go_on, ended));
  begun.Wait();
  handle.Abort();
  go_on.Set();
  EXPECT_TRUE(std::move(handle).Join().cancelled());
  EXPECT_TRUE(ended);
}

TEST_P(PoolFork, ACancelledPoolWaitsForTheTree) {
  Event begun, go_on;
  bool ended = false;
  Thread stopper;
  {
    Pool pool(Workers(GetParam()));
    pool.SpawnDetached(ForksNotes(begun, go_on, ended));
    begun.Wait();
    stopper = Thread([&] { go_on.Set(); });
  }
  EXPECT_TRUE(ended);
  stopper.join();
}

TEST_P(PoolFork, ADrainWaitsForTheTree) {
  Pool pool(Workers(GetParam()));
  Event begun, go_on;
  bool ended = false;
  pool.SpawnDetached(ForksNotes(begun, go_on, ended));
  go_on.Set();
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_TRUE(ended);
}

// One that never ran goes with its task.
TEST(PoolForkEnd, ATreeThatIsRefused) {
  Pool pool(Workers(1));
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_TRUE(pool.Spawn(Fib(5)).Join().cancelled());
}

// ---- Where it cannot be. ----

struct WithoutForks : DefaultPolicies {
  using Forks = NoForks;
};
TEST(PoolForkDeathTest, APoolWithoutForksSaysSo) {
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(
      {
        BasicPool<WithoutForks> pool(Workers(1));
        std::ignore = pool.BlockOn(Fib(1));
      },
      "only on a worker of a pool whose Policies::Forks is ForkSite");
}

}  // namespace
}  // namespace weft
