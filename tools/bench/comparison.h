#ifndef WEFT_TOOLS_BENCH_COMPARISON_H_
#define WEFT_TOOLS_BENCH_COMPARISON_H_

#include <string>
#include <string_view>
#include <vector>

#include "weft/tools/bench/runner.h"

namespace weft::bench {

/// How many times as fast as another; nine rounds of ten lie between `low` and
/// `high`.
struct Speedup {
  double median = 0;
  double low = 0;
  double high = 0;
};

/// One scheduler's result.
struct Bar {
  std::string_view scheduler;
  /// Nanoseconds per operation: the median.
  double time = 0;
  /// The old scheduler's time by this one's, of the same round.
  Speedup speedup;
};

/// One line of the table of every scheduler: the old one's first.
struct BarGroup {
  const Workload* workload = nullptr;
  int workers = 0;
  std::vector<Bar> bars;
};

/// `old_rounds[i] / new_rounds[i]`, for as many rounds as both have; all zero
/// if that is none.
Speedup SpeedupOf(const std::vector<double>& old_rounds,
                  const std::vector<double>& new_rounds);

/// The cells of `result` that differ in nothing but the scheduler, together, in
/// the order of the table. Groups without `old` are left out.
std::vector<BarGroup> CompareWith(std::string_view old,
                                  const RunResult& result);

/// What the titles of groups are put together of: what is the same in all
/// groups belongs into the title of the whole.
struct Titles {
  std::string whole;
  std::vector<std::string> groups;
};
Titles TitlesOf(const std::vector<BarGroup>& groups);

/// The groups as bars for a terminal of 100 columns. The longest of each group
/// is as wide as the chart: groups have scales of their own.
std::string BarChart(const std::vector<BarGroup>& groups);

/// The same as an SVG picture: black on white, whatever is around it.
std::string SvgChart(const std::vector<BarGroup>& groups);

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_COMPARISON_H_
