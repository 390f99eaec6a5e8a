// How a worker takes from its siblings: their queues, their forks, and, sent by
// the watchdog, a task that is no surplus.

#ifndef WEFT_WORKER_THIEF_H_
#define WEFT_WORKER_THIEF_H_

#include <cstdint>
#include <span>
#include <type_traits>

#include "weft/base/atomic.h"
#include "weft/queue/steal.h"
#include "weft/task/header.h"
#include "weft/worker/no_forks.h"
#include "weft/worker/observer.h"
#include "weft/worker/site.h"

namespace weft {

/// A worker as its siblings' thief. It belongs to the worker, which alone calls
/// it, and does not outlive the sites. No function waits: whoever is told that
/// another thief is `busy` decides whether to come again.
template <class Policies>
class Thief {
 public:
  using Site = WorkerSite<Policies>;

  /// Of worker `index` of those with these `sites`. Any seed is good.
  Thief(std::span<Site> sites, std::uint32_t index, std::uint64_t seed)
      : sites_(sites),
        own_(sites[index]),
        queue_(own_.queue.owner()),
        victims_(index, static_cast<std::uint32_t>(sites.size()), seed) {}
  Thief(const Thief&) = delete;
  Thief& operator=(const Thief&) = delete;

  /// A share of the first surplus that a sibling has: the first task to run,
  /// the others into this worker's queue. Null if there is none; `busy` is set
  /// if another thief was in the way. Looks no further when `enough(victim)`,
  /// asked of a victim that had nothing, is true.
  template <class Enough>
  TaskHeader* FromQueues(bool& busy, Enough&& enough) {
    TaskHeader* task = nullptr;
    victims_.ForEach([&](std::uint32_t victim) {
      task = FromQueueOf(sites_[victim], busy);
      return task != nullptr || enough(victim);
    });
    return task;
  }

  /// The oldest fork of a sibling. Our own come last: there are some only while
  /// a child of them waits beneath this worker's loop (Waiter in pool/core.h).
  TaskHeader* FromForks(bool& busy) {
    if constexpr (std::is_same_v<typename Site::Forks, NoForks>) return nullptr;
    TaskHeader* task = nullptr;
    victims_.ForEach([&](std::uint32_t victim) {
      task = sites_[victim].forks.StealInto(own_.forks, busy);
      return task != nullptr;
    });
    if (task == nullptr) task = own_.forks.StealInto(own_.forks, busy);
    if (task != nullptr) CountStolen(1);
    return task;
  }

  /// The watchdog has sent us to one who does not get on: half of all that he
  /// has, or his only task.
  TaskHeader* FromStuckSibling() {
    const std::uint32_t index = own_.sent_to.load(std::memory_order_relaxed);
    if (index == Site::kNobody) [[likely]] {
      return nullptr;
    }
    own_.sent_to.store(Site::kNobody, std::memory_order_relaxed);
    Site& victim = sites_[index];
    auto steal = victim.queue.thief().StealInto(queue_, kMaxStealBatch);
    if (steal.status == StealStatus::kTook) {
      CountStolen(steal.count);
      return steal.item;
    }
    TaskHeader* const task = FromSlotOf(victim);
    if (task != nullptr) {
      CountStolen(1);
      own_.observer.Count(WorkerEvent::kSlotSteal);
    }
    return task;
  }

  /// A task from anybody's queue or slot, our own slot included, surplus or
  /// not. For the end: no other worker is in its loop any more.
  TaskHeader* TakeAny() {
    for (Site& site : sites_) {
      if (TaskHeader* task = FromSlotOf(site)) return task;
    }
    if (TaskHeader* task = queue_.Pop()) return task;
    for (Site& site : sites_) {
      if (&site == &own_) continue;
      auto steal = site.queue.thief().StealInto(queue_, kMaxStealBatch);
      if (steal.status == StealStatus::kTook) return steal.item;
    }
    return nullptr;
  }

 private:
  // Only from a surplus: see WorkerSite::Surplus.
  TaskHeader* FromQueueOf(Site& victim, bool& busy) {
    const std::uint32_t leave = victim.slot.Peek() != nullptr ? 0 : Site::kKept;
    auto steal = victim.queue.thief().StealInto(queue_, kMaxStealBatch, leave);
    busy |= steal.status == StealStatus::kBusy;
    if (steal.status != StealStatus::kTook) return nullptr;
    CountStolen(steal.count);
    return steal.item;
  }

  static TaskHeader* FromSlotOf(Site& site) {
    TaskHeader* const seen = site.slot.Peek();
    return seen == nullptr ? nullptr : site.slot.TakeIf(seen);
  }

  void CountStolen(std::uint64_t tasks) {
    own_.observer.Count(WorkerEvent::kSteal, 1);
    own_.observer.Count(WorkerEvent::kStolenTask, tasks);
  }

  const std::span<Site> sites_;
  Site& own_;
  typename Site::Queue::Owner queue_;
  typename Policies::Victims victims_;
};

}  // namespace weft

#endif  // WEFT_WORKER_THIEF_H_
