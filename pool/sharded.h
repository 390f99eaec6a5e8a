#ifndef WEFT_POOL_SHARDED_H_
#define WEFT_POOL_SHARDED_H_

#include "weft/pool/policies.h"
#include "weft/pool/pool.h"
#include "weft/queue/injector.h"
#include "weft/queue/no_queue.h"
#include "weft/queue/private_queue.h"
#include "weft/task/header.h"
#include "weft/worker/no_forks.h"

namespace weft {

/// Many processors, each with its own queue, and no stealing: the second
/// scheduler of "Making the Tokio scheduler 10x faster", which is Seastar's.
///
/// A task belongs to the worker on which it was spawned, and never moves; tasks
/// from outside are dealt out round robin. Each worker has a queue that it need
/// not synchronise, and an inbox under a mutex, for what other threads spawn or
/// wake; handing something in wakes just that worker. So a pinned pool needs
/// neither the search, nor to tell others of a surplus, nor the watchdog: a
/// task behind a long poll waits for its end, and one that blocks for another
/// of the same worker, other than by `co_await`, `Join` or `BlockOn`, waits for
/// ever. Only when the pool is shut down may a task be destroyed, as cancelled,
/// on another worker.
///
/// Use when: the work is uniform or divided by hand. Costs: no atomic
/// read-modify-write where a task wakes another of its worker; else a lock, an
/// exchange and maybe a system call. Workers idle while others are behind.
struct ShardedPolicies : DefaultPolicies {
  using Queue = PrivateQueue<TaskHeader>;
  using Inbox = weft::Injector<TaskHeader>;
  using Slot = NoSlot<TaskHeader>;
  // Stays empty.
  using Injector = weft::Injector<TaskHeader>;
  using Forks = NoForks;
};

/// A pool with pinned tasks. The same interface as `Pool`.
using ShardedPool = BasicPool<ShardedPolicies>;

}  // namespace weft

#endif  // WEFT_POOL_SHARDED_H_
