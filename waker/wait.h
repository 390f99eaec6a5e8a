// Waiting for a poll-style future on the calling thread, outside any executor.

#ifndef WEFT_WAKER_WAIT_H_
#define WEFT_WAKER_WAIT_H_

#include <cstdint>
#include <type_traits>
#include <utility>

#include "weft/base/thread_local.h"
#include "weft/waker/budget.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/thread_waiter.h"
#include "weft/waker/waker.h"

namespace weft {

namespace waker_internal {

/// One `Wait` on this thread: its waiter, its waker, and what nesting needs.
///
/// A `Wait` may run inside another on the same thread: in a `Poll`, or in a
/// task that an installed waiter runs in its `Park`. Both have the same waker,
/// so the inner one may take a wake that was meant for the outer. It therefore
/// wakes the thread again when it ends; the outer polls once more than it must.
class WaitScope {
 public:
  WaitScope() : waiter_(ThreadWaiter::Current()), waker_(waiter_.GetWaker()) {
    ++Depth::Get();
  }
  ~WaitScope() {
    if (--Depth::Get() > 0 && parked_) std::move(waker_).Wake();
  }
  WaitScope(const WaitScope&) = delete;
  WaitScope& operator=(const WaitScope&) = delete;

  const Waker& waker() const { return waker_; }
  void Park() {
    parked_ = true;
    waiter_.Park();
  }

 private:
  struct DepthTag;
  using Depth = ThreadLocal<int, DepthTag>;

  ThreadWaiter& waiter_;
  Waker waker_;
  bool parked_ = false;
};

/// A fresh budget for one poll, as a task of its own would get it, and the
/// caller's own afterwards. Where there is no limit there stays none.
class FreshBudget {
 public:
  FreshBudget() : callers_(Budget::Exchange(Budget::kUnlimited)) {
    if (callers_ != Budget::kUnlimited) Budget::Exchange(Budget::kPerTask);
  }
  ~FreshBudget() { Budget::Exchange(callers_); }
  FreshBudget(const FreshBudget&) = delete;
  FreshBudget& operator=(const FreshBudget&) = delete;

 private:
  const std::int32_t callers_;
};

}  // namespace waker_internal

/// Polls `future` on the calling thread until it is ready and returns its
/// value; between two polls the thread waits in `ThreadWaiter::Current()`. An
/// exception from `Poll` passes through.
///
/// `future` may be an lvalue or a temporary. Any thread, also inside another
/// `Wait`. On ordinary threads the budget is unlimited; under an executor's
/// waiter each poll has a task's budget, so that a future which is always ready
/// lets the executor's other tasks run now and then, and the caller's own
/// budget is as before when this returns (tokio #2462, #2711).
///
/// Costs one virtual call and two read-modify-writes beside the polls.
template <class F>
requires Future<std::remove_reference_t<F>>
    FutureResult<std::remove_reference_t<F>> Wait(F&& future) {
  waker_internal::WaitScope scope;
  Context context(scope.waker());
  for (;;) {
    {
      waker_internal::FreshBudget budget;
      auto poll = future.Poll(context);
      if (poll.ready()) return std::move(poll).value();
    }
    scope.Park();
  }
}

}  // namespace weft

#endif  // WEFT_WAKER_WAIT_H_
