// Replay tokens: a short text that stands for one execution.

#ifndef WEFT_MODEL_TOKEN_H_
#define WEFT_MODEL_TOKEN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weft/model/schedule.h"
#include "weft/model/trace.h"
#include "weft/model/verdict.h"

namespace weft::model {

/// What a token says.
struct Token {
  uint32_t test = 0;   ///< HashOf the test's name; 0: unknown.
  uint32_t check = 0;  ///< Which exploration of that test, from 1 on.
  Verdict verdict = Verdict::kPassed;
  uint32_t steps = 0;  ///< HashOf the execution's steps.
  Schedule schedule;

  friend bool operator==(const Token&, const Token&) = default;
};

/// The token as text: letters, digits, '.', '-', '_'. About a byte and a half
/// for each decision that is not the obvious one.
std::string Encode(const Token& token);

/// None if the text is no token, or not a whole one.
std::optional<Token> Decode(std::string_view text);

/// A number for a text; not 0.
uint32_t HashOf(std::string_view text);

/// A number for what the threads did where in the source: another source has
/// another one.
uint32_t HashOf(const Trace& trace);

}  // namespace weft::model

#endif  // WEFT_MODEL_TOKEN_H_
