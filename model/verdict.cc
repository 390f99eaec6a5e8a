#include "weft/model/verdict.h"

#include <ostream>

namespace weft::model {

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kDataRace:
      return "data race";
    case Verdict::kDeadlock:
      return "deadlock";
    case Verdict::kLeak:
      return "leak";
    case Verdict::kUseAfterFree:
      return "use after free";
    case Verdict::kDoubleFree:
      return "double free";
    case Verdict::kAssertion:
      return "assertion failed";
    case Verdict::kException:
      return "exception";
    case Verdict::kNondeterministic:
      return "nondeterministic test";
    case Verdict::kUnhintedSpin:
      return "spin without a hint";
    case Verdict::kTooManyEvents:
      return "too many events";
    case Verdict::kMisuse:
      return "misuse";
    case Verdict::kNotExhaustive:
      return "not exhaustive";
    case Verdict::kBadToken:
      return "the replay token does not fit";
  }
  return "?";
}

void PrintTo(Verdict verdict, std::ostream* out) {
  *out << VerdictName(verdict);
}

}  // namespace weft::model
