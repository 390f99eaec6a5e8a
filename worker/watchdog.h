// The watchdog: a thread that rescues single tasks from behind long polls.

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

  /// It never looks more often. Some fifty times the cost of a wake-up, so that
  /// the rescues cost little even if every look finds something (BM_WakeUp).
  static constexpr std::chrono::microseconds kShortestPeriod{100};
  /// After so many looks at nobody awake it sleeps, and is not woken for each
  /// task that comes alone.
  static constexpr int kQuietLooks = 3;

  /// `shared` must outlive it. `period` is positive.
  Watchdog(Shared& shared, std::chrono::nanoseconds period)
      : shared_(shared),
        period_(period),
        next_(period),
        seen_(shared.count(), 0) {}
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// The body of the watchdog's thread; returns after `Stop`.
  void Loop() {
    int quiet = 0;
    // ORDER(watchdog.stop): acquire. Pairs with Stop: what was done before is
    // visible after the loop. Relaxed would not promise that.
    while (!stop_.load(std::memory_order_acquire)) {
      quiet = shared_.idle().AllAsleep() ? quiet + 1 : 0;
      if (quiet >= kQuietLooks) {
        SleepUntilPoked();
        quiet = 0;
      } else if (!parker_.ParkFor(next_)) {
        next_ =
            Look() ? std::max<Period>(next_ / 2, kShortestPeriod) : next_ * 2;
        next_ = std::min(next_, period_);
      }
    }
  }

  /// Looks once; true if a sleeper was sent to somebody. Called by `Loop`, or
  /// instead of it by a thread that has other things to do, too; never by two.
  /// Three loads for each worker, more for one that does not get on.
  bool Look() {
    bool sent = false;
    for (std::uint32_t i = 0; i < shared_.count(); ++i) {
      auto& site = shared_.sites()[i];
      const std::uint64_t polls = site.polls.load(std::memory_order_relaxed);
      const bool stuck = polls == seen_[i] && !shared_.idle().Asleep(i);
      seen_[i] = polls;
      if (stuck && site.Count() != 0) sent |= SendTo(i);
    }
    return sent;
  }

  /// A worker is not asleep any more. Any thread, after that became visible in
  /// the idle protocol. A private fence and a load; a system call more if the
  /// watchdog sleeps for good.
  void Poke() {
    // ORDER(watchdog.dekker): sequentially consistent. Pairs with the fence in
    // AllAsleep, called by SleepUntilPoked: either the watchdog sees that we
    // are awake, or we see that it sleeps. Anything weaker could miss both.
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
  using Period = std::chrono::nanoseconds;

  void SleepUntilPoked() {
    asleep_.store(true, std::memory_order_relaxed);
    if (shared_.idle().AllAsleep()) parker_.Park();
    asleep_.store(false, std::memory_order_relaxed);
  }

  bool SendTo(std::uint32_t stuck) {
    auto sleeper = shared_.idle().ClaimAnother();
    if (!sleeper) return false;
    auto& site = shared_.sites()[*sleeper];
    // Relaxed: the token publishes it. Not if the one who was stuck has fallen
    // asleep since we looked, and is the sleeper: nobody robs himself.
    if (*sleeper != stuck) {
      site.sent_to.store(stuck, std::memory_order_relaxed);
    }
    site.parker.Unpark();
    return true;
  }

  Shared& shared_;
  const Period period_;
  // Written and read by the watchdog.
  Period next_;
  std::vector<std::uint64_t> seen_;
  // Written by the watchdog, read by workers that wake.
  atomic<bool> asleep_{false};
  // Written by whoever stops it, read by the watchdog.
  atomic<bool> stop_{false};
  // Written by all of them.
  FutexParker parker_;
};

}  // namespace weft

#endif  // WEFT_WORKER_WATCHDOG_H_
