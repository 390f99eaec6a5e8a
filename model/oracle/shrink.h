// Makes a program that shows a fault smaller while it still shows it.

#ifndef WEFT_MODEL_ORACLE_SHRINK_H_
#define WEFT_MODEL_ORACLE_SHRINK_H_

#include <utility>
#include <vector>

#include "weft/model/oracle/blocking_program.h"
#include "weft/model/oracle/program.h"

namespace weft::model::oracle {

/// The programs that are one step smaller: without one thread, one operation,
/// one condition, one use of a register or one observed location, or with one
/// compare-exchange that is no longer weak. Only those that are well formed.
std::vector<Program> Smaller(const Program& program);

/// The same, without one operation or two; only programs that are well formed.
std::vector<BlockingProgram> Smaller(const BlockingProgram& program);

/// Takes steps of Smaller() from `program` for as long as `shows(program)`
/// stays true. Deterministic if `shows` is.
template <typename AnyProgram, typename Shows>
AnyProgram Shrink(AnyProgram program, Shows shows) {
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (AnyProgram& candidate : Smaller(program)) {
      if (!shows(candidate)) continue;
      program = std::move(candidate);
      smaller = true;
      break;
    }
  }
  return program;
}

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_SHRINK_H_
