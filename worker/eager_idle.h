#ifndef WEFT_WORKER_EAGER_IDLE_H_
#define WEFT_WORKER_EAGER_IDLE_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "weft/base/fence.h"
#include "weft/worker/idle.h"

namespace weft {

/// An IdlePolicy that throttles nothing: all work wakes a sleeper, whoever
/// searches already; every worker without work may search; and each that finds
/// some wakes another if there is more. As the scheduler of Tokio 0.1 did.
///
/// Since nobody leaves work to a searcher, nobody need know whether one is
/// there; only the sleepers' bits of `Idle` are used.
///
/// Use when: comparing. Costs: as Idle, and a system call for nearly every push
/// while anybody sleeps.
class EagerIdle {
 public:
  explicit EagerIdle(std::uint32_t workers)
      : idle_(workers), claimed_(workers, 0) {}

  [[nodiscard]] std::optional<std::uint32_t> Claim() {
    // ORDER(idle.dekker): sequentially consistent. As in Idle::Claim; pairs
    // with the fence of the worker that looks once more before it sleeps.
    FullFence();
    return idle_.ClaimAnother();
  }
  [[nodiscard]] std::optional<std::uint32_t> ClaimAnother() {
    return idle_.ClaimAnother();
  }
  /// Always true: everybody looks once more.
  [[nodiscard]] bool Announce(std::uint32_t worker, bool) {
    (void)idle_.Announce(worker, TakeClaim(worker));
    return true;
  }
  bool ClaimSelf(std::uint32_t worker) {
    claimed_[worker] = 1;
    return idle_.ClaimSelf(worker);
  }
  [[nodiscard]] bool Retract(std::uint32_t worker) {
    const bool claimed = idle_.Retract(worker);
    claimed_[worker] = claimed ? 1 : 0;
    return claimed;
  }
  /// Always true.
  [[nodiscard]] bool StartSearching(std::uint32_t) { return true; }
  /// Always true: who finds work wakes another, if there is more.
  [[nodiscard]] bool StopSearching(std::uint32_t worker) {
    if (TakeClaim(worker)) (void)idle_.StopSearching(worker);
    return true;
  }
  bool AllAsleep() const { return idle_.AllAsleep(); }
  bool Asleep(std::uint32_t worker) const { return idle_.Asleep(worker); }

 private:
  bool TakeClaim(std::uint32_t worker) {
    return std::exchange(claimed_[worker], 0) != 0;
  }

  Idle idle_;
  // Whether idle_ counts the worker as a searcher, since a claim. Each is its
  // worker's own.
  std::vector<std::uint8_t> claimed_;
};

}  // namespace weft

#endif  // WEFT_WORKER_EAGER_IDLE_H_
