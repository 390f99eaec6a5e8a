
#ifndef WEFT_WORKER_TESTING_MANUAL_CLOCK_H_
#define WEFT_WORKER_TESTING_MANUAL_CLOCK_H_

#include <chrono>

namespace weft::worker_testing {

/// Satisfies the standard's Clock. One time for the whole program, so for tests
/// on one thread.
struct ManualClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ManualClock>;
  static constexpr bool is_steady = true;

  static time_point now() { return time_point(time); }
  static void Advance(duration by) { time += by; }

  static inline duration time{0};
};

}  // namespace weft::worker_testing

#endif  // WEFT_WORKER_TESTING_MANUAL_CLOCK_H_
