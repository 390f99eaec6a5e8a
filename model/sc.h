// Sequential consistency: whether the seq_cst operations and fences of a graph
// can be put into one order.

#ifndef WEFT_MODEL_SC_H_
#define WEFT_MODEL_SC_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "weft/model/graph.h"

namespace weft::model {

/// Decides whether a coherent graph also obeys the rule of C++20 for seq_cst,
/// [atomics.order] paragraphs 3 and 4: there is a total order S of the seq_cst
/// operations such that A is before B in S if
///   - A strongly happens before B, or
///   - A, or something that the fence A happens before, is coherence-ordered
///     before B, or before something that happens before the fence B.
/// That is, these edges have no cycle. Keeps its working memory between calls.
///
/// The rule is a little stronger than "partial SC" of Lahav et al. (PLDI 2017),
/// from which it was derived.
class ScChecker {
 public:
  bool IsConsistent(const Graph& graph);

 private:
  /// A set of nodes is so many words as the graph needs.
  using Word = uint64_t;

  struct Node {
    EventId id;
    bool fence;
    const VectorClock* hb;
  };

  void CollectNodes(const Graph& graph);
  int NodeOf(EventId id) const;
  void AddStrongOrder(const Graph& graph);
  void AddSynchronization(const Graph& graph, int node);
  void AddMessages(const Graph& graph, EventId read, int node);
  void AddCoherence(const Graph& graph, const Location& location);
  void Sources(const Graph& graph, EventId event, Word* set) const;
  void Targets(const Graph& graph, EventId event, Word* set) const;
  void Connect(const Word* from, const Word* to);
  bool IsAcyclic();

  Word* Row(int node) { return &edges_[static_cast<size_t>(node) * words_]; }

  std::vector<Node> nodes_;               // thread by thread, in program order
  int lane_begin_[kLanes + 1] = {};       // a thread's first node
  std::vector<int> lane_fences_[kLanes];  // its nodes that are fences
  std::vector<int> fence_lanes_;          // the threads that have any
  int words_ = 0;
  std::vector<Word> edges_;  // row i: where node i leads to
  std::vector<Word> sets_;
  std::vector<int> degree_, queue_;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_SC_H_
