// The exhaustive search: visits every execution graph of a test exactly once.
//
// The algorithm is TruSt (Kokologiannakis, Marmanis, Gladstein, Vafeiadis,
// "Truly stateless, optimal dynamic partial order reduction", POPL 2022). A run
// extends a graph, each time in the way that is newest in modification order:
// a read reads the last write, a write goes last. That never contradicts what
// is there. The other ways are alternatives, kept as items of work:
//
//   forward   an older write for a read, an earlier place for a write, another
//             value for a choice: the graph is cut back to that event;
//   revisit   a write is read by a read that was added before it: what was
//   added
//             since that read is taken back, except what the write builds upon.
//
// A revisit is made only if all that it takes back was added in the newest way.
// So no two ways lead to one graph.

#ifndef WEFT_MODEL_EXPLORER_H_
#define WEFT_MODEL_EXPLORER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "weft/model/graph.h"
#include "weft/model/sc.h"
#include "weft/model/search.h"

namespace weft::model {

class Explorer : public Search {
 public:
  /// Starts with the empty graph. `max_deviations` as in Options.
  explicit Explorer(int max_deviations = -1);

  /// Starts with a copy of `graph`, to run exactly that.
  explicit Explorer(const Graph& graph);

  /// Prepares the next graph to run. False if there is none.
  bool Next();

  /// Alternatives that turned out to contradict the memory model.
  uint64_t inconsistent() const { return inconsistent_; }

  /// The part of all there is that has been explored, as if at each decision
  /// all ways led to equally much: an estimate until the end, when it is 1.
  double explored() const { return explored_; }

  /// Whether max_deviations kept something from being explored.
  bool truncated() const { return truncated_; }

  void DecideRead(EventId read) override;
  void DecideWrite(EventId write) override;
  void DecideChoice(EventId choice) override;
  int DecideThread(uint32_t ready) override;
  bool Unblock(uint32_t blocked, uint32_t can_await, int* unblocked) override;

 private:
  struct Item {
    enum class Kind : uint8_t {
      kReadFrom,
      kPlace,
      kChoice,
      kRevisit,
      kContinue,  ///< Goes on with the graph up to the stamp `value`.
    };

    Kind kind;
    uint16_t variant = 0;  ///< Of the read; see Variants().
    EventId event{};       ///< kRevisit: the new write.
    EventId other{};       ///< kReadFrom: the write; kRevisit: the read.
    int32_t value = 0;     ///< Position in modification order, or choice.
    int32_t deviations = 0;
    double weight = 0;  ///< Its part of all there is; see explored().
  };

  /// A graph and the alternatives to it. Alternatives of earlier events come
  /// first, so cutting the graph back for the last one keeps what the others
  /// need. A revisit's graph is a frame of its own on top.
  struct Frame {
    Graph graph;
    std::vector<Item> items;
  };

  void PushFrame();
  void Push(Item item);
  size_t items() const { return frames_[depth_ - 1]->items.size(); }
  void ShareWeight(size_t first);
  bool Apply(const Item& item);
  bool ApplyRevisit(const Item& item);
  bool CanUnblock(const Item& item, uint32_t blocked) const;
  bool FinishRead(EventId read);
  bool IsConsistent();

  // Revisits (revisit.cc).
  void CollectRevisits(EventId write);
  bool TimedOutSince(EventId write, EventId read) const;
  Keep KeptBy(EventId write, EventId read) const;
  bool IsMaximal(EventId event, EventId write) const;
  bool AllMaximal(const Keep& keep, EventId write, EventId read) const;
  void PushRevisits(const Keep& keep, EventId write, EventId read);

  std::vector<std::unique_ptr<Frame>> frames_;
  size_t depth_ = 0;
  ScChecker sc_;
  std::vector<EventId> order_;  // working memory of PushRevisits
  uint64_t inconsistent_ = 0;
  int deviations_ = 0;  // on the way to the graph at hand
  int max_deviations_ = -1;
  double weight_ = 1;  // of the graph at hand
  double explored_ = 0;
  bool truncated_ = false;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_EXPLORER_H_
