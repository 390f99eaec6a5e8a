// Plain memory that the checker watches for data races. Accesses are no events:
// they cost no executions.

#ifndef WEFT_MODEL_CELL_H_
#define WEFT_MODEL_CELL_H_

#include <source_location>
#include <type_traits>
#include <utility>

#include "weft/model/execution.h"

namespace weft::model {

/// A T without synchronisation, of the same size as T. A thread may read it
/// while others read, and write it while nobody else uses it; the checker
/// reports every execution in which that is not so. Fixed to its address.
template <class T>
class Cell {
  using Where = std::source_location;
  using Kind = PlainAccess::Kind;

 public:
  using value_type = T;

  constexpr Cell(Where where = Where::current()) noexcept(
      std::is_nothrow_default_constructible_v<T>) requires
      std::is_default_constructible_v<T> : value_() {
    Access(Kind::kConstruct, where);
  }
  constexpr explicit Cell(T value, Where where = Where::current()) noexcept(
      std::is_nothrow_move_constructible_v<T>)
      : value_(std::move(value)) {
    Access(Kind::kConstruct, where);
  }
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  constexpr ~Cell() { Access(Kind::kDestroy, Where()); }

  /// A copy of the value. A read.
  constexpr T Get(Where where = Where::current())
      const requires std::is_copy_constructible_v<T> {
    Access(Kind::kRead, where);
    return value_;
  }

  /// Replaces the value. A write.
  constexpr void Set(T value, Where where = Where::current()) {
    Access(Kind::kWrite, where);
    value_ = std::move(value);
  }

  /// Moves the value out and leaves the moved-from one. A write.
  constexpr T Take(Where where = Where::current()) {
    Access(Kind::kWrite, where);
    return std::move(value_);
  }

  /// Calls `f(const T&)` and returns what it returns. A read, for as long as
  /// `f` runs; the reference must not outlive it.
  template <class F>
  constexpr decltype(auto) With(F&& f, Where where = Where::current()) const {
    Access(Kind::kRead, where);
    return std::forward<F>(f)(value_);
  }

  /// Calls `f(T&)` and returns what it returns. A write, for as long as `f`
  /// runs; the reference must not outlive it.
  template <class F>
  constexpr decltype(auto) WithMut(F&& f, Where where = Where::current()) {
    Access(Kind::kWrite, where);
    return std::forward<F>(f)(value_);
  }

 private:
  constexpr void Access(Kind kind, const Where& where) const {
    if (std::is_constant_evaluated()) return;
    if (Execution* e = Execution::Current()) {
      e->AccessPlain(kind, &value_, sizeof(T), where);
    }
  }

  T value_;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_CELL_H_
