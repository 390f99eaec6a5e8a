#include "weft/examples/flowlang/value.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "weft/examples/flowlang/builtins.h"
#include "weft/examples/flowlang/limits.h"

namespace flowlang {
namespace {

// One more than the deepest of `parts`.
int NestingAround(const Values& parts) {
  int deepest = 0;
  for (const Value& part : parts) {
    if (const List* list = part.AsList()) {
      deepest = std::max(deepest, list->nesting);
    } else if (const Callable* function = part.AsFunction()) {
      deepest = std::max(deepest, function->nesting);
    }
  }
  return deepest + 1;
}

Error TooDeep(Position at) {
  return {at, absl::StrCat("a value has more than ", kMaxNesting,
                           " lists and functions one in the other")};
}

// The shortest text that reads back as the same float, and as a float.
std::string FloatText(double value) {
  char buffer[32];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof(buffer), value);
  std::string text(buffer, end);
  if (text.find_first_of(".e") == text.npos) text += ".0";
  return text;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace

std::optional<double> Value::AsNumber() const {
  if (const auto* i = AsInt()) return static_cast<double>(*i);
  if (const auto* d = AsFloat()) return *d;
  return std::nullopt;
}

Result MakeList(Values elements, Position at) {
  if (elements.size() > kMaxElements) {
    return Error{
        at, absl::StrCat("a list of more than ", kMaxElements, " elements")};
  }
  const int nesting = NestingAround(elements);
  if (nesting > kMaxNesting) return TooDeep(at);
  return Value(
      std::make_shared<const List>(List{std::move(elements), nesting}));
}

Result MakeString(std::string text, Position at) {
  if (text.size() > kMaxStringBytes) {
    return Error{
        at, absl::StrCat("a string of more than ", kMaxStringBytes, " bytes")};
  }
  return Value(std::move(text));
}

Result MakeClosure(const Function* function, Values captured, Position at) {
  const int nesting = NestingAround(captured);
  if (nesting > kMaxNesting) return TooDeep(at);
  return Value(std::make_shared<const Callable>(
      Callable{nullptr, function, std::move(captured), nesting}));
}

std::string_view TypeOf(const Value& value) {
  if (value.AsBool() != nullptr) return "a boolean";
  if (value.AsInt() != nullptr) return "an integer";
  if (value.AsFloat() != nullptr) return "a float";
  if (value.AsString() != nullptr) return "a string";
  return value.AsList() != nullptr ? "a list" : "a function";
}

std::string ToText(const Value& value) {
  const std::string* const text = value.AsString();
  return text != nullptr ? *text : ToSource(value);
}

std::string ToSource(const Value& value) {
  if (const bool* b = value.AsBool()) return *b ? "true" : "false";
  if (const auto* i = value.AsInt()) return absl::StrCat(*i);
  if (const double* d = value.AsFloat()) return FloatText(*d);
  if (const auto* text = value.AsString()) return Quoted(*text);
  if (const Callable* callable = value.AsFunction()) {
    return absl::StrCat("<", NameOf(*callable), ">");
  }
  std::string text = "[";
  for (const Value& element : value.AsList()->elements) {
    absl::StrAppend(&text, text.size() == 1 ? "" : ", ", ToSource(element));
  }
  return text + "]";
}

std::optional<bool> Equal(const Value& a, const Value& b) {
  if (a.AsFunction() != nullptr || b.AsFunction() != nullptr) {
    return std::nullopt;
  }
  if (a.AsInt() != nullptr && b.AsInt() != nullptr) {
    return *a.AsInt() == *b.AsInt();
  }
  if (const auto x = a.AsNumber(), y = b.AsNumber(); x && y) return *x == *y;
  if (a.AsString() != nullptr && b.AsString() != nullptr) {
    return *a.AsString() == *b.AsString();
  }
  if (a.AsBool() != nullptr && b.AsBool() != nullptr) {
    return *a.AsBool() == *b.AsBool();
  }
  if (a.AsList() == nullptr || b.AsList() == nullptr) return false;
  const Values& x = a.AsList()->elements;
  const Values& y = b.AsList()->elements;
  if (x.size() != y.size()) return false;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::optional<bool> equal = Equal(x[i], y[i]);
    if (equal != true) return equal;
  }
  return true;
}

}  // namespace flowlang
