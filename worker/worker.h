// The worker: its loop, its search, and how it goes to sleep. Read FindWork and
// Park first; the protocol behind Park is in worker/idle_protocol.md.

#ifndef WEFT_WORKER_WORKER_H_
#define WEFT_WORKER_WORKER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include "weft/base/check.h"
#include "weft/base/fence.h"
#include "weft/base/spin.h"
#include "weft/base/thread.h"
#include "weft/queue/chain.h"
#include "weft/task/header.h"
#include "weft/waker/budget.h"
#include "weft/worker/concepts.h"
#include "weft/worker/cycling.h"
#include "weft/worker/inbox.h"
#include "weft/worker/limits.h"
#include "weft/worker/no_forks.h"
#include "weft/worker/retiring_parker.h"
#include "weft/worker/shared.h"
#include "weft/worker/site.h"
#include "weft/worker/thief.h"

namespace weft {

/// One thread of a scheduler: finds tasks, runs them, sleeps.
///
/// Everything here belongs to that thread, which also makes it. What others see
/// of it is its `WorkerSite`; what all share is `WorkerShared`.
template <class Policies>
class Worker : public WorkerLimits {
 public:
  using Shared = WorkerShared<Policies>;
  using Site = WorkerSite<Policies>;
  static_assert(!kRetires<Policies> ||
                    std::is_same_v<typename Site::Forks, NoForks>,
                "weft: a worker that retires leaves no forks behind");

  /// Worker `index` of `shared`, which must outlive it. On the thread that will
  /// run it: the budget is that thread's. Any seed is good.
  Worker(Shared& shared, std::uint32_t index, std::uint64_t seed)
      : shared_(shared),
        site_(shared.sites()[index]),
        queue_(site_.queue.owner()),
        index_(index),
        budget_(Budget::ThisThread()),
        thief_(shared.sites(), index, seed) {
    site_.forks.Attach(
        [](void* worker) { static_cast<Worker*>(worker)->Notify(); }, this);
  }
  ~Worker() { site_.forks.Detach(); }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  std::uint32_t index() const { return index_; }
  Shared& shared() { return shared_; }
  Site& site() { return site_; }

  /// Runs tasks until the mode is kStop, or until it has retired.
  void Loop() {
    RunWhile([this] { return shared_.mode() != RunMode::kStop && !retired(); });
  }

  /// Whether it has slept for so long that it has gone, and is to touch nothing
  /// any more: another worker may be in its place. Only where threads end when
  /// they are idle (kRetires), never worker 0, and only in mode kRun.
  bool retired() const {
    if constexpr (kRetires<Policies>) return retired_;
    return false;
  }

  /// Takes the place of one that has retired and was unparked: goes on from
  /// where that one slept. Before anything else.
  void TakeOver() requires kRetires<Policies> {
    site_.parker.Park();
    WakeUp();
    polls_ = site_.polls.load(std::memory_order_relaxed);
    shared_.delegate().AfterPark(index_);
  }

  /// Runs tasks while `more()` holds; asks before each task and after each
  /// sleep. May be called from inside a task, which then waits while others
  /// run; who makes `more` false from another thread unparks this worker.
  template <class More>
  void RunWhile(More&& more) {
    const std::int32_t outer_budget = *budget_;
    if constexpr (kRetires<Policies>) ++loops_;
    while (more()) {
      if (TaskHeader* task = FindWork()) {
        Run(task);
      } else {
        Park();
      }
    }
    if constexpr (kRetires<Policies>) --loops_;
    LeaveSearch();
    *budget_ = outer_budget;
  }

  /// A task became runnable on this worker, or was spawned here: it runs next;
  /// the one that was to run next goes to the queue. A store and some loads;
  /// a private fence more if there is more than this to do.
  void Schedule(TaskHeader* task) {
    if (slot_streak_ < kMaxSlotStreak) {
      task = site_.slot.Put(task);
      if (task == nullptr) return NotifyOfSurplus();
    }
    Enqueue(task);
  }

  /// Puts `task` behind all that are queued. Two stores and some loads; a
  /// private fence more if there is more than this to do.
  void Enqueue(TaskHeader* task) {
    queue_.Push(task, sink_);
    NotifyOfSurplus();
  }

  /// As `Enqueue` for each, at the price of one; wakes as many sleepers as
  /// there are tasks for, besides this worker.
  void EnqueueBatch(Chain<TaskHeader> tasks) {
    const std::size_t count = tasks.size();
    if (count == 0) return;
    queue_.PushBatch(std::move(tasks), sink_);
    if constexpr (kRamps<Policies>) return NotifyOfSurplus();
    if (!TakeSurplus()) return;
    Count(WorkerEvent::kWake,
          shared_.NotifyMany(std::max<std::size_t>(count - 1, 1)));
  }

  // ---- Where waiting tasks cycle (worker/cycling.h). ----

  /// A new task that waits goes behind all that are queued; nobody is told.
  void EnqueueWaiting(TaskHeader* task) requires kCycles<Policies> {
    queue_.Push(task, sink_);
    NewInQueue();
  }
  /// The task that this worker is running still waits: it goes behind all that
  /// are queued.
  void KeepWaiting(TaskHeader* task) requires kCycles<Policies> {
    site_.cycling.looks_through.store(true, std::memory_order_relaxed);
    cycle_.kept = task;
    queue_.Push(task, sink_);
  }
  /// This worker has resolved something: others are to look again, and some of
  /// what is queued here may be a surplus by now.
  void Resolved() requires kCycles<Policies> {
    Count(WorkerEvent::kWake, shared_.Resolved());
    NotifyOfSurplus();
  }

  /// Takes a task from anywhere, slots and single tasks included; null if there
  /// is none. For the end: no other worker is in its loop any more.
  TaskHeader* TakeAny() {
    if (TaskHeader* task = thief_.TakeAny()) return task;
    if constexpr (kPinned<Policies>) {
      for (Site& site : shared_.sites()) {
        if (TaskHeader* task = site.inbox.Pop()) return task;
      }
    }
    return shared_.injector().Pop(index_);
  }

 private:
  // Where the queue sends what it has no room for.
  struct InjectorSink {
    Worker& worker;
    void PushBatch(Chain<TaskHeader> tasks) {
      worker.Count(WorkerEvent::kOverflow, tasks.size());
      Check(worker.shared_.injector().PushBatch(std::move(tasks)).empty(),
            "weft: the injector of a scheduler is closed");
      worker.overflowed_ = true;
    }
  };

  // The order of the search is this function. Inlined into the loop, which
  // saves a call and its registers for each task (tools/counts/run).
  [[gnu::always_inline]] TaskHeader* FindWork() {
    if (fairness_.Tick()) [[unlikely]] {
      if (TaskHeader* task = FromInjector(kMaxTurnBatch)) return task;
    }
    if (TaskHeader* task = FromSlot()) return task;
    if constexpr (kCycles<Policies>) {
      if (queue_.Size() != 0 && CycleIsFruitless()) return FromOthers();
    }
    if (TaskHeader* task = queue_.Pop()) return task;
    if (TaskHeader* task = FromInjector(kMaxInjectorBatch)) return task;
    return Search();
  }

  // "If a process cycles through its entire queue and all futures are waiting,
  // it goes to sleep": without a search, unless it was woken for one, or has
  // seen work before it slept.
  TaskHeader* FromOthers() requires kCycles<Policies> {
    if (TaskHeader* task = FromInjector(kMaxInjectorBatch)) return task;
    return searching_ ? Search() : nullptr;
  }

  // Whether all that is queued here was seen to wait since the last time that
  // something was resolved.
  bool CycleIsFruitless() requires kCycles<Policies> {
    if (cycle_.fruitless == 0) return false;
    if (cycle_.resolved != shared_.resolved()) cycle_.fruitless = 0;
    return cycle_.fruitless != 0 && cycle_.fruitless >= queue_.Size();
  }

  // Something has come to the queue of which it is not known that it waits.
  [[gnu::always_inline]] void NewInQueue() {
    if constexpr (kCycles<Policies>) cycle_.fruitless = 0;
  }

  // At most kMaxSlotStreak times between two looks at the queue, and on one
  // budget.
  [[gnu::always_inline]] TaskHeader* FromSlot() {
    TaskHeader* task = site_.slot.Take();
    if (task != nullptr) {
      if (slot_streak_ < kMaxSlotStreak && *budget_ != 0) [[likely]] {
        ++slot_streak_;
        Count(WorkerEvent::kSlotPoll);
        return task;
      }
      PutBehind(task);
    }
    slot_streak_ = 0;
    *budget_ = Budget::kPerTask;
    return nullptr;
  }

  // Surplus or not is as before, unless it overflows.
  [[gnu::noinline]] void PutBehind(TaskHeader* task) {
    queue_.Push(task, sink_);
    NewInQueue();
    if (overflowed_) NotifyOfSurplus();
  }

  // A share of what is there, at least one (Tokio #5908): the first to run,
  // the others into the queue. Leaves the slot's streak alone, or a pair of
  // tasks in the slot and a full injector could keep the queue waiting for
  // ever.
  [[gnu::noinline]] TaskHeader* FromInjector(std::uint32_t most) {
    if constexpr (kPinned<Policies>) return FromInbox();
    auto& injector = shared_.injector();
    // The question that WorkVisible asks. Size may lag behind it.
    if (injector.Empty()) return nullptr;
    const std::size_t workers = shared_.count();
    const std::size_t share = (injector.Size() + workers - 1) / workers;
    const std::size_t room = queue_.Free() + std::size_t{1};
    const std::size_t want = std::min<std::size_t>({share, room, most});
    Chain<TaskHeader> tasks = injector.PopBatch(
        std::max(static_cast<std::uint32_t>(want), 1u), index_);
    TaskHeader* const first = tasks.PopFront();
    if (first == nullptr) return nullptr;
    Count(WorkerEvent::kInjectorPop, tasks.size() + 1);
    if (!tasks.empty()) {
      queue_.PushBatch(std::move(tasks), sink_);
      NewInQueue();
      // On their way from there to here nobody could see them: whoever looked
      // then has gone to sleep. A searcher sees to it in LeaveSearch.
      if (!searching_) NotifyOfSurplus();
    }
    *budget_ = Budget::kPerTask;
    return first;
  }

  // All that others have handed to this worker; nobody else may run it.
  TaskHeader* FromInbox() requires kPinned<Policies> {
    if (site_.inbox.Empty()) return nullptr;
    Chain<TaskHeader> tasks =
        site_.inbox.PopBatch(std::numeric_limits<std::uint32_t>::max());
    TaskHeader* const first = tasks.PopFront();
    if (first == nullptr) return nullptr;
    Count(WorkerEvent::kInjectorPop, tasks.size() + 1);
    queue_.PushBatch(std::move(tasks), sink_);
    return first;
  }

  // Out of line: inlined, it costs FindWork a dozen instructions for each task
  // (tools/counts/run).
  [[gnu::noinline]] TaskHeader* Search() {
    if constexpr (kPinned<Policies>) return nullptr;
    if (!searching_) {
      if (!shared_.idle().StartSearching(index_)) return nullptr;
      searching_ = true;
    }
    Count(WorkerEvent::kSearch);
    if (TaskHeader* task = thief_.FromStuckSibling()) {
      NewInQueue();
      return task;
    }
    bool stuck = false;
    if (TaskHeader* task = SearchOnce(stuck)) return task;
    // "A processor with nothing better to do should do nothing."
    if constexpr (kRamps<Policies>) return nullptr;
    return stuck ? nullptr : Linger();
  }

  // Goes on searching for a while. As long as we are counted as searching,
  // nobody spends a system call on waking us.
  TaskHeader* Linger() {
    if (kLingerLooks == 0) return nullptr;
    fairness_.Pause();
    TaskHeader* task = nullptr;
    bool stuck = false;
    for (int look = 0; look < kLingerLooks && task == nullptr && !stuck;
         ++look) {
      if (look % kLooksPerYield == 0) YieldThread();
      for (int i = 0; i < kLingerPauses; ++i) CpuRelax();
      if (shared_.WorkVisible()) task = SearchOnce(stuck);
    }
    fairness_.Resume();
    return task;
  }

  // `stuck`: there may be work, but another thief is in the way.
  TaskHeader* SearchOnce(bool& stuck) {
    for (int pass = 0; pass < kMaxPasses; ++pass) {
      bool busy = false;
      TaskHeader* task = thief_.FromQueues(busy, [&](std::uint32_t victim) {
        // One that is awake and has nothing to spare is enough.
        if constexpr (kRamps<Policies>) {
          return !busy && !shared_.idle().Asleep(victim);
        }
        return false;
      });
      if (task != nullptr) NewInQueue();
      if (task == nullptr) task = FromInjector(kMaxInjectorBatch);
      if (task == nullptr) task = thief_.FromForks(busy);
      if (task != nullptr || !busy) return task;
      CpuRelax();
    }
    // That thief seems to be suspended; it may need this core (Tokio #8092: a
    // loop until the steal succeeds).
    stuck = true;
    YieldThread();
    return nullptr;
  }

  void Run(TaskHeader* task) {
    LeaveSearch();
    site_.polls.store(++polls_, std::memory_order_relaxed);
    if constexpr (kCycles<Policies>) {
      RunInCycle(task);
    } else {
      task->Run();
    }
  }

  void RunInCycle(TaskHeader* task) requires kCycles<Policies> {
    // Before the task looks at what it waits for.
    if (cycle_.fruitless == 0) cycle_.resolved = shared_.resolved();
    cycle_.kept = nullptr;
    task->Run();
    if (cycle_.kept == task) {
      ++cycle_.fruitless;
      return;
    }
    cycle_.fruitless = 0;
    // While this worker looked through its queue, nobody saw what is in it.
    if (LooksThrough()) NotifyOfSurplus();
  }

  bool LooksThrough() const requires kCycles<Policies> {
    return site_.cycling.looks_through.load(std::memory_order_relaxed);
  }

  // A searcher that has found something hands the search on, if there is more
  // to find.
  void LeaveSearch() {
    if (!searching_) [[likely]] {
      return;
    }
    HandSearchOn();
  }
  [[gnu::noinline]] void HandSearchOn() {
    searching_ = woken_ = false;
    if (shared_.idle().StopSearching(index_) && shared_.WorkVisible()) {
      Notify();
    }
  }

  // Whether others have to be told of work: a surplus here, or in the injector
  // what this worker's queue had no room for.
  [[gnu::always_inline]] bool TakeSurplus() {
    if constexpr (kPinned<Policies>) return false;
    if (overflowed_) [[unlikely]] {
      overflowed_ = false;
      return true;
    }
    // WorkerSite::Surplus as the owner sees it: cheaper, and exact or too high.
    return queue_.Size() + (site_.slot.Peek() != nullptr ? 1u : 0u) >
           Site::kKept;
  }
  // A lone task in the slot wakes nobody, nor does one in the queue; two are a
  // surplus.
  [[gnu::always_inline]] void NotifyOfSurplus() {
    if constexpr (kCycles<Policies>) {
      NewInQueue();
      // Before the fence of NotifyIfAlone.
      if (LooksThrough()) {
        site_.cycling.looks_through.store(false, std::memory_order_relaxed);
      }
    }
    if (!TakeSurplus()) return;
    if constexpr (kRamps<Policies>) {
      NotifyIfAlone();
    } else {
      Notify();
    }
  }
  [[gnu::noinline]] void NotifyIfAlone() requires kRamps<Policies> {
    if (shared_.count() > 1 && shared_.NotifyIfAlone()) {
      Count(WorkerEvent::kWake);
    }
  }
  [[gnu::noinline]] void Notify() {
    // Alone, there is nobody to wake, and the fence is saved.
    if (shared_.count() > 1 && shared_.Notify()) Count(WorkerEvent::kWake);
  }

  void Park() {
    shared_.delegate().BeforePark(index_);
    if (HasToDo()) return;
    if (std::exchange(woken_, false)) Count(WorkerEvent::kUselessWake);
    const bool look =
        shared_.idle().Announce(index_, std::exchange(searching_, false));
    if (!look || !FindsWorkAfterAll()) Sleep();
    if (retired()) return;
    shared_.delegate().AfterPark(index_);
  }

  // Whether it has to go on with what it has.
  bool HasToDo() {
    if constexpr (kCycles<Policies>) {
      if (site_.slot.Peek() == nullptr && CycleIsFruitless()) return false;
    }
    return site_.Count() != 0;
  }

  // Nobody else searches: looks once more. True: there is work, and this worker
  // is searching.
  bool FindsWorkAfterAll() {
    // A pinned task comes with a token: see WorkerShared::Deliver.
    if constexpr (kPinned<Policies>) return false;
    // ORDER(idle.dekker): sequentially consistent. Pairs with the fence in
    // Idle::Claim: whoever published work before it and did not see us asleep
    // is seen here. Anything weaker would let both read old values.
    FullFence();
    bool work = shared_.WorkVisible();
    if constexpr (kCycles<Policies>) work |= HasToDo();
    if (!work) return false;
    Count(WorkerEvent::kRecheckHit);
    searching_ = true;
    if (!shared_.idle().ClaimSelf(index_)) {
      // A waker was faster, and its token is on the way. Take it, so that the
      // next sleep does not end at once.
      woken_ = true;
      site_.parker.Park();
    }
    return true;
  }

  void Sleep() {
    if (shared_.mode() == RunMode::kDrain && shared_.delegate().Drained()) {
      shared_.SetMode(RunMode::kStop);
    }
    Count(WorkerEvent::kPark);
    fairness_.Pause();
    SleepUntilUnparked();
    if (retired()) return;
    WakeUp();
    fairness_.Resume();
  }

  void SleepUntilUnparked() {
    if constexpr (kRetires<Policies>) {
      // Not beneath a task, and not once the pool ends: SetMode's token would
      // not find us, and who looks at the mode after a token has seen it.
      if (index_ != 0 && loops_ == 1 && shared_.mode() == RunMode::kRun) {
        retired_ = !site_.parker.ParkOrGo(Policies::kIdleThreadTimeout);
        return;
      }
    }
    site_.parker.Park();
  }

  void WakeUp() { searching_ = woken_ = shared_.idle().Retract(index_); }

  [[gnu::always_inline]] void Count(WorkerEvent event, std::uint64_t n = 1) {
    site_.observer.Count(event, n);
  }

  Shared& shared_;
  Site& site_;
  typename Site::Queue::Owner queue_;
  const std::uint32_t index_;
  InjectorSink sink_{*this};
  std::int32_t* const budget_;
  std::uint64_t polls_ = 0;
  // Runs from the slot since the last look at the queue.
  std::uint32_t slot_streak_ = 0;
  // Whether the queue has sent something to the injector that nobody was told
  // of yet.
  bool overflowed_ = false;
  // Whether the idle protocol counts this worker as searching.
  bool searching_ = false;
  // Whether it was claimed by a waker and has found nothing since; only while
  // it is searching.
  bool woken_ = false;
  // Only where threads end when they are idle: whether this one has gone, and
  // how many calls of RunWhile are on the stack.
  bool retired_ = false;
  std::uint32_t loops_ = 0;
  [[no_unique_address]] std::conditional_t<
      kCycles<Policies>, worker_internal::Cycle, worker_internal::NoCycle>
      cycle_;
  typename Policies::Fairness fairness_;
  Thief<Policies> thief_;
};

}  // namespace weft

#endif  // WEFT_WORKER_WORKER_H_
