// Pictures of execution graphs.

#ifndef WEFT_MODEL_DRAWING_H_
#define WEFT_MODEL_DRAWING_H_

#include <string>
#include <vector>

#include "weft/model/story.h"

namespace weft::model {

/// A relation between two steps.
struct Arrow {
  enum class Kind : uint8_t {
    kReadsFrom,     ///< "rf": the reader reads what the writer wrote.
    kSynchronizes,  ///< "sw": and learns what the writer had seen.
    kModification,  ///< "mo": the next write of the same atomic.
    kReadsBefore,   ///< "fr": the write that overwrites what was read.
    kThread,        ///< The start of a thread, or the wait for its end.
  };

  Kind kind;
  int from;  ///< A line of the story.
  int to;

  friend bool operator==(const Arrow&, const Arrow&) = default;
};

/// The relations between steps, without those to initial values and those that
/// the order of a thread's steps implies.
std::vector<Arrow> ArrowsOf(const Story& story);

/// The execution for Graphviz: `dot -Tsvg`.
std::string ToDot(const Story& story);

/// The execution as a picture in SVG: a column for each thread, a row for each
/// step, the relations as arrows.
std::string ToSvg(const Story& story);

/// Draws the execution into the files that the environment names as MODEL_DOT
/// and MODEL_SVG. Returns a line for the report, which is empty if there are
/// none.
std::string DrawForEnvironment(const Story& story);

}  // namespace weft::model

#endif  // WEFT_MODEL_DRAWING_H_
