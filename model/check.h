// Runs a test under every behaviour that the C++ memory model allows.
//
//     const Result result = Explore([] {
//       Atomic<int> x(0), y(0);
//       Thread t([&] { x.store(1, std::memory_order_relaxed); ... });
//       ...
//       t.join();
//       Assert(...);
//     });
//
// The body runs many times, each time from the start; so it must be
// deterministic but for what the checker decides, and must leave nothing behind
// outside itself.

#ifndef WEFT_MODEL_CHECK_H_
#define WEFT_MODEL_CHECK_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "weft/model/graph.h"
#include "weft/model/options.h"
#include "weft/model/verdict.h"

namespace weft::model {

/// What Explore found.
struct Result {
  Verdict verdict = Verdict::kPassed;

  /// For people; empty if the test passed.
  std::string report;

  /// Of a failure: a token that runs this execution alone.
  std::string replay;

  uint64_t complete = 0;      ///< Executions in which every thread ended.
  uint64_t blocked = 0;       ///< Runs that ended in waiting for a value that
                              ///< another execution gives.
  uint64_t inconsistent = 0;  ///< Alternatives that the memory model forbids.
  uint64_t deadlocked = 0;
  uint64_t runs = 0;  ///< How often the body was run.
  double seconds = 0;
  double estimated_total = 0;  ///< Estimate of `complete` without limits.

  /// One string for the notes of each complete execution: "a=1 b=0".
  std::set<std::string> outcomes;

  /// The same of each deadlock; only if Options::stop_at_deadlock is false.
  std::set<std::string> deadlock_outcomes;

  /// How many different graphs the complete executions had; only if
  /// Options::count_distinct.
  uint64_t distinct = 0;

  /// What is not explored in this test though C++ allows it: a sentence about a
  /// load-buffering shape, or nothing.
  std::string lint;

  /// Of a failure: why, the execution graph, and the plain accesses between its
  /// events.
  Failure failure;
  std::shared_ptr<const Graph> graph;
  std::vector<PlainAccess> plain_accesses;
};

/// Explores the body's executions until one fails or there are no more.
Result Explore(const std::function<void()>& body, const Options& options = {});

/// Runs the body once, along `graph`.
Result Replay(const std::function<void()>& body, const Graph& graph,
              const Options& options = {});

/// Whether the caller is a thread of an execution.
bool InExecution();

/// Ends the execution with kAssertion if the condition does not hold. Outside
/// an execution it aborts.
void Assert(bool condition, const char* what = "",
            std::source_location where = std::source_location::current());

/// Ends the execution with kAssertion. Outside an execution it aborts.
[[noreturn]] void Fail(const char* what, std::source_location where =
                                             std::source_location::current());

/// Makes `name=value` part of this execution's outcome. A second value for one
/// name replaces the first.
void Note(std::string_view name, long long value);

/// Returns each of 0 to n - 1, in different executions; 0 outside of one.
uint32_t Choose(uint32_t n,
                std::source_location where = std::source_location::current());

}  // namespace weft::model

#endif  // WEFT_MODEL_CHECK_H_
