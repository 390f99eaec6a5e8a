// From text to words.

#ifndef WEFT_EXAMPLES_FLOWLANG_LEXER_H_
#define WEFT_EXAMPLES_FLOWLANG_LEXER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weft/examples/flowlang/source.h"

namespace flowlang {

struct Token {
  enum class Kind {
    kEnd,
    kName,     ///< `text` is the name
    kKeyword,  ///< `text` is the word
    kSymbol,   ///< `text` is the operator or bracket
    kString,   ///< `text` is what it stands for
    kInteger,
    kFloat,
  };

  Kind kind = Kind::kEnd;
  Position position = 0;
  std::string text;
  std::int64_t integer = 0;
  double number = 0;

  /// Whether it is that keyword or symbol.
  bool Is(std::string_view word) const {
    return (kind == Kind::kKeyword || kind == Kind::kSymbol) && text == word;
  }
};

/// All tokens of `text`, the last of them kEnd; or the first mistake.
OrError<std::vector<Token>> Lex(std::string_view text);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_LEXER_H_
