// Runs a plan: each target as soon as what it needs has been built.

#ifndef WEFT_EXAMPLES_BUILD_GRAPH_BUILD_H_
#define WEFT_EXAMPLES_BUILD_GRAPH_BUILD_H_

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "weft/base/mutex.h"
#include "weft/dataflow/dataflow.h"
#include "weft/examples/build_graph/plan.h"
#include "weft/pool/pool.h"

namespace build_graph {

enum class Result {
  kSkipped,  ///< something that it needs was not built
  kBuilt,
  kFailed,
};

struct Report {
  // Of each target of the plan.
  std::vector<Result> results;
  // The numbers of those that were run, in the order in which they ended.
  std::vector<std::size_t> order;
};

/// Calls `run` for each target of `plan` once all that it needs has been built,
/// several at a time; it returns whether it was built. What fails fails what
/// depends on it, and nothing else. Returns when all have ended. From outside
/// of the pool.
inline Report Build(weft::Pool& pool, const std::vector<Target>& plan,
                    const std::function<bool(const Target&)>& run) {
  Report report;
  report.results.resize(plan.size(), Result::kSkipped);
  weft::Mutex mutex;
  const auto build = [&](std::size_t i) {
    const bool built = run(plan[i]);
    {
      const weft::MutexLock lock(mutex);
      report.results[i] = built ? Result::kBuilt : Result::kFailed;
      report.order.push_back(i);
    }
    // A flow without a value: what depends on it is not called.
    return built ? weft::MakeFlowOf<void>()
                 : weft::MakeFailedFlow<void>(nullptr);
  };

  std::vector<weft::Flow<void>> flows;
  for (std::size_t i = 0; i < plan.size(); ++i) {
    std::vector<weft::Flow<void>> needs;
    for (std::size_t need : plan[i].needs) needs.push_back(flows[need]);
    flows.push_back(weft::Async(
        pool, [&build, i](const auto&) { return build(i); }, std::move(needs)));
  }
  for (const auto& flow : flows) flow.Wait();
  return report;
}

}  // namespace build_graph

#endif  // WEFT_EXAMPLES_BUILD_GRAPH_BUILD_H_
