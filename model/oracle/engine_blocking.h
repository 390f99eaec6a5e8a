// Runs a program that blocks on the engine, and holds it against the oracle.

#ifndef WEFT_MODEL_ORACLE_ENGINE_BLOCKING_H_
#define WEFT_MODEL_ORACLE_ENGINE_BLOCKING_H_

#include <cstdint>
#include <string>

#include "weft/model/check.h"
#include "weft/model/oracle/blocking_program.h"

namespace weft::model::oracle {

/// How much is asked of the engine.
enum class Strictness {
  /// A seq_cst fence stands between any two operations. Then all is
  /// sequentially consistent, and the engine must find just what the
  /// interleavings give.
  kEqual,
  /// No fences. Locks, tokens and queues order no more than they promise, so
  /// the engine may find more; it must not miss anything.
  kIncludes,
};

struct BlockingComparison {
  Strictness strictness = Strictness::kEqual;
  bool spurious_wakeups = false;
  /// The engine stops after so many runs. Then only what it found until then is
  /// looked at.
  uint64_t max_executions = 3'000;
};

/// What the engine finds out about the program.
Result ExploreBlocking(const BlockingProgram& program,
                       const BlockingComparison& how = {});

/// What the engine and the interleavings say differently about outcomes and
/// deadlocks, and whether the engine visits an execution twice: empty if
/// nothing is wrong.
std::string Difference(const BlockingProgram& program,
                       const BlockingComparison& how = {});

/// Difference() with the program, and with a smallest program that still shows
/// one.
std::string ShrunkDifference(const BlockingProgram& program,
                             const BlockingComparison& how = {});

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_ENGINE_BLOCKING_H_
