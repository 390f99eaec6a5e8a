#include "weft/task/suspend_task.h"

#include "weft/base/check.h"

namespace weft {
namespace task_internal {
namespace {

// The caller is the canceller of a busy suspension.
void CancelOperation(TaskHeader* task) noexcept {
  Suspension& suspension = task->suspension();
  if (suspension.Load().operation()->TryCancel()) {
    suspension.CancelWon();
    task->scheduler()->Schedule(task);
  } else if (suspension.CancelLost() == ReadyAction::kSubmit) {
    task->scheduler()->Schedule(task);
  }
}

}  // namespace

void ResumeCoroutine(TaskHeader* task) noexcept {
  if (task->suspension().Ready() == ReadyAction::kSubmit) {
    task->scheduler()->Schedule(task);
  }
}

void AbortCoroutine(TaskHeader* task) noexcept {
  if (task->suspension().Cancel() == CancelAction::kCancelOperation) {
    CancelOperation(task);
  }
}

}  // namespace task_internal

namespace {

constexpr WakerVTable kResumptionVTable = {
    .clone = [](void*) -> Waker {
      Check(false, "weft: the resumption of a coroutine cannot be cloned");
      return Waker();
    },
    .wake =
        [](void* task) noexcept {
          task_internal::ResumeCoroutine(static_cast<TaskHeader*>(task));
        },
    .wake_by_ref =
        [](void* task) noexcept {
          task_internal::ResumeCoroutine(static_cast<TaskHeader*>(task));
        },
    .drop = [](void*) noexcept {},
};

}  // namespace

Waker TaskSuspension::resumption() { return Waker(&kResumptionVTable, task_); }

bool TaskSuspension::Commit() {
  switch (task_->suspension().Commit(*operation_)) {
    case CommitAction::kStay:
      return true;
    case CommitAction::kResume:
      return false;
    case CommitAction::kCancelOperation:
      task_internal::CancelOperation(task_);
      return true;
    case CommitAction::kSubmit:
      task_->scheduler()->Schedule(task_);
      return true;
  }
  Unreachable("weft: no such CommitAction");
}

}  // namespace weft
