// Plain memory that a protocol hands from one thread to another: a ring's slot,
// a result waiting for its joiner. The cell synchronises nothing; it marks the
// places where the atomics around it must, so that ThreadSanitizer sees plain
// accesses and the model checker can watch them.

#ifndef WEFT_BASE_CELL_H_
#define WEFT_BASE_CELL_H_

#include <type_traits>
#include <utility>

#include "weft/base/model_mode.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/cell.h"
#endif

namespace weft {

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

template <class T>
using Cell = model::Cell<T>;

#else

/// A T without synchronisation, of the same size as T and at no cost in the
/// ordinary build. A thread may read it while others read, and write it while
/// nobody else uses it; the owner of the protocol proves that. Fixed to its
/// address.
template <class T>
class Cell {
 public:
  using value_type = T;

  constexpr Cell() noexcept(std::is_nothrow_default_constructible_v<T>) requires
      std::is_default_constructible_v<T> : value_() {}
  constexpr explicit Cell(T value) noexcept(
      std::is_nothrow_move_constructible_v<T>)
      : value_(std::move(value)) {}
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  /// A copy of the value. A read.
  constexpr T Get() const requires std::is_copy_constructible_v<T> {
    return value_;
  }

  /// Replaces the value. A write.
  constexpr void Set(T value) { value_ = std::move(value); }

  /// Moves the value out and leaves the moved-from one. A write.
  constexpr T Take() { return std::move(value_); }

  /// Calls `f(const T&)` and returns what it returns. A read, for as long as
  /// `f` runs; the reference must not outlive it.
  template <class F>
  constexpr decltype(auto) With(F&& f) const {
    return std::forward<F>(f)(value_);
  }

  /// Calls `f(T&)` and returns what it returns. A write, for as long as `f`
  /// runs; the reference must not outlive it.
  template <class F>
  constexpr decltype(auto) WithMut(F&& f) {
    return std::forward<F>(f)(value_);
  }

 private:
  T value_;
};

#endif

static_assert(sizeof(Cell<char>) == sizeof(char));
static_assert(sizeof(Cell<void*>) == sizeof(void*));

}  // namespace weft

#endif  // WEFT_BASE_CELL_H_
