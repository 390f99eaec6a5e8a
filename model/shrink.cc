#include "weft/model/shrink.h"

#include <memory>
#include <utility>

#include "weft/model/execution.h"
#include "weft/model/explorer.h"

namespace weft::model {
namespace {

using SteadyClock = std::chrono::steady_clock;

/// How a search with at most so many deviations ended.
enum class Outcome : uint8_t { kFound, kNothingMore, kNeedsMore, kNoTime };

Outcome LookFor(const std::function<void()>& body, const Options& options,
                int max_deviations, SteadyClock::time_point deadline,
                Result& result) {
  Explorer explorer(max_deviations);
  Execution execution(explorer);
  do {
    const Execution::End end = execution.Run(body, options);
    if (end == Execution::End::kFailed &&
        execution.failure().verdict == result.verdict) {
      auto graph = std::make_shared<Graph>();
      execution.CopyExecuted(*graph);
      result.graph = std::move(graph);
      result.failure = execution.failure();
      return Outcome::kFound;
    }
    if (SteadyClock::now() > deadline) return Outcome::kNoTime;
  } while (explorer.Next());
  return explorer.truncated() ? Outcome::kNeedsMore : Outcome::kNothingMore;
}

}  // namespace

bool Shrink(const std::function<void()>& body, const Options& options,
            std::chrono::nanoseconds max_time, Result& result) {
  if (result.graph == nullptr || result.verdict == Verdict::kNondeterministic) {
    return false;
  }
  const SteadyClock::time_point deadline = SteadyClock::now() + max_time;
  Outcome outcome = Outcome::kNeedsMore;
  for (int bound = 0; outcome == Outcome::kNeedsMore; ++bound) {
    outcome = LookFor(body, options, bound, deadline, result);
  }
  return outcome == Outcome::kFound;
}

}  // namespace weft::model
