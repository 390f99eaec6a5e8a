// Litmus tests: small programs of the literature on weak memory, with what
// C++20 says of them written out by hand. They test the axiomatic oracle, and
// through it and by themselves the engine.

#ifndef WEFT_MODEL_ORACLE_LITMUS_H_
#define WEFT_MODEL_ORACLE_LITMUS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "weft/model/oracle/outcome.h"
#include "weft/model/oracle/program.h"

namespace weft::model::oracle {

/// One test. What is not stated is empty or 0.
struct Litmus {
  std::string name;
  Program program;
  OutcomeSet allowed;     // exactly these outcomes are possible
  OutcomeSet forbidden;   // these are not
  uint64_t outcomes = 0;  // how many are possible
  uint64_t graphs = 0;    // how many consistent executions there are
  bool races = false;     // whether plain cells race: always stated
};

/// The 65 tests that every checker must get right. Load buffering is excluded
/// by choice where C++20 allows it: "LB+rlx".
const std::vector<Litmus>& LitmusTests();

/// Further ones: deep histories, counts that grow by a known law, data races.
const std::vector<Litmus>& MoreLitmusTests();

}  // namespace weft::model::oracle

#endif  // WEFT_MODEL_ORACLE_LITMUS_H_
