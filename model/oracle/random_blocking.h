// Random programs that block, for comparing two checkers.

#ifndef WEFT_MODEL_ORACLE_RANDOM_BLOCKING_H_
#define WEFT_MODEL_ORACLE_RANDOM_BLOCKING_H_

#include <cstdint>

#include "weft/model/oracle/blocking_program.h"

namespace weft::model::oracle {

/// What the threads block on.
enum class BlockOn {
  kMutex,
  kCondition,  // and mutexes
  kPark,
  kEverything,
};

/// Program number `seed`: the same everywhere and always. 2 to 4 threads, well
/// formed; about half of the programs can deadlock.
BlockingProgram RandomBlockingProgram(uint64_t seed, BlockOn block_on);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_RANDOM_BLOCKING_H_
