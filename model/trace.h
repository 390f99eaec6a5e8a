// The story of one execution: its steps in one order, and how it ended.

#ifndef WEFT_MODEL_TRACE_H_
#define WEFT_MODEL_TRACE_H_

#include <functional>
#include <string>
#include <vector>

#include "weft/model/graph.h"
#include "weft/model/options.h"
#include "weft/model/schedule.h"
#include "weft/model/verdict.h"

namespace weft::model {

/// One thing that one thread did: an event of the graph (a read-modify-write is
/// its reading half's event) or, if `event` is none, a plain access.
struct Step {
  EventId event;
  PlainAccess access;

  /// Of a read: what was the newest write, in modification order, when it was
  /// made. Of a write: the one that it stands before; none if it came last.
  EventId newer;

  /// Where the code was, innermost frame first: of steps whose place in the
  /// source is unknown or says nothing (IsForeign).
  std::vector<const void*> stack;

  bool is_event() const { return static_cast<bool>(event); }
  int lane() const { return is_event() ? event.thread : access.lane; }
};

/// All of one execution.
struct Trace {
  Schedule schedule;
  Graph graph;
  std::vector<Step> steps;
  Failure failure;       ///< Its verdict is kPassed if nothing failed.
  bool blocked = false;  ///< Some thread waits for a value that it has in
                         ///< another execution.
  std::string outcome;   ///< Its notes.

  /// Not empty: the run could not follow what it was to follow; and why.
  std::string divergence;
};

/// What is called after each step: with the story so far.
using StepCallback = std::function<void(const Trace&)>;

/// Runs the test once, so that its graph becomes `graph`, in an order that is
/// good to read. `failure` is how the graph ended when it was found.
Trace Follow(const std::function<void()>& body, const Options& options,
             const Graph& graph, const Failure& failure);

/// Runs the test once, with these decisions.
Trace Follow(const std::function<void()>& body, const Options& options,
             const Schedule& schedule, const StepCallback& on_step = nullptr);

}  // namespace weft::model

#endif  // WEFT_MODEL_TRACE_H_
