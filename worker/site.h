// What the other threads see of a worker.

#ifndef WEFT_WORKER_SITE_H_
#define WEFT_WORKER_SITE_H_

#include <cstdint>
#include <type_traits>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/queue/concepts.h"
#include "weft/task/header.h"
#include "weft/task/registry.h"
#include "weft/worker/concepts.h"
#include "weft/worker/cycling.h"
#include "weft/worker/inbox.h"
#include "weft/worker/no_forks.h"

namespace weft {

/// A worker's queue, its next-task slot, its parker, its counters. One for each
/// worker, from before the first thread starts until after the last has ended.
template <class Policies>
struct WorkerSite {
  using Queue = typename Policies::Queue;
  using Slot = typename Policies::Slot;
  /// NoForks, if the policies do not say.
  using Forks = typename worker_internal::ForksOf<Policies>::Type;
  /// NoInbox, if the policies do not say.
  using Inbox = typename worker_internal::InboxOf<Policies>::Type;
  static_assert(LocalQueue<Queue>, "weft: Policies::Queue is not a LocalQueue");
  static_assert(NextSlot<Slot>, "weft: Policies::Slot is not a NextSlot");
  static_assert(InjectorQueue<typename Policies::Injector>,
                "weft: Policies::Injector is not an InjectorQueue");
  static_assert(IdlePolicy<typename Policies::Idle>,
                "weft: Policies::Idle is not an IdlePolicy");
  static_assert(ParkerPolicy<typename Policies::Parker>,
                "weft: Policies::Parker is not a ParkerPolicy");
  static_assert(VictimPolicy<typename Policies::Victims>,
                "weft: Policies::Victims is not a VictimPolicy");
  static_assert(FairnessPolicy<typename Policies::Fairness>,
                "weft: Policies::Fairness is not a FairnessPolicy");
  static_assert(ObserverPolicy<typename Policies::Observer>,
                "weft: Policies::Observer is not an ObserverPolicy");

  static_assert(!kCycles<Policies> || kRamps<Policies>,
                "weft: waiting tasks cycle only with an Idle that ramps");
  static_assert(ForkPolicy<Forks>, "weft: Policies::Forks is not a ForkPolicy");
  static_assert(!kPinned<Policies> || InjectorQueue<Inbox>,
                "weft: Policies::Inbox is not an InjectorQueue");

  static constexpr std::uint32_t kNobody = ~std::uint32_t{0};

  // Written by the worker and, when they steal, by its siblings. Mutable,
  // because a queue's handles are not const, not even to look at it.
  mutable Queue queue;

  // Written by the worker; by a sibling that was sent to rob it. Read by
  // thieves, by the look before sleep, and by the watchdog.
  alignas(kFalseSharingRange) Slot slot;

  // Written by the worker for every task, so not beside the slot. Read by the
  // watchdog and by metrics.
  /// How many times the worker has run a task. Tells the watchdog whether it
  /// gets on. Relaxed.
  alignas(kFalseSharingRange) atomic<std::uint64_t> polls{0};
  typename Policies::Observer observer;
  /// The tasks that were spawned on this worker; entries are cleared by whoever
  /// completes them.
  TaskRegistry registry;

  // Written by whoever wakes the worker.
  alignas(kFalseSharingRange) typename Policies::Parker parker;
  /// Set by the watchdog before it unparks the worker, cleared by the worker:
  /// the sibling from whom it may take a single task, which is no surplus.
  /// Relaxed; the token publishes it.
  atomic<std::uint32_t> sent_to{kNobody};

  /// Coroutines of this worker that have forked. They are no tasks: see
  /// fork/README.md.
  [[no_unique_address]] Forks forks;

  /// What other threads hand a worker with pinned tasks. Written by them.
  [[no_unique_address]] Inbox inbox;

  /// Only where waiting tasks cycle. Written by the worker.
  [[no_unique_address]] std::conditional_t<kCycles<Policies>,
                                           worker_internal::CyclingSite,
                                           worker_internal::NoCyclingSite>
      cycling;

  /// Whether others may take something here: two tasks or more. A single one is
  /// about to be run by the worker itself; taking it would tear apart a pair of
  /// tasks that wake each other (Tokio #8065, zio #574). The same predicate
  /// decides who is notified, what thieves take, and what counts as visible
  /// before sleep: if they differed, work would be lost or searched for in
  /// vain. Any thread; never misses what precedes the caller's full fence. On
  /// the owner's thread, with respect to its own pushes, exact or too high.
  bool Surplus() const { return Count() > kKept; }

  /// How many tasks a worker keeps for itself: none, if the policies say that
  /// it shares even a lone one.
  static constexpr std::uint32_t kKept = [] {
    if constexpr (requires { Policies::kSharesLoneTasks; }) {
      return Policies::kSharesLoneTasks ? 0u : 1u;
    }
    return 1u;
  }();

  /// Whether there is work that others are to look for before they sleep: a
  /// surplus, unless the worker is about to find out itself whether any of it
  /// can run (kCycles). As `Surplus`.
  bool Visible() const {
    if constexpr (kCycles<Policies>) {
      if (cycling.looks_through.load(std::memory_order_relaxed)) return false;
    }
    return Surplus();
  }

  /// How many tasks wait here: three loads. Any thread; a hint.
  std::uint32_t Count() const {
    return queue.thief().Size() + (slot.Peek() != nullptr ? 1 : 0);
  }
};

}  // namespace weft

#endif  // WEFT_WORKER_SITE_H_
