// Async: a call whose arguments and result are flows. See dataflow/README.md.

#ifndef WEFT_DATAFLOW_ASYNC_H_
#define WEFT_DATAFLOW_ASYNC_H_

#include <concepts>
#include <type_traits>
#include <utility>

#include "weft/dataflow/async_node.h"
#include "weft/dataflow/flow.h"
#include "weft/pool/executor.h"
#include "weft/pool/spawn.h"

namespace weft {

/// What becomes of a flow when nobody holds it any more and it is not resolved.
enum class OnDrop {
  kGoOn,    ///< nothing: it runs, for what it does
  kCancel,  ///< it is cancelled, and lets go of its own arguments
};

namespace dataflow_internal {
template <class F, class... As>
auto AsyncFrom(pool_internal::Here here, OnDrop on_drop, F&& function,
               As&&... arguments) {
  using Node = AsyncNode<std::decay_t<F>, std::decay_t<As>...>;
  Node* const node =
      Node::New(*here.executor, on_drop == OnDrop::kCancel,
                std::forward<F>(function), std::forward<As>(arguments)...);
  Flow<typename Node::Result> flow(node);
  node->Start(*here.executor, here.worker);
  return flow;
}
}  // namespace dataflow_internal

/// Calls `function` on `executor` when all `arguments` are known, and returns
/// at once the flow of its result. Any thread.
///
/// Each argument is a plain value, which the function gets as an rvalue; a
/// `Flow<U>`, of which it gets the value as `const U&` (of a `Flow<void>`
/// nothing: it is only waited for); or a `std::vector<Flow<U>>`, which it gets
/// with all of them resolved. The function returns a value or void; or a
/// `Flow<R>`, whose outcome is then the outcome; or a coroutine `Task<R>`,
/// which runs as a task beside it and is aborted with it. Function and
/// arguments are kept until the flow resolves.
///
/// If an argument has no value when all are resolved, the function is not
/// called, and the flow's outcome is that of the first such argument.
///
/// One allocation, plus the coroutine's, plus one for each vector. One
/// compare-and-swap and one subtraction for each argument that is not known
/// yet; a flow that waits is in no queue. If an allocation or moving an
/// argument throws, so does this.
///
/// A shutdown that cancels finds a waiting flow as any other task; one that
/// drains waits for it. After the executor has begun to stop, the flow is
/// resolved as cancelled before this returns.
template <class F, class... As>
auto AsyncOn(Executor& executor, OnDrop on_drop, F&& function,
             As&&... arguments) {
  return dataflow_internal::AsyncFrom(
      {&executor, pool_internal::WorkerOf(executor)}, on_drop,
      std::forward<F>(function), std::forward<As>(arguments)...);
}

namespace dataflow_internal {
template <class P>
concept HasExecutor = requires(P& pool) {
  { pool.executor() } -> std::convertible_to<Executor&>;
};
template <class A>
inline constexpr bool kNamesExecutor =
    std::derived_from<A, Executor> || HasExecutor<A>;
template <class P>
Executor& ExecutorOf(P& pool) {
  if constexpr (std::derived_from<P, Executor>) {
    return pool;
  } else {
    return pool.executor();
  }
}
}  // namespace dataflow_internal

/// The same on the pool whose worker calls, or on the pool or executor that is
/// given first; with an `OnDrop` before the function, or without: `kGoOn`.
///
///     auto a = Async(pool, Load, "a");     // anywhere
///     auto c = Async(Multiply, a, 2);      // in a task
template <class First, class... Rest>
auto Async(First&& first, Rest&&... rest) {
  using A = std::decay_t<First>;
  const pool_internal::Here here = pool_internal::CurrentPool();
  if constexpr (std::same_as<A, OnDrop>) {
    return dataflow_internal::AsyncFrom(here, first,
                                        std::forward<Rest>(rest)...);
  } else {
    return dataflow_internal::AsyncFrom(here, OnDrop::kGoOn,
                                        std::forward<First>(first),
                                        std::forward<Rest>(rest)...);
  }
}
template <class P, class Second, class... Rest>
requires dataflow_internal::kNamesExecutor<P>
auto Async(P& pool, Second&& second, Rest&&... rest) {
  Executor& executor = dataflow_internal::ExecutorOf(pool);
  if constexpr (std::same_as<std::decay_t<Second>, OnDrop>) {
    return AsyncOn(executor, second, std::forward<Rest>(rest)...);
  } else {
    return AsyncOn(executor, OnDrop::kGoOn, std::forward<Second>(second),
                   std::forward<Rest>(rest)...);
  }
}

}  // namespace weft

#endif  // WEFT_DATAFLOW_ASYNC_H_
