#ifndef WEFT_TOOLS_BENCH_BENCH_H_
#define WEFT_TOOLS_BENCH_BENCH_H_

#include <cstdio>
#include <span>

namespace weft::bench {

/// The program, but for main: `arguments` without the program's name. The table
/// goes to `out`, or to `errors` if JSON goes to `out`; progress and complaints
/// go to `errors`.
///
/// Returns the exit status: 0; 1 if a benchmark went wrong or a file cannot be
/// written; 2 if the command line is wrong.
int BenchMain(std::span<const char* const> arguments, std::FILE* out,
              std::FILE* errors);

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_BENCH_H_
