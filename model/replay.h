// From a failing execution to a report and a token, and from a token back to
// the execution.

#ifndef WEFT_MODEL_REPLAY_H_
#define WEFT_MODEL_REPLAY_H_

#include <functional>
#include <string>
#include <string_view>

#include "weft/model/options.h"
#include "weft/model/result.h"

namespace weft::model {

/// Tells the name of the test that runs now, so that a token can say which one
/// it is of; `how` is how to run this test alone ("--gtest_filter=A.B").
void SetTestName(std::string_view name, std::string_view how);

/// Completes the result of an exploration that did not pass: follows its
/// failing graph once more, and writes the report (report.h) and the token.
void DescribeFailure(const std::function<void()>& body, const Options& options,
                     Result& result);

/// Runs the execution of a token, and only that. If it is not of this test as
/// it is now, the verdict is kBadToken. With MODEL_TRACE=1 in the environment,
/// prints each step to stderr when it is made.
Result Replay(const std::function<void()>& body, std::string_view token,
              const Options& options = {});

/// To be called before each exploration. If the environment has MODEL_REPLAY,
/// runs that execution instead: `*result` is what came out, and the return
/// value true. If the token is of another exploration of this test, that is a
/// pass.
bool ReplayInstead(const std::function<void()>& body, const Options& options,
                   Result* result);

}  // namespace weft::model

#endif  // WEFT_MODEL_REPLAY_H_
