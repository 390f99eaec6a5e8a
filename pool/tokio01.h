#ifndef WEFT_POOL_TOKIO01_H_
#define WEFT_POOL_TOKIO01_H_

#include "weft/pool/policies.h"
#include "weft/pool/pool.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/queue/injector.h"
#include "weft/queue/no_queue.h"
#include "weft/task/header.h"
#include "weft/worker/eager_idle.h"
#include "weft/worker/no_forks.h"

namespace weft {

/// The old scheduler of "Making the Tokio scheduler 10x faster", as far as its
/// queues and its wake-ups go: a growable Chase-Lev deque for each worker, no
/// next-task slot, one injector under a mutex; every push wakes a sleeper, a
/// worker that was woken wakes another, and nobody keeps workers from
/// searching. Unlike it, threads stay when they are idle, and a task is one
/// allocation.
///
/// Use when: comparing. A task that waits alone behind a long poll is taken by
/// another worker at once, without the watchdog.
struct Tokio01Policies : DefaultPolicies {
  using Queue = ChaseLevDeque<TaskHeader>;
  using Slot = NoSlot<TaskHeader>;
  using Injector = weft::Injector<TaskHeader>;
  using Idle = EagerIdle;
  using Forks = NoForks;
  static constexpr bool kSharesLoneTasks = true;
};

/// A pool with the parts of the old scheduler. The same interface and promises
/// as `Pool`.
using Tokio01Pool = BasicPool<Tokio01Policies>;

}  // namespace weft

#endif  // WEFT_POOL_TOKIO01_H_
