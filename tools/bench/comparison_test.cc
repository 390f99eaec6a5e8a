#include "weft/tools/bench/comparison.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "weft/tools/bench/names.h"

namespace weft::bench {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr Workload kPings{kPingPong, kPoll, kDetached, PairCount, nullptr};
constexpr Workload kYields{kYieldMany, kPoll, kDetached, YieldCount, nullptr};

CellResult Cell(const Workload& workload, std::string_view scheduler,
                int workers, double median, std::vector<double> rounds) {
  return {.workload = &workload,
          .scheduler = scheduler,
          .workers = workers,
          .operations = 1,
          .time = {.samples = 1, .median = median, .min = 0, .p95 = 0},
          .rounds = std::move(rounds)};
}

std::vector<BarGroup> Two() {
  RunResult result;
  result.cells = {Cell(kPings, kWeft, 2, 100, {100, 50, 200}),
                  Cell(kPings, kSingleQueue, 2, 400, {300, 200, 400}),
                  Cell(kYields, kWeft, 2, 20, {20}),
                  Cell(kYields, kSingleQueue, 2, 10, {10})};
  return CompareWith(kSingleQueue, result);
}

TEST(Comparison, ARatioIsOfOneRound) {
  const Speedup speedup = SpeedupOf({300, 200, 400, 9}, {100, 50, 200});
  EXPECT_EQ(speedup.median, 3);
  EXPECT_EQ(speedup.low, 2);
  EXPECT_EQ(speedup.high, 4);
  EXPECT_EQ(SpeedupOf({}, {1}).median, 0);
}

TEST(Comparison, ADisturbedRoundInTwentyIsOutsideOfTheSpread) {
  std::vector<double> old_rounds(20, 10);
  old_rounds[3] = 1;
  old_rounds[9] = 1000;
  const Speedup speedup = SpeedupOf(old_rounds, std::vector<double>(20, 5));
  EXPECT_EQ(speedup.low, 2);
  EXPECT_EQ(speedup.high, 2);
}

TEST(Comparison, TheOldSchedulerComesFirst) {
  const auto groups = Two();
  ASSERT_EQ(groups.size(), 2u);
  ASSERT_EQ(groups[0].bars.size(), 2u);
  EXPECT_EQ(groups[0].bars[0].scheduler, kSingleQueue);
  EXPECT_EQ(groups[0].bars[0].speedup.median, 1);
  EXPECT_EQ(groups[0].bars[1].scheduler, kWeft);
  EXPECT_EQ(groups[0].bars[1].time, 100);
  EXPECT_EQ(groups[0].bars[1].speedup.median, 3);
}

TEST(Comparison, CellsOfOtherSizesAndOfNoOldOneAreApart) {
  RunResult result;
  result.cells = {Cell(kPings, kWeft, 1, 1, {1}),
                  Cell(kPings, kSingleQueue, 2, 1, {1})};
  const auto groups = CompareWith(kSingleQueue, result);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].bars.size(), 1u);
}

TEST(Comparison, WhatAllGroupsShareIsInTheTitleOfTheWhole) {
  const Titles titles = TitlesOf(Two());
  EXPECT_EQ(titles.whole,
            "nanoseconds per operation, detached, poll, 2 workers");
  EXPECT_THAT(titles.groups, ElementsAre("ping_pong", "yield_many"));

  const Titles sizes = TitlesOf({{&kPings, 1, {}}, {&kPings, 2, {}}});
  EXPECT_THAT(sizes.groups,
              ElementsAre("ping_pong, 1 worker", "ping_pong, 2 workers"));
  EXPECT_THAT(TitlesOf({}).groups, IsEmpty());
}

// The bars of a chart, in blocks.
std::vector<int> BlocksOf(const std::string& chart) {
  const std::string block = "\u2588";
  std::vector<int> bars;
  std::size_t line = 0;
  while (line < chart.size()) {
    const std::size_t end = chart.find('\n', line);
    int blocks = 0;
    for (std::size_t at = chart.find(block, line); at < end;
         at = chart.find(block, at + 1)) {
      ++blocks;
    }
    if (blocks != 0) bars.push_back(blocks);
    line = end + 1;
  }
  return bars;
}

TEST(BarChart, TheLongestBarOfEachGroupIsAsWideAsTheChart) {
  EXPECT_THAT(BlocksOf(BarChart(Two())), ElementsAre(40, 10, 20, 40));
}

TEST(BarChart, SaysHowManyTimesAsFastTheNewOneIs) {
  const std::string chart = BarChart(Two());
  EXPECT_THAT(chart, HasSubstr(" 400\n"));
  EXPECT_THAT(chart, HasSubstr(" 100  3.00 times as fast (2.00 to 4.00)\n"));
  EXPECT_THAT(chart, HasSubstr(" 20.0  0.50 times as fast"));
}

TEST(BarChart, ABarIsNeverInvisible) {
  RunResult result;
  result.cells = {Cell(kPings, kWeft, 1, 1, {1}),
                  Cell(kPings, kSingleQueue, 1, 1e6, {1e6})};
  EXPECT_THAT(BlocksOf(BarChart(CompareWith(kSingleQueue, result))),
              ElementsAre(40, 1));
}

TEST(SvgChart, HasItsOwnBackgroundAndABarForEach) {
  const std::string svg = SvgChart(Two());
  EXPECT_THAT(svg, HasSubstr("fill=\"#ffffff\""));
  std::size_t rectangles = 0;
  for (std::size_t at = svg.find("<rect"); at != svg.npos;
       at = svg.find("<rect", at + 1)) {
    ++rectangles;
  }
  // The background, the legend and the bars.
  EXPECT_EQ(rectangles, 1u + 2 + 4);
  EXPECT_THAT(svg, HasSubstr("100, 3.00 times as fast (2.00 to 4.00)"));
  EXPECT_THAT(svg, Not(HasSubstr("=\"nan")));
}

TEST(SvgChart, OfNothingIsStillAPicture) {
  EXPECT_THAT(SvgChart({}), HasSubstr("</svg>"));
}

}  // namespace
}  // namespace weft::bench
