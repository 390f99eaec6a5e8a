#ifndef WEFT_WORKER_RAMPING_IDLE_H_
#define WEFT_WORKER_RAMPING_IDLE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/fence.h"
#include "weft/worker/idle_state.h"

namespace weft {

/// An IdlePolicy in which the thieves, not those who make work, wake others: as
/// many workers as there is work for are reached step by step, and nobody
/// counts who searches.
///
/// The rule is that of "Architecting Asynchronous Schedulers":
///
/// 1. A worker without work tries to rob a sibling at random.
/// 2. If that one is awake and has nothing to spare, it sleeps.
/// 3. If it has robbed one, it wakes a sleeper at random.
///
/// By itself this loses work: if all others sleep, nobody steals, so nobody is
/// woken; nobody is told of what comes from outside; and a worker may decide to
/// sleep while work appears. What we have to add, and without what each fails
/// (ramping_idle_model_test.cc, idle_protocol.md):
///
/// 4. Work from outside wakes one at random, and so does a worker's push that
///    finds no other worker awake (`ClaimIfAlone`).
/// 5. Who has said that it sleeps looks at everything once more (`Announce` is
///    always true), between two fences as in Idle.
/// 6. In 2: one that sleeps and has nothing is passed over, and if all do, the
///    worker sleeps as well. In 3: not if nothing is left to take.
///
/// So work that others may take has somebody else awake, who looks before he
/// sleeps; but not at once, as with Idle: while others run long tasks, it waits
/// for their end, or for the watchdog.
///
/// Use when: comparing. Costs: a push of a surplus a private fence and a load
/// for each group; a steal a wake-up, a system call, while anybody sleeps.
class RampingIdle {
 public:
  /// For `workers` workers, all of them running. At least one.
  explicit RampingIdle(std::uint32_t workers);
  RampingIdle(const RampingIdle&) = delete;
  RampingIdle& operator=(const RampingIdle&) = delete;

  /// Work has come from outside, or a thief leaves some behind: claims a
  /// sleeper at random, which the caller must unpark. Any thread.
  [[nodiscard]] std::optional<std::uint32_t> Claim() {
    // ORDER(idle.dekker): sequentially consistent. As in Idle::Claim; pairs
    // with the fence of the worker that looks once more before it sleeps.
    FullFence();
    return ClaimAnother();
  }

  /// The same without the fence, which the caller has had. At random: which of
  /// them depends on how often some were woken.
  [[nodiscard]] std::optional<std::uint32_t> ClaimAnother();

  /// A worker has queued work that others may take: as `Claim`, if no other is
  /// awake. By that worker.
  [[nodiscard]] std::optional<std::uint32_t> ClaimIfAlone() {
    // ORDER(idle.dekker): sequentially consistent. As in Claim: who is seen
    // awake will see our work when it looks before sleep.
    FullFence();
    if (AnotherAwake()) [[likely]] {
      return std::nullopt;
    }
    return ClaimAnother();
  }

  /// `worker` is about to sleep. Always true: it looks for work once more,
  /// after a full fence of its own. By the worker itself.
  [[nodiscard]] bool Announce(std::uint32_t worker, bool searching);

  /// As Idle::ClaimSelf and Idle::Retract: whether the worker was claimed is
  /// whether its bit is gone. By the worker itself.
  bool ClaimSelf(std::uint32_t worker) { return !Retract(worker); }
  [[nodiscard]] bool Retract(std::uint32_t worker);

  /// Always true: nobody counts.
  [[nodiscard]] bool StartSearching(std::uint32_t) { return true; }
  /// `worker` has found work. Whether somebody sleeps: the caller looks whether
  /// there is more, and if so calls `Claim`. A fence and a load for each group.
  [[nodiscard]] bool StopSearching(std::uint32_t worker);

  /// As Idle::AllAsleep.
  bool AllAsleep() const;

  /// Whether `worker` was asleep; if so, what it did before it slept is
  /// visible. Any thread.
  bool Asleep(std::uint32_t worker) const {
    // ORDER(idle.asleep): acquire. Pairs with Announce: what is in its queue.
    const IdleState state(groups_[worker / IdleState::kWorkers].word.load(
        std::memory_order_acquire));
    return state.asleep(worker % IdleState::kWorkers);
  }

 private:
  // Of IdleState's fields `searching` is always zero.
  struct alignas(kFalseSharingRange) Group {
    // Written by sleepers and wakers, by read-modify-writes only, so that a
    // release reaches whoever acquires any later value.
    atomic<IdleState::Word> word{0};
    // Written once.
    std::uint32_t members = 0;
  };

  bool AnotherAwake() const;
  bool SeesAllAsleep(std::uint64_t& wakes) const;

  const std::uint32_t group_count_;
  const std::unique_ptr<Group[]> groups_;
};

}  // namespace weft

#endif  // WEFT_WORKER_RAMPING_IDLE_H_
