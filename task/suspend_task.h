#ifndef WEFT_TASK_SUSPEND_TASK_H_
#define WEFT_TASK_SUSPEND_TASK_H_

#include "weft/task/header.h"
#include "weft/waker/suspend.h"

namespace weft {
namespace task_internal {

/// The operation a coroutine task waits for is complete. By the completer,
/// once per wait.
void ResumeCoroutine(TaskHeader* task) noexcept;

/// The abort of every coroutine task. Any thread with a reference.
void AbortCoroutine(TaskHeader* task) noexcept;

}  // namespace task_internal

/// One suspension of a coroutine task: what `SuspendIn` (waker/suspend.h)
/// expects of a promise. By value, since the frame may be gone when `Commit`
/// is called.
class TaskSuspension {
 public:
  TaskSuspension(TaskHeader* task, SuspendedOperation* operation)
      : task_(task), operation_(operation) {}

  /// Makes the task runnable. Called at most once, and never after a won
  /// TryCancel. It owns nothing: a suspended task keeps itself alive.
  Waker resumption();

  /// The operation is registered. See Suspension::Commit.
  bool Commit();

 private:
  TaskHeader* task_;
  SuspendedOperation* operation_;
};

}  // namespace weft

#endif  // WEFT_TASK_SUSPEND_TASK_H_
