// What one execution of a program left behind, as text: "[x]=2 a=1 b=0". The
// names are sorted as bytes, as those of model::Note are.

#ifndef WEFT_MODEL_ORACLE_OUTCOME_H_
#define WEFT_MODEL_ORACLE_OUTCOME_H_

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace weft::model::oracle {

/// The value of each register that was read and of each location observed at
/// the end.
using Outcome = std::map<std::string, int>;

/// Outcomes as ToString() writes them.
using OutcomeSet = std::set<std::string>;

/// "a=1 b=0".
inline std::string ToString(const Outcome& outcome) {
  std::string text;
  for (const auto& [name, value] : outcome) {
    if (!text.empty()) text += ' ';
    text += name + '=' + std::to_string(value);
  }
  return text;
}

/// One outcome per line, each behind `indent`.
inline std::string ToString(const OutcomeSet& outcomes,
                            std::string_view indent) {
  std::string text;
  for (const std::string& outcome : outcomes) {
    text.append(indent).append(outcome).append("\n");
  }
  return text;
}

/// The name under which a location's last value stands in an outcome.
inline std::string FinalName(std::string_view location) {
  return std::string("[").append(location).append("]");
}

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_OUTCOME_H_
