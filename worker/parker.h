#ifndef WEFT_WORKER_PARKER_H_
#define WEFT_WORKER_PARKER_H_

#include <chrono>
#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/futex.h"
#include "weft/base/mutex.h"

namespace weft {

/// One thread's place to sleep, with one token.
///
/// `Unpark` leaves the token, and wakes the thread if it sleeps; `Park` takes
/// the token, sleeping until there is one. Tokens do not add up. What a thread
/// did before `Unpark` is visible after the `Park` that took that token or a
/// later one: both always exchange, since a compare-and-skip on a token that is
/// already there would publish nothing (Tokio #7622, crossbeam's parker).
///
/// `Park` and `ParkFor` belong to the one owner; `Unpark` to any thread.
///
/// Use when: always, on Linux. Costs: park 1 read-modify-write and a futex
/// wait; unpark 1 read-modify-write, and a futex wake only if the owner sleeps.
/// Alone on its cache lines, since any thread writes it.
class alignas(kFalseSharingRange) FutexParker {
 public:
  /// Takes the token, sleeping until there is one.
  void Park() {
    if (!Announce()) return;
    do {
      FutexWait(word_, kParked);
    } while (!TakeToken());
  }

  /// As `Park`, but gives up after `timeout`. True if it took the token.
  bool ParkFor(std::chrono::nanoseconds timeout) {
    if (!Announce()) return true;
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (;;) {
      const auto left = deadline - std::chrono::steady_clock::now();
      if (left <= std::chrono::nanoseconds::zero()) break;
      FutexWaitFor(word_, kParked, left);
      if (TakeToken()) return true;
    }
    // ORDER(parker.word): acquire. As in TakeToken: a token may have come.
    return word_.exchange(kEmpty, std::memory_order_acquire) == kToken;
  }

  /// Leaves the token. True if the owner slept, so that a system call was made.
  bool Unpark() {
    // ORDER(parker.word): acq_rel. Release publishes our work to the Park that
    // takes the token; acquire keeps the tokens of earlier unparkers, which
    // this one overwrites, in the chain that Park synchronises with.
    if (word_.exchange(kToken, std::memory_order_acq_rel) != kParked) {
      return false;
    }
    FutexWake(word_, 1);
    return true;
  }

 private:
  static constexpr std::uint32_t kEmpty = 0;
  static constexpr std::uint32_t kParked = 1;
  static constexpr std::uint32_t kToken = 2;

  // Says that we sleep; false if a token was there, which it takes.
  bool Announce() {
    std::uint32_t expected = kEmpty;
    // ORDER(parker.word): relaxed on success, since nothing is published; the
    // exchange below acquires what a failure found.
    if (word_.compare_exchange_strong(expected, kParked,
                                      std::memory_order_relaxed,
                                      std::memory_order_relaxed)) {
      return true;
    }
    // ORDER(parker.word): acquire. Pairs with Unpark, also with one that came
    // after the failed exchange looked.
    word_.exchange(kEmpty, std::memory_order_acquire);
    return false;
  }

  bool TakeToken() {
    std::uint32_t expected = kToken;
    // ORDER(parker.word): acquire. Pairs with Unpark.
    return word_.compare_exchange_strong(
        expected, kEmpty, std::memory_order_acquire, std::memory_order_relaxed);
  }

  // Written by the owner and by every unparker.
  atomic<std::uint32_t> word_{kEmpty};
};

/// The same contract on a mutex and a condition variable: the reference model,
/// and the choice where there is no futex.
///
/// Use when: not on Linux. Costs: a mutex on both sides.
class alignas(kFalseSharingRange) CondvarParker {
 public:
  void Park() {
    std::unique_lock<Mutex> lock(mutex_);
    sleeping_ = true;
    condition_.wait(lock, [this] { return token_; });
    sleeping_ = token_ = false;
  }

  bool ParkFor(std::chrono::nanoseconds timeout) {
    std::unique_lock<Mutex> lock(mutex_);
    sleeping_ = true;
    const bool took =
        condition_.wait_for(lock, timeout, [this] { return token_; });
    sleeping_ = token_ = false;
    return took;
  }

  bool Unpark() {
    std::unique_lock<Mutex> lock(mutex_);
    token_ = true;
    const bool slept = sleeping_;
    condition_.notify_one();
    return slept;
  }

 private:
  Mutex mutex_;
  CondVar condition_;
  // Guarded by mutex_.
  bool token_ = false;
  bool sleeping_ = false;
};

}  // namespace weft

#endif  // WEFT_WORKER_PARKER_H_
