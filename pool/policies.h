#ifndef WEFT_POOL_POLICIES_H_
#define WEFT_POOL_POLICIES_H_

#include "weft/fork/fork_site.h"
#include "weft/queue/lifo_slot.h"
#include "weft/queue/ring_queue.h"
#include "weft/queue/sharded_injector.h"
#include "weft/task/header.h"
#include "weft/worker/fairness.h"
#include "weft/worker/idle.h"
#include "weft/worker/observer.h"
#include "weft/worker/parker.h"
#include "weft/worker/victims.h"

namespace weft {

/// The parts of `Pool`. To change one, inherit and name another:
///
///     struct MyPolicies : weft::DefaultPolicies {
///       using Parker = weft::CondvarParker;
///     };
///     using MyPool = weft::BasicPool<MyPolicies>;
///
/// Each part is checked against its concept (queue/concepts.h,
/// worker/concepts.h) when the pool is instantiated.
struct DefaultPolicies {
  using Queue = RingQueue<TaskHeader>;
  using Slot = LifoSlot<TaskHeader>;
  using Injector = ShardedInjector<TaskHeader>;
  using Idle = weft::Idle;
  using Parker = FutexParker;
  using Victims = RandomVictims;
  using Fairness = TunedFairness<>;
  using Observer = CountingObserver;
  using Forks = ForkSite;
};

}  // namespace weft

#endif  // WEFT_POOL_POLICIES_H_
