#include "weft/examples/flowlang/operators.h"

#include <cmath>
#include <compare>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"

namespace flowlang {
namespace {

Error DoesNotFit(Position at) {
  return {at, "the result does not fit in a 64-bit integer"};
}
Error ByZero(Position at) { return {at, "division by zero"}; }

Error NotFor(Operator op, const Value& a, const Value& b, Position at) {
  return {at, absl::StrCat("'", SymbolOf(op), "' does not take ", TypeOf(a),
                           " and ", TypeOf(b))};
}

Result Integers(Operator op, std::int64_t a, std::int64_t b, Position at) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case Operator::kAdd:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Operator::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Operator::kMultiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    default:
      if (b == 0) return ByZero(at);
      // The processor cannot do this one.
      if (b == -1) {
        overflow = op == Operator::kDivide &&
                   __builtin_sub_overflow(std::int64_t{0}, a, &result);
      } else {
        result = op == Operator::kDivide ? a / b : a % b;
      }
  }
  if (overflow) return DoesNotFit(at);
  return Value(result);
}

Result Floats(Operator op, double a, double b, Position at) {
  double result = 0;
  switch (op) {
    case Operator::kAdd:
      result = a + b;
      break;
    case Operator::kSubtract:
      result = a - b;
      break;
    case Operator::kMultiply:
      result = a * b;
      break;
    default:
      if (b == 0) return ByZero(at);
      result = op == Operator::kDivide ? a / b : std::fmod(a, b);
  }
  if (!std::isfinite(result)) {
    return Error{at, "the result is out of a float's range"};
  }
  return Value(result);
}

Result Join(const Value& a, const Value& b, Position at) {
  if (a.AsString() != nullptr && b.AsString() != nullptr) {
    return MakeString(*a.AsString() + *b.AsString(), at);
  }
  if (a.AsList() != nullptr && b.AsList() != nullptr) {
    Values all = a.AsList()->elements;
    const Values& more = b.AsList()->elements;
    all.insert(all.end(), more.begin(), more.end());
    return MakeList(std::move(all), at);
  }
  return NotFor(Operator::kAdd, a, b, at);
}

Result Arithmetic(Operator op, const Value& a, const Value& b, Position at) {
  if (a.AsInt() != nullptr && b.AsInt() != nullptr) {
    return Integers(op, *a.AsInt(), *b.AsInt(), at);
  }
  const auto x = a.AsNumber(), y = b.AsNumber();
  if (x && y) return Floats(op, *x, *y, at);
  if (op == Operator::kAdd) return Join(a, b, at);
  return NotFor(op, a, b, at);
}

Result Compare(Operator op, const Value& a, const Value& b, Position at) {
  std::partial_ordering order = std::partial_ordering::unordered;
  const auto x = a.AsNumber(), y = b.AsNumber();
  if (a.AsInt() != nullptr && b.AsInt() != nullptr) {
    order = *a.AsInt() <=> *b.AsInt();
  } else if (x && y) {
    order = *x <=> *y;
  } else if (a.AsString() != nullptr && b.AsString() != nullptr) {
    order = *a.AsString() <=> *b.AsString();
  } else {
    return NotFor(op, a, b, at);
  }
  switch (op) {
    case Operator::kLess:
      return Value(order < 0);
    case Operator::kLessOrEqual:
      return Value(order <= 0);
    case Operator::kGreater:
      return Value(order > 0);
    default:
      return Value(order >= 0);
  }
}

Result Minus(const Value& a, Position at) {
  if (const auto* i = a.AsInt()) {
    return Integers(Operator::kSubtract, 0, *i, at);
  }
  if (const double* d = a.AsFloat()) return Value(-*d);
  return Error{at, absl::StrCat("'-' does not take ", TypeOf(a))};
}

Result Index(const Value& whole, const Value& index, Position at) {
  const std::string* const text = whole.AsString();
  const List* const list = whole.AsList();
  if (text == nullptr && list == nullptr) {
    return Error{at, absl::StrCat(TypeOf(whole), " has no elements")};
  }
  const std::int64_t* const i = index.AsInt();
  if (i == nullptr) {
    return Error{at,
                 absl::StrCat("an index is an integer, not ", TypeOf(index))};
  }
  const auto size = static_cast<std::int64_t>(
      text != nullptr ? text->size() : list->elements.size());
  if (*i < 0 || *i >= size) {
    return Error{at, absl::StrCat("there is no element ", *i, ": there are ",
                                  size, ", from 0")};
  }
  const auto n = static_cast<std::size_t>(*i);
  if (list != nullptr) return list->elements[n];
  return Value(text->substr(n, 1));
}

}  // namespace

std::string_view SymbolOf(Operator op) {
  constexpr std::string_view kSymbols[] = {
      "+",  "-", "*",  "/", "%",   "==",     "!=", "<",
      "<=", ">", ">=", "-", "not", "and/or", "[]", "[...]",
  };
  static_assert(std::size(kSymbols) == static_cast<int>(Operator::kList) + 1);
  return kSymbols[static_cast<int>(op)];
}

Result Operate(Operator op, std::span<const Value> operands, Position at) {
  switch (op) {
    case Operator::kList:
      return MakeList(Values(operands.begin(), operands.end()), at);
    case Operator::kIndex:
      return Index(operands[0], operands[1], at);
    case Operator::kMinus:
      return Minus(operands[0], at);
    case Operator::kNot: {
      const OrError<bool> holds = Condition("not", operands[0], at);
      if (!holds.ok()) return holds.error();
      return Value(!*holds);
    }
    case Operator::kTruth: {
      const OrError<bool> holds = Condition("and' or 'or", operands[0], at);
      if (!holds.ok()) return holds.error();
      return operands[0];
    }
    case Operator::kEqual:
    case Operator::kUnequal: {
      const std::optional<bool> equal = Equal(operands[0], operands[1]);
      if (!equal.has_value()) {
        return Error{at, "functions cannot be compared"};
      }
      return Value(*equal == (op == Operator::kEqual));
    }
    case Operator::kLess:
    case Operator::kLessOrEqual:
    case Operator::kGreater:
    case Operator::kGreaterOrEqual:
      return Compare(op, operands[0], operands[1], at);
    default:
      return Arithmetic(op, operands[0], operands[1], at);
  }
}

OrError<bool> Condition(std::string_view word, const Value& value,
                        Position at) {
  if (const bool* holds = value.AsBool()) return *holds;
  return Error{
      at, absl::StrCat("'", word, "' takes a boolean, not ", TypeOf(value))};
}

}  // namespace flowlang
