// MutexIdle: the reference model of the IdlePolicy concept. The same protocol
// with everything under one lock, in the obvious words.

#ifndef WEFT_WORKER_TESTING_MUTEX_IDLE_H_
#define WEFT_WORKER_TESTING_MUTEX_IDLE_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "weft/base/check.h"
#include "weft/base/mutex.h"
#include "weft/worker/concepts.h"

namespace weft {

/// An IdlePolicy for any number of workers; the contract is Idle's. No fences:
/// of a pusher and a worker that goes to sleep, the one who has the lock later
/// sees what the other did before.
///
/// Use when: a pool is suspected to hang because of Idle. Costs: the lock, for
/// every push.
class MutexIdle {
 public:
  explicit MutexIdle(std::uint32_t workers) : asleep_(workers, false) {
    Check(workers > 0, "MutexIdle: at least one worker");
  }
  MutexIdle(const MutexIdle&) = delete;
  MutexIdle& operator=(const MutexIdle&) = delete;

  [[nodiscard]] std::optional<std::uint32_t> Claim() {
    const MutexLock lock(mutex_);
    if (searching_ > 0) return std::nullopt;
    return ClaimLocked();
  }

  [[nodiscard]] std::optional<std::uint32_t> ClaimAnother() {
    const MutexLock lock(mutex_);
    return ClaimLocked();
  }

  [[nodiscard]] bool Announce(std::uint32_t worker, bool searching) {
    const MutexLock lock(mutex_);
    DCheck(!asleep_[worker], "MutexIdle: asleep twice");
    asleep_[worker] = true;
    if (searching) --searching_;
    return searching_ == 0;
  }

  bool ClaimSelf(std::uint32_t worker) {
    const MutexLock lock(mutex_);
    if (!asleep_[worker]) return false;
    asleep_[worker] = false;
    ++searching_;
    return true;
  }

  [[nodiscard]] bool Retract(std::uint32_t worker) {
    const MutexLock lock(mutex_);
    if (!asleep_[worker]) return true;
    asleep_[worker] = false;
    return false;
  }

  [[nodiscard]] bool StartSearching(std::uint32_t) {
    const MutexLock lock(mutex_);
    if (2 * searching_ >= asleep_.size()) return false;
    ++searching_;
    return true;
  }

  [[nodiscard]] bool StopSearching(std::uint32_t) {
    const MutexLock lock(mutex_);
    DCheck(searching_ > 0, "MutexIdle: nobody searches");
    return --searching_ == 0 && FirstSleeper() != asleep_.end();
  }

  bool AllAsleep() const {
    const MutexLock lock(mutex_);
    return std::all_of(asleep_.begin(), asleep_.end(),
                       [](bool a) { return a; });
  }

  bool Asleep(std::uint32_t worker) const {
    const MutexLock lock(mutex_);
    return asleep_[worker];
  }

 private:
  std::vector<bool>::iterator FirstSleeper() {
    return std::find(asleep_.begin(), asleep_.end(), true);
  }
  std::optional<std::uint32_t> ClaimLocked() {
    const auto sleeper = FirstSleeper();
    if (sleeper == asleep_.end()) return std::nullopt;
    *sleeper = false;
    ++searching_;
    return static_cast<std::uint32_t>(sleeper - asleep_.begin());
  }

  mutable Mutex mutex_;
  // Guarded by mutex_.
  std::vector<bool> asleep_;
  std::uint32_t searching_ = 0;
};

static_assert(IdlePolicy<MutexIdle>);

}  // namespace weft

#endif  // WEFT_WORKER_TESTING_MUTEX_IDLE_H_
