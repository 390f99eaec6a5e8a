// Data races: which two accesses, and what would have ordered them.

#include <utility>

#include "weft/model/explainer.h"
#include "weft/model/source_text.h"

namespace weft::model {

Explainer::Side Explainer::SideOf(const PlainAccess& access, EventId event) {
  Side side;
  if (access.lane < 0) {
    side.line = story_.LineOf(event);
    side.point = {event.thread, event.index};
    const int location = trace_.graph.at(event).location;
    side.object = story_.names().Atomic(location);
    side.made = story_.names().MadeAt(location);
    return side;
  }
  side.point = {access.lane, access.position};
  side.object = story_.names().Plain(access);
  side.made = story_.names().MadeAt(access);
  side.line = story_.LineOf(access);
  if (side.line < 0) {
    // An operation of an atomic that did not take place any more.
    Line line;
    line.lane = access.lane;
    line.place = ShortPlace(access.where);
    line.text = side.object + (access.kind == PlainAccess::Kind::kWrite
                                   ? " is stored to"
                                   : " is used");
    side.line = story_.AddLine(line);
  }
  ShowPlace(side.line);
  return side;
}

void Explainer::ExplainRace() {
  const Side first = SideOf(failure_.first, failure_.first_event);
  const Side second = SideOf(failure_.second, failure_.second_event);
  for (const Side* side : {&first, &second}) {
    story_.Raise(side->line, Weight::kKey);
    Involve(side->point.lane);
  }
  const Side& named = first.object.empty() ? second : first;
  result_.headline = Title();
  if (!named.object.empty()) result_.headline += " on " + named.object;
  if (!IsForeign(named.made)) {
    result_.headline += " (" + ShortPlace(named.made) + ")";
  }
  story_.Remark(second.line, "RACES with " + Refer(first.line));
  story_.Remark(first.line, "RACES with " + Refer(second.line));
  ExplainMissing(first, second);
}

void Explainer::ExplainMissing(const Side& first, const Side& second) {
  const Graph& graph = trace_.graph;
  std::vector<MissingEdge> edges =
      FindMissingEdge(graph, first.point, second.point);
  if (edges.empty()) edges = FindMissingEdge(graph, second.point, first.point);
  if (edges.empty()) {
    Note("nothing orders " + Refer(first.line) + " and " + Refer(second.line) +
         ": no read leads from one to the other");
  }
  for (const MissingEdge& edge : edges) ExplainEdge(edge);
  ExplainStoreBuffering();
}

void Explainer::ExplainEdge(const MissingEdge& edge) {
  const Event& write = trace_.graph.at(edge.write);
  const Event& read = trace_.graph.at(edge.read);
  std::string why;
  const auto add = [&why](const std::string& reason) {
    why += (why.empty() ? "" : "; ") + reason;
  };
  if (edge.writer) {
    add("store is " + std::string(Names::Order(write.order)) +
        ", no release fence before it");
    story_.Remark(story_.LineOf(edge.write),
                  "no release: nothing before this is published");
  }
  if (edge.reader) {
    add("load is " + std::string(Names::Order(read.order)) +
        ", no acquire fence after it");
    story_.Remark(story_.LineOf(edge.read),
                  "no acquire: learns nothing but the value");
  }
  if (edge.breaker) {
    add(story_.Ref(edge.breaker) + " ended the release sequence of " +
        story_.Ref(edge.write) +
        ", which a read-modify-write would have continued");
    story_.Raise(story_.LineOf(edge.breaker), Weight::kRelated);
    Involve(edge.breaker.thread);
    Involve(edge.write.thread);
  }
  story_.Raise(story_.LineOf(edge.write), Weight::kKey);
  story_.Raise(story_.LineOf(edge.read), Weight::kKey);
  Note("missing edge: " + story_.Ref(edge.write) + " -sw-> " +
       story_.Ref(edge.read) + " (" + why + ")");
}

// Two threads that each read past what the other had just written: what no
// interleaving explains, and only seq_cst forbids.
void Explainer::ExplainStoreBuffering() {
  const Graph& graph = trace_.graph;
  const auto misses = [&graph](EventId read, EventId write) {
    const Event& event = graph.at(read);
    return event.is_read() && event.location == graph.at(write).location &&
           graph.PositionOf(event.rf) < graph.PositionOf(write);
  };
  // The first event of the thread, after `from`, that reads past `write`.
  const auto find = [&](EventId from, EventId write) {
    for (int i = from.index + 1; i < graph.size(from.thread); ++i) {
      const EventId id(from.thread, i);
      if (misses(id, write)) return id;
    }
    return EventId();
  };
  for (const Step& step : trace_.steps) {
    const bool stale = step.is_event() && step.newer &&
                       graph.at(step.event).is_read() &&
                       !(step.newer == graph.at(step.event).rf);
    if (!stale || step.newer.thread == step.event.thread) continue;
    const EventId read = step.event;
    const std::vector<EventId>& order =
        graph.location(graph.at(read).location).order;
    for (int w = read.index; w-- > 0;) {
      const EventId mine(read.thread, w);
      if (!graph.at(mine).is_write()) continue;
      for (EventId theirs : order) {
        if (theirs.thread == read.thread || theirs.thread == kInitLane ||
            !misses(read, theirs)) {
          continue;
        }
        const EventId other = find(theirs, mine);
        if (!other) continue;
        Note("store buffering: " + story_.Ref(read) + " reads past " +
             story_.Ref(theirs) + ", and " + story_.Ref(other) + " past " +
             story_.Ref(mine) +
             "; impossible if all four are seq_cst, or with a seq_cst fence "
             "between the two of each thread");
        return;
      }
    }
  }
}

}  // namespace weft::model
