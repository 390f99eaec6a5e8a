// Where a thread sleeps until another one has something for it. Two models of
// one concept (worker/concepts.h); parker_test.cc is their conformance suite.

#ifndef WEFT_WORKER_PARKER_H_
#define WEFT_WORKER_PARKER_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/clock.h"
#include "weft/base/futex.h"
#include "weft/base/model_mode.h"
#include "weft/base/mutex.h"

namespace weft {
namespace worker_internal {

/// The moment `timeout` from now: now if that is not positive, the end of time
/// if it would come later (known bugs C5).
inline Clock::time_point DeadlineAfter(std::chrono::nanoseconds timeout) {
  using TimePoint = Clock::time_point;
  const TimePoint now = Clock::now();
  timeout = std::max(timeout, std::chrono::nanoseconds::zero());
  return timeout < TimePoint::max() - now ? now + timeout : TimePoint::max();
}

}  // namespace worker_internal

/// One thread's place to sleep, with one token.
///
/// `Unpark` leaves the token, and wakes the thread if it sleeps; `Park` takes
/// the token, sleeping until there is one. Tokens do not add up. `Park` and
/// `ParkFor` belong to the one owner; `Unpark` to any thread.
///
/// Memory ordering: whoever takes the token sees what *every* thread did before
/// an `Unpark` that came before, not just the last one. So `Unpark` always
/// exchanges, also when the token is there already: a load that skips it would
/// publish nothing (Tokio #7622, crossbeam's parker).
///
/// Use when: always, on Linux. Costs: park two read-modify-writes and a futex
/// wait, or two read-modify-writes if the token is there; unpark one, and a
/// futex wake only if the owner sleeps. Alone on its cache lines, since any
/// thread writes it.
class alignas(kFalseSharingRange) FutexParker {
 public:
  FutexParker() = default;
  FutexParker(const FutexParker&) = delete;
  FutexParker& operator=(const FutexParker&) = delete;

  /// Takes the token, sleeping until there is one. Never returns without.
  void Park() {
    if (TakesTokenOrAnnounces()) return;
    do {
      FutexWait(word_, kParked);
    } while (!TakeToken());
  }

  /// As `Park`, but gives up after `timeout` (at once if that is not positive).
  /// True if it took the token.
  bool ParkFor(std::chrono::nanoseconds timeout) {
    if (TakesTokenOrAnnounces()) return true;
    const auto deadline = worker_internal::DeadlineAfter(timeout);
    for (;;) {
      const auto left = deadline - Clock::now();
      if (left <= std::chrono::nanoseconds::zero()) break;
      FutexWaitFor(word_, kParked, left);
      if (TakeToken()) return true;
    }
    // ORDER(parker.token): acquire. As in TakeToken: a token may have come
    // since it looked.
    return word_.exchange(kEmpty, std::memory_order_acquire) == kToken;
  }

  /// Leaves the token. True if this woke the owner, by a system call: it slept,
  /// and there was no token.
  bool Unpark() {
    // ORDER(parker.token): release. Pairs with the acquires of whoever takes
    // the token; publishes what we did. The tokens of earlier unparkers, which
    // this one overwrites, stay published, since exchanges continue each
    // other's release sequence. Relaxed would publish nothing.
    if (word_.exchange(kToken, std::memory_order_release) != kParked) {
      return false;
    }
    FutexWake(word_, 1);
    return true;
  }

 protected:
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kParked = 1;
  static constexpr std::uint32_t kToken = 2;

  // Takes the token if there is one; else says that we sleep.
  bool TakesTokenOrAnnounces() {
    std::uint32_t expected = kEmpty;
    // Relaxed: success publishes nothing, and what a failure has found is
    // acquired by the exchange.
    if (word_.compare_exchange_strong(expected, kParked,
                                      std::memory_order_relaxed,
                                      std::memory_order_relaxed)) {
      return false;
    }
    // ORDER(parker.token): acquire. Pairs with Unpark, also with one that came
    // after the failed compare-and-swap, whose work would be missed if that one
    // acquired and this only stored.
    word_.exchange(kEmpty, std::memory_order_acquire);
    return true;
  }

  bool TakeToken() {
    std::uint32_t expected = kToken;
    // ORDER(parker.token): acquire. Pairs with Unpark; with relaxed the work
    // that the token stands for could be missed. Failure learns nothing.
    return word_.compare_exchange_strong(
        expected, kEmpty, std::memory_order_acquire, std::memory_order_relaxed);
  }

  // Written by the owner (kEmpty, kParked) and by unparkers (kToken); read by
  // both, and by the kernel.
  atomic<std::uint32_t> word_{kEmpty};
};

static_assert(sizeof(FutexParker) == kFalseSharingRange);

/// The same contract on a mutex and a condition variable: the reference model,
/// and the choice where there is no futex.
///
/// Use when: not on Linux. Costs: a mutex on both sides.
class alignas(kFalseSharingRange) CondvarParker {
 public:
  CondvarParker() = default;
  CondvarParker(const CondvarParker&) = delete;
  CondvarParker& operator=(const CondvarParker&) = delete;

  /// See FutexParker.
  void Park() {
    MutexLock lock(mutex_);
    sleeping_ = true;
    condition_.wait(lock, [this] { return token_; });
    sleeping_ = token_ = false;
  }

  /// See FutexParker.
  bool ParkFor(std::chrono::nanoseconds timeout) {
    const auto deadline = worker_internal::DeadlineAfter(timeout);
    MutexLock lock(mutex_);
    sleeping_ = true;
    const bool took =
        condition_.wait_until(lock, deadline, [this] { return token_; });
    sleeping_ = token_ = false;
    return took;
  }

  /// See FutexParker.
  bool Unpark() {
    MutexLock lock(mutex_);
    const bool wakes = sleeping_ && !token_;
    token_ = true;
    if (wakes) condition_.notify_one();
    return wakes;
  }

 private:
  Mutex mutex_;
  CondVar condition_;
  // Guarded by mutex_.
  bool token_ = false;
  bool sleeping_ = false;
};

static_assert(kModelMode || sizeof(CondvarParker) == kFalseSharingRange);

}  // namespace weft

#endif  // WEFT_WORKER_PARKER_H_
