#include "weft/tools/bench/stats.h"

#include <vector>

#include "gtest/gtest.h"

namespace weft::bench {
namespace {

TEST(Stats, NothingIsAllZero) {
  const Summary summary = Summarize({});
  EXPECT_EQ(summary.samples, 0u);
  EXPECT_EQ(summary.median, 0);
  EXPECT_EQ(summary.p95, 0);
}

TEST(Stats, OneSampleIsEverything) {
  const Summary summary = Summarize({7});
  EXPECT_EQ(summary.samples, 1u);
  EXPECT_EQ(summary.median, 7);
  EXPECT_EQ(summary.min, 7);
  EXPECT_EQ(summary.p95, 7);
}

TEST(Stats, TheMedianOfAnEvenNumberIsBetweenTheTwoInTheMiddle) {
  EXPECT_EQ(Summarize({9, 1, 4, 2}).median, 3);
  EXPECT_EQ(Summarize({9, 1, 4}).median, 4);
}

TEST(Stats, FiveOfAHundredAreAboveThe95thPercentile) {
  std::vector<double> samples;
  for (int i = 100; i >= 1; --i) samples.push_back(i);
  const Summary summary = Summarize(samples);
  EXPECT_EQ(summary.p95, 95);
  EXPECT_EQ(summary.min, 1);
  EXPECT_EQ(summary.median, 50.5);
}

TEST(Stats, OfFewSamplesThe95thPercentileIsTheLargest) {
  EXPECT_EQ(Summarize({3, 1, 2}).p95, 3);
}

}  // namespace
}  // namespace weft::bench
