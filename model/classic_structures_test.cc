#include "weft/model/classic_structures.h"

#include <gtest/gtest.h>

#include <functional>

#include "weft/model/classic_programs.h"

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

/// Expects `executions` of `body`, and at most `ratio` runs for each of them.
void ExpectExecutions(const std::function<void()>& body, uint64_t executions,
                      double ratio) {
  const Result result = Explore(body);
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, executions);
  EXPECT_LE(static_cast<double>(result.runs),
            ratio * static_cast<double>(executions));
}

TEST(ClassicProgramsTest, Increments) {
  uint64_t factorial = 1;
  for (int n = 2; n <= 7; ++n) {
    SCOPED_TRACE(n);
    factorial *= static_cast<uint64_t>(n);
    ExpectExecutions([n] { IncrementsProgram(n); }, factorial, 1.0);
  }
}

TEST(ClassicProgramsTest, Readers) {
  for (int n = 1; n <= 7; ++n) {
    SCOPED_TRACE(n);
    ExpectExecutions([n] { ReadersProgram(n); }, uint64_t{1} << n, 1.0);
  }
}

TEST(ClassicProgramsTest, CriticalSections) {
  uint64_t factorial = 1;
  for (int n = 2; n <= 5; ++n) {
    SCOPED_TRACE(n);
    factorial *= static_cast<uint64_t>(n);
    ExpectExecutions([n] { CriticalSectionsProgram(n); }, factorial, 2.0);
  }
}

}  // namespace
}  // namespace weft::model
