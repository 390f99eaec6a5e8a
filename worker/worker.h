#ifndef WEFT_WORKER_WORKER_H_
#define WEFT_WORKER_WORKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "weft/base/check.h"
#include "weft/base/fence.h"
#include "weft/base/spin.h"
#include "weft/queue/chain.h"
#include "weft/queue/steal.h"
#include "weft/task/header.h"
#include "weft/waker/budget.h"
#include "weft/worker/shared.h"
#include "weft/worker/site.h"

namespace weft {

/// One thread of a scheduler: finds tasks, runs them, sleeps.
///
/// Everything here belongs to that thread. What others see of it is its
/// `WorkerSite`; what all share is `WorkerShared`.
template <class Policies>
class Worker {
 public:
  using Shared = WorkerShared<Policies>;
  using Site = WorkerSite<Policies>;

  /// How many runs in a row may come from the next-task slot before the queue
  /// has its turn (Tokio #5712: without a bound a pair of tasks that wake each
  /// other starves all others).
  static constexpr std::uint32_t kMaxSlotStreak = 3;
  /// How many tasks a thief takes at most: it bounds the time in which it keeps
  /// other thieves out. Chosen by BM_RingQueue_Steal.
  static constexpr std::uint32_t kMaxStealBatch = 32;
  static constexpr std::uint32_t kMaxInjectorBatch = 128;
  /// Searches again this often while a sibling's queue is busy with another
  /// thief.
  static constexpr int kMaxPasses = 4;

  Worker(Shared& shared, std::uint32_t index, std::uint64_t seed)
      : shared_(shared),
        site_(shared.sites()[index]),
        queue_(site_.queue.owner()),
        index_(index),
        budget_(Budget::ThisThread()),
        victims_(index, shared.count(), seed) {}

  std::uint32_t index() const { return index_; }
  Shared& shared() { return shared_; }
  Site& site() { return site_; }

  /// Runs tasks until the mode is kStop.
  void Loop() {
    RunWhile([this] { return shared_.mode() != RunMode::kStop; });
  }

  /// Runs tasks while `more()` holds. May be called from inside a task, which
  /// then waits while others run.
  template <class More>
  void RunWhile(More&& more) {
    const std::int32_t outer_budget = *budget_;
    while (more()) {
      if (TaskHeader* task = FindWork()) {
        Run(task);
      } else {
        Park();
      }
    }
    LeaveSearch();
    *budget_ = outer_budget;
  }

  /// A task became runnable on this worker, or was spawned here: it runs next;
  /// the one that was to run next goes to the queue.
  void Schedule(TaskHeader* task) {
    if (slot_streak_ < kMaxSlotStreak) {
      task = site_.slot.Put(task);
      if (task == nullptr) return;
    }
    Enqueue(task);
  }

  /// Puts `task` behind all that are queued.
  void Enqueue(TaskHeader* task) {
    queue_.Push(task, sink_);
    NotifyOfSurplus();
  }

  void EnqueueBatch(Chain<TaskHeader> tasks) {
    const std::size_t count = tasks.size();
    queue_.PushBatch(std::move(tasks), sink_);
    if (site_.Surplus() || !shared_.injector().Empty()) {
      Count(WorkerEvent::kWake, shared_.NotifyMany(count));
    }
  }

  /// Takes a task from anywhere, without searching rules: for the end.
  TaskHeader* TakeAny() {
    for (Site& site : shared_.sites()) {
      if (TaskHeader* task = site.slot.Peek()) {
        if ((task = site.slot.TakeIf(task)) != nullptr) return task;
      }
    }
    if (TaskHeader* task = queue_.Pop()) return task;
    for (Site& site : shared_.sites()) {
      if (&site == &site_) continue;
      auto steal = site.queue.thief().StealInto(queue_, kMaxStealBatch);
      if (steal.status == StealStatus::kTook) return steal.item;
    }
    return shared_.injector().Pop(index_);
  }

 private:
  struct InjectorSink {
    Worker& worker;
    void PushBatch(Chain<TaskHeader> tasks) {
      worker.Count(WorkerEvent::kOverflow, tasks.size());
      Check(worker.shared_.injector().PushBatch(std::move(tasks)).empty(),
            "weft: the injector of a scheduler is closed");
    }
  };

  // The order of the search is this function.
  TaskHeader* FindWork() {
    if (fairness_.Tick()) {
      if (TaskHeader* task = FromInjector(1)) return task;
    }
    if (TaskHeader* task = FromSlot()) return task;
    if (TaskHeader* task = queue_.Pop()) return task;
    if (TaskHeader* task = FromInjector(kMaxInjectorBatch)) return task;
    return Search();
  }

  // At most kMaxSlotStreak times in a row, and on one budget.
  TaskHeader* FromSlot() {
    TaskHeader* task = site_.slot.Take();
    if (task == nullptr) {
      slot_streak_ = 0;
    } else if (slot_streak_ < kMaxSlotStreak && *budget_ != 0) {
      ++slot_streak_;
      Count(WorkerEvent::kSlotPoll);
      return task;
    } else {
      slot_streak_ = 0;
      queue_.Push(task, sink_);
    }
    *budget_ = Budget::kPerTask;
    return nullptr;
  }

  // A share of what is there, at least one (Tokio #5908): the first to run,
  // the others into the queue.
  TaskHeader* FromInjector(std::uint32_t most) {
    auto& injector = shared_.injector();
    const std::size_t size = injector.Size();
    if (size == 0) return nullptr;
    const std::size_t share = (size + shared_.count() - 1) / shared_.count();
    const std::size_t room = queue_.Free() + 1;
    const auto want =
        static_cast<std::uint32_t>(std::min<std::size_t>({share, room, most}));
    Chain<TaskHeader> tasks = injector.PopBatch(std::max(want, 1u), index_);
    if (tasks.empty()) return nullptr;
    Count(WorkerEvent::kInjectorPop, tasks.size());
    TaskHeader* first = tasks.PopFront();
    if (!tasks.empty()) {
      queue_.PushBatch(std::move(tasks), sink_);
      // On their way from there to here nobody could see them: whoever looked
      // then has gone to sleep. A searcher sees to it in LeaveSearch.
      if (!searching_) NotifyOfSurplus();
    }
    *budget_ = Budget::kPerTask;
    slot_streak_ = 0;
    return first;
  }

  TaskHeader* Search() {
    if (!searching_) {
      if (!shared_.idle().StartSearching(index_)) return nullptr;
      searching_ = true;
    }
    Count(WorkerEvent::kSearch);
    const bool singles = site_.may_take_single.load(std::memory_order_relaxed);
    if (singles) site_.may_take_single.store(false, std::memory_order_relaxed);
    for (int pass = 0; pass < kMaxPasses; ++pass) {
      bool busy = false;
      TaskHeader* task = nullptr;
      victims_.ForEach([&](std::uint32_t victim) {
        task = StealFrom(shared_.sites()[victim], singles, busy);
        return task != nullptr;
      });
      if (task == nullptr) task = FromInjector(kMaxInjectorBatch);
      if (task != nullptr) return task;
      if (!busy) break;
      CpuRelax();
    }
    return nullptr;
  }

  TaskHeader* StealFrom(Site& victim, bool singles, bool& busy) {
    TaskHeader* next = victim.slot.Peek();
    const std::uint32_t leave = singles || next != nullptr ? 0 : 1;
    auto steal = victim.queue.thief().StealInto(queue_, kMaxStealBatch, leave);
    busy |= steal.status == StealStatus::kBusy;
    if (steal.status == StealStatus::kTook) {
      Count(WorkerEvent::kSteal);
      Count(WorkerEvent::kStolenTask, steal.count);
      return steal.item;
    }
    if (!singles || next == nullptr) return nullptr;
    next = victim.slot.TakeIf(next);
    if (next != nullptr) {
      Count(WorkerEvent::kSteal);
      Count(WorkerEvent::kStolenTask);
      Count(WorkerEvent::kSlotSteal);
    }
    return next;
  }

  void Run(TaskHeader* task) {
    LeaveSearch();
    woken_ = false;
    Count(WorkerEvent::kPoll);
    site_.polls.store(++polls_, std::memory_order_relaxed);
    task->Run();
  }

  // A searcher that has found something hands the search on, if there is more
  // to find.
  void LeaveSearch() {
    if (!searching_) return;
    searching_ = false;
    if (shared_.idle().StopSearching(index_) && shared_.WorkVisible()) {
      Notify();
    }
  }

  void NotifyOfSurplus() {
    if (site_.Surplus()) Notify();
  }
  void Notify() {
    if (shared_.Notify()) Count(WorkerEvent::kWake);
  }

  // See worker/README.md for the protocol.
  void Park() {
    shared_.delegate().BeforePark(index_);
    if (site_.Count() != 0) return;
    if (std::exchange(woken_, false)) Count(WorkerEvent::kUselessWake);
    const bool look = shared_.idle().Announce(index_, searching_);
    searching_ = false;
    if (look) {
      // ORDER(idle.dekker): sequentially consistent. See Idle::Claim.
      FullFence();
      if (shared_.WorkVisible()) {
        Count(WorkerEvent::kRecheckHit);
        searching_ = true;
        if (!shared_.idle().ClaimSelf(index_)) site_.parker.Park();
        return;
      }
    }
    if (shared_.mode() == RunMode::kDrain && shared_.delegate().Drained()) {
      shared_.SetMode(RunMode::kStop);
    }
    Count(WorkerEvent::kPark);
    fairness_.Pause();
    site_.parker.Park();
    searching_ = woken_ = shared_.idle().Retract(index_);
    fairness_.Resume();
    shared_.delegate().AfterPark(index_);
  }

  void Count(WorkerEvent event, std::uint64_t n = 1) {
    site_.observer.Count(event, n);
  }

  Shared& shared_;
  Site& site_;
  typename Site::Queue::Owner queue_;
  const std::uint32_t index_;
  InjectorSink sink_{*this};
  std::int32_t* const budget_;
  std::uint64_t polls_ = 0;
  std::uint32_t slot_streak_ = 0;
  // Whether the idle protocol counts this worker as searching.
  bool searching_ = false;
  // Whether it was claimed by a waker and has found nothing since.
  bool woken_ = false;
  typename Policies::Fairness fairness_;
  typename Policies::Victims victims_;
};

}  // namespace weft

#endif  // WEFT_WORKER_WORKER_H_
