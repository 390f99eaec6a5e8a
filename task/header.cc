#include "weft/task/header.h"

#include <exception>
#include <utility>

namespace weft {
namespace {

TaskHeader* FromData(void* data) { return static_cast<TaskHeader*>(data); }

// A waker of a task holds one reference, so that it may outlive the task's
// body: waking a complete task changes a bit that nobody reads.
Waker CloneWaker(void* data) { return FromData(data)->NewWaker(); }

void WakeByValue(void* data) noexcept {
  TaskHeader* task = FromData(data);
  switch (task->state().WakeByValue()) {
    case WakeAction::kSubmit:
      return task->vtable().submit(task);
    case WakeAction::kDeallocate:
      return task->vtable().deallocate(task);
    case WakeAction::kNothing:
      return;
  }
}

void WakeByRef(void* data) noexcept {
  TaskHeader* task = FromData(data);
  if (task->state().WakeByRef() == WakeAction::kSubmit) {
    task->vtable().submit(task);
  }
}

void DropWaker(void* data) noexcept { FromData(data)->DropReference(); }

constexpr WakerVTable kTaskWakerVTable = {
    .clone = CloneWaker,
    .wake = WakeByValue,
    .wake_by_ref = WakeByRef,
    .drop = DropWaker,
};

}  // namespace

Waker TaskHeader::NewWaker() {
  state_.AddReference();
  return Waker(&kTaskWakerVTable, this);
}

WakerRef TaskHeader::LentWaker() { return WakerRef(&kTaskWakerVTable, this); }

void TaskHeader::DropUnclaimedOutcome() noexcept {
  std::exception_ptr exception = vtable_->exception(this);
  vtable_->take_outcome(this, nullptr);
  if (exception != nullptr) scheduler_->Unhandled(std::move(exception));
}

void TaskHeader::Complete() noexcept {
  const TaskState before = state_.Load();
  if (!before.join_interest()) DropUnclaimedOutcome();
  LeaveScheduler();
  if (before.unshared()) {
    // Detached, and no waker was kept: nobody else knows this task, and nobody
    // can learn of it. No read-modify-write.
    return vtable_->deallocate(this);
  }
  if (!before.join_waker() && state_.CompleteUnawaited(before)) return;
  const TaskState old = state_.Complete();
  if (before.join_interest() && !old.join_interest()) {
    // The JoinHandle went between the look and the transition; the outcome
    // was left to us.
    DropUnclaimedOutcome();
  }
  if (old.join_waker()) trailer().join_waker.Take().Wake();
  DropReference();
}

}  // namespace weft
