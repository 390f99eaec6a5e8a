#ifndef WEFT_TASK_OUTCOME_H_
#define WEFT_TASK_OUTCOME_H_

#include <cstdlib>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "weft/base/check.h"
#include "weft/base/exception.h"

namespace weft {

/// The exception that `Outcome::value()` throws for a task that was cancelled.
class TaskCancelled : public std::exception {
 public:
  const char* what() const noexcept override { return "weft: task cancelled"; }
};

/// How a task ended: with a value, with an exception, or cancelled.
///
/// A plain value without synchronisation; whoever holds it owns it. Costs the
/// size of the larger of `T` and one pointer, and a word. A moved-from outcome
/// still says how the task ended, but its value is a moved-from one and its
/// exception is null.
template <class T>
class [[nodiscard]] Outcome {
  static_assert(!std::is_reference_v<T>,
                "weft: a task cannot return a reference; return a pointer");
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

 public:
  using value_type = T;

  /// No outcome yet.
  Outcome() {}

  /// Ended with a value.
  template <class... Args>
  explicit Outcome(std::in_place_t, Args&&... args) : kind_(Kind::kValue) {
    std::construct_at(&value_, std::forward<Args>(args)...);
  }

  /// Ended with an exception. Requires a non-null pointer.
  explicit Outcome(std::exception_ptr exception) : kind_(Kind::kException) {
    DCheck(exception != nullptr, "weft: Outcome of a null exception");
    std::construct_at(&exception_, std::move(exception));
  }

  /// Was cancelled before it ended by itself.
  static Outcome Cancelled() {
    Outcome outcome;
    outcome.SetCancelled();
    return outcome;
  }

  Outcome(Outcome&& other) noexcept(std::is_nothrow_move_constructible_v<Value>)
      : kind_(other.kind_) {
    if (kind_ == Kind::kValue) {
      std::construct_at(&value_, std::move(other.value_));
    } else if (kind_ == Kind::kException) {
      std::construct_at(&exception_, std::move(other.exception_));
    }
  }
  /// If moving the value throws, this is left empty and `other` as the move
  /// left it.
  Outcome& operator=(Outcome&& other) noexcept(
      std::is_nothrow_move_constructible_v<Value>) {
    if (this == &other) return *this;
    Clear();
    if (other.kind_ == Kind::kValue) {
      std::construct_at(&value_, std::move(other.value_));
    } else if (other.kind_ == Kind::kException) {
      std::construct_at(&exception_, std::move(other.exception_));
    }
    kind_ = other.kind_;
    return *this;
  }
  ~Outcome() { Clear(); }

  /// Replaces what is here with a value, made in place. If that throws, this
  /// is left empty.
  template <class... Args>
  void Emplace(Args&&... args) {
    Clear();
    std::construct_at(&value_, std::forward<Args>(args)...);
    kind_ = Kind::kValue;
  }

  /// Replaces what is here with an exception. Requires a non-null pointer.
  void SetException(std::exception_ptr exception) noexcept {
    DCheck(exception != nullptr, "weft: Outcome of a null exception");
    Clear();
    std::construct_at(&exception_, std::move(exception));
    kind_ = Kind::kException;
  }

  /// Replaces what is here with the news that the task was cancelled.
  void SetCancelled() noexcept {
    Clear();
    kind_ = Kind::kCancelled;
  }

  /// Drops what is here.
  void Clear() noexcept {
    // The destructor of a value may look at this.
    const Kind old = std::exchange(kind_, Kind::kEmpty);
    if constexpr (!std::is_trivially_destructible_v<Value>) {
      if (old == Kind::kValue) std::destroy_at(&value_);
    }
    if (old == Kind::kException) [[unlikely]] {
      DestroyException();
    }
  }

  /// Whether the task returned normally.
  bool ok() const { return kind_ == Kind::kValue; }
  /// Whether the task was cancelled.
  bool cancelled() const { return kind_ == Kind::kCancelled; }
  /// Whether there is nothing here yet.
  bool empty() const { return kind_ == Kind::kEmpty; }
  /// Whether it holds an exception.
  bool failed() const { return kind_ == Kind::kException; }
  /// What the task threw, or null.
  std::exception_ptr exception() const {
    return kind_ == Kind::kException ? exception_ : nullptr;
  }

  /// The value. A task's exception is thrown again, a cancelled task throws
  /// `TaskCancelled`; without exceptions both end the program with a message.
  /// Requires that this is not empty.
  std::add_lvalue_reference_t<Value> value() & {
    RequireValue();
    return value_;
  }
  /// As above; moves the value out.
  T value() && {
    RequireValue();
    if constexpr (!std::is_void_v<T>) return std::move(value_);
  }

  /// The value. Requires `ok()`.
  std::add_lvalue_reference_t<Value> operator*() & {
    DCheck(ok(), "weft: Outcome has no value");
    return value_;
  }

 private:
  enum class Kind : unsigned char { kEmpty, kValue, kException, kCancelled };

  // Out of line, so that Clear is small enough to be inlined.
  [[gnu::noinline, gnu::cold]] void DestroyException() noexcept {
    std::destroy_at(&exception_);
  }

  void RequireValue() const {
    if (kind_ == Kind::kValue) [[likely]] {
      return;
    }
    if (kind_ == Kind::kException) Rethrow(exception_);
    Check(kind_ == Kind::kCancelled, "weft: Outcome is empty");
    ThrowCancelled();
  }

  [[noreturn]] static void ThrowCancelled() {
#if defined(__cpp_exceptions)
    throw TaskCancelled();
#else
    Check(false, "weft: value() of a cancelled task");
    std::abort();
#endif
  }

  Kind kind_ = Kind::kEmpty;
  union {
    Value value_;
    std::exception_ptr exception_;
  };
};

}  // namespace weft

#endif  // WEFT_TASK_OUTCOME_H_
