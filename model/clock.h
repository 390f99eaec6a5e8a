// Vector clocks and the names of events.
//
// A clock says, for each model thread, how many of its events come before some
// point. Two relations use them: "happens before" (what the language promises)
// and "po-rf prefix" (what must have run for this to run).

#ifndef WEFT_MODEL_CLOCK_H_
#define WEFT_MODEL_CLOCK_H_

#include <cstdint>

namespace weft::model {

/// Most model threads that one test may use, its main thread included.
inline constexpr int kMaxThreads = 15;

/// The lane of the initial values. No thread runs there; every clock covers it.
inline constexpr int kInitLane = kMaxThreads;

/// Lanes of a clock: the threads and the initial values.
inline constexpr int kLanes = kMaxThreads + 1;

/// Names an event of a graph: the index-th event of a thread. Names are the
/// same in every run that reaches the event.
struct EventId {
  static constexpr uint16_t kNoThread = 0xffff;

  uint16_t thread = kNoThread;
  uint16_t index = 0;

  constexpr EventId() = default;
  constexpr EventId(int t, int i)
      : thread(static_cast<uint16_t>(t)), index(static_cast<uint16_t>(i)) {}

  /// False for the name of no event.
  constexpr explicit operator bool() const { return thread != kNoThread; }

  friend constexpr bool operator==(EventId, EventId) = default;
};

/// For each lane, the number of its events that come before a point.
class alignas(16) VectorClock {
 public:
  constexpr VectorClock() = default;

  /// The clock of the start of the main thread: only initial values before it.
  static constexpr VectorClock Initial() {
    VectorClock clock;
    clock.lanes_[kInitLane] = INT16_MAX;
    return clock;
  }

  constexpr int operator[](int lane) const { return lanes_[lane]; }

  constexpr void Set(int lane, int count) {
    lanes_[lane] = static_cast<int16_t>(count);
  }

  /// Becomes the least clock that is not below either: what comes before both
  /// points together. Compilers turn the loop into two vector instructions.
  constexpr void Join(const VectorClock& other) {
    for (int i = 0; i < kLanes; ++i) {
      lanes_[i] = lanes_[i] < other.lanes_[i] ? other.lanes_[i] : lanes_[i];
    }
  }

  /// Whether the event comes before the point of this clock.
  constexpr bool Covers(EventId event) const {
    return lanes_[event.thread] > static_cast<int16_t>(event.index);
  }

  friend constexpr bool operator==(const VectorClock&,
                                   const VectorClock&) = default;

 private:
  int16_t lanes_[kLanes] = {};
};

}  // namespace weft::model

#endif  // WEFT_MODEL_CLOCK_H_
