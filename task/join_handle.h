#ifndef WEFT_TASK_JOIN_HANDLE_H_
#define WEFT_TASK_JOIN_HANDLE_H_

#include <coroutine>
#include <utility>

#include "weft/base/cell.h"
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
    JoinHandle old(std::move(*this));
    task_ = std::exchange(other.task_, nullptr);
    return *this;
  }
  ~JoinHandle() { Detach(); }

  /// Whether there is a task whose outcome has not been taken.
  explicit operator bool() const { return task_ != nullptr; }

  /// Whether the task has ended; false for an empty handle. One load.
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

  /// Lets the task go on by itself. An exception that it ends with later goes
  /// to the scheduler's policy; one that it has ended with is dropped. Two
  /// read-modify-writes.
  void Detach() {
    TaskHeader* task = std::exchange(task_, nullptr);
    if (task == nullptr) return;
    TaskState before = task->state().DropJoinInterest();
    if (before.complete()) {
      task->vtable().take_outcome(task, nullptr);
    } else if (before.join_waker()) {
      task->trailer().join_waker.Set(Waker());
    }
    task->DropReference();
  }

  /// Blocks this thread until the task has ended. On a worker the thread runs
  /// other tasks meanwhile.
  Outcome<T> Join() && { return Wait(*this); }

  /// One poll; see `Future`. A read-modify-write, two from the second pending
  /// poll on. If cloning the waker throws, so does this, and the handle is good
  /// for another poll.
  weft::Poll<Outcome<T>> Poll(Context& context) {
    Check(task_ != nullptr, "weft: JoinHandle has no outcome to give");
    if (Done()) {
      if (Budget::Spend()) return Take();
      context.waker().WakeByRef();
      return kPending;
    }
    if (OwnSlot(task_)) {
      Waker waker = task_->trailer().join_waker.Take();
      if (!context.waker().WillWake(waker)) waker = context.waker().Clone();
      if (FillSlot(task_, std::move(waker))) return kPending;
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
      if (handle_.Done()) return !Budget::Spend() && YieldIn(waiter);
      TaskHeader* task = handle_.task_;
      return SuspendIn(waiter, *this, [task](Waker resumption) {
        return OwnSlot(task) && FillSlot(task, std::move(resumption));
      });
    }
    Outcome<T> await_resume() { return handle_.Take(); }

    bool TryCancel() noexcept override {
      TaskHeader* task = handle_.task_;
      if (!task->state().RetractJoinWaker()) return false;
      task->trailer().join_waker.Set(Waker());
      return true;
    }

   private:
    JoinHandle& handle_;
  };

  // Makes the join-waker slot ours. False: the task is complete. The slot may
  // hold the waker of an earlier poll.
  static bool OwnSlot(TaskHeader* task) {
    const TaskState state = task->state().Load();
    if (!state.join_waker()) return !state.complete();
    return task->state().RetractJoinWaker();
  }

  // Gives the slot, with `waker` in it, to the completer. False: the task is
  // complete, the slot is empty and ours.
  static bool FillSlot(TaskHeader* task, Waker waker) {
    Cell<Waker>& slot = task->trailer().join_waker;
    slot.Set(std::move(waker));
    if (task->state().PublishJoinWaker()) return true;
    slot.Set(Waker());
    return false;
  }

  // Requires that the task is complete. If moving the value throws, the handle
  // keeps the task.
  Outcome<T> Take() {
    Outcome<T> outcome;
    task_->vtable().take_outcome(task_, &outcome);
    std::exchange(task_, nullptr)->DropReference();
    return outcome;
  }

  TaskHeader* task_ = nullptr;
};

}  // namespace weft

#endif  // WEFT_TASK_JOIN_HANDLE_H_
