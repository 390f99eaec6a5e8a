#ifndef WEFT_POOL_METRICS_H_
#define WEFT_POOL_METRICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "weft/worker/observer.h"

namespace weft {

/// A look at a running pool. Every number was true a moment ago; together they
/// need not be from the same moment.
struct PoolMetrics {
  struct Worker {
    /// Tasks in its queue and next-task slot.
    std::uint32_t queued = 0;
    bool asleep = false;
    /// Times it has run a task.
    std::uint64_t polls = 0;
    std::array<std::uint64_t, kWorkerEvents> events = {};

    std::uint64_t operator[](WorkerEvent event) const {
      return events[static_cast<std::size_t>(event)];
    }
  };

  std::vector<Worker> workers;
  /// Tasks in the injector.
  std::size_t injector_queued = 0;
  /// Tasks spawned by threads that are not workers of this pool.
  std::uint64_t spawned_outside = 0;
  /// Tasks spawned and not complete.
  std::uint64_t alive = 0;
  /// Tasks spawned and complete; while tasks are spawned, perhaps a few less.
  std::uint64_t completed = 0;

  /// Times a worker has run a task.
  std::uint64_t polls() const;

  /// The sum of `event` over all workers.
  std::uint64_t Total(WorkerEvent event) const;

  /// One line for each number, for logs.
  std::string ToString() const;
};

/// The name of `event`, in words: "slot poll".
const char* WorkerEventName(WorkerEvent event);

}  // namespace weft

#endif  // WEFT_POOL_METRICS_H_
