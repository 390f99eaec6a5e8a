// One run of a program, given what each of its reads reads.

#ifndef WEFT_MODEL_ORACLE_PROGRAM_RUN_H_
#define WEFT_MODEL_ORACLE_PROGRAM_RUN_H_

#include <vector>

#include "weft/model/oracle/axioms.h"
#include "weft/model/oracle/program.h"
#include "weft/model/oracle/relation.h"
#include "weft/model/oracle/skeleton.h"

namespace weft::model::oracle {

/// Which write each read reads from: indexed by event. A read that does not
/// run, or an await that waits for ever, has no source.
struct Sources {
  static constexpr int kNone = -1;

  std::vector<int> of;
  EventSet spurious;  // compare-exchanges that fail for no reason
};

/// Executes programs. Since sb | rf has no cycle, the sources decide all values
/// and so which events there are.
class ProgramRun {
 public:
  ProgramRun(const Program& program, const Skeleton& skeleton)
      : program_(program),
        skeleton_(skeleton),
        value_(static_cast<size_t>(skeleton.size())) {}

  /// False if there is no run with just these sources. What follows is of the
  /// last run for which it was true.
  bool Execute(const Sources& sources);

  /// The execution, without a modification order.
  ExecutionGraph& graph() { return graph_; }
  const ExecutionGraph& graph() const { return graph_; }

  /// What an executed event writes, or would write if it did not fail.
  int value(int event) const { return value_[static_cast<size_t>(event)]; }

  /// The awaits at which threads stand for ever, unless a later write of the
  /// modification order helps them.
  const EventSet& waiting() const { return waiting_; }

 private:
  bool IsStarted(const Skeleton::Thread& thread) const;
  bool IsReady(int event) const;
  bool IsLeftOut(int event) const;
  bool Pass(int event);
  bool Read(int event, const Op& op, int& written);
  bool MayFailSpuriously(int event) const;
  bool IsOver(const std::vector<int>& position);
  void FillGraph();

  const Program& program_;
  const Skeleton& skeleton_;
  const Sources* sources_ = nullptr;
  EventSet passed_;  // executed, or left out for good
  EventSet waiting_;
  std::vector<int> registers_;
  std::vector<int> value_;
  ExecutionGraph graph_;
};

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_PROGRAM_RUN_H_
