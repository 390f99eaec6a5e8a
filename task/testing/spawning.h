#ifndef WEFT_TASK_TESTING_SPAWNING_H_
#define WEFT_TASK_TESTING_SPAWNING_H_

#include <concepts>
#include <type_traits>
#include <utility>

#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/scheduler.h"
#include "weft/task/task.h"

namespace weft::task_testing {

/// A TaskScheduler that can make tasks: what the test schedulers share. Any
/// thread may spawn.
class SpawningScheduler : public TaskScheduler {
 public:
  template <class T>
  JoinHandle<T> Spawn(Task<T> body) {
    return Start<T>(std::move(body).Release(/*joinable=*/true));
  }
  template <Future F>
  JoinHandle<FutureResult<F>> Spawn(F body) {
    return Start<FutureResult<F>>(NewTask(std::move(body), /*joinable=*/true));
  }
  template <std::invocable F>
  requires(!Future<F>) JoinHandle<std::invoke_result_t<F&>> Spawn(F body) {
    return Spawn(task_internal::CallableFuture<F>(std::move(body)));
  }

  template <class T>
  void SpawnDetached(Task<T> body) {
    Admit(std::move(body).Release(/*joinable=*/false));
  }
  template <Future F>
  void SpawnDetached(F body) {
    Admit(NewTask(std::move(body), /*joinable=*/false));
  }
  template <std::invocable F>
  requires(!Future<F>) void SpawnDetached(F body) {
    SpawnDetached(task_internal::CallableFuture<F>(std::move(body)));
  }

  /// Takes a new task: binds it and schedules it for the first time.
  virtual void Admit(TaskHeader* task) = 0;

 protected:
  ~SpawningScheduler() = default;

 private:
  template <class T>
  JoinHandle<T> Start(TaskHeader* task) {
    JoinHandle<T> handle(task);
    Admit(task);
    return handle;
  }
};

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_SPAWNING_H_
