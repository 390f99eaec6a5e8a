// Random programs that block, for comparing two checkers.

#ifndef WEFT_MODEL_ORACLE_RANDOM_BLOCKING_H_
#define WEFT_MODEL_ORACLE_RANDOM_BLOCKING_H_

#include <cstdint>

#include "weft/model/oracle/blocking_program.h"

namespace weft::model::oracle {

/// What the threads block on, besides reading and writing shared variables.
enum class BlockOn {
  kMutex,       // lock, try_lock, lock_shared
  kCondition,   // mutexes and condition variables
  kPark,        // tokens
  kFutex,       // futexes, atomic waits, spin loops
  kTimed,       // all of the above but shared locks, and one wait of each
                // thread has a time
  kEverything,  // all of the above without times
};

/// Program number `seed`: the same everywhere and always. 2 to 4 threads, well
/// formed; a good part of the programs can deadlock, and nearly all can end.
BlockingProgram RandomBlockingProgram(uint64_t seed, BlockOn block_on);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_RANDOM_BLOCKING_H_
