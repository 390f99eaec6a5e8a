// The oracle for weak memory: every consistent execution graph
// of a program, found by trying all of reads-from and modification order and
// asking the axioms. Written without a look at the engine, and shares no code
// with it: where both agree, it is not because they are wrong alike.

#ifndef WEFT_MODEL_ORACLE_AXIOMATIC_H_
#define WEFT_MODEL_ORACLE_AXIOMATIC_H_

#include <cstdint>

#include "weft/model/oracle/axioms.h"
#include "weft/model/oracle/outcome.h"
#include "weft/model/oracle/program.h"

namespace weft::model::oracle {

struct AxiomaticOptions {
  ScAxiom sc = ScAxiom::kCxx20;

  /// Leaves out at once what coherence and atomicity would refuse in the end.
  /// False tries everything, and shows that leaving out loses nothing.
  bool prune = true;
};

struct AxiomaticResult {
  OutcomeSet outcomes;
  /// Different pairs of reads-from and modification order, of the executions in
  /// which every thread came to its end.
  uint64_t graphs = 0;
  /// Of the executions in which some thread waits for ever, and none can go on
  /// with the last value of what it waits for: what was read until then, and
  /// their number.
  OutcomeSet deadlocks;
  uint64_t deadlocked_graphs = 0;
  /// Whether two accesses of a plain cell race in some execution.
  bool races = false;
};

/// What `program` may do by C++20 without load buffering: sb | rf is acyclic.
/// Takes about as long as it has graphs: some microseconds each. Aborts if the
/// program has more than kMaxEvents events.
AxiomaticResult Judge(const Program& program,
                      const AxiomaticOptions& options = {});

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_AXIOMATIC_H_
