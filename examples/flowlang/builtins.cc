#include "weft/examples/flowlang/builtins.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "weft/examples/flowlang/limits.h"
#include "weft/examples/flowlang/operators.h"
#include "weft/examples/flowlang/syntax.h"

namespace flowlang {
namespace {

Error Wants(const BuiltinCall& call, std::string_view wanted,
            const Value& found) {
  return {call.at,
          absl::StrCat(call.name, " wants ", wanted, ", not ", TypeOf(found))};
}

// Two integers between 0 and `size`, in order.
struct Range {
  std::size_t begin;
  std::size_t end;
};
OrError<Range> RangeWithin(const BuiltinCall& call, std::size_t size) {
  const auto* const from = call.arguments[1].AsInt();
  const auto* const to = call.arguments[2].AsInt();
  if (from == nullptr) return Wants(call, "an integer", call.arguments[1]);
  if (to == nullptr) return Wants(call, "an integer", call.arguments[2]);
  if (*from < 0 || *from > *to || *to > static_cast<std::int64_t>(size)) {
    return Error{call.at, absl::StrCat("there is nothing from ", *from, " to ",
                                       *to, " of ", size, " elements")};
  }
  return Range{static_cast<std::size_t>(*from), static_cast<std::size_t>(*to)};
}

Result MakeRange(const BuiltinCall& call) {
  const auto* const from = call.arguments[0].AsInt();
  const auto* const to = call.arguments[1].AsInt();
  if (from == nullptr) return Wants(call, "an integer", call.arguments[0]);
  if (to == nullptr) return Wants(call, "an integer", call.arguments[1]);
  // No overflow: unsigned.
  const auto size = *to <= *from ? 0
                                 : static_cast<std::uint64_t>(*to) -
                                       static_cast<std::uint64_t>(*from);
  if (size > kMaxElements) {
    return Error{call.at, absl::StrCat("a list of more than ", kMaxElements,
                                       " elements")};
  }
  Values list;
  list.reserve(size);
  for (std::int64_t i = *from; i < *to; ++i) list.emplace_back(i);
  return MakeList(std::move(list), call.at);
}

Result Len(const BuiltinCall& call) {
  const Value& whole = call.arguments[0];
  if (const auto* text = whole.AsString()) {
    return Value(static_cast<std::int64_t>(text->size()));
  }
  if (const List* list = whole.AsList()) {
    return Value(static_cast<std::int64_t>(list->elements.size()));
  }
  return Wants(call, "a list or a string", whole);
}

Result Slice(const BuiltinCall& call) {
  const Value& whole = call.arguments[0];
  if (const auto* text = whole.AsString()) {
    const auto range = RangeWithin(call, text->size());
    if (!range.ok()) return range.error();
    return Value(text->substr(range->begin, range->end - range->begin));
  }
  if (const List* list = whole.AsList()) {
    const auto range = RangeWithin(call, list->elements.size());
    if (!range.ok()) return range.error();
    const Value* const all = list->elements.data();
    return MakeList(Values(all + range->begin, all + range->end), call.at);
  }
  return Wants(call, "a list or a string", whole);
}

Result Split(const BuiltinCall& call) {
  const auto* const text = call.arguments[0].AsString();
  const auto* const between = call.arguments[1].AsString();
  if (text == nullptr) return Wants(call, "a string", call.arguments[0]);
  if (between == nullptr) return Wants(call, "a string", call.arguments[1]);
  Values parts;
  for (std::string_view part :
       absl::StrSplit(*text, absl::ByAnyChar(*between), absl::SkipEmpty())) {
    parts.emplace_back(std::string(part));
  }
  return MakeList(std::move(parts), call.at);
}

Result Str(const BuiltinCall& call) {
  return MakeString(ToText(call.arguments[0]), call.at);
}

Result Int(const BuiltinCall& call) {
  const Value& value = call.arguments[0];
  if (value.AsInt() != nullptr) return value;
  if (const double* d = value.AsFloat()) {
    // The first floats that do not fit.
    if (*d >= -0x1p63 && *d < 0x1p63) {
      return Value(static_cast<std::int64_t>(*d));
    }
    return Error{call.at, "the float does not fit in a 64-bit integer"};
  }
  if (const auto* text = value.AsString()) {
    std::int64_t i = 0;
    if (absl::SimpleAtoi(*text, &i)) return Value(i);
    return Error{call.at, absl::StrCat(ToSource(value), " is no integer")};
  }
  return Wants(call, "a number or a string", value);
}

Result Float(const BuiltinCall& call) {
  const Value& value = call.arguments[0];
  if (const auto number = value.AsNumber()) return Value(*number);
  if (const auto* text = value.AsString()) {
    double d = 0;
    if (absl::SimpleAtod(*text, &d) && std::isfinite(d)) return Value(d);
    return Error{call.at, absl::StrCat(ToSource(value), " is no float")};
  }
  return Wants(call, "a number or a string", value);
}

Result Sqrt(const BuiltinCall& call) {
  const auto number = call.arguments[0].AsNumber();
  if (!number) return Wants(call, "a number", call.arguments[0]);
  if (*number < 0) return Error{call.at, "the square root of less than zero"};
  return Value(std::sqrt(*number));
}

// FNV-1a, 64 bits, as 16 hexadecimal digits.
Result Hash(const BuiltinCall& call) {
  const auto* const text = call.arguments[0].AsString();
  if (text == nullptr) return Wants(call, "a string", call.arguments[0]);
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (char c : *text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  return Value(absl::StrFormat("%016x", hash));
}

Result ReadFile(const BuiltinCall& call) {
  const auto* const name = call.arguments[0].AsString();
  if (name == nullptr) return Wants(call, "a string", call.arguments[0]);
  const std::filesystem::path path = std::filesystem::path(call.folder) / *name;
  std::error_code error;
  std::ifstream file;
  // One of a directory opens, and reads nothing.
  if (!std::filesystem::is_directory(path, error)) {
    file.open(path, std::ios::binary);
  }
  if (!file.is_open()) {
    return Error{call.at, absl::StrCat("cannot read the file ",
                                       ToSource(call.arguments[0]))};
  }
  std::string text;
  char block[1 << 14];
  while (text.size() <= kMaxStringBytes) {
    file.read(block, sizeof(block));
    text.append(block, static_cast<std::size_t>(file.gcount()));
    if (!file) break;
  }
  return MakeString(std::move(text), call.at);
}

// map, filter, reduce: (function, list). fold: (function, start, list).
Result FunctionAndList(const BuiltinCall& call) {
  const Value& function = call.arguments.front();
  const Value& list = call.arguments.back();
  if (function.AsFunction() == nullptr) {
    return Wants(call, "a function", function);
  }
  if (list.AsList() == nullptr) return Wants(call, "a list", list);
  return list;
}

Result FunctionAndSome(const BuiltinCall& call) {
  Result list = FunctionAndList(call);
  if (list.ok() && list->AsList()->elements.empty()) {
    return Error{call.at, "reduce wants a list that is not empty"};
  }
  return list;
}

constexpr Builtin kBuiltins[] = {
    {"filter", 2, Builtin::Kind::kFilter, FunctionAndList},
    {"float", 1, Builtin::Kind::kPlain, Float},
    {"fold", 3, Builtin::Kind::kFold, FunctionAndList},
    {"hash", 1, Builtin::Kind::kPlain, Hash},
    {"int", 1, Builtin::Kind::kPlain, Int},
    {"len", 1, Builtin::Kind::kPlain, Len},
    {"map", 2, Builtin::Kind::kMap, FunctionAndList},
    {"range", 2, Builtin::Kind::kPlain, MakeRange},
    {"read_file", 1, Builtin::Kind::kPlain, ReadFile},
    {"reduce", 2, Builtin::Kind::kReduce, FunctionAndSome},
    {"slice", 3, Builtin::Kind::kPlain, Slice},
    {"split", 2, Builtin::Kind::kPlain, Split},
    {"sqrt", 1, Builtin::Kind::kPlain, Sqrt},
    {"str", 1, Builtin::Kind::kPlain, Str},
};

}  // namespace

const Builtin* FindBuiltin(std::string_view name) {
  const auto found = std::ranges::find(kBuiltins, name, &Builtin::name);
  return found == std::end(kBuiltins) ? nullptr : found;
}

OrError<const Callable*> CheckCall(const Value& callee, std::size_t arguments,
                                   Position at) {
  const Callable* const callable = callee.AsFunction();
  if (callable == nullptr) {
    return Error{at, absl::StrCat(TypeOf(callee), " cannot be called")};
  }
  const std::size_t wanted = callable->builtin != nullptr
                                 ? callable->builtin->parameters
                                 : callable->function->parameters.size();
  if (arguments == wanted) return callable;
  return Error{at, absl::StrCat(NameOf(*callable), " takes ", wanted,
                                wanted == 1 ? " argument" : " arguments",
                                ", not ", arguments)};
}

std::string_view NameOf(const Callable& function) {
  return function.builtin != nullptr ? function.builtin->name
                                     : function.function->name;
}

Error TooDeepCalls(Position at) {
  return {at, "too many calls one in the other: does the recursion end?"};
}

OrError<bool> Chosen(const Value& value, Position at) {
  return Condition("filter", value, at);
}

}  // namespace flowlang
