#ifndef WEFT_TASK_SCHEDULER_H_
#define WEFT_TASK_SCHEDULER_H_

#include <exception>

namespace weft {

class TaskHeader;

/// What a task needs from whoever runs it. A pool is one; a test or a user's
/// own executor is another (examples/custom_pool).
///
/// All functions may be called from any thread, also while the scheduler
/// shuts down; the scheduler outlives every task that is not complete.
class TaskScheduler {
 public:
  /// The task can make progress; the caller hands over its queue entry. The
  /// scheduler calls `task->Run()` once for each entry, on a worker.
  virtual void Schedule(TaskHeader* task) noexcept = 0;

  /// As `Schedule`, but behind all that is queued already.
  virtual void ScheduleYield(TaskHeader* task) noexcept = 0;

  /// The task is complete: the scheduler forgets it. Called on the worker that
  /// ran it, before the owner reference is given up.
  virtual void Release(TaskHeader* task) noexcept = 0;

  /// A task threw and nobody will join it.
  virtual void Unhandled(std::exception_ptr exception) noexcept = 0;

 protected:
  ~TaskScheduler() = default;
};

}  // namespace weft

#endif  // WEFT_TASK_SCHEDULER_H_
