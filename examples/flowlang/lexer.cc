#include "weft/examples/flowlang/lexer.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace flowlang {
namespace {

constexpr std::string_view kKeywords[] = {
    "and", "def", "else", "false", "fn", "if", "not", "or", "then", "true"};

// Longer ones first.
constexpr std::string_view kSymbols[] = {
    "==", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*",
    "/",  "%",  "(",  ")",  "[", "]", "{", "}", ",", ";",
};

bool StartsName(char c) { return absl::ascii_isalpha(c) || c == '_'; }
bool ContinuesName(char c) { return StartsName(c) || absl::ascii_isdigit(c); }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  OrError<Token> Next() {
    SkipBlanks();
    token_ = Token();
    token_.position = static_cast<Position>(at_);
    if (at_ == text_.size()) return token_;
    const char c = Peek();
    if (StartsName(c)) return Name();
    if (absl::ascii_isdigit(c)) return Number();
    if (c == '"') return String();
    for (std::string_view symbol : kSymbols) {
      if (!text_.substr(at_).starts_with(symbol)) continue;
      at_ += symbol.size();
      return Finish(Token::Kind::kSymbol, std::string(symbol));
    }
    return Wrong(at_, absl::StrCat("'", Character(), "' means nothing here"));
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void SkipBlanks() {
    while (at_ < text_.size()) {
      if (Peek() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (absl::ascii_isspace(Peek())) {
        ++at_;
      } else {
        return;
      }
    }
  }

  Token Finish(Token::Kind kind, std::string text) {
    token_.kind = kind;
    token_.text = std::move(text);
    return token_;
  }
  static Error Wrong(std::size_t at, std::string message) {
    return {static_cast<Position>(at), std::move(message)};
  }
  // All bytes of the character here; as a number if it cannot be printed.
  std::string Character() const {
    std::size_t n = 1;
    while ((static_cast<unsigned char>(Peek(n)) & 0xc0) == 0x80) ++n;
    const bool plain = n > 1 || absl::ascii_isprint(Peek());
    const std::string bytes(text_.substr(at_, n));
    return plain ? bytes : absl::CHexEscape(bytes);
  }

  Token Name() {
    const std::size_t begin = at_;
    while (ContinuesName(Peek())) ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    const bool keyword = std::ranges::count(kKeywords, word) != 0;
    return Finish(keyword ? Token::Kind::kKeyword : Token::Kind::kName,
                  std::string(word));
  }

  void SkipDigits() {
    while (absl::ascii_isdigit(Peek())) ++at_;
  }

  OrError<Token> Number() {
    const std::size_t begin = at_;
    bool whole = true;
    SkipDigits();
    if (Peek() == '.' && absl::ascii_isdigit(Peek(1))) {
      whole = false;
      ++at_;
      SkipDigits();
    }
    if (Peek() == 'e' || Peek() == 'E') {
      const std::size_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
      if (absl::ascii_isdigit(Peek(1 + sign))) {
        whole = false;
        at_ += 1 + sign;
        SkipDigits();
      }
    }
    if (ContinuesName(Peek()) || Peek() == '.') {
      return Wrong(
          at_, absl::StrCat("'", Character(), "' does not belong to a number"));
    }
    const std::string_view digits = text_.substr(begin, at_ - begin);
    if (whole) {
      if (!absl::SimpleAtoi(digits, &token_.integer)) {
        return Wrong(begin, "this integer does not fit in 64 bits");
      }
      return Finish(Token::Kind::kInteger, std::string(digits));
    }
    const auto [end, error] = std::from_chars(
        digits.data(), digits.data() + digits.size(), token_.number);
    if (error != std::errc()) {
      return Wrong(begin, "this number is out of a float's range");
    }
    return Finish(Token::Kind::kFloat, std::string(digits));
  }

  OrError<Token> String() {
    const std::size_t begin = at_++;
    std::string value;
    for (;;) {
      if (at_ == text_.size() || Peek() == '\n') {
        return Wrong(begin, "this string has no end on its line");
      }
      const char c = text_[at_++];
      if (c == '"') return Finish(Token::Kind::kString, std::move(value));
      if (c != '\\') {
        value += c;
        continue;
      }
      switch (Peek()) {
        case 'n':
          value += '\n';
          break;
        case 't':
          value += '\t';
          break;
        case '"':
        case '\\':
          value += Peek();
          break;
        default:
          return Wrong(at_ - 1,
                       "after a backslash comes n, t, \" or another backslash");
      }
      ++at_;
    }
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  Token token_;
};

}  // namespace

OrError<std::vector<Token>> Lex(std::string_view text) {
  Lexer lexer(text);
  std::vector<Token> tokens;
  do {
    OrError<Token> token = lexer.Next();
    if (!token.ok()) return token.error();
    tokens.push_back(*std::move(token));
  } while (tokens.back().kind != Token::Kind::kEnd);
  return tokens;
}

}  // namespace flowlang
