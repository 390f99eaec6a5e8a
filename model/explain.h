// What is wrong with an execution, in words.

#ifndef WEFT_MODEL_EXPLAIN_H_
#define WEFT_MODEL_EXPLAIN_H_

#include <string>
#include <vector>

#include "weft/model/story.h"

namespace weft::model {

/// An explanation of a failure.
struct Explanation {
  std::string headline;            ///< "DATA RACE on data (queue.h:41)".
  std::vector<std::string> notes;  ///< Sentences for after the steps.

  /// Threads (bits) that have a part in it.
  uint32_t threads = 0;
};

/// Explains the failure of the story's trace: marks the steps that are at fault
/// and those that they refer to.
Explanation Explain(Story& story);

}  // namespace weft::model

#endif  // WEFT_MODEL_EXPLAIN_H_
