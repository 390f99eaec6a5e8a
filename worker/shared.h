#ifndef WEFT_WORKER_SHARED_H_
#define WEFT_WORKER_SHARED_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/check.h"
#include "weft/queue/chain.h"
#include "weft/task/header.h"
#include "weft/worker/observer.h"
#include "weft/worker/site.h"

namespace weft {

/// What an assembly of workers does next. Only ever moves downwards.
enum class RunMode : std::uint32_t {
  kRun,    ///< run tasks, sleep when there are none
  kDrain,  ///< the same; stop when nothing is left
  kStop,   ///< leave the loop
};

/// What a worker tells whoever assembled it. Off the hot path.
class WorkerDelegate {
 public:
  /// Before a worker looks for work a last time and sleeps. May schedule tasks,
  /// which the worker then runs instead (Tokio #7834).
  virtual void BeforePark(std::uint32_t worker) = 0;
  /// A worker has said that it sleeps, in mode kDrain. True: everything is
  /// done; the workers stop.
  virtual bool Drained() = 0;
  /// A worker has woken up.
  virtual void AfterPark(std::uint32_t worker) = 0;

 protected:
  ~WorkerDelegate() = default;
};

/// What the workers of one scheduler share: the injector, who is idle, each
/// other. The only writes that a spawn, a wake or a poll makes here are the
/// injector's.
template <class Policies>
class WorkerShared {
 public:
  using Site = WorkerSite<Policies>;
  using Injector = typename Policies::Injector;
  using Idle = typename Policies::Idle;

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

  RunMode mode() const {
    // ORDER(worker.mode): acquire. Pairs with SetMode: a worker that stops sees
    // why.
    return mode_.load(std::memory_order_acquire);
  }

  /// Moves on to `mode`, never back, and wakes everybody to see it. Any thread.
  void SetMode(RunMode mode) {
    RunMode old = mode_.load(std::memory_order_relaxed);
    // ORDER(worker.mode): release. See mode(). The tokens below make sure that
    // every worker looks again. A failed exchange only retries: relaxed.
    while (old < mode &&
           !mode_.compare_exchange_weak(old, mode, std::memory_order_release,
                                        std::memory_order_relaxed)) {
    }
    for (Site& site : sites()) site.parker.Unpark();
  }

  /// Work has been published: wakes a sleeper if nobody searches. Any thread.
  /// Returns whether it did.
  bool Notify() { return Wake(idle_.Claim()); }

  /// As `Notify`, for `tasks` tasks published at once: wakes up to as many
  /// sleepers, and returns how many.
  std::size_t NotifyMany(std::size_t tasks) {
    if (tasks == 0 || !Notify()) return 0;
    std::size_t woken = 1;
    while (woken < tasks && Wake(idle_.ClaimAnother())) ++woken;
    return woken;
  }

  /// Puts a task in from outside. Any thread.
  void Inject(TaskHeader* task) {
    Check(injector_.Push(task), "weft: the injector of a scheduler is closed");
    Notify();
  }
  void InjectBatch(Chain<TaskHeader> tasks) {
    const std::size_t count = tasks.size();
    Check(injector_.PushBatch(std::move(tasks)).empty(),
          "weft: the injector of a scheduler is closed");
    NotifyMany(count);
  }

  /// Whether there is work that a searcher may take. The caller has had a full
  /// fence since whatever it wants to be ordered after.
  bool WorkVisible() const {
    if (!injector_.Empty()) return true;
    for (const Site& site : sites()) {
      if (site.Surplus()) return true;
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

  const std::unique_ptr<Site[]> sites_;
  const std::uint32_t count_;
  WorkerDelegate& delegate_;
  // Written at most three times.
  atomic<RunMode> mode_{RunMode::kRun};
  Injector injector_;
  Idle idle_;
};

}  // namespace weft

#endif  // WEFT_WORKER_SHARED_H_
