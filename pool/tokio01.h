#ifndef WEFT_POOL_TOKIO01_H_
#define WEFT_POOL_TOKIO01_H_

#include <chrono>

#include "weft/pool/boxed_task_memory.h"
#include "weft/pool/policies.h"
#include "weft/pool/pool.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/queue/injector.h"
#include "weft/queue/no_queue.h"
#include "weft/task/header.h"
#include "weft/worker/eager_idle.h"
#include "weft/worker/no_forks.h"
#include "weft/worker/retiring_parker.h"

namespace weft {

/// The old scheduler of "Making the Tokio scheduler 10x faster": a growable
/// Chase-Lev deque for each worker, no next-task slot, one injector under a
/// mutex; every push wakes a sleeper, a worker that was woken wakes another,
/// and nobody keeps workers from searching; a task is two allocations; a thread
/// that has been idle for long ends, and is started again when it is needed.
///
/// Unlike the old one: a coroutine is one allocation still, since its promise
/// makes it; and worker 0's thread stays, so that somebody is there when the
/// system refuses a thread. (Where the library is compiled without exceptions,
/// a refusal ends the program, as when a pool is made.) A thread that ends so
/// calls the stop hook, as a thread of the pool that is no worker any more:
/// what it spawns then is run by others. The next one's start hook may come
/// before that. A pool that ends starts the missing threads once more, to
/// leave.
///
/// Use when: comparing. A task that waits alone behind a long poll is taken by
/// another worker at once, without the watchdog.
struct Tokio01Policies : DefaultPolicies {
  using Queue = ChaseLevDeque<TaskHeader>;
  using Slot = NoSlot<TaskHeader>;
  using Injector = weft::Injector<TaskHeader>;
  using Idle = EagerIdle;
  using Forks = NoForks;
  using Parker = RetiringParker;
  using TaskMemory = BoxedTaskMemory;
  static constexpr bool kSharesLoneTasks = true;
  /// How long a thread sleeps before it ends. Zero: it stays.
  static constexpr std::chrono::nanoseconds kIdleThreadTimeout =
      std::chrono::seconds(5);
};

/// A pool with the parts of the old scheduler. The same interface and promises
/// as `Pool`.
using Tokio01Pool = BasicPool<Tokio01Policies>;

}  // namespace weft

#endif  // WEFT_POOL_TOKIO01_H_
