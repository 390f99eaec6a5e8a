#ifndef WEFT_TASK_YIELD_H_
#define WEFT_TASK_YIELD_H_

#include <coroutine>

#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/suspend.h"

namespace weft {

/// Lets the other tasks of this worker run first: the task goes to the back of
/// the run queue. `co_await YieldNow()` in a coroutine, or poll it.
///
/// Costs one trip through the queue and wakes nobody by itself (Go #13527: a
/// yield in a loop must not wake idle workers for nothing).
class [[nodiscard]] YieldNow {
 public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) const {
    return YieldIn(self);
  }
  void await_resume() const noexcept {}

  weft::Poll<void> Poll(Context& context) {
    if (yielded_) return kReady;
    yielded_ = true;
    context.waker().WakeByRef();
    return kPending;
  }

 private:
  bool yielded_ = false;
};

}  // namespace weft

#endif  // WEFT_TASK_YIELD_H_
