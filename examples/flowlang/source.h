// A program's text, places in it, and what may be wrong there.

#ifndef WEFT_EXAMPLES_FLOWLANG_SOURCE_H_
#define WEFT_EXAMPLES_FLOWLANG_SOURCE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace flowlang {

/// A place in the program: the number of bytes before it.
using Position = std::uint32_t;

/// What is wrong, and where. A value: nothing here throws.
struct Error {
  Position position = 0;
  std::string message;

  friend bool operator==(const Error&, const Error&) = default;
};

/// A `T`, or why there is none.
template <class T>
class [[nodiscard]] OrError {
 public:
  OrError(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  OrError(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  /// Requires ok().
  const T& operator*() const { return *std::get_if<0>(&state_); }
  T& operator*() { return *std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  T* operator->() { return std::get_if<0>(&state_); }
  /// Requires !ok().
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

/// A program's name and text.
class Source {
 public:
  Source(std::string name, std::string text)
      : name_(std::move(name)), text_(std::move(text)) {}

  const std::string& name() const { return name_; }
  std::string_view text() const { return text_; }

  /// "line:column" of a place, both from 1; a column is a character (UTF-8).
  std::string Place(Position position) const;

  /// "name:line:column: message", the line, and a caret below the place.
  std::string Describe(const Error& error) const;

 private:
  std::string_view LineOf(Position position) const;

  std::string name_;
  std::string text_;
};

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_SOURCE_H_
