// What the workers of one scheduler share.

#ifndef WEFT_WORKER_SHARED_H_
#define WEFT_WORKER_SHARED_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/check.h"
#include "weft/base/fence.h"
#include "weft/queue/chain.h"
#include "weft/task/header.h"
#include "weft/worker/concepts.h"
#include "weft/worker/cycling.h"
#include "weft/worker/inbox.h"
#include "weft/worker/site.h"

namespace weft {

/// What an assembly of workers does next. Only ever moves on, in this order.
enum class RunMode : std::uint32_t {
  kRun,    ///< run tasks, sleep when there are none
  kDrain,  ///< the same; stop when nothing is left
  kStop,   ///< leave the loop
};

/// What a worker tells whoever assembled it. Called on that worker's thread,
/// around sleeps only.
class WorkerDelegate {
 public:
  /// The worker is about to sleep, and looks for work a last time after this.
  /// May schedule tasks, which it then runs instead (Tokio #7834). Must be
  /// short: the worker may be the one who searches, on whom others rely.
  virtual void BeforePark(std::uint32_t worker) = 0;
  /// The worker has said that it sleeps, in mode kDrain. True: everything is
  /// done; the workers stop.
  virtual bool Drained() = 0;
  /// The worker, which was counted as asleep, is so no more: it was woken, or
  /// found work just before it slept. Not always paired with BeforePark.
  virtual void AfterPark(std::uint32_t worker) = 0;

 protected:
  ~WorkerDelegate() = default;
};

/// What the workers of one scheduler share: the injector, who is idle, each
/// other. A spawn, a wake or a poll on a worker writes nothing here, unless
/// somebody has to be woken.
template <class Policies>
class WorkerShared {
 public:
  using Site = WorkerSite<Policies>;
  using Injector = typename Policies::Injector;
  using Idle = typename Policies::Idle;

  /// For `workers` workers, and no threads yet. `delegate` must outlive this.
  /// `shards` is for injectors that have shards.
  WorkerShared(std::uint32_t workers, WorkerDelegate& delegate,
               std::uint32_t shards)
      : sites_(std::make_unique<Site[]>(workers)),
        count_(workers),
        delegate_(delegate),
        injector_(MakeInjector(shards)),
        idle_(workers) {}

  std::uint32_t count() const { return count_; }
  std::span<Site> sites() { return {sites_.get(), count_}; }
  std::span<const Site> sites() const { return {sites_.get(), count_}; }
  Injector& injector() { return injector_; }
  const Injector& injector() const { return injector_; }
  Idle& idle() { return idle_; }
  const Idle& idle() const { return idle_; }
  WorkerDelegate& delegate() { return delegate_; }

  /// One load. Any thread; acquires what the setter did before `SetMode`.
  RunMode mode() const {
    // ORDER(worker.mode): acquire. Pairs with SetMode: a worker that stops sees
    // what was done before. Relaxed would not promise that.
    return mode_.load(std::memory_order_acquire);
  }

  /// Moves on to `mode`, never back, and wakes everybody to see it. Any thread.
  /// A system call for each sleeper.
  void SetMode(RunMode mode) {
    RunMode old = mode_.load(std::memory_order_relaxed);
    // ORDER(worker.mode): release. Pairs with mode(). The tokens below make
    // sure that every worker looks again. Failure only retries: relaxed.
    while (old < mode &&
           !mode_.compare_exchange_weak(old, mode, std::memory_order_release,
                                        std::memory_order_relaxed)) {
    }
    for (Site& site : sites()) site.parker.Unpark();
  }

  /// Work has been published: wakes a sleeper if nobody searches. Any thread.
  /// Returns whether it did. A full fence and a load if not, else a
  /// compare-and-swap and a system call more.
  bool Notify() { return Wake(idle_.Claim()); }

  /// A worker has queued work: wakes a sleeper if no other worker is awake.
  bool NotifyIfAlone() requires kRamps<Policies> {
    return Wake(idle_.ClaimIfAlone());
  }

  /// As `Notify`, for `tasks` tasks published at once: wakes up to as many
  /// sleepers, and returns how many.
  std::size_t NotifyMany(std::size_t tasks) {
    if (tasks == 0 || !Notify()) return 0;
    std::size_t woken = 1;
    while (woken < tasks && Wake(idle_.ClaimAnother())) ++woken;
    return woken;
  }

  /// Puts a task in from outside, and wakes. Any thread. The injector must not
  /// be closed: a scheduler refuses tasks before they come here.
  void Inject(TaskHeader* task) {
    Check(injector_.Push(task), "weft: the injector of a scheduler is closed");
    Notify();
  }
  /// The same for many; wakes up to as many sleepers.
  void InjectBatch(Chain<TaskHeader> tasks) {
    const std::size_t count = tasks.size();
    Check(injector_.PushBatch(std::move(tasks)).empty(),
          "weft: the injector of a scheduler is closed");
    NotifyMany(count);
  }

  /// Puts a pinned task into the inbox of its worker `home`, and wakes that
  /// one. Any thread, the worker's own excepted. A lock and an exchange, and a
  /// system call if it sleeps. No fence and no look before sleep is needed:
  /// whoever takes the token looks into the inbox before it sleeps again.
  void Deliver(std::uint32_t home,
               TaskHeader* task) requires kPinned<Policies> {
    Check(sites_[home].inbox.Push(task), "weft: an inbox is closed");
    sites_[home].parker.Unpark();
  }

  /// Something that tasks in the queues may wait for has come: wakes all who
  /// sleep beside some, and returns how many. Any thread.
  std::size_t Resolved() requires kCycles<Policies> {
    // ORDER(worker.resolved): release. Pairs with resolved(): a cycle that
    // begins with this count sees what has come.
    resolved_.count.fetch_add(1, std::memory_order_release);
    // ORDER(worker.resolved): sequentially consistent. Pairs with the fence of
    // the worker that looks once more before it sleeps: either it sees the new
    // count, or we see it asleep. Anything weaker lets both miss the other.
    FullFence();
    std::size_t woken = 0;
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (!idle_.Asleep(i) || sites_[i].Count() == 0) continue;
      sites_[i].parker.Unpark();
      ++woken;
    }
    return woken;
  }
  /// How often something was resolved; what that was is visible.
  std::uint64_t resolved() const requires kCycles<Policies> {
    // ORDER(worker.resolved): acquire. Pairs with Resolved.
    return resolved_.count.load(std::memory_order_acquire);
  }

  /// Whether there is work that a searcher may take. The caller has had a full
  /// fence since whatever it wants to be ordered after. Any thread; a load, and
  /// three for each worker until there is some, and two for its forks.
  bool WorkVisible() const {
    if (!injector_.Empty()) return true;
    for (const Site& site : sites()) {
      if (site.Visible() || site.forks.Stealable()) return true;
    }
    return false;
  }

 private:
  static Injector MakeInjector(std::uint32_t shards) {
    if constexpr (std::constructible_from<Injector, std::uint32_t>) {
      return Injector(shards);
    } else {
      return Injector();
    }
  }

  template <class Claimed>
  bool Wake(Claimed claimed) {
    if (!claimed) return false;
    sites_[*claimed].parker.Unpark();
    return true;
  }

  // Written once; the mode at most twice. Read by all.
  const std::unique_ptr<Site[]> sites_;
  const std::uint32_t count_;
  WorkerDelegate& delegate_;
  atomic<RunMode> mode_{RunMode::kRun};
  // Written by all, each by its own rules.
  alignas(kFalseSharingRange) Injector injector_;
  alignas(kFalseSharingRange) Idle idle_;
  [[no_unique_address]] std::conditional_t<kCycles<Policies>,
                                           worker_internal::ResolvedCount,
                                           worker_internal::NoResolvedCount>
      resolved_;
};

}  // namespace weft

#endif  // WEFT_WORKER_SHARED_H_
