#include "weft/model/classic_structures.h"

#include <gtest/gtest.h>

namespace weft::model {
namespace {

TEST(ClassicStructuresTest, ChaseLev) {
  const Result one = Explore([] { ChaseLevProgram(1); });
  EXPECT_EQ(one.verdict, Verdict::kPassed) << one.report;
  EXPECT_EQ(one.complete, 18u);
  const Result two = Explore([] { ChaseLevProgram(2); });
  EXPECT_EQ(two.verdict, Verdict::kPassed) << two.report;
  EXPECT_EQ(two.complete, 348u);
}

TEST(ClassicStructuresTest, ChaseLevWithoutItsReleaseFence) {
  const Result result = Explore([] { ChaseLevProgram(1, false); });
  EXPECT_EQ(result.verdict, Verdict::kAssertion);
}

TEST(ClassicStructuresTest, Mpmc) {
  const Result one = Explore([] { MpmcProgram(1); });
  EXPECT_EQ(one.verdict, Verdict::kPassed) << one.report;
  EXPECT_EQ(one.complete, 30u);
  const Result two = Explore([] { MpmcProgram(2); });
  EXPECT_EQ(two.verdict, Verdict::kPassed) << two.report;
  EXPECT_EQ(two.complete, 118u);
}

}  // namespace
}  // namespace weft::model
