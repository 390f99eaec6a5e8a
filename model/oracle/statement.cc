#include "weft/model/oracle/statement.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace weft::model::oracle {
namespace {

/// Reads one line from left to right.
class Scanner {
 public:
  explicit Scanner(std::string_view line) : line_(line) {}

  bool AtEnd() {
    SkipSpaces();
    return position_ == line_.size();
  }

  bool Accept(std::string_view token) {
    SkipSpaces();
    if (line_.substr(position_, token.size()) != token) return false;
    position_ += token.size();
    return true;
  }

  void Expect(std::string_view token) {
    if (!Accept(token))
      Malformed(std::string("expected ").append(token), line_);
  }

  /// A name or a number, perhaps a sum of both: "a+1".
  std::string Word() {
    SkipSpaces();
    const size_t begin = position_;
    while (position_ < line_.size() && IsWord(line_[position_])) ++position_;
    if (begin == position_) Malformed("expected a name or a number", line_);
    return std::string(line_.substr(begin, position_ - begin));
  }

 private:
  static bool IsWord(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           c == '+' || c == '-';
  }

  void SkipSpaces() {
    while (position_ < line_.size() && line_[position_] == ' ') ++position_;
  }

  std::string_view line_;
  size_t position_ = 0;
};

Statement ParseOne(Scanner& in) {
  Statement statement;
  if (in.Accept("if (")) {
    statement.guard = in.Word();
    in.Expect("==");
    statement.guard_value = ParseNumber(in.Word());
    in.Expect(")");
  }
  std::string word = in.Word();
  if (in.Accept("=")) {
    statement.result = word;
    word = in.Word();
  }
  if (in.Accept(".")) {
    statement.object = word;
    word = in.Word();
  }
  statement.verb = word;
  in.Expect("(");
  if (in.Accept(")")) return statement;
  do {
    statement.arguments.push_back(in.Word());
  } while (in.Accept(","));
  in.Expect(")");
  return statement;
}

}  // namespace

void Malformed(std::string_view what, std::string_view where) {
  std::fprintf(stderr, "%.*s in \"%.*s\"\n", static_cast<int>(what.size()),
               what.data(), static_cast<int>(where.size()), where.data());
  std::abort();
}

bool IsNumber(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) return false;
  }
  return !text.empty();
}

int ParseNumber(std::string_view text) {
  if (!IsNumber(text)) Malformed("expected a number", text);
  return std::atoi(std::string(text).c_str());
}

int IndexOf(std::string_view name, std::vector<std::string>& names) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<int>(i);
  }
  names.emplace_back(name);
  return static_cast<int>(names.size()) - 1;
}

std::vector<std::vector<Statement>> ParseStatements(std::string_view text) {
  std::vector<std::vector<Statement>> threads;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    Scanner line(text.substr(0, end));
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    if (line.AtEnd()) continue;
    std::vector<Statement>& thread = threads.emplace_back();
    do {
      thread.push_back(ParseOne(line));
    } while (line.Accept(";") && !line.AtEnd());
    if (!line.AtEnd()) line.Expect(";");
  }
  return threads;
}

std::string ToString(const Statement& statement) {
  std::string text;
  if (!statement.guard.empty()) {
    text += "if (" + statement.guard +
            " == " + std::to_string(statement.guard_value) + ") ";
  }
  if (!statement.result.empty()) text += statement.result + " = ";
  if (!statement.object.empty()) text += statement.object + ".";
  text += statement.verb + "(";
  for (size_t i = 0; i < statement.arguments.size(); ++i) {
    text += (i == 0 ? "" : ", ") + statement.arguments[i];
  }
  return text + ")";
}

}  // namespace weft::model::oracle
