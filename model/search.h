// Who decides, at each step of a run that is new, what happens.

#ifndef WEFT_MODEL_SEARCH_H_
#define WEFT_MODEL_SEARCH_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "weft/model/graph.h"

namespace weft::model {

/// A way to walk through the behaviours of a test. It owns the graph of the run
/// at hand; the execution adds an event to the graph and asks the search to
/// decide about it.
class Search {
 public:
  virtual ~Search() = default;

  Graph& graph() { return *graph_; }

  /// Decides what the last event of the graph, a read, reads from. If that
  /// makes it half of a read-modify-write, adds the other half too.
  virtual void DecideRead(EventId read) = 0;

  /// Decides where a new write stands in modification order.
  virtual void DecideWrite(EventId write) = 0;

  /// Decides the value of a new choice, below `update.operand.low`.
  virtual void DecideChoice(EventId choice) = 0;

  /// Decides which thread goes on, of a set of lanes (bits) that is not empty.
  /// -1: the run ends here.
  virtual int DecideThread(uint32_t ready) = 0;

  /// Whether a thread that waits for a value is offered to DecideThread only
  /// when no thread can make an ordinary step.
  virtual bool WaitsLast() const { return true; }

  /// Whether a thread that waits in a loop goes on when there is something new
  /// to read. An exhaustive search need not: it has another graph for that.
  virtual bool SpinnersGoOn() const { return false; }

  /// Called when no thread can make an ordinary step. True if the search
  /// changed the graph in place so that a blocked read now has its value:
  /// then `*unblocked` is that thread.
  virtual bool Unblock(uint32_t blocked, uint32_t can_await, int* unblocked) {
    (void)blocked;
    (void)can_await;
    (void)unblocked;
    return false;
  }

  /// The lane of the serial-th thread that `parent` starts. The same in every
  /// run of the search. -1 if there are too many threads.
  int LaneOf(int parent, int serial) {
    const std::pair<int, int> name(parent, serial);
    for (size_t i = 0; i < names_.size(); ++i) {
      if (names_[i] == name) return static_cast<int>(i) + 1;
    }
    if (names_.size() + 1 == kMaxThreads) return -1;
    names_.push_back(name);
    return static_cast<int>(names_.size());
  }

 protected:
  Graph* graph_ = nullptr;

 private:
  std::vector<std::pair<int, int>> names_;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_SEARCH_H_
