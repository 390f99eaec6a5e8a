// Says what the checker does not explore.

#ifndef WEFT_MODEL_LINT_H_
#define WEFT_MODEL_LINT_H_

#include <string>

#include "weft/model/graph.h"

namespace weft::model {

/// Looks for a load-buffering shape: one thread reads x and then writes y,
/// another reads y and then writes x, and nothing orders them. C++20 lets both
/// read what the other writes; the checker's model, RC11, does not. Returns a
/// sentence that names the four places, or nothing.
std::string FindLoadBuffering(const Graph& graph);

}  // namespace weft::model

#endif  // WEFT_MODEL_LINT_H_
