// The watchdog: a thread that rescues single tasks from behind long polls.

#ifndef WEFT_WORKER_WATCHDOG_H_
#define WEFT_WORKER_WATCHDOG_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/base/fence.h"
#include "weft/worker/parker.h"
#include "weft/worker/shared.h"

namespace weft {

/// Finds tasks that wait behind long polls, and sends a sleeper for them.
///
/// A lone task in a worker's next-task slot or queue is no surplus, so nobody
/// is woken for it and nobody steals it: it is about to be run by the worker
/// itself. Unless that worker computes for long (Tokio #4941), or its few tasks
/// all do, in turns. A thread of its own looks at each worker now and then; one
/// whose polls have been long since the last look, with something waiting, is
/// robbed. Short polls are left alone: there, the lone task may be half of a
/// pair that wakes each other.
///
/// It looks every `period` while anybody is awake, more often after it found a
/// poll that did not end, and sleeps without limit when all workers do: an idle
/// scheduler uses no processor time.
///
/// Source: Go's sysmon.
template <class Policies>
class Watchdog {
 public:
  using Shared = WorkerShared<Policies>;

  /// It never looks more often. Some fifty times the cost of a wake-up, so that
  /// the rescues cost little even if every look finds something (BM_WakeUp).
  static constexpr std::chrono::microseconds kShortestPeriod{100};
  /// A poll is long if it takes so long, on average: as in algorithms 5.5, some
  /// ten times what it costs to move a task to another worker (BM_WakeUp).
  static constexpr std::chrono::microseconds kLongPoll{50};
  /// After so many looks at nobody awake it sleeps, and is not woken for each
  /// task that comes alone.
  static constexpr int kQuietLooks = 3;

  /// `shared` must outlive it. `period` is positive.
  Watchdog(Shared& shared, std::chrono::nanoseconds period)
      : shared_(shared),
        period_(period),
        next_(period),
        seen_(shared.count()) {}
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
        (void)Look();
      }
    }
  }

  /// Looks once; true if a sleeper was sent to somebody. Called by `Loop`, or
  /// instead of it, every `period`, by a thread that has other things to do,
  /// too; never by two. Three loads for each worker, more for one with long
  /// polls.
  bool Look() {
    // How many polls fit in the time since the last look, if they are long.
    const auto few = static_cast<std::uint64_t>(next_ / kLongPoll);
    bool sent = false;
    bool stuck = false;
    for (std::uint32_t i = 0; i < shared_.count(); ++i) {
      const auto& site = shared_.sites()[i];
      const std::uint64_t polls = site.polls.load(std::memory_order_relaxed);
      const std::uint64_t ended = polls - std::exchange(seen_[i].polls, polls);
      const bool waits =
          ended <= few && !shared_.idle().Asleep(i) && site.Count() != 0;
      // A worker that has just woken has run few tasks, too: that something
      // waits there once means nothing.
      const bool waited = std::exchange(seen_[i].waits, waits);
      if (!waits || (ended != 0 && !waited) || !SendTo(i)) continue;
      sent = true;
      stuck |= ended == 0;
    }
    next_ = stuck ? std::max<Period>(next_ / 2, kShortestPeriod) : next_ * 2;
    next_ = std::min(next_, period_);
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

  // What the last look saw of a worker.
  struct Seen {
    std::uint64_t polls = 0;
    bool waits = false;
  };

  void SleepUntilPoked() {
    asleep_.store(true, std::memory_order_relaxed);
    if (shared_.idle().AllAsleep()) parker_.Park();
    asleep_.store(false, std::memory_order_relaxed);
  }

  bool SendTo(std::uint32_t stuck) {
    auto sleeper = shared_.idle().ClaimAnother();
    if (!sleeper) return false;
    auto& site = shared_.sites()[*sleeper];
    // Relaxed: the token publishes it.
    site.sent_to.store(stuck, std::memory_order_relaxed);
    site.parker.Unpark();
    return true;
  }

  Shared& shared_;
  const Period period_;
  // Written and read by the watchdog.
  Period next_;
  std::vector<Seen> seen_;
  // Written by the watchdog, read by workers that wake.
  atomic<bool> asleep_{false};
  // Written by whoever stops it, read by the watchdog.
  atomic<bool> stop_{false};
  // Written by all of them.
  FutexParker parker_;
};

}  // namespace weft

#endif  // WEFT_WORKER_WATCHDOG_H_
