#ifndef WEFT_TOOLS_BENCH_REPORT_H_
#define WEFT_TOOLS_BENCH_REPORT_H_

#include <string>
#include <vector>

#include "weft/tools/bench/comparison.h"
#include "weft/tools/bench/runner.h"

namespace weft::bench {

/// What the numbers depend on beside the code.
struct Conditions {
  int processors = 0;
  std::string compiler;
  /// Compiled with -c opt.
  bool optimised = false;
};

/// Those of this program, here and now.
Conditions ConditionsHere();

/// The results as a table for people: a line for each cell, and above it what
/// they were measured under, with a warning if that makes them worthless.
std::string TableOf(const RunResult& result, const Conditions& conditions);

/// The same as JSON, for programs: an object with the conditions, an array
/// "cells", and if there are `groups` an array "comparison".
std::string JsonOf(const RunResult& result, const Conditions& conditions,
                   const std::vector<BarGroup>& groups = {});

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_REPORT_H_
