// Sequential consistency: whether the seq_cst operations and fences of a graph
// can be put into one order.

#ifndef WEFT_MODEL_SC_H_
#define WEFT_MODEL_SC_H_

#include <cstdint>
#include <vector>

#include "weft/model/graph.h"

namespace weft::model {

/// Decides whether a coherent graph also obeys the rule of C++20 for seq_cst
/// (P0668, RC11 without its name): the relation "partial SC" has no cycle.
/// Keeps its working memory between calls.
///
/// Partial SC is a relation on seq_cst accesses and fences, psc_base + psc_F of
/// Lahav, Vafeiadis, Kang, Hur, Dreyer, "Repairing sequential consistency in
/// C/C++11", PLDI 2017.
class ScChecker {
 public:
  bool IsConsistent(const Graph& graph);

 private:
  /// A set of nodes. Graphs with more than 64 seq_cst operations use several
  /// words.
  using Word = uint64_t;

  struct Node {
    EventId id;
    bool fence;
  };

  void CollectNodes(const Graph& graph);
  void AddHappensBefore(const Graph& graph);
  void AddLocation(const Graph& graph, const Location& location);
  bool AroundOtherLocations(const Graph& graph, EventId from, EventId to) const;
  void Sources(const Graph& graph, EventId event, Word* fences,
               Word* all) const;
  void Targets(const Graph& graph, EventId event, Word* fences,
               Word* all) const;
  int NodeOf(EventId id) const;
  void Connect(const Word* from, const Word* to);
  bool IsAcyclic();

  Word* Row(int node) { return &edges_[static_cast<size_t>(node) * words_]; }

  std::vector<Node> nodes_;
  std::vector<int> lane_fences_[kLanes];  // nodes, in program order
  int lane_begin_[kLanes] = {};           // a thread's first node
  std::vector<Word> edges_;               // row i: where node i leads to
  std::vector<Word> scratch_;
  std::vector<int> degree_, queue_;
  int words_ = 0;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_SC_H_
