#ifndef WEFT_POOL_EXECUTOR_H_
#define WEFT_POOL_EXECUTOR_H_

#include <memory_resource>

#include "weft/base/thread_local.h"
#include "weft/queue/chain.h"
#include "weft/task/header.h"
#include "weft/task/scheduler.h"

namespace weft {

/// What all pools are to the code that spawns, whatever they are assembled of.
class Executor : public TaskScheduler {
 public:
  /// Takes in a new task and schedules it. Any thread. If the executor takes no
  /// more tasks, the task ends as cancelled before this returns.
  virtual void Admit(TaskHeader* task) = 0;

  /// The same for many tasks, at the price of one wake-up.
  virtual void AdmitBatch(Chain<TaskHeader> tasks) = 0;

  /// Where its tasks are allocated; null: operator new.
  std::pmr::memory_resource* memory_resource() const {
    return memory_resource_;
  }

 protected:
  explicit Executor(std::pmr::memory_resource* resource)
      : memory_resource_(resource) {}
  ~Executor() = default;

 private:
  std::pmr::memory_resource* const memory_resource_;
};

namespace pool_internal {

/// Which executor the calling thread works for, and as which worker.
struct Current {
  Executor* executor = nullptr;
  void* worker = nullptr;
};
struct CurrentTag;
using ThisThread = ThreadLocal<Current, CurrentTag>;

}  // namespace pool_internal
}  // namespace weft

#endif  // WEFT_POOL_EXECUTOR_H_
