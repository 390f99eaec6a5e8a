#ifndef WEFT_WAKER_SUSPEND_H_
#define WEFT_WAKER_SUSPEND_H_

#include <concepts>
#include <coroutine>
#include <utility>

#include "weft/waker/waker.h"

namespace weft {

/// An operation that a coroutine is suspended in (a receive, a lock, a join),
/// as seen by whoever wants to end the wait early.
///
/// The operation lives in the coroutine's frame. Its own state word decides
/// who resumes: the completer and the canceller each try one atomic step, and
/// exactly one of them wins.
class alignas(8) SuspendedOperation {
 public:
  /// Tries to end the wait. True: the operation will never call its waker, the
  /// caller owns the coroutine's resumption (and destroys the frame). False:
  /// the completer was first; its wake has come or is about to come.
  ///
  /// Called at most once, from any thread, after the operation has been
  /// registered and before its frame is resumed or destroyed.
  virtual bool TryCancel() noexcept = 0;

 protected:
  ~SuspendedOperation() = default;
};

/// A promise whose coroutine is run by an executor that knows suspension:
/// `Suspend(op, handle)` begins one and returns a value with the functions
/// below. `handle` is what to resume: the promise's own coroutine, or one that
/// runs as a part of it.
///   * `Waker resumption()`: makes the coroutine runnable. Called at most once;
///     it must not be cloned (it owns nothing: the suspended frame keeps itself
///     alive);
///   * `bool Commit()`: the operation is registered; true if the coroutine
///     stays suspended, false if it was completed meanwhile and must go on.
/// `Yield(handle)` puts the coroutine at the back of its run queue.
template <class P>
concept SuspendingPromise = requires(P& promise, SuspendedOperation& op,
                                     std::coroutine_handle<> h) {
  { promise.Suspend(op, h).resumption() } -> std::same_as<Waker>;
  { promise.Suspend(op, h).Commit() } -> std::same_as<bool>;
  promise.Yield(h);
};

namespace waker_internal {
// For coroutines of foreign executors: the completer resumes in place.
inline constexpr WakerVTable kResumeInPlaceVTable = {
    .clone = [](void*) -> Waker { return Waker(); },
    .wake =
        [](void* frame) noexcept {
          std::coroutine_handle<>::from_address(frame).resume();
        },
    .wake_by_ref =
        [](void* frame) noexcept {
          std::coroutine_handle<>::from_address(frame).resume();
        },
    .drop = [](void*) noexcept {},
};
}  // namespace waker_internal

/// The body of every leaf awaitable's `await_suspend`: suspends `handle` in
/// `op`. `enroll(Waker)` registers the operation and returns false if it is
/// already complete, in which case it dropped the waker.
///
/// Returns what `await_suspend` returns: true to stay suspended. After `enroll`
/// returned true nothing of the frame may be touched: it may be running, or
/// gone.
///
/// Works under any executor: a promise without `Suspend` is resumed in place by
/// the completer, on its thread.
template <class Promise, class Enroll>
bool SuspendIn(std::coroutine_handle<Promise> handle, SuspendedOperation& op,
               Enroll&& enroll) {
  if constexpr (SuspendingPromise<Promise>) {
    auto suspension = handle.promise().Suspend(op, handle);
    if (!std::forward<Enroll>(enroll)(suspension.resumption())) return false;
    return suspension.Commit();
  } else {
    return std::forward<Enroll>(enroll)(
        Waker(&waker_internal::kResumeInPlaceVTable, handle.address()));
  }
}

/// For an awaitable that is ready but out of budget: puts the coroutine at
/// the back of the run queue. Returns what `await_suspend` returns; an
/// executor that does not know yielding goes on at once.
template <class Promise>
bool YieldIn(std::coroutine_handle<Promise> handle) {
  if constexpr (SuspendingPromise<Promise>) {
    handle.promise().Yield(handle);
    return true;
  } else {
    return false;
  }
}

}  // namespace weft

#endif  // WEFT_WAKER_SUSPEND_H_
