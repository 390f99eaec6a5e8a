// Why one point of an execution does not happen before another.

#ifndef WEFT_MODEL_MISSING_EDGE_H_
#define WEFT_MODEL_MISSING_EDGE_H_

#include <vector>

#include "weft/model/graph.h"

namespace weft::model {

/// A point in a thread: after so many of its events.
struct Point {
  int lane;
  int position;
};

/// A read that reads from a write without synchronising with it, and by which
/// something would happen before something else if it did.
struct MissingEdge {
  EventId write;
  EventId read;
  bool writer;  ///< The write does not release.
  bool reader;  ///< The read does not acquire.

  /// Not none: neither is at fault, but the read reads a write that is no
  /// read-modify-write and so ended the release sequence of `write`: this one.
  EventId breaker;
};

/// Edges whose lack is why what stands at `from` does not happen before what
/// stands at `to`; each by itself would mend it, if none lacks before it. Empty
/// if it does, or if no chain of reads leads from one to the other.
std::vector<MissingEdge> FindMissingEdge(const Graph& graph, Point from,
                                         Point to);

}  // namespace weft::model

#endif  // WEFT_MODEL_MISSING_EDGE_H_
