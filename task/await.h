#ifndef WEFT_TASK_AWAIT_H_
#define WEFT_TASK_AWAIT_H_

#include <concepts>
#include <coroutine>
#include <type_traits>
#include <utility>

#include "weft/task/header.h"
#include "weft/task/task.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/suspend.h"

namespace weft {
namespace task_internal {

/// The task that the awaiting coroutine is part of.
class CurrentTask {
 public:
  bool await_ready() const noexcept { return false; }
  template <std::derived_from<PromiseBase> Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
    task_ = self.promise().task();
    return false;
  }
  TaskHeader* await_resume() const noexcept { return task_; }

 private:
  TaskHeader* task_ = nullptr;
};

/// Suspends a coroutine task until one of its wakers is called. A wake since
/// the last time counts, but takes the task through the run queue: a future
/// that wakes itself, for instance because the budget is used up, lets others
/// run.
class UntilNotified final : public SuspendedOperation {
 public:
  explicit UntilNotified(TaskHeader* task) : task_(task) {}
  ~UntilNotified() {
    // Destroyed while suspended: the canceller or a waker has notified us.
    if (enrolled_) (void)task_->state().Start();
  }

  bool await_ready() const noexcept { return false; }
  template <std::derived_from<PromiseBase> Promise>
  bool await_suspend(std::coroutine_handle<Promise> self) {
    bool notified_before = false;
    const bool stay = SuspendIn(self, *this, [&](Waker) {
      enrolled_ = true;
      if (task_->state().Idle() == IdleAction::kNothing) return true;
      (void)task_->state().Start();
      enrolled_ = false;
      notified_before = true;
      return false;
    });
    return notified_before ? YieldIn(self) : stay;
  }
  void await_resume() noexcept {
    if (std::exchange(enrolled_, false)) (void)task_->state().Start();
  }

  bool TryCancel() noexcept override { return task_->state().ClaimIdle(); }

 private:
  TaskHeader* task_;
  // Whether the task's state is idle because of this operation.
  bool enrolled_ = false;
};

}  // namespace task_internal

/// Runs a poll-style future inside a coroutine task: `co_await Await(future)`.
/// One frame; the future lives in it.
template <Future F>
Task<FutureResult<F>> Await(F future) {
  TaskHeader* task = co_await task_internal::CurrentTask();
  for (;;) {
    Context context(task->LentWaker());
    auto poll = future.Poll(context);
    if (poll.ready()) co_return std::move(poll).value();
    co_await task_internal::UntilNotified(task);
  }
}

}  // namespace weft

#endif  // WEFT_TASK_AWAIT_H_
