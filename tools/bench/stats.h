#ifndef WEFT_TOOLS_BENCH_STATS_H_
#define WEFT_TOOLS_BENCH_STATS_H_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace weft::bench {

/// What is told of a set of samples. All zero for an empty set.
struct Summary {
  std::size_t samples = 0;
  double median = 0;
  double min = 0;
  /// The smallest sample that 95 of a hundred do not exceed.
  double p95 = 0;
};

/// Sorts its copy of the samples: O(n log n).
inline Summary Summarize(std::vector<double> samples) {
  if (samples.empty()) return {};
  std::ranges::sort(samples);
  const std::size_t n = samples.size();
  const auto rank95 =
      static_cast<std::size_t>(std::ceil(0.95 * static_cast<double>(n)));
  return {
      .samples = n,
      .median = (samples[(n - 1) / 2] + samples[n / 2]) / 2,
      .min = samples.front(),
      .p95 = samples[rank95 - 1],
  };
}

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_STATS_H_
