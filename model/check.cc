#include "weft/model/check.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "weft/model/execution.h"
#include "weft/model/explorer.h"
#include "weft/model/lint.h"
#include "weft/model/progress.h"
#include "weft/model/random.h"
#include "weft/model/replay.h"

namespace weft::model {
namespace {

/// The environment's number, or `otherwise`.
int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoll(text, nullptr, 10);
}

Options WithEnvironment(Options options) {
  options.max_executions = static_cast<uint64_t>(FromEnvironment(
      "MODEL_MAX_EXECUTIONS", static_cast<int64_t>(options.max_executions)));
  const int64_t seconds = FromEnvironment("MODEL_MAX_SECONDS", -1);
  if (seconds >= 0) options.max_time = std::chrono::seconds(seconds);
  options.max_deviations = static_cast<int>(
      FromEnvironment("MODEL_MAX_DEVIATIONS", options.max_deviations));
  return options;
}

/// Counts a run that ended, and copies what a failure leaves.
void Record(Execution::End end, Execution& execution, Search& search,
            const Options& options, std::set<uint64_t>& seen, Result& result) {
  ++result.runs;
  switch (end) {
    case Execution::End::kComplete:
      ++result.complete;
      result.outcomes.insert(execution.Outcome());
      if (options.count_distinct) seen.insert(search.graph().Fingerprint());
      break;
    case Execution::End::kBlocked:
      ++result.blocked;
      break;
    case Execution::End::kFailed:
      if (execution.failure().verdict == Verdict::kDeadlock &&
          !options.stop_at_deadlock) {
        ++result.deadlocked;
        result.deadlock_outcomes.insert(execution.Outcome());
        break;
      }
      result.failure = execution.failure();
      result.verdict = result.failure.verdict;
      if (result.verdict == Verdict::kDeadlock) ++result.deadlocked;
      auto graph = std::make_shared<Graph>();
      execution.CopyExecuted(*graph);
      result.graph = std::move(graph);
      break;
  }
}

/// Whether a limit of the options has been reached.
bool AtLimit(const Options& options, const Progress& progress,
             const Result& result) {
  if (options.max_executions != 0 && result.runs >= options.max_executions) {
    return true;
  }
  const std::chrono::duration<double> max_time = options.max_time;
  return result.runs % 64 == 0 && progress.seconds() > max_time.count();
}

/// True if max_deviations alone kept something from being explored.
bool ExploreAll(const std::function<void()>& body, const Options& options,
                Result& result) {
  Progress progress;
  Explorer explorer(options.max_deviations);
  Execution execution(explorer);
  bool more = true;
  std::set<uint64_t> seen;
  for (; more && !AtLimit(options, progress, result); more = explorer.Next()) {
    const Execution::End end = execution.Run(body, options);
    Record(end, execution, explorer, options, seen, result);
    if (result.verdict != Verdict::kPassed) break;
    // Tests mostly have the shape from the start.
    if (end == Execution::End::kComplete && result.lint.empty() &&
        std::has_single_bit(result.complete)) {
      result.lint = FindLoadBuffering(explorer.graph());
    }
    if (options.show_progress && result.runs % 64 == 0) {
      progress.Report(result.complete, result.blocked, result.runs,
                      explorer.explored());
    }
  }
  result.distinct = seen.size();
  result.inconsistent = explorer.inconsistent();
  result.seconds = progress.seconds();
  const double explored = explorer.explored();
  result.estimated_total =
      explored > 0 ? static_cast<double>(result.complete) / explored : 0;
  if (result.verdict == Verdict::kPassed && !options.samples &&
      (more || explorer.truncated())) {
    result.verdict = result.failure.verdict = Verdict::kNotExhaustive;
    result.failure.message =
        more ? "a limit was reached; explored " + Progress::Percent(explored)
             : "Options::max_deviations kept executions from being explored";
  }
  return !more && explorer.truncated();
}

/// Explores what needs no deviation, then what needs one at most, and so on: a
/// bug is found with as few as it needs, which makes it easy to understand.
void ExploreByDeviations(const std::function<void()>& body,
                         const Options& options, Result& result) {
  for (int bound = 0; bound <= options.max_deviations; ++bound) {
    Options bounded = options;
    bounded.max_deviations = bound;
    result = Result();
    if (!ExploreAll(body, bounded, result)) return;
  }
}

void Sample(const std::function<void()>& body, const Options& options,
            Result& result) {
  Progress progress;
  RandomSearch search(options.search, options.seed);
  Execution execution(search);
  std::set<uint64_t> seen;
  for (uint64_t i = 0; i < options.iterations; ++i) {
    search.Begin(i);
    Record(execution.Run(body, options), execution, search, options, seen,
           result);
    if (result.verdict != Verdict::kPassed ||
        AtLimit(options, progress, result)) {
      break;
    }
  }
  result.distinct = seen.size();
  result.seconds = progress.seconds();
}

}  // namespace

Result Explore(const std::function<void()>& body, const Options& given) {
  const Options options = WithEnvironment(given);
  Result result;
  if (ReplayInstead(body, options, &result)) return result;
  if (options.search != SearchKind::kExhaustive) {
    Sample(body, options, result);
  } else if (options.max_deviations < 0) {
    ExploreAll(body, options, result);
  } else {
    ExploreByDeviations(body, options, result);
  }
  if (result.verdict == Verdict::kPassed) return result;
  if (options.explain) DescribeFailure(body, options, result);
  return result;
}

bool InExecution() { return Execution::Current() != nullptr; }

void Assert(bool condition, const char* what, std::source_location where) {
  if (!condition) Fail(what, where);
}

void Fail(const char* what, std::source_location where) {
  if (Execution* e = Execution::Current()) {
    e->Fail(Verdict::kAssertion, what, where);
  }
  std::fprintf(stderr, "%s:%u: assertion failed: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), what);
  std::abort();
}

void Note(std::string_view name, long long value) {
  if (Execution* e = Execution::Current()) e->Note(name, value);
}

uint32_t Choose(uint32_t n, std::source_location where) {
  Execution* e = Execution::Current();
  return e == nullptr ? 0 : e->Choose(n, where);
}

}  // namespace weft::model
