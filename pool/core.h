#ifndef WEFT_POOL_CORE_H_
#define WEFT_POOL_CORE_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <memory_resource>
#include <optional>
#include <type_traits>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/mutex.h"
#include "weft/pool/executor.h"
#include "weft/pool/home.h"
#include "weft/pool/metrics.h"
#include "weft/pool/options.h"
#include "weft/pool/stop_meeting.h"
#include "weft/pool/waiting_tasks.h"
#include "weft/pool/worker_threads.h"
#include "weft/task/registry.h"
#include "weft/waker/park_token.h"
#include "weft/waker/thread_waiter.h"
#include "weft/worker/cycling.h"
#include "weft/worker/inbox.h"
#include "weft/worker/retiring_parker.h"
#include "weft/worker/shared.h"
#include "weft/worker/watchdog.h"
#include "weft/worker/worker.h"

namespace weft::pool_internal {

/// Where tasks are allocated: where the user says (`given` is not null), or
/// where the policies say, if they do, with a `TaskMemory` such as
/// BoxedTaskMemory; else null, which is operator new.
template <class Policies>
std::pmr::memory_resource* TaskMemoryOf(std::pmr::memory_resource* given) {
  if constexpr (requires { Policies::TaskMemory::Get(); }) {
    if (given == nullptr) return Policies::TaskMemory::Get();
  }
  return given;
}

/// What a pool's threads share, and what its tasks know as their scheduler.
/// Kept alive by the pool and by each of its threads, so that a pool may go
/// before the threads it has given up on.
template <class Policies>
class Core final : public Executor,
                   public std::enable_shared_from_this<Core<Policies>>,
                   private WorkerDelegate {
 public:
  using WorkerType = Worker<Policies>;

  Core(Options options, std::uint32_t workers, std::uint32_t shards,
       std::uint64_t seed)
      : Executor(TaskMemoryOf<Policies>(options.memory_resource)),
        options_(std::move(options)),
        seed_(seed),
        shared_(workers, *this, shards),
        watchdog_(shared_, std::max<std::chrono::nanoseconds>(
                               options_.watchdog_period,
                               Watchdog<Policies>::kShortestPeriod)),
        stop_meeting_(workers),
        homes_(*this, workers),
        threads_(workers),
        waiting_tasks_(*this) {
    if constexpr (kCycles<Policies>) this->set_waiting_tasks(&waiting_tasks_);
    if constexpr (kRetires<Policies>) {
      for (std::uint32_t i = 0; i < workers; ++i) {
        shared_.sites()[i].parker.OnGone(
            [](void* core, std::uint32_t index) {
              static_cast<Core*>(core)->Replace(index);
            },
            this, i);
      }
    }
  }

  // ---- For tasks: TaskScheduler. ----

  // Not for pinned tasks, whose scheduler is their home: see home.h.
  void Schedule(TaskHeader* task) noexcept override {
    if (WorkerType* worker = ThisWorker()) return worker->Schedule(task);
    Inject(task);
  }

  void ScheduleYield(TaskHeader* task) noexcept override {
    if (WorkerType* worker = ThisWorker()) return worker->Enqueue(task);
    Inject(task);
  }

  // A pinned task became runnable, on any thread: it goes to its worker.
  void ScheduleAtHome(std::uint32_t home,
                      TaskHeader* task) noexcept requires kPinned<Policies> {
    WorkerType* const worker = ThisWorker();
    if (worker == nullptr) return InjectAtHome(home, task);
    if (worker->index() == home) return worker->Enqueue(task);
    shared_.Deliver(home, task);
  }

  // The task was refused: all others are in a registry.
  void Release(TaskHeader*) noexcept override {}

  void Unhandled(std::exception_ptr exception) noexcept override;

  // ---- For spawners: Executor. ----

  void Admit(TaskHeader* task) noexcept override {
    AdmitHere(ThisWorker(), task);
  }

  void AdmitHere(void* here, TaskHeader* task) noexcept override {
    auto* const worker = static_cast<WorkerType*>(here);
    if (worker == nullptr) [[unlikely]] {
      return AdmitFromOutside(task);
    }
    if (shared_.mode() == RunMode::kStop) [[unlikely]] {
      return Refuse(task);
    }
    EnterBy(*worker, task);
    worker->Schedule(task);
  }

  void AdmitBatch(Chain<TaskHeader> tasks) noexcept override;

  bool Enter(TaskHeader* task) noexcept override {
    if (WorkerType* worker = ThisWorker()) return EnterHere(worker, task);
    if (EnterFromOutside(task)) return true;
    Refuse(task);
    return false;
  }

  // All workers meet before the tasks are cancelled: see stop_meeting.h.
  bool EnterHere(void* here, TaskHeader* task) noexcept override {
    if (shared_.mode() == RunMode::kStop) [[unlikely]] {
      Refuse(task);
      return false;
    }
    EnterBy(*static_cast<WorkerType*>(here), task);
    return true;
  }

  // ---- For tasks that wait in the queues: see WaitingTasks. ----

  void AdmitWaiting(TaskHeader* task) noexcept requires kCycles<Policies> {
    WorkerType* const worker = ThisWorker();
    // A worker takes it out of the injector, and keeps it.
    if (worker == nullptr) return AdmitFromOutside(task);
    if (shared_.mode() == RunMode::kStop) return Refuse(task);
    EnterBy(*worker, task);
    worker->EnqueueWaiting(task);
  }
  void KeepWaiting(TaskHeader* task) noexcept requires kCycles<Policies> {
    ThisWorker()->KeepWaiting(task);
  }
  void Resolved() noexcept requires kCycles<Policies> {
    if (WorkerType* worker = ThisWorker()) return worker->Resolved();
    shared_.Resolved();
  }
  void Ring(TaskHeader* task, bool (*let_go)(TaskHeader*) noexcept) noexcept
      requires kCycles<Policies> {
    const Visit visit(*this);
    if (let_go(task)) return Schedule(task);
    Resolved();
  }

  // ---- For the pool. ----

  std::uint32_t workers() const { return shared_.count(); }
  const Options& options() const { return options_; }

  /// The body of worker `index`'s thread: of its first one, or of one that
  /// `takes_over` from one that has retired.
  void WorkerMain(std::uint32_t index, bool takes_over = false);
  /// Starts a thread for worker `index`, where threads come and go. False: the
  /// system refuses.
  bool StartThread(std::uint32_t index,
                   bool takes_over = false) requires kRetires<Policies> {
    return threads_.Start(index,
                          [core = this->shared_from_this(), index, takes_over] {
                            core->WorkerMain(index, takes_over);
                          });
  }
  /// See WorkerThreads::End.
  void EndThreads(bool join) requires kRetires<Policies> { threads_.End(join); }
  /// The body of the watchdog's thread.
  void WatchdogMain();
  /// There is nothing to rescue where tasks are pinned.
  bool HasWatchdog() const {
    return !kPinned<Policies> && options_.watchdog_period.count() > 0;
  }

  /// No more tasks from outside; `mode` for the workers. Any thread, also a
  /// worker; returns at once.
  void BeginStop(RunMode mode) {
    {
      MutexLock lock(outside_mutex_);
      accepting_ = false;
    }
    shared_.SetMode(mode);
  }

  /// The system refused a thread: only the first `count` workers are there.
  void OnlyStarted(std::uint32_t count) { stop_meeting_.Expect(count); }

  /// Waits until all workers have ended. False: the time is over. Not on a
  /// worker.
  bool WaitForWorkers(std::optional<std::chrono::nanoseconds> timeout) {
    return stop_meeting_.WaitForEnd(timeout);
  }

  /// A shutdown ran out of time: the pool will not wait for the workers when it
  /// is destroyed. The last of them ends the watchdog.
  void Abandon() {
    // Relaxed: read by the thread that owns the pool, for its own decision.
    abandoned_.store(true, std::memory_order_relaxed);
  }
  bool abandoned() const { return abandoned_.load(std::memory_order_relaxed); }
  std::uint32_t WorkersLeft() { return stop_meeting_.StillThere(); }

  /// Whether the calling thread is one of this pool's workers, whatever it does
  /// for other pools just now.
  bool OnOwnWorker() const { return ThisThread::Get().home == this; }

  PoolMetrics Metrics() const;

 private:
  // Counts the threads that are not workers and yet inside this object, so that
  // the last worker does not end, and the object go, under their feet: from the
  // moment a foreign thread hands over a task, that task may complete, and with
  // it the pool. Until then the task keeps the pool alive: it is registered.
  class Visit {
   public:
    explicit Visit(Core& core) : core_(core) {
      core_.visitors_.fetch_add(1, std::memory_order_relaxed);
    }
    ~Visit() {
      // ORDER(pool.visitors): release. Pairs with the acquire in
      // CancelEverything: our accesses come before the end of the pool.
      core_.visitors_.fetch_sub(1, std::memory_order_release);
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    Core& core_;
  };

  // How a thread that is a worker waits for something inside a task: it runs
  // others.
  class Waiter final : public ThreadWaiter {
   public:
    Waiter(Core& core, WorkerType& worker) : core_(core), worker_(worker) {
      token_.SetHook(
          [](void* waiter) noexcept {
            auto& self = *static_cast<Waiter*>(waiter);
            self.worker_.site().parker.Unpark();
          },
          this);
    }
    Waker GetWaker() override { return token_.GetWaker(); }
    void Park() override;
    StopMeeting::Member& member() { return member_; }

   private:
    Core& core_;
    WorkerType& worker_;
    StopMeeting::Member member_;
    ParkToken token_;
  };

  WorkerType* ThisWorker() const {
    const Current& current = ThisThread::Get();
    return current.executor == this ? static_cast<WorkerType*>(current.worker)
                                    : nullptr;
  }

  // What a task has as its scheduler, spawned on `worker` or from outside.
  TaskScheduler* HomeOf(const WorkerType& worker) {
    if constexpr (kPinned<Policies>) return homes_.Of(worker.index());
    return this;
  }
  TaskScheduler* NextHome() {
    if constexpr (kPinned<Policies>) return homes_.Next();
    return this;
  }

  // The task is ours from now on: alive, and to be found by a shutdown.
  void EnterBy(WorkerType& worker, TaskHeader* task) {
    task->Bind(HomeOf(worker));
    worker.site().registry.Insert(task);
    worker.site().observer.Count(WorkerEvent::kSpawn);
  }
  // From a thread that is no worker of ours. Out of line, here and above, so
  // that a worker's way in saves no registers for it.
  [[gnu::noinline]] void AdmitFromOutside(TaskHeader* task) noexcept {
    if (!EnterFromOutside(task)) return Refuse(task);
    Inject(task);
  }
  [[gnu::noinline]] void Inject(TaskHeader* task) noexcept {
    if constexpr (kPinned<Policies>) {
      InjectAtHome(homes_.IndexOf(task), task);
    } else {
      const Visit visit(*this);
      shared_.Inject(task);
    }
  }
  [[gnu::noinline]] void InjectAtHome(
      std::uint32_t home,
      TaskHeader* task) noexcept requires kPinned<Policies> {
    const Visit visit(*this);
    shared_.Deliver(home, task);
  }
  bool EnterFromOutside(TaskHeader* task) {
    MutexLock lock(outside_mutex_);
    if (!accepting_) return false;
    EnterLocked(task);
    return true;
  }
  void EnterLocked(TaskHeader* task) {
    task->Bind(NextHome());
    outside_.Insert(task);
    ++spawned_outside_;
  }

  // The task ends as cancelled, here and now. Its destructor may be the one
  // that destroys the pool, hence the reference. Not under Visit: that
  // destructor would wait for us.
  [[gnu::noinline]] void Refuse(TaskHeader* task) noexcept {
    const std::shared_ptr<Core> alive = this->shared_from_this();
    EndUnscheduled(*this, task);
  }

  // Calls `visit` for each task that is alive, until it returns false; returns
  // whether it never did. See TaskRegistry::ForEach.
  template <class Visitor>
  bool ForEachTask(Visitor&& visit) const {
    if (!outside_.ForEach(visit)) return false;
    for (const auto& site : shared_.sites()) {
      if (!site.registry.ForEach(visit)) return false;
    }
    return true;
  }

  // One pass of the end: cancels what is alive and runs what that makes
  // runnable, until nothing is queued. True: nobody and nothing is left.
  bool CancelEverything(WorkerType& worker);
  // Cancels a queued task, if there is one.
  static bool CancelOne(WorkerType& worker);

  // A token was left for worker `index`, which has retired: it needs a thread.
  void Replace(std::uint32_t index) noexcept;
  // What is left to do for a thread that has retired.
  void AfterRetirement(std::uint32_t index);

  // WorkerDelegate.
  void BeforePark(std::uint32_t worker) noexcept override {
    if (options_.before_park) options_.before_park(static_cast<int>(worker));
  }
  bool Drained() override {
    return shared_.idle().AllAsleep() && shared_.injector().Empty() &&
           ForEachTask([](TaskHeader*) { return false; });
  }
  void AfterPark(std::uint32_t) override {
    if (HasWatchdog()) watchdog_.Poke();
  }

  const Options options_;
  const std::uint64_t seed_;
  WorkerShared<Policies> shared_;
  Watchdog<Policies> watchdog_;
  StopMeeting stop_meeting_;

  // Written by threads that are not workers; the mutex guards the next three.
  alignas(kFalseSharingRange) mutable Mutex outside_mutex_;
  TaskRegistry outside_;
  bool accepting_ = true;
  std::uint64_t spawned_outside_ = 0;
  atomic<std::uint32_t> visitors_{0};
  // Written by a shutdown that ran out of time.
  atomic<bool> abandoned_{false};
  // Written with outside_mutex_ held, if at all.
  [[no_unique_address]] HomesOf<Core, kPinned<Policies>> homes_;
  [[no_unique_address]] std::conditional_t<kRetires<Policies>, WorkerThreads,
                                           NoWorkerThreads>
      threads_;
  [[no_unique_address]] std::conditional_t<kCycles<Policies>,
                                           WaitingTasksOf<Core>, NoWaitingTasks>
      waiting_tasks_;
};

}  // namespace weft::pool_internal

#include "weft/pool/core_inl.h"

#endif  // WEFT_POOL_CORE_H_
