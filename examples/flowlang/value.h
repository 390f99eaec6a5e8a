// What an expression is worth.

#ifndef WEFT_EXAMPLES_FLOWLANG_VALUE_H_
#define WEFT_EXAMPLES_FLOWLANG_VALUE_H_

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "weft/examples/flowlang/source.h"

namespace flowlang {

struct Builtin;   // builtins.h
struct Function;  // syntax.h
struct List;
struct Callable;

/// A boolean, a 64-bit integer, a finite float, a string of bytes, a list, or a
/// function. Never changes: copies share what is large, on any thread.
class Value {
 public:
  // Not from what only converts to a boolean, as every pointer does.
  template <std::same_as<bool> B>
  explicit Value(B b) : state_(b) {}
  explicit Value(std::int64_t i) : state_(i) {}
  explicit Value(double d) : state_(d) {}
  explicit Value(std::string text)
      : state_(std::make_shared<const std::string>(std::move(text))) {}
  explicit Value(std::shared_ptr<const List> list) : state_(std::move(list)) {}
  explicit Value(std::shared_ptr<const Callable> function)
      : state_(std::move(function)) {}

  /// What it is, or null if it is something else.
  const bool* AsBool() const { return std::get_if<bool>(&state_); }
  const std::int64_t* AsInt() const {
    return std::get_if<std::int64_t>(&state_);
  }
  const double* AsFloat() const { return std::get_if<double>(&state_); }
  const std::string* AsString() const { return Shared<std::string>(); }
  const List* AsList() const { return Shared<List>(); }
  const Callable* AsFunction() const { return Shared<Callable>(); }

  /// An integer or a float, as a float.
  std::optional<double> AsNumber() const;

 private:
  template <class T>
  const T* Shared() const {
    auto* const pointer = std::get_if<std::shared_ptr<const T>>(&state_);
    return pointer == nullptr ? nullptr : pointer->get();
  }

  std::variant<bool, std::int64_t, double, std::shared_ptr<const std::string>,
               std::shared_ptr<const List>, std::shared_ptr<const Callable>>
      state_;
};

/// What an expression comes to.
using Result = OrError<Value>;
using Values = std::vector<Value>;

struct List {
  Values elements;
  int nesting;  ///< how many lists and functions are in one another, with this
};

/// A function as a value: of the language, or of the program with what its
/// text takes from around it.
struct Callable {
  const Builtin* builtin = nullptr;
  const Function* function = nullptr;
  Values captured = {};
  int nesting = 1;
};

/// A list, unless it would be too long or too deep; then it says so at `at`.
Result MakeList(Values elements, Position at);
/// The same for a string.
Result MakeString(std::string text, Position at);
/// A function with what it has captured.
Result MakeClosure(const Function* function, Values captured, Position at);

/// What kind of thing it is, with its article: "a list".
std::string_view TypeOf(const Value& value);

/// As a program prints it: a string without quotes.
std::string ToText(const Value& value);
/// As it would stand in a program: a string within quotes; a function as its
/// name in angle brackets.
std::string ToSource(const Value& value);

/// Whether they are equal. Integers and floats are compared as numbers, other
/// kinds are never equal to each other; nothing, if there are functions.
std::optional<bool> Equal(const Value& a, const Value& b);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_VALUE_H_
