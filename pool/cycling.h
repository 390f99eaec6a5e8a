#ifndef WEFT_POOL_CYCLING_H_
#define WEFT_POOL_CYCLING_H_

#include "weft/pool/pool.h"
#include "weft/pool/ramping.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/task/header.h"
#include "weft/worker/no_forks.h"

namespace weft {

/// The scheduler of "Architecting Asynchronous Schedulers": a queue for each
/// worker that holds ready and waiting futures alike, and a next slot for what
/// is ready; its sleeping rule (RampingIdle).
///
/// A flow (dataflow/flow.h) whose arguments are not resolved lies in the queue.
/// A worker that takes it looks at them, and if one is missing puts it at the
/// back; a worker that has gone through its whole queue and seen only such
/// flows sleeps, and can still be robbed. Tasks that are no flows do not know
/// the difference.
///
/// What the text leaves out, and what was added, is at `kCycles`
/// (worker/cycling.h). A flow with an argument that no task of this pool
/// computes, a FlowPromise's or another pool's, waits outside of the queues as
/// on every pool, until all have come: no worker here would notice.
///
/// Use when: comparing. Costs: a look at each waiting flow for each cycle, and
/// a wake-up of each worker that sleeps beside some whenever a flow resolves:
/// what counting the arguments down saves. A chain of n flows queued in the
/// wrong order takes n cycles.
struct CyclingPolicies : RampingPolicies {
  // Grows: what waits has no other place.
  using Queue = ChaseLevDeque<TaskHeader>;
  using Forks = NoForks;
  static constexpr bool kWaitingTasksCycle = true;
};

/// A pool of these parts. The same interface and promises as `Pool`.
using CyclingPool = BasicPool<CyclingPolicies>;

}  // namespace weft

#endif  // WEFT_POOL_CYCLING_H_
