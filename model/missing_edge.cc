#include "weft/model/missing_edge.h"

namespace weft::model {
namespace {

class Finder {
 public:
  Finder(const Graph& graph, Point from) : graph_(graph), from_(from) {}

  // Looks for the edge on the way from `from` to `to`, nearest to `to` first.
  bool Search(Point to) {
    if (!Knows(graph_.PrefixAt(to.lane, to.position))) return false;
    if (to.position <= searched_[to.lane]) return false;
    searched_[to.lane] = to.position;
    bool fenced = false;  // by an acquire fence between here and `to`
    for (int i = to.position; i-- > 0;) {
      const EventId id(to.lane, i);
      const Event& event = graph_.at(id);
      if (event.kind == EventKind::kFence && IsAcquire(event.order)) {
        fenced = true;
      }
      if (event.kind == EventKind::kJoin) {
        const int lane = static_cast<int>(event.value.low);
        if (Search({lane, graph_.size(lane)})) return true;
      }
      if (event.is_read() && Examine(id, fenced)) return true;
    }
    const EventId creator = graph_.creator(to.lane);
    return to.lane != 0 && creator && creator.thread != to.lane &&
           Search({creator.thread, creator.index});
  }

  // A read whose source wrote over the write that would have been the one.
  bool SearchBrokenSequence(Point to) {
    for (int i = to.position; i-- > 0;) {
      const EventId id(to.lane, i);
      const Event& event = graph_.at(id);
      if (!event.is_read() || event.rf.thread == kInitLane) continue;
      const EventId head = HeadBefore(event.rf);
      if (!head) continue;
      found_ = {head, id, false, false, event.rf};
      return true;
    }
    return false;
  }

  const MissingEdge& found() const { return found_; }

 private:
  bool Knows(const VectorClock& clock) const {
    return clock[from_.lane] > from_.position;
  }

  bool Examine(EventId id, bool fenced) {
    const Event& read = graph_.at(id);
    const EventId source = read.rf;
    if (!source || source.thread == kInitLane) return false;
    const Event& write = graph_.at(source);
    if (!Knows(write.prefix)) return false;
    const bool acquires = fenced || IsAcquire(read.order);
    if (Knows(write.message)) {
      if (acquires) return false;  // this edge is there
      found_ = {source, id, false, true, EventId()};
      return true;
    }
    if (Knows(write.hb)) {
      found_ = {source, id, true, !acquires, EventId()};
      return true;
    }
    return Search({source.thread, source.index});
  }

  // An earlier write to the same location, at whose release sequence's end the
  // write stands, and which publishes `from`.
  EventId HeadBefore(EventId id) const {
    const Event& write = graph_.at(id);
    if (write.rmw || Knows(write.message)) return EventId();
    const int position = graph_.PositionOf(id);
    if (position <= 0) return EventId();
    const EventId before = graph_.location(write.location).order[position - 1];
    return Knows(graph_.at(before).message) ? before : EventId();
  }

  const Graph& graph_;
  const Point from_;
  int searched_[kMaxThreads] = {};  // how far each thread is known to lack it
  MissingEdge found_{};
};

}  // namespace

std::vector<MissingEdge> FindMissingEdge(const Graph& graph, Point from,
                                         Point to) {
  if (graph.ClockAt(to.lane, to.position)[from.lane] > from.position) return {};
  Finder finder(graph, from);
  std::vector<MissingEdge> edges;
  if (finder.Search(to)) edges.push_back(finder.found());
  if (finder.SearchBrokenSequence(to)) edges.push_back(finder.found());
  return edges;
}

}  // namespace weft::model
