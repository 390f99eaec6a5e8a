// Time and waiting for time.

#ifndef WEFT_MODEL_TIME_H_
#define WEFT_MODEL_TIME_H_

#include <chrono>
#include <cstdint>
#include <source_location>
#include <thread>

#include "weft/model/execution.h"

namespace weft::model {

/// std::chrono::steady_clock; inside an execution virtual. Virtual time is each
/// thread's own: it goes on when the thread sleeps or times out, and when the
/// thread reads what a thread wrote for which it is later.
struct Clock {
  using duration = std::chrono::steady_clock::duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::steady_clock::time_point;
  static constexpr bool is_steady = true;

  static time_point now() noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return std::chrono::steady_clock::now();
    return FromVirtual(e->now());
  }

  /// The virtual time of a time point, in nanoseconds.
  static int64_t ToVirtual(time_point when) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               when.time_since_epoch() - kStart)
        .count();
  }

  static time_point FromVirtual(int64_t nanoseconds) {
    return time_point(std::chrono::duration_cast<duration>(
        kStart + std::chrono::nanoseconds(nanoseconds)));
  }

 private:
  // Programs subtract from the time, so it does not start at zero.
  static constexpr std::chrono::nanoseconds kStart = std::chrono::hours(1);
};

/// Lets virtual time pass; outside an execution it sleeps. As the end of a turn
/// of a loop that waits it is a SpinHint, but never waits in vain.
inline void SleepFor(
    std::chrono::nanoseconds time,
    std::source_location where = std::source_location::current()) {
  if (Execution* e = Execution::Current()) {
    e->Sleep(time.count(), where);
  } else {
    std::this_thread::sleep_for(time);
  }
}

}  // namespace weft::model

#endif  // WEFT_MODEL_TIME_H_
