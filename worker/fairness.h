// When a busy worker looks at the work from outside. Two models of one concept
// (worker/concepts.h).

#ifndef WEFT_WORKER_FAIRNESS_H_
#define WEFT_WORKER_FAIRNESS_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "weft/base/clock.h"

namespace weft {

/// When a busy worker looks at the injector before its own queue: about every
/// 200 microseconds, counted in polls, so that the clock is hardly ever read.
/// The number of polls follows their measured mean length, between 2 and 127.
///
/// `Tick` comes once before each poll, and once more before the worker finds
/// that there is nothing to do; then `Pause`, and `Resume` when it goes on. All
/// by the owner.
///
/// Use when: always. Costs: a counter a poll, and a clock read every
/// `kPollsPerClock` polls and around sleeps.
///
/// Source: Tokio #5720 (target interval, moving average, bounds, hysteresis).
template <class Clock = weft::Clock>
class TunedFairness {
 public:
  /// Tokio's numbers, all of them (#5720, measured there).
  static constexpr std::chrono::nanoseconds kTarget{200'000};
  static constexpr std::uint32_t kFirstInterval = 61;
  static constexpr std::uint32_t kMinInterval = 2;
  static constexpr std::uint32_t kMaxInterval = 127;
  /// The interval stays while the wanted one is this near.
  static constexpr std::uint32_t kHysteresis = 2;
  /// Weight of one poll in the moving average.
  static constexpr double kAlpha = 0.1;
  /// Makes the clock's 25 ns less than half a nanosecond a poll
  /// (BM_TunedFairness_Tick).
  static constexpr std::uint32_t kPollsPerClock = 64;

  TunedFairness() : batch_begin_(Clock::now()) {}

  /// Whether the injector comes first this time.
  bool Tick() {
    if (--left_ != 0) [[likely]] {
      return false;
    }
    return TickOfNote();
  }

  /// The worker has nothing to do; the time until `Resume` does not count.
  void Pause() {
    Settle();
    // The last tick was followed by no poll.
    if (polls_ != 0) --polls_;
    EndBatch();
    Begin();
  }
  void Resume() { batch_begin_ = Clock::now(); }

  /// How many polls come between two looks at the injector. For tests.
  std::uint32_t interval() const { return interval_; }

 private:
  // What is left of an old mean after n polls: (1 - kAlpha) to the nth.
  static constexpr double Keep(std::uint32_t n) {
    double keep = 1.0;
    for (double power = 1.0 - kAlpha; n != 0; n /= 2, power *= power) {
      if (n % 2 != 0) keep *= power;
    }
    return keep;
  }

  // Something is due: a look at the clock before this tick, or the injector.
  [[gnu::noinline]] bool TickOfNote() {
    Settle();
    if (polls_ > kPollsPerClock) {
      --polls_;  // this tick is the first of the next batch
      EndBatch();
      ++polls_;
    }
    const bool injector = until_injector_ == 0;
    if (injector) until_injector_ = interval_;
    Begin();
    return injector;
  }

  // Takes the ticks since Begin() into account.
  void Settle() {
    const std::uint32_t ticks = step_ - left_;
    polls_ += ticks;
    until_injector_ -= ticks;
    step_ = left_;
  }
  // So many ticks until something is due.
  void Begin() {
    left_ = step_ = std::min(until_injector_, kPollsPerClock + 1 - polls_);
  }

  void EndBatch() {
    const auto now = Clock::now();
    if (polls_ != 0) {
      const std::chrono::duration<double, std::nano> time = now - batch_begin_;
      // A batch of n polls weighs as much as n single updates would.
      const double keep = Keep(polls_);
      mean_ = keep * mean_ + (1.0 - keep) * time.count() / polls_;
      Adjust();
    }
    polls_ = 0;
    batch_begin_ = now;
  }

  void Adjust() {
    const double polls =
        static_cast<double>(kTarget.count()) / std::max(mean_, 1.0);
    const auto wanted = static_cast<std::uint32_t>(
        std::clamp<double>(polls, kMinInterval, kMaxInterval));
    const std::uint32_t off =
        wanted > interval_ ? wanted - interval_ : interval_ - wanted;
    if (off <= kHysteresis) return;
    interval_ = wanted;
    until_injector_ = std::min(until_injector_, interval_);
  }

  // INVARIANT(fairness.count): left_ is at least 1 between two calls, so its
  // decrement cannot step over 0; the two numbers below are those at the time
  // of the last Begin(), step_ - left_ ticks ago.
  std::uint32_t left_ = kFirstInterval;
  std::uint32_t step_ = kFirstInterval;
  // From 1 to kMaxInterval.
  std::uint32_t until_injector_ = kFirstInterval;
  // Ticks in this batch, each followed by a poll. At most kPollsPerClock.
  std::uint32_t polls_ = 0;
  std::uint32_t interval_ = kFirstInterval;
  // Mean length of a poll, in nanoseconds; starts where it gives the first
  // interval.
  double mean_ = static_cast<double>(kTarget.count()) / kFirstInterval;
  typename Clock::time_point batch_begin_;
};

/// The reference model: every 61st poll, whatever it takes (Go, and Tokio until
/// 2023).
///
/// Use when: the order must be known, in tests and models.
class FixedFairness {
 public:
  /// Go's number, an odd one so as not to fall into step with anything.
  static constexpr std::uint32_t kInterval = 61;

  /// See TunedFairness.
  bool Tick() {
    if (--until_injector_ != 0) return false;
    until_injector_ = kInterval;
    return true;
  }
  void Pause() {}
  void Resume() {}

 private:
  std::uint32_t until_injector_ = kInterval;
};

}  // namespace weft

#endif  // WEFT_WORKER_FAIRNESS_H_
