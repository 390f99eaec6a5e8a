#include "weft/model/shrink.h"

#include <gtest/gtest.h>

#include "weft/model/atomic.h"
#include "weft/model/check.h"
#include "weft/model/replay.h"
#include "weft/model/thread.h"

namespace weft::model {
namespace {

using std::chrono_literals::operator""s;

// Choices that are not 0.
int Deviations(const Graph& graph) {
  int count = 0;
  for (const Event& event : graph.lane(0)) {
    count += event.kind == EventKind::kChoice && event.value.low != 0;
  }
  return count;
}

// Six choices; an execution fails if two of them, or the last, are not 0. The
// exploration comes to the last first.
void ManyChoices() {
  uint32_t sum = 0;
  for (int i = 0; i < 5; ++i) sum += Choose(2);
  Assert(sum < 2);
}

TEST(ShrinkTest, FindsTheFewestDecisions) {
  Result result = Explore(ManyChoices, {.explain = false});
  // As if a search that samples had found an ugly one.
  result = Explore(
      [] {
        uint32_t sum = 0;
        for (int i = 0; i < 5; ++i) sum += Choose(2);
        Assert(sum < 5);
      },
      {.explain = false});
  ASSERT_EQ(result.verdict, Verdict::kAssertion);
  ASSERT_EQ(Deviations(*result.graph), 5);
  const uint64_t runs = result.runs;
  EXPECT_TRUE(Shrink(ManyChoices, Options(), 60s, result));
  EXPECT_EQ(Deviations(*result.graph), 2);
  EXPECT_EQ(result.runs, runs);
}

// Another failure that is simpler is not taken for the same.
TEST(ShrinkTest, KeepsTheVerdict) {
  const auto body = [] {
    const bool leaks = Choose(2) == 1;
    const bool both = Choose(2) == 1;
    if (leaks) [[maybe_unused]]
      int* volatile leaked = new int(1);
    Assert(!leaks || !both);
  };
  Result result = Explore(
      [] {
        Choose(2);
        Choose(2);
        Fail("now");
      },
      {.explain = false});
  ASSERT_EQ(result.verdict, Verdict::kAssertion);
  EXPECT_TRUE(Shrink(body, Options(), 60s, result));
  EXPECT_EQ(result.failure.verdict, Verdict::kAssertion);
  EXPECT_EQ(Deviations(*result.graph), 2);
}

TEST(ShrinkTest, NothingFound) {
  Result result = Explore(ManyChoices, {.explain = false});
  const auto graph = result.graph;
  EXPECT_FALSE(Shrink([] { Choose(2); }, Options(), 60s, result));
  EXPECT_EQ(result.graph, graph);
}

TEST(ShrinkTest, EndsInTime) {
  Result result = Explore([] { Fail("now"); }, {.explain = false});
  const auto endless = [] {
    for (int i = 0; i < 200; ++i) Choose(2);
  };
  EXPECT_FALSE(Shrink(endless, Options(), 0s, result));
}

TEST(ShrinkTest, WhatItFoundCanBeDescribed) {
  Result result = Explore(ManyChoices, {.explain = false});
  Shrink(ManyChoices, Options(), 60s, result);
  DescribeFailure(ManyChoices, Options(), result);
  EXPECT_EQ(Replay(ManyChoices, result.replay).verdict, Verdict::kAssertion);
}

}  // namespace
}  // namespace weft::model
