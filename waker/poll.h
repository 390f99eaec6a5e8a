#ifndef WEFT_WAKER_POLL_H_
#define WEFT_WAKER_POLL_H_

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace weft {

/// Says "no value yet" when returned from a `Poll(Context&)` function.
struct Pending {};
inline constexpr Pending kPending{};

/// Says "done" when returned from a `Poll(Context&)` function of result `void`.
struct Ready {};
inline constexpr Ready kReady{};

/// The answer of one poll of a future: a value, or "not yet".
///
/// A future that answers "not yet" has arranged for the waker of its context
/// to be called when another poll is worth while. `Poll` is a plain value:
/// no synchronisation, no allocation. Costs one `bool` beside the value.
template <class T>
class [[nodiscard]] Poll {
 public:
  using value_type = T;

  Poll(Pending) {}  // NOLINT: the conversion is the point
  Poll(T value) : value_(std::move(value)) {}  // NOLINT

  /// Whether there is a value.
  bool ready() const { return value_.has_value(); }

  /// The value. Requires `ready()`.
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return *std::move(value_); }

 private:
  std::optional<T> value_;
};

/// A poll without a value: done, or not yet.
template <>
class [[nodiscard]] Poll<void> {
 public:
  using value_type = void;

  constexpr Poll(Pending) : ready_(false) {}  // NOLINT
  constexpr Poll(Ready) : ready_(true) {}     // NOLINT

  constexpr bool ready() const { return ready_; }
  constexpr void value() const {}

 private:
  bool ready_;
};

namespace waker_internal {
template <class P>
inline constexpr bool kIsPoll = false;
template <class T>
inline constexpr bool kIsPoll<Poll<T>> = true;
}  // namespace waker_internal

class Context;

/// A poll-style future: `Poll(Context&)` returns a `weft::Poll<T>`.
///
/// Contract: one thread at a time polls it; after it has answered with a value
/// it is not polled again; it may be destroyed at any time it is not being
/// polled, on any thread.
template <class F>
concept Future = requires(F& future, Context& context) {
  requires waker_internal::kIsPoll<decltype(future.Poll(context))>;
};

/// The value type of a poll-style future.
template <Future F>
using FutureResult = typename decltype(std::declval<F&>().Poll(
    std::declval<Context&>()))::value_type;

}  // namespace weft

#endif  // WEFT_WAKER_POLL_H_
