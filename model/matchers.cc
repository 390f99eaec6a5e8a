#include "weft/model/matchers.h"

#include <ostream>
#include <string_view>

#include "weft/model/gtest.h"

namespace weft::model::model_internal {
namespace {

void PrintOutcomes(std::string_view title, const Outcomes& outcomes,
                   const Outcomes& without, std::ostream* out) {
  bool first = true;
  for (const std::string& outcome : outcomes) {
    if (without.contains(outcome)) continue;
    if (first) *out << '\n' << title;
    first = false;
    *out << "\n  " << (outcome.empty() ? "(nothing noted)" : outcome);
  }
}

}  // namespace

bool VerdictMatcher::MatchAndExplain(const std::function<void()>& body,
                                     std::ostream* out) const {
  Result result = ExploreInTest(body, options_);
  const bool matches =
      result.verdict == verdict_ &&
      result.failure.message.find(message_) != std::string::npos;
  if (out == nullptr) return matches;
  if (result.verdict == Verdict::kPassed) {
    *out << "which passes all of " << result.complete << " executions";
  } else if (!matches) {
    DescribeInTest(body, options_, result);
    *out << "which found:\n" << result.report;
  } else {
    *out << "which found: " << VerdictName(result.verdict) << ", "
         << result.failure.message;
  }
  return matches;
}

void VerdictMatcher::DescribeTo(std::ostream* out) const {
  if (verdict_ == Verdict::kPassed) {
    *out << "passes under the model checker";
    return;
  }
  *out << "has an execution that fails with: " << VerdictName(verdict_);
  if (!message_.empty()) *out << ", \"" << message_ << '"';
}

void VerdictMatcher::DescribeNegationTo(std::ostream* out) const {
  *out << "not: ";
  DescribeTo(out);
}

bool OutcomesMatcher::MatchAndExplain(const std::function<void()>& body,
                                      std::ostream* out) const {
  Result result = ExploreInTest(body, options_);
  if (result.verdict != Verdict::kPassed) {
    DescribeInTest(body, options_, result);
    if (out != nullptr) *out << "which found:\n" << result.report;
    return false;
  }
  ::testing::StringMatchResultListener why;
  const bool matches = outcomes_.MatchAndExplain(result.outcomes, &why);
  if (out == nullptr) return matches;
  if (exact_) {
    PrintOutcomes("missing:", expected_, result.outcomes, out);
    PrintOutcomes("not expected:", result.outcomes, expected_, out);
  } else {
    if (!why.str().empty()) *out << why.str();
    PrintOutcomes("the outcomes:", result.outcomes, {}, out);
  }
  return matches;
}

void OutcomesMatcher::DescribeTo(std::ostream* out) const {
  *out << "passes under the model checker, with outcomes of which the set ";
  outcomes_.DescribeTo(out);
}

void OutcomesMatcher::DescribeNegationTo(std::ostream* out) const {
  *out << "not: ";
  DescribeTo(out);
}

}  // namespace weft::model::model_internal
