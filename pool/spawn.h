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

inline Executor& CurrentExecutor() {
  Executor* executor = ThisThread::Get().executor;
  Check(executor != nullptr,
        "weft: Spawn without a pool needs a worker thread; use pool.Spawn");
  return *executor;
}

}  // namespace pool_internal

/// Whether the calling thread is a worker of some pool.
inline bool OnWorker() {
  return pool_internal::ThisThread::Get().executor != nullptr;
}

/// Starts a task on `executor` and returns the handle to its outcome; dropping
/// the handle detaches the task.
///
/// `body` is a coroutine `Task<T>`, a poll-style future, or a callable; a
/// callable may return a `Task<T>`, and is then kept until that ends. Any
/// thread. One allocation; for a coroutine its frame, which the caller made.
/// After the executor has begun to stop, the task ends as cancelled.
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
/// there are tasks are woken together.
template <std::ranges::input_range Bodies>
auto SpawnBatchOn(Executor& executor, Bodies&& bodies) {
  using Body = std::ranges::range_value_t<Bodies>;
  std::vector<JoinHandle<pool_internal::BodyResult<Body>>> handles;
  if constexpr (std::ranges::sized_range<Bodies>) {
    handles.reserve(std::ranges::size(bodies));
  }
  Chain<TaskHeader> tasks;
  for (auto&& body : bodies) {
    TaskHeader* task = pool_internal::NewTaskFor(Body(std::move(body)),
                                                 /*joinable=*/true, executor);
    handles.emplace_back(task);
    tasks.PushBack(task);
  }
  executor.AdmitBatch(std::move(tasks));
  return handles;
}

/// The same without handles.
template <std::ranges::input_range Bodies>
void SpawnDetachedBatchOn(Executor& executor, Bodies&& bodies) {
  using Body = std::ranges::range_value_t<Bodies>;
  Chain<TaskHeader> tasks;
  for (auto&& body : bodies) {
    tasks.PushBack(pool_internal::NewTaskFor(Body(std::move(body)),
                                             /*joinable=*/false, executor));
  }
  executor.AdmitBatch(std::move(tasks));
}

/// Spawns on the pool whose worker calls: from inside a task.
template <class B>
auto Spawn(B&& body) {
  return SpawnOn(pool_internal::CurrentExecutor(), std::forward<B>(body));
}
template <class B>
void SpawnDetached(B&& body) {
  SpawnDetachedOn(pool_internal::CurrentExecutor(), std::forward<B>(body));
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
