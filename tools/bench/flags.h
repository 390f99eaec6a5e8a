#ifndef WEFT_TOOLS_BENCH_FLAGS_H_
#define WEFT_TOOLS_BENCH_FLAGS_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "weft/tools/bench/names.h"

namespace weft::bench {

/// What the program is asked to do. The defaults are those of the command line,
/// but for `workers`.
struct Flags {
  std::vector<std::string_view> benchmarks{kBenchmarks.begin(),
                                           kBenchmarks.end()};
  std::vector<std::string_view> styles{kStyles.begin(), kStyles.end()};
  std::vector<std::string_view> tasks{kTaskKinds.begin(), kTaskKinds.end()};
  std::vector<std::string_view> schedulers{kWeft};
  /// The scheduler that the others are shown beside; empty: none.
  std::string_view compare;
  /// Ascending, without repetition.
  std::vector<int> workers;
  /// No round is begun after so much time.
  double seconds = 20;
  /// Nor after so many rounds; 0: no limit.
  int rounds = 0;
  /// Links of chained_spawn_deep.
  int deep = 100'000;
  /// Every count of tasks and yields is multiplied by this.
  double scale = 1;
  /// Where to write the results as JSON: empty: nowhere; "-": stdout.
  std::string json;
  /// Where to write the comparison as a picture; empty: nowhere.
  std::string svg;
  /// Say what the flags are, and do nothing.
  bool help = false;
};

/// Reads the command line, without the program's name: `--name=value`, or
/// `--name value`. `cpus` decides which numbers of workers are the default: 1,
/// 2 and that.
///
/// InvalidArgument: says what is wrong and what would be right. The name lists
/// refer to constants of names.h, in their order there.
absl::StatusOr<Flags> ParseFlags(std::span<const char* const> arguments,
                                 int cpus);

/// The text for --help; ends with a newline.
std::string HelpText();

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_FLAGS_H_
