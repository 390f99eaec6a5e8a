#ifndef WEFT_POOL_POOL_H_
#define WEFT_POOL_POOL_H_

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "weft/base/check.h"
#include "weft/base/clock.h"
#include "weft/base/exception.h"
#include "weft/base/thread.h"
#include "weft/pool/core.h"
#include "weft/pool/cpu_count.h"
#include "weft/pool/metrics.h"
#include "weft/pool/options.h"
#include "weft/pool/policies.h"
#include "weft/pool/spawn.h"
#include "weft/worker/site.h"

namespace weft {

/// What a shutdown does with the tasks that are not complete.
enum class ShutdownMode {
  kDrain,   ///< lets them, and what they spawn, run to their end
  kCancel,  ///< destroys each at its next suspension
};

struct ShutdownOptions {
  ShutdownMode mode = ShutdownMode::kDrain;
  /// How long to wait at most; nothing: for ever. When it is over, what is left
  /// is cancelled, and threads that are still in a poll are left to themselves:
  /// what their tasks refer to must live on until these end.
  std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
};

/// A work-stealing scheduler: threads that run tasks.
///
///     weft::Pool pool;
///     int answer = pool.BlockOn([]() -> weft::Task<int> { co_return 42; });
///
/// All functions but the destructor and move may be called from any thread,
/// workers included. Destroying the pool cancels what is not complete and waits
/// for the workers; on one of its own workers, and after a shutdown that ran
/// out of time, it does not wait. A pool that was moved from may only be
/// destroyed or assigned to.
///
/// The parts are those of `Policies` (pool/policies.h); how they work together
/// is in pool/README.md.
template <class Policies>
class BasicPool {
  // Here, where they are named, and not where they are first used.
  static_assert(sizeof(WorkerSite<Policies>) != 0,
                "weft: the parts are checked in worker/site.h");

 public:
  /// A pool with default options.
  BasicPool() : BasicPool(Options()) {}

  /// A pool. Ends the program with a message if the options are not valid or
  /// the system refuses a thread; `Create` reports instead.
  explicit BasicPool(Options options) {
    absl::Status status = Start(std::move(options));
    if (!status.ok()) Check(false, status.ToString().c_str());
  }

  /// A pool, or what is wrong with the options, or ResourceExhausted if the
  /// system refuses a thread or memory; then no thread is left running. (Where
  /// the library is compiled without exceptions a refusal ends the program.)
  /// Costs some 20 microseconds for each worker.
  static absl::StatusOr<BasicPool> Create(Options options) {
    BasicPool pool{Unstarted()};
    absl::Status status = pool.Start(std::move(options));
    if (!status.ok()) return status;
    return pool;
  }

  BasicPool(BasicPool&&) noexcept = default;
  BasicPool& operator=(BasicPool&& other) noexcept {
    if (this != &other) {
      End();
      core_ = std::move(other.core_);
      threads_ = std::move(other.threads_);
    }
    return *this;
  }
  ~BasicPool() { End(); }

  /// See SpawnOn (pool/spawn.h).
  template <class B>
  auto Spawn(B&& body) {
    return SpawnOn(core(), std::forward<B>(body));
  }
  template <class B>
  void SpawnDetached(B&& body) {
    SpawnDetachedOn(core(), std::forward<B>(body));
  }
  template <std::ranges::input_range Bodies>
  auto SpawnBatch(Bodies&& bodies) {
    return SpawnBatchOn(core(), std::forward<Bodies>(bodies));
  }
  template <std::ranges::input_range Bodies>
  void SpawnDetachedBatch(Bodies&& bodies) {
    SpawnDetachedBatchOn(core(), std::forward<Bodies>(bodies));
  }

  /// Runs `body` as a task and blocks until it has ended; returns its value or
  /// throws its exception, or TaskCancelled if the pool was shut down.
  ///
  /// Any thread. A worker that calls it (of this pool or another) runs its own
  /// pool's other tasks meanwhile, on its own stack: nested calls should be
  /// few, and a task that runs so must not block until the one beneath has
  /// ended. In a coroutine prefer `co_await Spawn(...)`.
  template <class B>
  auto BlockOn(B&& body) {
    return Spawn(std::forward<B>(body)).Join().value();
  }

  /// Ends the pool. Tasks spawned from outside from now on end as cancelled.
  ///
  /// OK: all workers have ended. DeadlineExceeded: the time is over; the
  /// message says how many tasks and workers are left. On one of the pool's own
  /// workers it begins the end and returns OK at once, since a worker cannot
  /// wait for itself. May be called more than once; a cancel overtakes a drain.
  absl::Status Shutdown(ShutdownOptions options = {}) {
    core().BeginStop(options.mode == ShutdownMode::kDrain ? RunMode::kDrain
                                                          : RunMode::kStop);
    if (core().OnOwnWorker()) return absl::OkStatus();
    if (core().WaitForWorkers(options.timeout)) return absl::OkStatus();
    core().BeginStop(RunMode::kStop);
    core().Abandon();
    return absl::DeadlineExceededError(absl::StrCat(
        "weft: shutdown ran out of time with ", core().Metrics().alive,
        " tasks alive and ", core().WorkersLeft(), " workers running"));
  }

  int workers() const { return static_cast<int>(core().workers()); }
  const Options& options() const { return core().options(); }
  /// Any thread, at any time, also during a shutdown and after it. Costs a look
  /// at each worker's counters and at each entry of the registry of tasks.
  PoolMetrics Metrics() const { return core().Metrics(); }

  /// The pool as others see it: for SpawnOn and the like.
  Executor& executor() { return core(); }

 private:
  using Core = pool_internal::Core<Policies>;
  struct Unstarted {};

  explicit BasicPool(Unstarted) {}

  Core& core() const {
    Check(core_ != nullptr, "weft: this pool was moved from");
    return *core_;
  }

  absl::Status Start(Options options) {
    if (absl::Status status = options.Validate(); !status.ok()) return status;
    const auto workers = static_cast<std::uint32_t>(
        options.workers == 0 ? std::min(AvailableCpus(), Options::kMaxWorkers)
                             : options.workers);
    const auto shards =
        options.injector_shards == 0
            ? std::min(16u, std::bit_ceil(std::max(1u, workers / 4)))
            : static_cast<std::uint32_t>(options.injector_shards);
    std::uint64_t seed = options.seed;
    if (seed == 0) {
      seed =
          static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    }
    if (CatchAll([&] {
          threads_.reserve(workers + 1);
          core_ =
              std::make_shared<Core>(std::move(options), workers, shards, seed);
        }) != nullptr) {
      return absl::ResourceExhaustedError(
          absl::StrCat("weft: no memory for a pool of ", workers, " workers"));
    }
    for (std::uint32_t i = 0; i < workers; ++i) {
      if (!StartWorker(i)) {
        core_->OnlyStarted(i);
        return absl::ResourceExhaustedError(absl::StrCat(
            "weft: the system refused thread ", i + 1, " of ", workers));
      }
    }
    if (core_->HasWatchdog() &&
        !StartThread([core = core_] { core->WatchdogMain(); })) {
      return absl::ResourceExhaustedError(
          "weft: the system refused the watchdog's thread");
    }
    return absl::OkStatus();
  }

  bool StartWorker(std::uint32_t i) {
    if constexpr (kRetires<Policies>) return core_->StartThread(i);
    return StartThread([core = core_, i] { core->WorkerMain(i); });
  }

  template <class Main>
  bool StartThread(Main main) {
    return CatchAll([&] { threads_.emplace_back(std::move(main)); }) == nullptr;
  }

  void End() {
    if (core_ == nullptr) return;
    core_->BeginStop(RunMode::kStop);
    bool ended = false;
    if (!core_->OnOwnWorker()) {
      std::optional<std::chrono::nanoseconds> timeout = std::nullopt;
      if (core_->abandoned()) timeout = std::chrono::nanoseconds::zero();
      ended = core_->WaitForWorkers(timeout);
    }
    for (Thread& thread : threads_) {
      // A thread-local of a worker that has ended may own the pool.
      if (ended && thread.get_id() != ThisThreadId()) {
        thread.join();
      } else {
        thread.detach();
      }
    }
    threads_.clear();
    if constexpr (kRetires<Policies>) core_->EndThreads(ended);
    core_ = nullptr;
  }

  std::shared_ptr<Core> core_;
  std::vector<Thread> threads_;
};

/// The pool to use: Weft's own parts.
using Pool = BasicPool<DefaultPolicies>;

}  // namespace weft

#endif  // WEFT_POOL_POOL_H_
