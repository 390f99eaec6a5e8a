#include "weft/model/sc.h"

#include <algorithm>
#include <bit>

namespace weft::model {
namespace {

bool IsScNode(const Event& event) {
  return event.order == std::memory_order_seq_cst && !event.blocked &&
         (event.is_read() || event.is_write() ||
          event.kind == EventKind::kFence);
}

void Set(uint64_t* set, int i) { set[i >> 6] |= uint64_t{1} << (i & 63); }

}  // namespace

bool ScChecker::IsConsistent(const Graph& graph) {
  CollectNodes(graph);
  if (nodes_.size() < 2) return true;
  words_ = static_cast<int>((nodes_.size() + 63) / 64);
  edges_.assign(nodes_.size() * words_, 0);
  scratch_.assign(static_cast<size_t>(words_) * 6, 0);
  AddHappensBefore(graph);
  for (int i = 0; i < graph.location_count(); ++i) {
    AddLocation(graph, graph.location(i));
  }
  return IsAcyclic();
}

void ScChecker::CollectNodes(const Graph& graph) {
  nodes_.clear();
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    lane_fences_[lane].clear();
    lane_begin_[lane] = static_cast<int>(nodes_.size());
    for (int i = 0; i < graph.size(lane); ++i) {
      const Event& event = graph.lane(lane)[i];
      if (!IsScNode(event)) continue;
      const bool fence = event.kind == EventKind::kFence;
      if (fence) lane_fences_[lane].push_back(static_cast<int>(nodes_.size()));
      nodes_.push_back({EventId(lane, i), fence});
    }
  }
}

// The edges that follow happens-before. If one end is a fence, or both ends are
// in one thread, happens-before alone makes an edge. Two accesses in different
// threads need more: one location, or a way between them that leaves and enters
// by other locations.
void ScChecker::AddHappensBefore(const Graph& graph) {
  const int n = static_cast<int>(nodes_.size());
  for (int to = 0; to < n; ++to) {
    const Node& target = nodes_[to];
    const Event& event = graph.at(target.id);
    for (int from = 0; from < n; ++from) {
      const Node& source = nodes_[from];
      if (from == to || !event.hb.Covers(source.id)) continue;
      if (source.fence || target.fence ||
          source.id.thread == target.id.thread ||
          graph.at(source.id).location == event.location ||
          AroundOtherLocations(graph, source.id, target.id)) {
        Set(Row(from), to);
      }
    }
  }
}

// Whether `from` is sequenced before an event of another location that happens
// before an event of another location sequenced before `to`.
bool ScChecker::AroundOtherLocations(const Graph& graph, EventId from,
                                     EventId to) const {
  const auto elsewhere = [](const Event& event, int location) {
    return (!event.is_read() && !event.is_write()) ||
           event.location != location;
  };
  const std::vector<Event>& left = graph.lane(from.thread);
  const std::vector<Event>& right = graph.lane(to.thread);
  int first = from.index + 1;
  while (first < static_cast<int>(left.size()) &&
         !elsewhere(left[first], left[from.index].location)) {
    ++first;
  }
  int last = to.index - 1;
  while (last >= 0 && !elsewhere(right[last], right[to.index].location)) {
    --last;
  }
  return last >= 0 && right[last].hb.Covers(EventId(from.thread, first));
}

// The nodes at which a way into `event` may begin: the fences that happen
// before it and the event itself if it is seq_cst. Of each thread's fences the
// last will do: the others lead to it.
void ScChecker::Sources(const Graph& graph, EventId id, Word* fences,
                        Word* all) const {
  const Event& event = graph.at(id);
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    const std::vector<int>& list = lane_fences_[lane];
    for (size_t i = list.size(); i-- > 0;) {
      if (!event.hb.Covers(nodes_[list[i]].id)) continue;
      Set(fences, list[i]);
      Set(all, list[i]);
      break;
    }
  }
  if (IsScNode(event)) Set(all, NodeOf(id));
}

// The nodes at which a way out of `event` may end: the fences that it happens
// before (of each thread the first) and the event itself if it is seq_cst.
void ScChecker::Targets(const Graph& graph, EventId id, Word* fences,
                        Word* all) const {
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    for (int node : lane_fences_[lane]) {
      if (!graph.at(nodes_[node].id).hb.Covers(id)) continue;
      Set(fences, node);
      Set(all, node);
      break;
    }
  }
  if (IsScNode(graph.at(id))) Set(all, NodeOf(id));
}

int ScChecker::NodeOf(EventId id) const {
  int node = lane_begin_[id.thread];
  while (!(nodes_[node].id == id)) ++node;
  return node;
}

void ScChecker::Connect(const Word* from, const Word* to) {
  for (int w = 0; w < words_; ++w) {
    for (Word rest = from[w]; rest != 0; rest &= rest - 1) {
      const int node = w * 64 + std::countr_zero(rest);
      Word* row = Row(node);
      for (int i = 0; i < words_; ++i) row[i] |= to[i];
    }
  }
}

// The edges that follow one location's order: a write leads to the writes after
// it, a read to the writes after its source; between fences, also a write or a
// read to whoever reads one of these (extended coherence).
void ScChecker::AddLocation(const Graph& graph, const Location& location) {
  if (location.order.size() < 2 && location.readers.empty()) return;
  std::fill(scratch_.begin(), scratch_.end(), 0);
  Word* older = &scratch_[0];           // sources of all that is older
  Word* older_fences = older + words_;  // the fences among them
  Word* level = older + 2 * words_;     // of this write, then its readers
  Word* level_fences = older + 3 * words_;
  Word* targets = older + 4 * words_;  // of one event
  Word* target_fences = older + 5 * words_;
  const auto find_targets = [&](EventId id) {
    std::fill(targets, targets + 2 * words_, 0);
    Targets(graph, id, target_fences, targets);
  };
  for (EventId write : location.order) {
    std::fill(level, level + 2 * words_, 0);
    if (write.thread != kInitLane) {
      find_targets(write);
      Connect(older, targets);
      Connect(older_fences, target_fences);
      Sources(graph, write, level_fences, level);
    }
    const auto reads_here = [&](EventId reader) {
      const Event& event = graph.at(reader);
      return event.rf == write && !event.blocked;
    };
    for (EventId reader : location.readers) {
      if (!reads_here(reader)) continue;
      find_targets(reader);
      Connect(older_fences, target_fences);
      Connect(level_fences, target_fences);
    }
    for (EventId reader : location.readers) {
      if (reads_here(reader)) Sources(graph, reader, level_fences, level);
    }
    for (int i = 0; i < words_; ++i) {
      older[i] |= level[i];
      older_fences[i] |= level_fences[i];
    }
  }
}

bool ScChecker::IsAcyclic() {
  const int n = static_cast<int>(nodes_.size());
  degree_.assign(n, 0);
  for (int from = 0; from < n; ++from) {
    for (int w = 0; w < words_; ++w) {
      for (Word rest = Row(from)[w]; rest != 0; rest &= rest - 1) {
        ++degree_[w * 64 + std::countr_zero(rest)];
      }
    }
  }
  queue_.clear();
  for (int i = 0; i < n; ++i) {
    if (degree_[i] == 0) queue_.push_back(i);
  }
  for (size_t next = 0; next < queue_.size(); ++next) {
    for (int w = 0; w < words_; ++w) {
      for (Word rest = Row(queue_[next])[w]; rest != 0; rest &= rest - 1) {
        const int to = w * 64 + std::countr_zero(rest);
        if (--degree_[to] == 0) queue_.push_back(to);
      }
    }
  }
  return static_cast<int>(queue_.size()) == n;
}

}  // namespace weft::model
