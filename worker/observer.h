// What a worker counts, and who keeps the counts. Two models of one concept
// (worker/concepts.h).

#ifndef WEFT_WORKER_OBSERVER_H_
#define WEFT_WORKER_OBSERVER_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "weft/base/atomic.h"

namespace weft {

/// What a worker counts.
enum class WorkerEvent : std::uint8_t {
  kSpawn,        ///< tasks spawned on this worker
  kSlotPoll,     ///< runs of a task from the next-task slot
  kInjectorPop,  ///< tasks taken from the injector
  kOverflow,     ///< tasks that went from a full queue to the injector
  kSearch,       ///< searches begun
  kSteal,        ///< successful steals
  kStolenTask,   ///< tasks that came with them
  kSlotSteal,    ///< of these, taken from a next-task slot
  kWake,         ///< siblings claimed and unparked
  kPark,         ///< times the worker slept
  kUselessWake,  ///< woken as a searcher, went to sleep again without work
  kRecheckHit,   ///< looks just before sleep that found work
};
/// How many kinds there are.
inline constexpr std::size_t kWorkerEvents =
    static_cast<std::size_t>(WorkerEvent::kRecheckHit) + 1;

/// Counts events; one writer, read at any time by anybody. Costs a load and a
/// store of the worker's own line, no read-modify-write.
///
/// Use when: always; the numbers explain most performance questions.
class CountingObserver {
 public:
  /// By the worker; relaxed. Three instructions, if inlined, which compilers
  /// have to be told.
  [[gnu::always_inline]] void Count(WorkerEvent event, std::uint64_t n = 1) {
    atomic<std::uint64_t>& counter = counters_[static_cast<std::size_t>(event)];
    counter.store(counter.load(std::memory_order_relaxed) + n,
                  std::memory_order_relaxed);
  }
  /// By anybody; relaxed, may be a moment old.
  std::uint64_t Get(WorkerEvent event) const {
    return counters_[static_cast<std::size_t>(event)].load(
        std::memory_order_relaxed);
  }

 private:
  // Written by the worker, read by anybody.
  std::array<atomic<std::uint64_t>, kWorkerEvents> counters_ = {};
};

/// Counts nothing, costs nothing; all numbers read as 0.
///
/// Use when: the nanoseconds of BM_CountingObserver_Count matter.
class NullObserver {
 public:
  void Count(WorkerEvent, std::uint64_t = 1) {}
  std::uint64_t Get(WorkerEvent) const { return 0; }
};

}  // namespace weft

#endif  // WEFT_WORKER_OBSERVER_H_
