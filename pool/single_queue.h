#ifndef WEFT_POOL_SINGLE_QUEUE_H_
#define WEFT_POOL_SINGLE_QUEUE_H_

#include "weft/pool/policies.h"
#include "weft/pool/pool.h"
#include "weft/queue/injector.h"
#include "weft/queue/no_queue.h"
#include "weft/task/header.h"

namespace weft {

/// One queue, many processors: the first scheduler of "Making the Tokio
/// scheduler 10x faster". Workers have neither queue nor slot; every task that
/// becomes runnable goes to the back of the one mutex-guarded queue, and every
/// worker takes from its front.
///
/// Use when: tasks must start in the order in which they became runnable, or as
/// the base line of a comparison. Costs: a contended lock at each end, and as a
/// rule a wake for each task.
struct SingleQueuePolicies : DefaultPolicies {
  using Queue = NoLocalQueue<TaskHeader>;
  using Slot = NoSlot<TaskHeader>;
  using Injector = weft::Injector<TaskHeader>;
};

/// A pool with one queue. The same interface and promises as `Pool`.
using SingleQueuePool = BasicPool<SingleQueuePolicies>;

}  // namespace weft

#endif  // WEFT_POOL_SINGLE_QUEUE_H_
