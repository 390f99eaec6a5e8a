#ifndef WEFT_POOL_SPAWN_H_
#define WEFT_POOL_SPAWN_H_

#include <concepts>
#include <cstddef>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include "weft/base/check.h"
#include "weft/pool/executor.h"
#include "weft/queue/chain.h"
#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"

namespace weft {
namespace pool_internal {

template <class B>
inline constexpr bool kIsTask = false;
template <class T>
inline constexpr bool kIsTask<Task<T>> = true;

// One answer for each kind of body: its result, and its task.
template <class B>
struct BodyTraits {
  static_assert(std::invocable<B&>,
                "weft: a task's body is a Task<T>, a poll-style future, or a "
                "callable without arguments");
};

template <class T>
struct BodyTraits<Task<T>> {
  using Result = T;
  static TaskHeader* New(Task<T> body, bool joinable, Executor&) {
    return std::move(body).Release(joinable);
  }
};

// What says how to become a coroutine: a ForkTask.
template <class B>
requires requires(B body) { std::move(body).IntoTask(); }
struct BodyTraits<B> {
  using Result = typename B::value_type;
  static TaskHeader* New(B body, bool joinable, Executor&) {
    return std::move(body).IntoTask().Release(joinable);
  }
};

template <Future F>
struct BodyTraits<F> {
  using Result = FutureResult<F>;
  static TaskHeader* New(F body, bool joinable, Executor& executor) {
    return NewTask(std::move(body), joinable, executor.memory_resource());
  }
};

template <class F>
requires(std::invocable<F&> && !Future<F> &&
         !kIsTask<std::invoke_result_t<F&>>) struct BodyTraits<F> {
  using Result = std::invoke_result_t<F&>;
  static_assert(!std::is_reference_v<Result>,
                "weft: a task cannot return a reference; return a pointer");
  static TaskHeader* New(F body, bool joinable, Executor& executor) {
    return NewTask(task_internal::CallableFuture<F>(std::move(body)), joinable,
                   executor.memory_resource());
  }
};

// A callable that returns a coroutine: it is kept beside the coroutine, so that
// a lambda's captures live as long as its body.
template <class F, class T>
Task<T> RunCoroutineOf(F function) {
  co_return co_await function();
}

template <class F>
requires(std::invocable<F&> && !Future<F> &&
         kIsTask<std::invoke_result_t<F&>>) struct BodyTraits<F> {
  using Result = typename std::invoke_result_t<F&>::value_type;
  static TaskHeader* New(F body, bool joinable, Executor&) {
    return RunCoroutineOf<F, Result>(std::move(body)).Release(joinable);
  }
};

template <class B>
using BodyResult = typename BodyTraits<std::decay_t<B>>::Result;

template <class B>
TaskHeader* NewTaskFor(B&& body, bool joinable, Executor& executor) {
  return BodyTraits<std::decay_t<B>>::New(std::forward<B>(body), joinable,
                                          executor);
}

// Tasks that are made and not yet handed over. If making the next one throws,
// they end as cancelled.
class NewTasks {
 public:
  explicit NewTasks(Executor& executor) : executor_(executor) {}
  ~NewTasks() {
    while (TaskHeader* task = tasks_.PopFront()) {
      EndUnscheduled(executor_, task);
    }
  }
  NewTasks(const NewTasks&) = delete;
  NewTasks& operator=(const NewTasks&) = delete;

  template <class B>
  TaskHeader* Add(B&& body, bool joinable) {
    TaskHeader* task = NewTaskFor(std::forward<B>(body), joinable, executor_);
    tasks_.PushBack(task);
    return task;
  }
  void Admit() {
    if (!tasks_.empty()) executor_.AdmitBatch(std::move(tasks_));
  }

 private:
  Executor& executor_;
  Chain<TaskHeader> tasks_;
};

// The calling thread's pool, and its worker there. Copies: making a task moves
// its body, which is user code.
struct Here {
  Executor* executor;
  void* worker;
};
inline Here CurrentPool() {
  const Current& current = ThisThread::Get();
  const Here here{current.executor, current.worker};
  Check(here.executor != nullptr,
        "weft: Spawn without a pool needs a worker thread; use pool.Spawn");
  return here;
}
inline Executor& CurrentExecutor() { return *CurrentPool().executor; }

}  // namespace pool_internal

/// Whether the calling thread is a worker of some pool.
inline bool OnWorker() {
  return pool_internal::ThisThread::Get().worker != nullptr;
}

/// Starts a task on `executor` and returns the handle to its outcome; dropping
/// the handle detaches the task.
///
/// `body` is a coroutine `Task<T>`, a poll-style future, or a callable; a
/// callable may return a `Task<T>`, and is then kept until that ends. Or it
/// has an `IntoTask`, as a ForkTask has (fork/fork_task.h). Any thread.
///
/// One allocation; for a coroutine its frame, which the caller made. A callable
/// that returns a `Task<T>` has one more, of a frame that keeps it. If the
/// allocation or moving `body` throws, so does this, and there is no task.
///
/// After the executor has begun to stop, the task ends as cancelled before this
/// returns: a worker's spawns from when tasks are cancelled on, all others from
/// the beginning of the shutdown on.
template <class B>
auto SpawnOn(Executor& executor, B&& body) {
  TaskHeader* task = pool_internal::NewTaskFor(std::forward<B>(body),
                                               /*joinable=*/true, executor);
  JoinHandle<pool_internal::BodyResult<B>> handle(task);
  executor.Admit(task);
  return handle;
}

/// The same without a handle: cheaper by some read-modify-writes.
template <class B>
void SpawnDetachedOn(Executor& executor, B&& body) {
  executor.Admit(pool_internal::NewTaskFor(std::forward<B>(body),
                                           /*joinable=*/false, executor));
}

/// Starts a task for each body of a range, whose elements are moved from.
/// Cheaper than one by one: the queue is entered once, and as many sleepers as
/// there are tasks are woken together. If making one of the tasks throws, so
/// does this, and none is started: those made before end as cancelled.
template <std::ranges::input_range Bodies>
auto SpawnBatchOn(Executor& executor, Bodies&& bodies) {
  using Body = std::ranges::range_value_t<Bodies>;
  std::vector<JoinHandle<pool_internal::BodyResult<Body>>> handles;
  if constexpr (std::ranges::sized_range<Bodies>) {
    handles.reserve(std::ranges::size(bodies));
  }
  pool_internal::NewTasks tasks(executor);
  for (auto&& body : bodies) {
    JoinHandle<pool_internal::BodyResult<Body>> handle(
        tasks.Add(Body(std::move(body)), /*joinable=*/true));
    handles.push_back(std::move(handle));
  }
  tasks.Admit();
  return handles;
}

/// The same without handles.
template <std::ranges::input_range Bodies>
void SpawnDetachedBatchOn(Executor& executor, Bodies&& bodies) {
  using Body = std::ranges::range_value_t<Bodies>;
  pool_internal::NewTasks tasks(executor);
  for (auto&& body : bodies) {
    tasks.Add(Body(std::move(body)), /*joinable=*/false);
  }
  tasks.Admit();
}

/// Spawns on the pool whose worker calls: from inside a task.
template <class B>
auto Spawn(B&& body) {
  const pool_internal::Here here = pool_internal::CurrentPool();
  TaskHeader* task = pool_internal::NewTaskFor(
      std::forward<B>(body), /*joinable=*/true, *here.executor);
  JoinHandle<pool_internal::BodyResult<B>> handle(task);
  here.executor->AdmitHere(here.worker, task);
  return handle;
}
template <class B>
void SpawnDetached(B&& body) {
  const pool_internal::Here here = pool_internal::CurrentPool();
  here.executor->AdmitHere(
      here.worker,
      pool_internal::NewTaskFor(std::forward<B>(body),
                                /*joinable=*/false, *here.executor));
}
template <std::ranges::input_range Bodies>
auto SpawnBatch(Bodies&& bodies) {
  return SpawnBatchOn(pool_internal::CurrentExecutor(),
                      std::forward<Bodies>(bodies));
}
template <std::ranges::input_range Bodies>
void SpawnDetachedBatch(Bodies&& bodies) {
  SpawnDetachedBatchOn(pool_internal::CurrentExecutor(),
                       std::forward<Bodies>(bodies));
}

}  // namespace weft

#endif  // WEFT_POOL_SPAWN_H_
