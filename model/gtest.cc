#include "weft/model/gtest.h"

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <string>

#include "weft/model/replay.h"
#include "weft/model/shrink.h"

namespace weft::model {

Result ExploreInTest(const std::function<void()>& body, Options options) {
  const ::testing::TestInfo* test =
      ::testing::UnitTest::GetInstance()->current_test_info();
  if (test != nullptr) {
    const std::string name =
        std::string(test->test_suite_name()) + "." + test->name();
    SetTestName(name, "--gtest_filter=" + name);
  }
  options.explain = false;
  return Explore(body, options);
}

void DescribeInTest(const std::function<void()>& body, const Options& options,
                    Result& result) {
  if (result.verdict == Verdict::kPassed || !result.report.empty()) return;
  Shrink(body, options, std::chrono::seconds(2), result);
  DescribeFailure(body, options, result);
}

void Check(const std::function<void()>& body, const Options& options,
           std::source_location where) {
  Result result = ExploreInTest(body, options);
  if (!result.lint.empty()) std::cerr << result.lint << '\n';
  if (result.verdict == Verdict::kPassed) return;
  DescribeInTest(body, options, result);
  ADD_FAILURE_AT(where.file_name(), static_cast<int>(where.line()))
      << result.report;
}

}  // namespace weft::model
