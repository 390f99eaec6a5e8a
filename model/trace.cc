#include "weft/model/trace.h"

#include <utility>

#include "weft/model/execution.h"
#include "weft/model/guided.h"
#include "weft/model/linearize.h"

namespace weft::model {
namespace {

/// The engine may know no more of an earlier reader than who it was.
void FindPlace(const std::vector<Step>& steps, PlainAccess& access) {
  if (access.lane < 0 || access.where.line() != 0) return;
  for (const Step& step : steps) {
    if (!step.is_event() && step.access.lane == access.lane &&
        step.access.address == access.address &&
        step.access.kind == access.kind &&
        step.access.position <= access.position) {
      access = step.access;
    }
  }
}

/// Runs the test under the search.
Trace Run(const std::function<void()>& body, const Options& options,
          GuidedSearch& search) {
  Execution execution(search);
  execution.Observe(&search);
  const Execution::End end = execution.Run(body, options);
  Trace trace = search.Finish();
  if (end == Execution::End::kComplete) trace.outcome = execution.Outcome();
  trace.blocked = end == Execution::End::kBlocked;
  trace.failure = execution.failure();
  FindPlace(trace.steps, trace.failure.first);
  return trace;
}

}  // namespace

Trace Follow(const std::function<void()>& body, const Options& options,
             const Graph& graph, const Failure& failure) {
  // What fails while a thread runs fails right after that thread's last event.
  // At the end of a run there is no such thread.
  const bool at_end = failure.verdict == Verdict::kLeak ||
                      failure.verdict == Verdict::kDeadlock;
  OrderRequest request;
  request.last_lane = at_end ? -1 : failure.lane;
  request.started = failure.ran;
  Trace trace;
  for (bool by_stamp : {false, true}) {
    // Of loops that wait, what is good to read need not be possible.
    request.by_stamp = by_stamp;
    GraphFollower search(graph, Linearize(graph, request), request.last_lane);
    trace = Run(body, options, search);
    if (trace.divergence.empty() && trace.failure.verdict != failure.verdict) {
      trace.divergence = "the failure did not come again";
    }
    if (trace.divergence.empty()) break;
  }
  return trace;
}

Trace Follow(const std::function<void()>& body, const Options& options,
             const Schedule& schedule, const StepCallback& on_step) {
  ScheduleFollower search(schedule, &on_step);
  Trace trace = Run(body, options, search);
  if (trace.divergence.empty() && !search.Arrived()) {
    trace.divergence = "the run ended early";
  }
  return trace;
}

}  // namespace weft::model
