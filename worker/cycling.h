// What a worker has, in addition, whose queue also holds tasks that wait.

#ifndef WEFT_WORKER_CYCLING_H_
#define WEFT_WORKER_CYCLING_H_

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/task/header.h"

namespace weft {

/// Whether tasks that wait for others lie in the workers' queues, and workers
/// look at them over and over (pool/cycling.h). Needs an idle policy that ramps
/// (RampingIdle), by which everybody looks once more before it sleeps.
///
/// A worker that runs such a task and finds that it still waits puts it at the
/// back of its queue (`Worker::KeepWaiting`). A *fruitless cycle* is a look at
/// everything in the queue that found only tasks that wait; after one the
/// worker sleeps, with its queue as it is. What keeps this from losing a task:
///
/// 1. Whoever resolves something counts it, and wakes all who sleep with
///    something in their queues (`WorkerShared::Resolved`).
/// 2. Whoever goes to sleep has read that count before its cycle began, and
///    reads it again when it has said that it sleeps. Both are between two
///    fences, as ever: either it sees the new count, or is seen asleep.
/// 3. A worker that has just seen one that waits is at its queue, and finds all
///    that can run there itself. So its queue is no work for others to see
///    before they sleep; else two would rob each other for ever of tasks that
///    wait. Thieves may take from it.
template <class Policies>
inline constexpr bool kCycles = [] {
  if constexpr (requires { Policies::kWaitingTasksCycle; }) {
    return Policies::kWaitingTasksCycle;
  }
  return false;
}();

namespace worker_internal {

/// The worker's own: how far it is in a fruitless cycle.
struct Cycle {
  // How many runs since the queue was changed otherwise found a task that
  // waits, each of which was put at the back.
  std::uint32_t fruitless = 0;
  // What had been resolved before the first of them.
  std::uint64_t resolved = 0;
  // The task that waits, by the run that is going on or just over.
  const TaskHeader* kept = nullptr;
};
struct NoCycle {};

/// What others see.
struct CyclingSite {
  // Written by the worker, read by who looks for work before it sleeps.
  atomic<bool> looks_through{false};
};
struct NoCyclingSite {};

/// What all share: how often something was resolved.
struct ResolvedCount {
  // Written by who resolves, read by who cycles.
  atomic<std::uint64_t> count{0};
};
struct NoResolvedCount {};

}  // namespace worker_internal
}  // namespace weft

#endif  // WEFT_WORKER_CYCLING_H_
