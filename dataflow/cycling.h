// Flows that wait in the queues of their executor (pool/cycling.h) instead of
// being counted down: what differs, and nothing else.

#ifndef WEFT_DATAFLOW_CYCLING_H_
#define WEFT_DATAFLOW_CYCLING_H_

#include <algorithm>
#include <vector>

#include "weft/dataflow/count_down.h"
#include "weft/dataflow/flow.h"
#include "weft/dataflow/node.h"
#include "weft/pool/executor.h"
#include "weft/pool/waiting_tasks.h"
#include "weft/task/header.h"
#include "weft/task/scheduler.h"

namespace weft::dataflow_internal {

/// Whether what an argument still lacks comes from tasks of `executor` alone,
/// whose workers notice when they resolve it.
template <class A>
bool ComputedBy(const Executor&, const A&) {
  return true;
}
template <class T>
bool ComputedBy(const Executor& executor, const Flow<T>& flow) {
  const TaskScheduler* const here = &executor;
  return flow.Done() || flow.node()->scheduler() == here;
}
template <class T>
bool ComputedBy(const Executor& executor, const std::vector<Flow<T>>& flows) {
  return std::all_of(flows.begin(), flows.end(), [&](const Flow<T>& flow) {
    return ComputedBy(executor, flow);
  });
}

/// Whether an argument is resolved.
template <class A>
bool IsDone(const A&) {
  return true;
}
template <class T>
bool IsDone(const Flow<T>& flow) {
  return flow.Done();
}
template <class T>
bool IsDone(const std::vector<Flow<T>>& flows) {
  return std::all_of(flows.begin(), flows.end(),
                     [](const Flow<T>& flow) { return flow.Done(); });
}

/// A node's functions where waiting tasks cycle. `counted` are those that it
/// has elsewhere; here they are called when the arguments are there. Without
/// `all_done` it is such a node that waits in no queue, and only tells when it
/// is resolved.
///
/// A node that waits in a queue is counted down by one arrival, that of the
/// worker that finds the arguments there: it is what a canceller holds the node
/// back with, until it has told the workers to look again. Without that the
/// node, and with it the pool, might end in between.
struct CyclingVTable : TaskVTable {
  using AllDone = bool (*)(const TaskHeader* task) noexcept;

  constexpr CyclingVTable(const TaskVTable& of_counted, AllDone of_node)
      : TaskVTable(of_counted), counted(of_counted), all_done(of_node) {
    run = Run;
    abort = Abort;
  }
  // (No question whether a function is null: g++ 12 knows no answer to it in a
  // constant under UndefinedBehaviorSanitizer.)
  constexpr explicit CyclingVTable(const TaskVTable& of_counted)
      : TaskVTable(of_counted), counted(of_counted), all_done(nullptr) {
    run = Run;
  }

  static void Run(TaskHeader* task) noexcept {
    auto& node = static_cast<FlowNode&>(*task);
    const CyclingVTable& table = Of(task);
    WaitingTasks& waiting = WaitingTasksOf(task);
    if (table.all_done != nullptr && node.count().waiting()) {
      if (!node.state().Load().cancelled() && !table.all_done(task)) {
        return waiting.Keep(task);
      }
      // Else a canceller holds it, and schedules it.
      if (node.count().Arrive() != ArriveAction::kSchedule) return;
    }
    table.counted.run(task);
    // Perhaps it was only suspended. But the node may be gone.
    waiting.Resolved();
  }

  static void Abort(TaskHeader* task) noexcept {
    auto& node = static_cast<FlowNode&>(*task);
    if (node.state().Abort() == WakeAction::kSubmit) {
      return node.scheduler()->Schedule(task);
    }
    // Not entered: its maker ends it. Not taken: it runs, or another canceller
    // rings.
    if (node.registry_entry() == nullptr || !node.count().Take()) return;
    WaitingTasksOf(task).Ring(task, [](TaskHeader* held) noexcept {
      return static_cast<FlowNode*>(held)->count().GiveBack();
    });
  }

  const TaskVTable& counted;
  const AllDone all_done;

 private:
  static const CyclingVTable& Of(TaskHeader* task) {
    return static_cast<const CyclingVTable&>(task->vtable());
  }
  // These nodes are bound to an Executor that has such tasks.
  static WaitingTasks& WaitingTasksOf(TaskHeader* task) {
    return *static_cast<Executor*>(task->scheduler())->waiting_tasks();
  }
};

}  // namespace weft::dataflow_internal

#endif  // WEFT_DATAFLOW_CYCLING_H_
