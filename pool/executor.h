#ifndef WEFT_POOL_EXECUTOR_H_
#define WEFT_POOL_EXECUTOR_H_

#include <memory_resource>
#include <utility>

#include "weft/base/thread_local.h"
#include "weft/queue/chain.h"
#include "weft/task/header.h"
#include "weft/task/scheduler.h"

namespace weft {

class WaitingTasks;

/// What all pools are to the code that spawns, whatever they are assembled of.
class Executor : public TaskScheduler {
 public:
  /// Takes in a new task and schedules it. Any thread. If the executor takes no
  /// more tasks, the task ends as cancelled before this returns. The program
  /// ends if there is no memory to enter the task into the registry.
  virtual void Admit(TaskHeader* task) noexcept = 0;

  /// The same by `worker`, the calling thread's Current::worker while it works
  /// for this executor: saves looking it up.
  virtual void AdmitHere(void* worker, TaskHeader* task) noexcept = 0;

  /// The same for many tasks, at the price of one wake-up.
  virtual void AdmitBatch(Chain<TaskHeader> tasks) noexcept = 0;

  /// Takes in a new task that is not runnable yet: a shutdown finds it, and
  /// whoever makes it runnable calls `Schedule`. Any thread. If the executor
  /// takes no more tasks, the task ends as cancelled before this returns false.
  virtual bool Enter(TaskHeader* task) noexcept = 0;

  /// The same by `worker`, as AdmitHere. A shutdown does not look at the task
  /// before the calling worker has come to the end of what it runs now: so the
  /// caller can go on to make it known to others.
  virtual bool EnterHere(void* worker, TaskHeader* task) noexcept = 0;

  /// Where tasks that cannot run yet lie in its queues (pool/waiting_tasks.h);
  /// null: they do not, and Enter is for them.
  WaitingTasks* waiting_tasks() const { return waiting_tasks_; }

  /// Where its tasks are allocated; null: operator new.
  std::pmr::memory_resource* memory_resource() const {
    return memory_resource_;
  }

 protected:
  explicit Executor(std::pmr::memory_resource* resource)
      : memory_resource_(resource) {}
  ~Executor() = default;

  void set_waiting_tasks(WaitingTasks* tasks) { waiting_tasks_ = tasks; }

 private:
  std::pmr::memory_resource* const memory_resource_;
  // Written by the constructor.
  WaitingTasks* waiting_tasks_ = nullptr;
};

namespace pool_internal {

/// Which executor the calling thread works for now, and as which worker; a
/// thread that only destroys a task of an executor is no worker. And the one of
/// whose threads it is, which cannot wait for that one's threads.
struct Current {
  Executor* executor = nullptr;
  void* worker = nullptr;
  Executor* home = nullptr;
};
struct CurrentTag;
using ThisThread = ThreadLocal<Current, CurrentTag>;

/// The calling thread's worker of `executor`; null if it is none of its
/// workers.
inline void* WorkerOf(const Executor& executor) {
  const Current& current = ThisThread::Get();
  return current.executor == &executor ? current.worker : nullptr;
}

/// The calling thread works as `current` for the life of this object.
class WorkingAs {
 public:
  explicit WorkingAs(Current current)
      : before_(std::exchange(ThisThread::Get(), current)) {}
  ~WorkingAs() { ThisThread::Get() = before_; }
  WorkingAs(const WorkingAs&) = delete;
  WorkingAs& operator=(const WorkingAs&) = delete;

 private:
  const Current before_;
};

/// Ends a task of `executor` that was never scheduled, as cancelled, on the
/// calling thread. Its destructors may spawn, as on a worker (Tokio #4213), and
/// are refused in their turn. The caller keeps `executor` alive.
inline void EndUnscheduled(Executor& executor, TaskHeader* task) noexcept {
  const Current before = ThisThread::Get();
  const WorkingAs scope(before.executor == &executor
                            ? before
                            : Current{&executor, nullptr, before.home});
  task->Bind(&executor);
  task->Abort();
  task->Run();
}

}  // namespace pool_internal
}  // namespace weft

#endif  // WEFT_POOL_EXECUTOR_H_
