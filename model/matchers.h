// GoogleMock matchers for what an exploration finds:
//
//     EXPECT_THAT([] { Publish(kRelaxed); }, FindsDataRace());
//     EXPECT_THAT([] { Publish(kRelease); }, Passes());
//     EXPECT_THAT([] { Litmus(); }, OutcomesAre({"a=0 b=1", "a=1 b=0"}));
//
// Each explores the callable. If it does not match, the test's output has the
// report of what was found instead.

#ifndef WEFT_MODEL_MATCHERS_H_
#define WEFT_MODEL_MATCHERS_H_

#include <gmock/gmock.h>

#include <functional>
#include <initializer_list>
#include <iosfwd>
#include <set>
#include <string>
#include <utility>

#include "weft/model/check.h"

namespace weft::model {

using Outcomes = std::set<std::string>;

namespace model_internal {

/// Matches callables whose exploration ends with a verdict.
class VerdictMatcher {
 public:
  using is_gtest_matcher = void;

  VerdictMatcher(Verdict verdict, std::string message, const Options& options)
      : verdict_(verdict), message_(std::move(message)), options_(options) {}

  bool MatchAndExplain(const std::function<void()>& body,
                       std::ostream* out) const;
  void DescribeTo(std::ostream* out) const;
  void DescribeNegationTo(std::ostream* out) const;

 private:
  Verdict verdict_;
  std::string message_;  // a part of the failure's message
  Options options_;
};

/// Matches callables that pass and whose outcomes match.
class OutcomesMatcher {
 public:
  using is_gtest_matcher = void;

  OutcomesMatcher(::testing::Matcher<const Outcomes&> outcomes,
                  const Options& options)
      : outcomes_(std::move(outcomes)), options_(options) {}

  /// These and no others: then a mismatch says which are missing.
  OutcomesMatcher(const Outcomes& expected, const Options& options)
      : outcomes_(::testing::Eq(expected)),
        expected_(expected),
        exact_(true),
        options_(options) {}

  bool MatchAndExplain(const std::function<void()>& body,
                       std::ostream* out) const;
  void DescribeTo(std::ostream* out) const;
  void DescribeNegationTo(std::ostream* out) const;

 private:
  ::testing::Matcher<const Outcomes&> outcomes_;
  Outcomes expected_;
  bool exact_ = false;
  Options options_;
};

}  // namespace model_internal

/// No execution fails, and all were explored.
inline auto Passes(const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kPassed, "", options);
}

/// Some execution has a data race.
inline auto FindsDataRace(const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kDataRace, "", options);
}

/// In some execution a thread waits for ever: a lost wake-up, too.
inline auto FindsDeadlock(const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kDeadlock, "", options);
}

/// Some execution does not free all memory.
inline auto FindsLeak(const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kLeak, "", options);
}

/// Some execution uses an object after its end.
inline auto FindsUseAfterFree(const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kUseAfterFree, "", options);
}

/// Some execution frees what is not allocated any more, or never was.
inline auto FindsDoubleFree(const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kDoubleFree, "", options);
}

/// In some execution an Assert fails.
inline auto FindsAssertion(const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kAssertion, "", options);
}

/// In some execution an Assert fails whose text contains `message`.
inline auto FindsAssertion(const char* message, const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kAssertion, message, options);
}

/// In some execution an exception leaves a thread.
inline auto FindsException(const Options& options = {}) {
  return model_internal::VerdictMatcher(Verdict::kException, "", options);
}

/// No execution fails, and their outcomes, what they Note, are exactly these.
inline auto OutcomesAre(const Outcomes& outcomes, const Options& options = {}) {
  return model_internal::OutcomesMatcher(outcomes, options);
}
inline auto OutcomesAre(std::initializer_list<std::string> outcomes,
                        const Options& options = {}) {
  return model_internal::OutcomesMatcher(Outcomes(outcomes), options);
}

/// No execution fails, and the set of their outcomes, which is ordered,
/// matches: `OutcomesAre(ElementsAre("a=0", "a=1"))`, `OutcomesAre(SizeIs(3))`.
template <class M>
auto OutcomesAre(const M& matcher, const Options& options = {}) {
  return model_internal::OutcomesMatcher(
      ::testing::SafeMatcherCast<const Outcomes&>(matcher), options);
}

}  // namespace weft::model

#endif  // WEFT_MODEL_MATCHERS_H_
