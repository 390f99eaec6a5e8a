// Runs an oracle's program on the engine, and holds the two against each other.

#ifndef WEFT_MODEL_ORACLE_ENGINE_PROGRAM_H_
#define WEFT_MODEL_ORACLE_ENGINE_PROGRAM_H_

#include <string>

#include "weft/model/check.h"
#include "weft/model/oracle/program.h"

namespace weft::model::oracle {

/// What the engine finds out about the program. Deadlocks are counted.
Result ExploreProgram(const Program& program, Options options = {});

/// What the engine and the axiomatic oracle say differently: empty if they
/// agree on the outcomes and the deadlocks, on the number of either, and on
/// whether cells race (then on nothing else: the engine stops at the first).
std::string Difference(const Program& program);

/// Difference() with the program, and with the smallest program that can be
/// reached by leaving things out and on which they still differ.
std::string ShrunkDifference(const Program& program);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_ENGINE_PROGRAM_H_
