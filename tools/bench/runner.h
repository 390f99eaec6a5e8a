#ifndef WEFT_TOOLS_BENCH_RUNNER_H_
#define WEFT_TOOLS_BENCH_RUNNER_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "weft/tools/bench/flags.h"
#include "weft/tools/bench/progress.h"
#include "weft/tools/bench/stats.h"
#include "weft/tools/bench/workload.h"

namespace weft::bench {

/// What came out for one benchmark in one style on one size of pool.
struct CellResult {
  const Workload* workload = nullptr;
  std::string_view scheduler;
  int workers = 0;
  /// Of one iteration.
  std::int64_t operations = 0;
  /// Nanoseconds per operation; one sample for each iteration.
  Summary time;
  /// The same, of each round the median.
  std::vector<double> rounds;
  /// Calls of operator new per operation.
  double allocations = 0;
};

struct RunResult {
  std::vector<CellResult> cells;
  int rounds = 0;
  double seconds = 0;
  /// Nanoseconds; one sample for each round. See line_latency.h.
  Summary line_latency;
};

/// The sizes that the flags ask for.
Sizes SizesFor(const Flags& flags);

/// Runs the benchmarks that the flags ask for, in rounds. In each round every
/// cell (benchmark, style, kind of tasks, workers, scheduler) is visited once:
/// a pool of its own is made, one iteration warms it up, and those of the next
/// two milliseconds, at least two, are timed. The order of the visits is
/// another in every round. In the first round one more iteration counts
/// allocations.
///
/// Internal: a workload did not do what it should; the message says which and
/// what. Otherwise an error of CreatePool.
absl::StatusOr<RunResult> RunBenchmarks(const Flags& flags,
                                        ProgressLine& progress);

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_RUNNER_H_
