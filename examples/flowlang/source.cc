#include "weft/examples/flowlang/source.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace flowlang {
namespace {

// Whether a character begins with this byte.
bool Begins(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

std::string_view Source::LineOf(Position position) const {
  const std::string_view text = text_;
  const std::size_t at = std::min<std::size_t>(position, text.size());
  // An error at the end of the last line is not on the next one.
  const std::size_t before = at == 0 ? text.npos : text.rfind('\n', at - 1);
  const std::size_t begin = before == text.npos ? 0 : before + 1;
  return text.substr(begin, text.find('\n', at) - begin);
}

std::string Source::Place(Position position) const {
  const std::string_view before = text().substr(0, position);
  const std::string_view line = LineOf(position);
  const std::string_view left(line.data(), before.end() - line.begin());
  return absl::StrCat(1 + std::ranges::count(before, '\n'), ":",
                      1 + std::ranges::count_if(left, Begins));
}

std::string Source::Describe(const Error& error) const {
  const std::string_view line = LineOf(error.position);
  const std::size_t offset =
      text().substr(0, error.position).end() - line.begin();
  std::string caret;
  for (char c : line.substr(0, offset)) {
    if (Begins(c)) caret += c == '\t' ? '\t' : ' ';
  }
  return absl::StrCat(name_, ":", Place(error.position), ": ", error.message,
                      "\n  ", line, "\n  ", caret, "^\n");
}

}  // namespace flowlang
