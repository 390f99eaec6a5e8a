#include "weft/dataflow/combine.h"

#include <cstdint>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/dataflow/async.h"
#include "weft/dataflow/flow.h"
#include "weft/dataflow/testing/each_pool.h"
#include "weft/pool/options.h"

namespace weft {
namespace {

Options Workers(std::uint32_t n) {
  Options options;
  options.workers = n;
  return options;
}

class CombineTest : public testing::EachPool {};
INSTANTIATE_TEST_SUITE_P(, CombineTest, testing::EachPool::Kinds(),
                         testing::EachPool::NameOf);

TEST_P(CombineTest, Then) {
  Pool pool(Workers(2));
  auto flow = pool.BlockOn([] {
    return Then(Async([] { return 20; }), [](int a) { return a + 1; });
  });
  EXPECT_EQ(flow.Get(), 21);
}

TEST_P(CombineTest, WhenAll) {
  Pool pool(Workers(2));
  FlowPromise<int> promise;
  auto both = pool.BlockOn(
      [&] { return WhenAll(promise.flow(), MakeFlow(std::string("x"))); });
  auto range = pool.BlockOn([&] {
    return WhenAll(std::vector<Flow<int>>{MakeFlow(1), promise.flow()});
  });
  auto nothing = pool.BlockOn(
      [&] { return WhenAll(std::vector<Flow<void>>{MakeFlowOf<void>()}); });
  EXPECT_FALSE(both.Done());
  promise.Resolve(5);
  EXPECT_EQ(both.Get(), std::make_tuple(5, std::string("x")));
  EXPECT_EQ(range.Get(), (std::vector<int>{1, 5}));
  nothing.Get();
}

TEST_P(CombineTest, WhenAnyTakesTheFirstValue) {
  Pool pool(Workers(2));
  FlowPromise<int> a, b, c;
  auto any = pool.BlockOn([&] {
    return WhenAny(std::vector<Flow<int>>{a.flow(), b.flow(), c.flow()});
  });
  a.Cancel();
  pool.BlockOn([] {});
  EXPECT_FALSE(any.Done());
  c.Resolve(7);
  EXPECT_EQ(any.Get().index, 2u);
  EXPECT_EQ(any.Get().flow.value(), 7);
  b.Resolve(1);
  EXPECT_EQ(any.Get().index, 2u);
}

TEST_P(CombineTest, WhenAnyOfFailuresOrNothingIsCancelled) {
  Pool pool(Workers(2));
  FlowPromise<int> a;
  auto any =
      pool.BlockOn([&] { return WhenAny(std::vector<Flow<int>>{a.flow()}); });
  a.Cancel();
  any.Wait();
  EXPECT_TRUE(any.cancelled());
  auto none = pool.BlockOn([&] { return WhenAny(std::vector<Flow<int>>()); });
  none.Wait();
  EXPECT_TRUE(none.cancelled());
}

TEST_P(CombineTest, MapKeepsTheOrderAndTheLimit) {
  Pool pool(Workers(2));
  atomic<int> now{0};
  atomic<int> most{0};
  auto flow = pool.BlockOn([&] {
    return Map(std::views::iota(0, 1000), 4, [&](int i) {
      const int n = now.fetch_add(1) + 1;
      int seen = most.load();
      while (seen < n && !most.compare_exchange_weak(seen, n)) {
      }
      // It is over when its flow is resolved, not when it returns.
      return Async(
          [&](int j) {
            now.fetch_sub(1);
            return 2 * j;
          },
          i);
    });
  });
  const std::vector<int> values = flow.Get();
  ASSERT_EQ(values.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(values[i], 2 * i);
  EXPECT_LE(most.load(), 4);
}

TEST_P(CombineTest, MapOfNothingAndToNothing) {
  Pool pool(Workers(2));
  atomic<int> sum{0};
  pool.BlockOn([&] {
        return Map(std::vector<int>{1, 2, 3}, 100, [&](int i) { sum += i; });
      })
      .Get();
  EXPECT_EQ(sum.load(), 6);
  EXPECT_TRUE(pool.BlockOn([&] {
                    return Map(std::vector<int>(), 1, [](int i) { return i; });
                  })
                  .Get()
                  .empty());
}

TEST_P(CombineTest, MapOfAFailedElementStartsNoMore) {
  Pool pool(Workers(1));
  atomic<int> calls{0};
  auto flow = pool.BlockOn([&] {
    return Map(std::views::iota(0, 1000), 2, [&](int i) {
      ++calls;
      return i == 3 ? MakeFailedFlow<int>(nullptr) : MakeFlow(i);
    });
  });
  flow.Wait();
  EXPECT_TRUE(flow.cancelled());
  EXPECT_LE(calls.load(), 6);
}

}  // namespace
}  // namespace weft
