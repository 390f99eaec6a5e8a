#ifndef WEFT_WORKER_FAIRNESS_H_
#define WEFT_WORKER_FAIRNESS_H_

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace weft {

/// When a busy worker looks at the injector before its own queue: about every
/// 200 microseconds, counted in polls, so that the clock is hardly ever read.
/// The number of polls follows their measured mean length, between 2 and 127.
///
/// Use when: always. Costs: a decrement a poll, and a clock read every
/// `kPollsPerClock` polls and around sleeps.
///
/// Source: Tokio #5720 (target interval, moving average, bounds, hysteresis).
template <class Clock = std::chrono::steady_clock>
class TunedFairness {
 public:
  static constexpr std::chrono::nanoseconds kTarget{200'000};
  static constexpr std::uint32_t kFirstInterval = 61;
  static constexpr std::uint32_t kMinInterval = 2;
  static constexpr std::uint32_t kMaxInterval = 127;
  static constexpr std::uint32_t kPollsPerClock = 64;
  /// Weight of one poll in the moving average.
  static constexpr double kAlpha = 0.1;

  TunedFairness() : batch_begin_(Clock::now()) {}

  /// Once before each poll: whether the injector comes first this time.
  bool Tick() {
    if (++polls_ == kPollsPerClock) EndBatch();
    if (--until_injector_ != 0) [[likely]] {
      return false;
    }
    until_injector_ = interval_;
    return true;
  }

  /// The worker has nothing to do; the time until `Resume` does not count.
  void Pause() { EndBatch(); }
  void Resume() { batch_begin_ = Clock::now(); }

  std::uint32_t interval() const { return interval_; }

 private:
  void EndBatch() {
    const auto now = Clock::now();
    if (polls_ != 0) {
      const double mean =
          std::chrono::duration<double, std::nano>(now - batch_begin_).count() /
          polls_;
      // A batch of n polls weighs as much as n single updates would.
      double keep = 1.0;
      for (std::uint32_t i = 0; i < polls_; ++i) keep *= 1.0 - kAlpha;
      mean_ = keep * mean_ + (1.0 - keep) * mean;
      const auto wanted = static_cast<std::uint32_t>(std::clamp<double>(
          static_cast<double>(kTarget.count()) / std::max(mean_, 1.0),
          kMinInterval, kMaxInterval));
      const std::uint32_t off =
          wanted > interval_ ? wanted - interval_ : interval_ - wanted;
      if (off > 2) {
        interval_ = wanted;
        until_injector_ = std::min(until_injector_, interval_);
      }
    }
    polls_ = 0;
    batch_begin_ = now;
  }

  std::uint32_t until_injector_ = kFirstInterval;
  std::uint32_t interval_ = kFirstInterval;
  std::uint32_t polls_ = 0;
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
  static constexpr std::uint32_t kInterval = 61;

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
