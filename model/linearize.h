// Puts the events of an execution graph in one order that people can read.

#ifndef WEFT_MODEL_LINEARIZE_H_
#define WEFT_MODEL_LINEARIZE_H_

#include <cstdint>
#include <vector>

#include "weft/model/graph.h"

namespace weft::model {

/// A step of the order: an event or, with index -1, the start of a thread that
/// has no events.
struct Turn {
  int lane;
  int index;

  friend bool operator==(const Turn&, const Turn&) = default;
};

/// What an order must respect besides the graph.
struct OrderRequest {
  /// The thread whose last event comes last; -1: none.
  int last_lane = -1;

  /// The threads (bits) that ran, if they have no events, too.
  uint32_t started = 0;

  /// As the events were added to the graph, as far as possible; never mind how
  /// it reads.
  bool by_stamp = false;
};

/// An order of all events in which each comes after its predecessors in its
/// thread, after what it reads from, after the start of its thread and, if it
/// is a join, after the joined thread. As far as these allow, each read reads
/// the newest write, so that what no interleaving explains stands out; then,
/// the threads change as rarely as possible. Waits in vain and time-outs come
/// when nothing else can. The writing half of a read-modify-write follows its
/// reading half.
std::vector<Turn> Linearize(const Graph& graph, const OrderRequest& request);

}  // namespace weft::model

#endif  // WEFT_MODEL_LINEARIZE_H_
