#ifndef WEFT_POOL_WAITING_TASKS_H_
#define WEFT_POOL_WAITING_TASKS_H_

#include "weft/task/header.h"

namespace weft {

/// How an executor has tasks in its queues that cannot run yet. Most have none,
/// and no such object (`Executor::waiting_tasks`): there, a task that waits is
/// known to what it waits for, and is scheduled when that has come.
///
/// Such a task looks itself whether it can run, each time when it is run, and
/// if not calls `Keep`. What it waits for comes from tasks of the same executor
/// alone, and each of them calls `Resolved` when it has come.
class WaitingTasks {
 public:
  /// As Executor::Admit, for a task that cannot run yet: it goes behind all
  /// that are queued, and nobody is told.
  virtual void Admit(TaskHeader* task) noexcept = 0;

  /// By a task of this executor that is being run: it still waits. Its queue
  /// entry is the executor's again, which runs it another time.
  virtual void Keep(TaskHeader* task) noexcept = 0;

  /// Something that tasks may wait for has come: they will look again. Any
  /// thread that knows that the executor is there. A read-modify-write of a
  /// line that all share, a fence, and a look at each worker.
  virtual void Resolved() noexcept = 0;

  /// Another thread wants `task` to look again, and holds it back until
  /// `let_go(task)`, so that the executor is still there. If that returns
  /// true, the queue entry is the executor's; else the task may be gone. As
  /// `Resolved`.
  virtual void Ring(TaskHeader* task,
                    bool (*let_go)(TaskHeader*) noexcept) noexcept = 0;

 protected:
  ~WaitingTasks() = default;
};

namespace pool_internal {

/// The executor's part, done by its Core.
template <class Core>
class WaitingTasksOf final : public WaitingTasks {
 public:
  explicit WaitingTasksOf(Core& core) : core_(core) {}

  void Admit(TaskHeader* task) noexcept override { core_.AdmitWaiting(task); }
  void Keep(TaskHeader* task) noexcept override { core_.KeepWaiting(task); }
  void Resolved() noexcept override { core_.Resolved(); }
  void Ring(TaskHeader* task,
            bool (*let_go)(TaskHeader*) noexcept) noexcept override {
    core_.Ring(task, let_go);
  }

 private:
  Core& core_;
};

/// In place of it, in a pool without such tasks.
struct NoWaitingTasks {
  template <class Core>
  explicit NoWaitingTasks(Core&) {}
};

}  // namespace pool_internal
}  // namespace weft

#endif  // WEFT_POOL_WAITING_TASKS_H_
