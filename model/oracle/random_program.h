// Random programs of atomic operations, for comparing two checkers.

#ifndef WEFT_MODEL_ORACLE_RANDOM_PROGRAM_H_
#define WEFT_MODEL_ORACLE_RANDOM_PROGRAM_H_

#include <cstdint>

#include "weft/model/oracle/program.h"

namespace weft::model::oracle {

/// What the programs are made of, beside 2 to 4 threads with 2 or 3 locations,
/// every kind of access in every order, and fences.
enum class Flavour {
  kStraight,  // nothing else
  kFlow,      // writes of what was read, operations behind conditions
  kCells,     // plain cells, too, mostly behind conditions
  kThreads,   // threads that start and join others, with conditions, too, and
              // weak compare-exchanges
  kBlocking,  // mutexes and tokens, with conditions, too
  kLarge,     // 3 to 5 threads, 10 to 15 operations, with conditions
};

/// Program number `seed`: the same everywhere and always. It has 4 to 10
/// operations (if not kLarge), and all of its locations' last values are
/// observed.
Program RandomProgram(uint64_t seed, Flavour flavour = Flavour::kStraight);

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_RANDOM_PROGRAM_H_
