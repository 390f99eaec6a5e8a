#ifndef WEFT_WORKER_WATCHDOG_H_
#define WEFT_WORKER_WATCHDOG_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/base/fence.h"
#include "weft/worker/parker.h"
#include "weft/worker/shared.h"

namespace weft {

/// Finds single tasks that wait behind a long poll, and sends a sleeper for
/// them.
///
/// A lone task in a worker's next-task slot or queue is no surplus, so nobody
/// is woken for it and nobody steals it: it is about to be run by the worker
/// itself. Unless that worker computes for long (Tokio #4941). A thread of its
/// own looks at each worker now and then; one that is still in the same poll
/// as at the last look, with something waiting, is robbed.
///
/// It looks every `period` while anybody is awake, more often after it found
/// something, and sleeps without limit when all workers do: an idle scheduler
/// uses no processor time.
///
/// Source: Go's sysmon.
template <class Policies>
class Watchdog {
 public:
  using Shared = WorkerShared<Policies>;

  static constexpr std::chrono::microseconds kShortestPeriod{100};
  /// After so many looks at nobody awake it sleeps.
  static constexpr int kQuietLooks = 3;

  Watchdog(Shared& shared, std::chrono::nanoseconds period)
      : shared_(shared),
        period_(period),
        next_(period),
        seen_(shared.count(), 0) {}

  /// The body of the watchdog's thread; returns after `Stop`.
  void Loop() {
    int quiet = 0;
    // ORDER(watchdog.stop): acquire. Pairs with Stop.
    while (!stop_.load(std::memory_order_acquire)) {
      quiet = shared_.idle().AllAsleep() ? quiet + 1 : 0;
      if (quiet >= kQuietLooks) {
        SleepUntilPoked();
        quiet = 0;
      } else if (!parker_.ParkFor(next_)) {
        next_ = Look() ? std::max<std::chrono::nanoseconds>(next_ / 2,
                                                            kShortestPeriod)
                       : std::min(next_ * 2, period_);
      }
    }
  }

  /// A worker has woken up. Any thread. A fence and a load, unless the watchdog
  /// sleeps for good.
  void Poke() {
    // ORDER(watchdog.dekker): sequentially consistent. Pairs with the fence in
    // AllAsleep: either the watchdog sees that we are awake, or we see that it
    // sleeps.
    FullFence();
    if (asleep_.load(std::memory_order_relaxed)) parker_.Unpark();
  }

  /// Ends `Loop`. Any thread.
  void Stop() {
    // ORDER(watchdog.stop): release. Pairs with Loop; the token wakes it.
    stop_.store(true, std::memory_order_release);
    parker_.Unpark();
  }

 private:
  void SleepUntilPoked() {
    asleep_.store(true, std::memory_order_relaxed);
    if (shared_.idle().AllAsleep()) parker_.Park();
    asleep_.store(false, std::memory_order_relaxed);
  }

  // Whether somebody was sent.
  bool Look() {
    bool sent = false;
    for (std::uint32_t i = 0; i < shared_.count(); ++i) {
      auto& site = shared_.sites()[i];
      const std::uint64_t polls = site.polls.load(std::memory_order_relaxed);
      const bool stuck = polls == seen_[i] && !shared_.idle().Asleep(i);
      seen_[i] = polls;
      if (!stuck || site.Count() == 0) continue;
      if (auto sleeper = shared_.idle().ClaimAnother()) {
        auto& sent_site = shared_.sites()[*sleeper];
        // Relaxed: the token publishes it.
        sent_site.may_take_single.store(true, std::memory_order_relaxed);
        sent_site.parker.Unpark();
        sent = true;
      }
    }
    return sent;
  }

  Shared& shared_;
  const std::chrono::nanoseconds period_;
  // Owner only.
  std::chrono::nanoseconds next_;
  std::vector<std::uint64_t> seen_;
  // Written by the watchdog, read by workers that wake.
  atomic<bool> asleep_{false};
  atomic<bool> stop_{false};
  FutexParker parker_;
};

}  // namespace weft

#endif  // WEFT_WORKER_WATCHDOG_H_
