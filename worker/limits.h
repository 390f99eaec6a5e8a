// The numbers that a worker goes by, and what chose them.

#ifndef WEFT_WORKER_LIMITS_H_
#define WEFT_WORKER_LIMITS_H_

#include <cstdint>

#include "weft/base/model_mode.h"

namespace weft {

/// What bounds a worker's runs, batches and searches. Constants only; a Worker
/// has them by name.
struct WorkerLimits {
  /// How many runs in a row may come from the next-task slot before the queue
  /// has its turn (Tokio #5712: without a bound a pair of tasks that wake each
  /// other starves all others). Tokio's number.
  static constexpr std::uint32_t kMaxSlotStreak = 3;
  /// How many tasks are taken from the injector at once, at most: half of the
  /// default queue, as in Tokio, so that the batch does not overflow it soon.
  static constexpr std::uint32_t kMaxInjectorBatch = 128;
  /// How many of them, at most, when it is the injector's turn before a queue
  /// that is not empty. They go behind what is queued already; only the first
  /// comes before that. With one at a time, tasks from
  /// outside cost a whole interval each while a worker's own tasks yield to
  /// each other (tools/compare/run, spawn_many_remote_busy: 2.4 us a task).
  static constexpr std::uint32_t kMaxTurnBatch = 32;
  /// How often a search goes round while other thieves are in its way: Go's
  /// number of passes. Once for the model checker, which takes a turn that ends
  /// in CpuRelax for one of a loop that never gives up.
  static constexpr int kMaxPasses = kModelMode ? 1 : 4;

  /// A search that found nothing looks so many times more, so many pauses of
  /// the processor apart, before the worker sleeps: for about as long as a
  /// sleep and a wake take. Without it a worker that is quicker than the one it
  /// steals from sleeps and is woken for every few tasks: 730 switches of
  /// threads for 10,000 tasks (tools/compare/run, spawn_many_local, ping_pong;
  /// a quarter as many pauses, or twice as many, get less done in one of the
  /// two). Not at all for the model checker: a look that comes later is another
  /// execution.
  static constexpr int kLingerLooks = kModelMode ? 0 : 32;
  static constexpr int kLingerPauses = 8;
  /// Before the first of these looks, and every so many later, it lets others
  /// have its processor: whom its last task woke waits for this very one as
  /// often as not, and we do nothing with it. (tools/compare/run, two workers:
  /// chained_spawn 108 ns without, 39 with; spawn_many_local 157 and 86. At
  /// every look: no better.)
  static constexpr int kLooksPerYield = 8;
};

}  // namespace weft

#endif  // WEFT_WORKER_LIMITS_H_
