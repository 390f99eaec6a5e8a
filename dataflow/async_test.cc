#include "weft/dataflow/async.h"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/dataflow/flow.h"
#include "weft/dataflow/testing/each_pool.h"
#include "weft/pool/options.h"
#include "weft/pool/sharded.h"
#include "weft/pool/testing/helpers.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

using testing::Event;

Options Workers(std::uint32_t n) {
  Options options;
  options.workers = n;
  return options;
}

int Add(int a, int b) { return a + b; }

class AsyncTest : public testing::EachPool {};
INSTANTIATE_TEST_SUITE_P(, AsyncTest, testing::EachPool::Kinds(),
                         testing::EachPool::NameOf);

TEST_P(AsyncTest, PlainArgumentsRun) {
  Pool pool(Workers(2));
  EXPECT_EQ(Async(pool, Add, 1, 2).Get(), 3);
}

// A pinned task's scheduler is its worker, not the pool.
TEST(AsyncSharded, RunsOnAPoolWithPinnedTasks) {
  ShardedPool pool(Workers(2));
  auto a = Async(pool, Add, 1, 2);
  auto b = Async(
      pool,
      [](const int& x) -> Task<int> {
        co_await YieldNow();
        co_return x * 2;
      },
      a);
  auto c = Async(
      pool, [](const int& x) -> Task<Flow<int>> { co_return Async(Add, x, 1); },
      b);
  EXPECT_EQ(Async(pool, Add, b, c).Get(), 13);
}

TEST_P(AsyncTest, AFlowIsAnArgument) {
  Pool pool(Workers(2));
  auto a = Async(pool, Add, 1, 2);
  auto b = Async(pool, Add, a, a);
  auto c = Async(pool, Add, a, b);
  EXPECT_EQ(c.Get(), 9);
  EXPECT_EQ(a.Get(), 3);
}

TEST_P(AsyncTest, WaitsForAPromiseAndNotInAQueue) {
  Pool pool(Workers(1));
  FlowPromise<int> promise;
  auto sum = Async(pool, Add, promise.flow(), 1);
  EXPECT_EQ(pool.BlockOn([] { return 1; }), 1);
  EXPECT_FALSE(sum.Done());
  promise.Resolve(41);
  EXPECT_EQ(sum.Get(), 42);
}

TEST_P(AsyncTest, TheSameFlowTwiceAndResolvedOnes) {
  Pool pool(Workers(1));
  FlowPromise<int> promise;
  auto sum = Async(
      pool, [](int a, int b, int c) { return a + b + c; }, promise.flow(),
      MakeFlow(5), promise.flow());
  promise.Resolve(1);
  EXPECT_EQ(sum.Get(), 7);
}

TEST_P(AsyncTest, MoveOnlyValuesAreSharedByReference) {
  Pool pool(Workers(2));
  auto box = Async(pool, [] { return std::make_unique<int>(7); });
  auto value = Async(
      pool, [](const std::unique_ptr<int>& b) { return *b; }, box);
  EXPECT_EQ(value.Get(), 7);
  auto moved = Async(
      pool, [](std::unique_ptr<int> b) { return *b; },
      std::make_unique<int>(8));
  EXPECT_EQ(moved.Get(), 8);
}

TEST_P(AsyncTest, OfAVoidFlowTheFunctionGetsNothing) {
  Pool pool(Workers(2));
  int x = 0;
  auto first = Async(pool, [&] { x = 4; });
  auto second = Async(
      pool, [&](int by) { x *= by; }, first, 3);
  second.Get();
  EXPECT_EQ(x, 12);
}

TEST_P(AsyncTest, AVectorOfFlows) {
  Pool pool(Workers(2));
  FlowPromise<int> promise;
  std::vector<Flow<int>> flows = {MakeFlow(1), promise.flow(),
                                  Async(pool, Add, 2, 3)};
  auto sum = Async(
      pool,
      [](const std::vector<Flow<int>>& all) {
        int s = 0;
        for (const auto& flow : all) s += flow.value();
        return s;
      },
      flows);
  promise.Resolve(10);
  EXPECT_EQ(sum.Get(), 16);
  EXPECT_EQ(Async(
                pool, [](const std::vector<Flow<int>>& v) { return v.size(); },
                std::vector<Flow<int>>())
                .Get(),
            0u);
}

TEST_P(AsyncTest, AReturnedFlowIsFlattened) {
  Pool pool(Workers(2));
  FlowPromise<std::string> promise;
  auto outer = Async(pool, [flow = promise.flow()] { return flow; });
  EXPECT_EQ(pool.BlockOn([] { return 1; }), 1);
  EXPECT_FALSE(outer.Done());
  promise.Resolve("late");
  EXPECT_EQ(outer.Get(), "late");
  auto at_once = Async(pool, [] { return MakeFlow(3); });
  EXPECT_EQ(at_once.Get(), 3);
}

Flow<int> Down(int n) {
  if (n == 0) return MakeFlow(7);
  return Async(Down, n - 1);
}

TEST_P(AsyncTest, ADeepRecursionOfFlattenedFlows) {
  Pool pool(Workers(2));
  const int depth =
      Cycles() ? 2000 : static_cast<int>(StressIterations(1000000));
  EXPECT_EQ(Async(pool, Down, depth).Get(), 7);
}

TEST_P(AsyncTest, ACoroutineIsRun) {
  Pool pool(Workers(2));
  FlowPromise<int> promise;
  auto body = [](const int& a, int b) -> Task<int> {
    co_await YieldNow();
    co_return a + b;
  };
  EXPECT_EQ(Async(pool, body, 1, 2).Get(), 3);
  auto later = Async(pool, body, promise.flow(), 5);
  promise.Resolve(6);
  EXPECT_EQ(later.Get(), 11);
}

TEST_P(AsyncTest, CoAwait) {
  Pool pool(Workers(2));
  FlowPromise<int> promise;
  auto answer = pool.Spawn([argument = promise.flow()]() -> Task<int> {
    auto flow = Async(Add, argument, 1);
    const int& value = co_await flow;
    const int again = co_await flow;
    co_return value + again + co_await Async(Add, 1, 1);
  });
  promise.Resolve(1);
  EXPECT_EQ(std::move(answer).Join().value(), 6);
}

TEST_P(AsyncTest, GetOnAWorkerRunsOthers) {
  Pool pool(Workers(1));
  EXPECT_EQ(pool.BlockOn([] { return Async(Add, 1, 2).Get(); }), 3);
}

TEST_P(AsyncTest, AnAwaitThatIsAbortedLeavesTheFlow) {
  Pool pool(Workers(1));
  FlowPromise<int> promise;
  Event waits;
  auto waiting = pool.Spawn([&]() -> Task<> {
    waits.Set();
    (void)co_await promise.flow();
  });
  waits.Wait();
  waiting.Abort();
  EXPECT_TRUE(std::move(waiting).Join().cancelled());
  auto flow = promise.flow();
  promise.Resolve(1);
  EXPECT_EQ(flow.Get(), 1);
}

// ---- Ends other than a value. ----

TEST_P(AsyncTest, ADroppedPromiseCancelsAllThatDependsOnIt) {
  Pool pool(Workers(2));
  bool ran = false;
  Flow<int> sum, more, other;
  {
    FlowPromise<int> promise;
    sum = Async(pool, Add, promise.flow(), 1);
    more = Async(
        pool,
        [&](int a) {
          ran = true;
          return a;
        },
        sum);
    other = Async(pool, Add, 1, 1);
  }
  more.Wait();
  EXPECT_TRUE(more.cancelled());
  EXPECT_TRUE(sum.cancelled());
  EXPECT_FALSE(ran);
  EXPECT_EQ(other.Get(), 2);
}

TEST_P(AsyncTest, AFlowThatWaitsIsCancelled) {
  Pool pool(Workers(1));
  FlowPromise<int> promise;
  auto sum = Async(pool, Add, promise.flow(), 1);
  sum.Cancel();
  sum.Cancel();
  sum.Wait();
  EXPECT_TRUE(sum.cancelled());
  promise.Resolve(1);
  sum.Cancel();
  EXPECT_TRUE(sum.cancelled());
}

TEST_P(AsyncTest, CancelEndsACoroutineAndAnInnerFlowsWait) {
  Pool pool(Workers(1));
  FlowPromise<int> promise;
  Event in;
  auto coroutine = Async(pool, [&, flow = promise.flow()]() -> Task<int> {
    in.Set();
    co_return co_await flow;
  });
  auto outer = Async(pool, [flow = promise.flow()] { return flow; });
  in.Wait();
  pool.BlockOn([] {});
  coroutine.Cancel();
  outer.Cancel();
  coroutine.Wait();
  outer.Wait();
  EXPECT_TRUE(coroutine.cancelled());
  EXPECT_TRUE(outer.cancelled());
}

TEST_P(AsyncTest, AShutdownCancelsWhatWaits) {
  FlowPromise<int> promise, unresolved;
  Flow<int> a, b, after;
  {
    Pool pool(Workers(2));
    a = Async(pool, Add, promise.flow(), unresolved.flow());
    b = Async(pool, Add, a, 1);
    EXPECT_TRUE(pool.Shutdown({.mode = ShutdownMode::kCancel}).ok());
    EXPECT_TRUE(a.Done() && a.cancelled());
    EXPECT_TRUE(b.Done() && b.cancelled());
    after = Async(pool, Add, promise.flow(), 1);
    EXPECT_TRUE(after.Done() && after.cancelled());
    EXPECT_TRUE(Async(pool, Add, 1, 1).cancelled());
  }
  promise.Resolve(1);
}

TEST_P(AsyncTest, ADrainWaitsForWhatWaits) {
  Pool pool(Workers(2));
  FlowPromise<int> promise;
  auto flow = Async(pool, Add, promise.flow(), 1);
  Thread resolver([promise = std::move(promise)]() mutable {
    SleepFor(std::chrono::milliseconds(5));
    promise.Resolve(1);
  });
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_TRUE(flow.Done());
  EXPECT_EQ(flow.value(), 2);
  resolver.join();
}

TEST_P(AsyncTest, DroppedFlowsGoOnUnlessAskedNotTo) {
  Pool pool(Workers(1));
  Event ran;
  FlowPromise<int> promise;
  bool cancelled_ran = false;
  auto alive = std::make_shared<int>(1);
  std::weak_ptr<int> watch = alive;
  (void)Async(
      pool, [&](int) { ran.Set(); }, promise.flow());
  {
    auto inner = Async(
        pool, OnDrop::kCancel,
        [&, a = std::move(alive)](int) {
          cancelled_ran = true;
          return 1;
        },
        promise.flow());
    auto outer = Async(
        pool, OnDrop::kCancel, [](int) {}, inner);
    auto copy = outer;
  }
  testing::WaitUntil([&] { return watch.expired(); });
  promise.Resolve(1);
  ran.Wait();
  pool.BlockOn([] {});
  EXPECT_FALSE(cancelled_ran);
}

// Neither resolving, nor failing, nor destroying recurses.
TEST_P(AsyncTest, DeepChains) {
  Pool pool(Workers(2));
  constexpr int kMany = static_cast<int>(StressIterations(1000000));
  for (int way = 0; way < 3; ++way) {
    // Cycling looks at each of them over and over.
    const int depth = Cycles() ? 2000 : kMany;
    FlowPromise<int> promise;
    Flow<int> last = promise.flow();
    for (int i = 0; i < depth; ++i) {
      last = Async(
          pool, way == 2 ? OnDrop::kCancel : OnDrop::kGoOn,
          [](int a) { return a + 1; }, std::move(last));
    }
    if (way == 0) {
      promise.Resolve(0);
      EXPECT_EQ(last.Get(), depth);
    } else if (way == 1) {
      promise.Cancel();
      last.Wait();
      EXPECT_TRUE(last.cancelled());
    } else {
      last = Flow<int>();
    }
  }
}

#if defined(__cpp_exceptions)

TEST_P(AsyncTest, AnExceptionReachesAllThatDependsOnIt) {
  Pool pool(Workers(2));
  bool ran = false;
  auto bad = Async(pool, []() -> int { throw std::runtime_error("bad"); });
  auto after = Async(
      pool,
      [&](int a) {
        ran = true;
        return a;
      },
      bad);
  auto later = Async(pool, Add, MakeFlow(1), after);
  EXPECT_THROW(later.Get(), std::runtime_error);
  EXPECT_THROW(after.Get(), std::runtime_error);
  EXPECT_FALSE(ran);
  EXPECT_EQ(Async(pool, Add, 1, 1).Get(), 2);
  FlowPromise<int> promise;
  promise.Cancel();
  EXPECT_FALSE(promise);
}

TEST_P(AsyncTest, TheFirstArgumentWithoutAValueDecides) {
  Pool pool(Workers(2));
  FlowPromise<int> cancelled, failed;
  auto flow = Async(pool, Add, cancelled.flow(), failed.flow());
  failed.Fail(std::make_exception_ptr(1));
  cancelled.Cancel();
  flow.Wait();
  EXPECT_TRUE(flow.cancelled());
}

TEST_P(AsyncTest, ACoroutineThrows) {
  Pool pool(Workers(2));
  auto flow = Async(pool, []() -> Task<int> {
    co_await YieldNow();
    throw 5;
  });
  EXPECT_THROW(flow.Get(), int);
  auto inner = Async(pool, [flow] { return flow; });
  EXPECT_THROW(inner.Get(), int);
}

#endif

}  // namespace
}  // namespace weft
