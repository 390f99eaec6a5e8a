// Explorations as tests of GoogleTest.
//
//     TEST(Flag, Publishes) {
//       model::Check([] {
//         ...
//         model::Assert(data.Get() == 7, "the data is visible");
//       });
//     }

#ifndef WEFT_MODEL_GTEST_H_
#define WEFT_MODEL_GTEST_H_

#include <functional>
#include <source_location>

#include "weft/model/check.h"

namespace weft::model {

/// Explores `body` and fails the running test, with a report, unless all
/// executions pass. The execution in the report is as simple as can be found in
/// two seconds. `where` is where the test is said to fail.
void Check(const std::function<void()>& body, const Options& options = {},
           std::source_location where = std::source_location::current());

/// Explore for the running test of GoogleTest, whose name goes into replay
/// tokens. A failure is not described yet.
Result ExploreInTest(const std::function<void()>& body, Options options = {});

/// Describes the failure that ExploreInTest found, which must have been the
/// last exploration: looks for a simpler one, and writes report and token.
void DescribeInTest(const std::function<void()>& body, const Options& options,
                    Result& result);

}  // namespace weft::model

#endif  // WEFT_MODEL_GTEST_H_
