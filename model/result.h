// What an exploration found.

#ifndef WEFT_MODEL_RESULT_H_
#define WEFT_MODEL_RESULT_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "weft/model/graph.h"
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

}  // namespace weft::model

#endif  // WEFT_MODEL_RESULT_H_
