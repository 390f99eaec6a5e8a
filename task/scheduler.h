#ifndef WEFT_TASK_SCHEDULER_H_
#define WEFT_TASK_SCHEDULER_H_

#include <exception>

namespace weft {

class TaskHeader;

/// What a task needs from whoever runs it. A pool is one; a test or a user's
/// own executor is another (examples/custom_pool).
///
/// `Schedule` and `ScheduleYield` may be called from any thread, also while the
/// scheduler shuts down. The scheduler outlives every task that is not complete
/// and every `Run()` that has not returned; handles and wakers of complete
/// tasks may outlive it.
class TaskScheduler {
 public:
  /// The task can make progress; the caller hands over its queue entry. The
  /// scheduler calls `task->Run()` once for each entry, on a worker. What
  /// happened before this call must be visible to that `Run()`: any queue that
  /// is not broken sees to it.
  virtual void Schedule(TaskHeader* task) noexcept = 0;

  /// As `Schedule`, but behind all that is queued already.
  virtual void ScheduleYield(TaskHeader* task) noexcept = 0;

  /// The task has ended and its body is gone: the scheduler forgets it. Called
  /// once for each task, by the thread that ran it, before its joiner is woken:
  /// who has joined a task finds it released. Not called for a task in a
  /// TaskRegistry (task/registry.h), which it has left instead: one store.
  virtual void Release(TaskHeader* task) noexcept = 0;

  /// A task threw, and its JoinHandle was gone by then. Called by the thread
  /// that ran it. (A handle that is dropped after the task has ended drops the
  /// exception: the scheduler may be gone.)
  virtual void Unhandled(std::exception_ptr exception) noexcept = 0;

 protected:
  ~TaskScheduler() = default;
};

}  // namespace weft

#endif  // WEFT_TASK_SCHEDULER_H_
