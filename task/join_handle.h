#ifndef WEFT_TASK_JOIN_HANDLE_H_
#define WEFT_TASK_JOIN_HANDLE_H_

#include <coroutine>
#include <utility>

#include "weft/base/check.h"
#include "weft/task/header.h"
#include "weft/task/outcome.h"
#include "weft/waker/budget.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/suspend.h"
#include "weft/waker/wait.h"

namespace weft {

/// Ends a task from anywhere. Copyable; each copy holds a reference to the
/// task's block, not to its body.
class AbortHandle {
 public:
  AbortHandle() = default;
  explicit AbortHandle(TaskHeader* task) : task_(task) {
    if (task_ != nullptr) task_->state().AddReference();
  }
  AbortHandle(const AbortHandle& other) : AbortHandle(other.task_) {}
  AbortHandle(AbortHandle&& other) noexcept
      : task_(std::exchange(other.task_, nullptr)) {}
  AbortHandle& operator=(AbortHandle other) noexcept {
    std::swap(task_, other.task_);
    return *this;
  }
  ~AbortHandle() {
    if (task_ != nullptr) task_->DropReference();
  }

  /// Asks the task to end. Any thread, any time, as often as one likes; an
  /// empty handle and a complete task are left alone. Returns at once; the body
  /// is destroyed by a worker, never here and never under a lock. A task that
  /// is running ends at its next suspension, or by itself if it is faster.
  void Abort() const noexcept {
    if (task_ != nullptr) task_->Abort();
  }

 private:
  TaskHeader* task_ = nullptr;
};

/// The right to a task's outcome.
///
/// Dropping it detaches the task, which goes on. Take the outcome by
/// `co_await`ing it in a coroutine (any executor's), by polling, or from a
/// plain thread by `Join()`. Taking it empties the handle.
///
/// Move-only; one thread at a time uses it. Memory ordering: everything the
/// task did is visible to whoever has its outcome.
template <class T>
class [[nodiscard]] JoinHandle {
 public:
  using value_type = T;

  JoinHandle() = default;
  /// Takes over the join interest and its reference, which the task was made
  /// with.
  explicit JoinHandle(TaskHeader* task) : task_(task) {}
  JoinHandle(JoinHandle&& other) noexcept
      : task_(std::exchange(other.task_, nullptr)) {}
  JoinHandle& operator=(JoinHandle&& other) noexcept {
    std::swap(task_, other.task_);
    return *this;
  }
  ~JoinHandle() { Detach(); }

  /// Whether there is a task whose outcome has not been taken.
  explicit operator bool() const { return task_ != nullptr; }

  /// Whether the task has ended. One load.
  bool Done() const {
    return task_ != nullptr && task_->state().Load().complete();
  }

  /// See AbortHandle::Abort. The outcome is then "cancelled", unless the task
  /// ended by itself before.
  void Abort() const noexcept {
    if (task_ != nullptr) task_->Abort();
  }

  /// A handle that can abort the task after this one is gone.
  AbortHandle GetAbortHandle() const { return AbortHandle(task_); }

  /// Lets the task go on by itself. An exception it ends with goes to the
  /// scheduler's policy.
  void Detach() {
    TaskHeader* task = std::exchange(task_, nullptr);
    if (task == nullptr) return;
    TaskState before = task->state().DropJoinInterest();
    if (before.complete()) {
      task->vtable().take_outcome(task, nullptr);
    } else if (before.join_waker()) {
      task->trailer().join_waker = Waker();
    }
    task->DropReference();
  }

  /// Blocks this thread until the task has ended. On a worker the thread runs
  /// other tasks meanwhile.
  Outcome<T> Join() && { return Wait(*this); }

  /// One poll; see `Future`.
  weft::Poll<Outcome<T>> Poll(Context& context) {
    Check(task_ != nullptr, "weft: JoinHandle has no outcome to give");
    if (Done()) {
      if (Budget::Spend()) return Take();
      context.waker().WakeByRef();
      return kPending;
    }
    if (task_->state().RetractJoinWaker()) {
      Waker& slot = task_->trailer().join_waker;
      if (!context.waker().WillWake(slot)) slot = context.waker().Clone();
      if (task_->state().PublishJoinWaker()) return kPending;
      slot = Waker();
    }
    return Take();
  }

  auto operator co_await() & noexcept { return Awaiter(*this); }
  auto operator co_await() && noexcept { return Awaiter(*this); }

 private:
  class Awaiter final : public SuspendedOperation {
   public:
    explicit Awaiter(JoinHandle& handle) : handle_(handle) {
      Check(handle.task_ != nullptr, "weft: JoinHandle has no outcome to give");
    }
    bool await_ready() { return handle_.Done() && Budget::Spend(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> waiter) {
      if (handle_.Done()) return YieldIn(waiter);
      TaskHeader* task = handle_.task_;
      return SuspendIn(waiter, *this, [task](Waker resumption) {
        Waker& slot = task->trailer().join_waker;
        slot = std::move(resumption);
        if (task->state().PublishJoinWaker()) return true;
        slot = Waker();
        return false;
      });
    }
    Outcome<T> await_resume() { return handle_.Take(); }

    bool TryCancel() noexcept override {
      return handle_.task_->state().RetractJoinWaker();
    }

   private:
    JoinHandle& handle_;
  };

  // Requires that the task is complete.
  Outcome<T> Take() {
    TaskHeader* task = std::exchange(task_, nullptr);
    Outcome<T> outcome;
    task->vtable().take_outcome(task, &outcome);
    task->DropReference();
    return outcome;
  }

  TaskHeader* task_ = nullptr;
};

}  // namespace weft

#endif  // WEFT_TASK_JOIN_HANDLE_H_
