// The oracle for programs that block: runs every interleaving.

#ifndef WEFT_MODEL_ORACLE_BLOCKING_H_
#define WEFT_MODEL_ORACLE_BLOCKING_H_

#include <cstdint>

#include "weft/model/oracle/blocking_program.h"
#include "weft/model/oracle/outcome.h"

namespace weft::model::oracle {

struct BlockingOptions {
  /// A wait for a notification or a wake (no park, no spin) may end for no
  /// reason, one of each kind of operation in each thread; or not.
  bool spurious_wakeups = false;
};

struct BlockingResult {
  /// Of the runs in which every thread came to its end.
  OutcomeSet outcomes;
  /// The states in which some thread is not at its end and none can move: what
  /// was read so far, and where who stands, "a=1 | 0: m.lock() | 2: park()".
  OutcomeSet deadlocks;
  /// How many states the program can be in.
  uint64_t states = 0;
};

/// Everything that `program`, which must be well formed, may do under
/// sequential consistency: brute force with a memory of the states seen.
/// Microseconds per state. A wait with a time may time out at any moment.
BlockingResult Interleave(const BlockingProgram& program,
                          const BlockingOptions& options = {});

/// One line of BlockingResult::deadlocks: `positions` are the numbers of the
/// operations at which the threads stand.
std::string DeadlockToString(const BlockingProgram& program,
                             const Outcome& outcome,
                             const std::vector<int>& positions);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_BLOCKING_H_
