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
  if (!graph.has_seq_cst()) return true;
  CollectNodes(graph);
  const size_t n = nodes_.size();
  if (n < 2) return true;
  words_ = static_cast<int>((n + 63) / 64);
  edges_.assign(n * words_, 0);
  sets_.assign(static_cast<size_t>(words_) * 3, 0);
  AddStrongOrder(graph);
  for (int i = 0; i < graph.location_count(); ++i) {
    AddCoherence(graph, graph.location(i));
  }
  return IsAcyclic();
}

void ScChecker::CollectNodes(const Graph& graph) {
  nodes_.clear();
  fence_lanes_.clear();
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    lane_fences_[lane].clear();
    lane_begin_[lane] = static_cast<int>(nodes_.size());
    for (int i = 0; i < graph.size(lane); ++i) {
      const Event& event = graph.lane(lane)[i];
      if (!IsScNode(event)) continue;
      const bool fence = event.kind == EventKind::kFence;
      if (fence) lane_fences_[lane].push_back(static_cast<int>(nodes_.size()));
      nodes_.push_back({EventId(lane, i), fence, &event.hb});
    }
    if (!lane_fences_[lane].empty()) fence_lanes_.push_back(lane);
  }
  lane_begin_[kMaxThreads] = static_cast<int>(nodes_.size());
}

int ScChecker::NodeOf(EventId id) const {
  int node = lane_begin_[id.thread];
  while (!(nodes_[node].id == id)) ++node;
  return node;
}

// The edges of "strongly happens before". Within a thread: all. Between
// threads: a synchronisation of two seq_cst operations, or any happens-before
// between what follows the one and what precedes the other.
void ScChecker::AddStrongOrder(const Graph& graph) {
  const int n = static_cast<int>(nodes_.size());
  for (int to = 0; to < n; ++to) {
    const EventId target = nodes_[to].id;
    const std::vector<Event>& lane = graph.lane(target.thread);
    for (int from = lane_begin_[target.thread]; from < to; ++from) {
      Set(Row(from), to);
    }
    AddSynchronization(graph, to);
    // The halves of a read-modify-write are one operation: neither precedes or
    // follows the other here.
    const Event& event = lane[target.index];
    const int before = target.index - (event.is_write() && event.rmw ? 1 : 0);
    const VectorClock& seen = graph.ClockAt(target.thread, before);
    for (int from = 0; from < n; ++from) {
      const EventId source = nodes_[from].id;
      if (source.thread == target.thread) continue;
      const Event& first = graph.at(source);
      const int after = source.index + (first.is_read() && first.rmw ? 2 : 1);
      if (seen.Covers(EventId(source.thread, after))) Set(Row(from), to);
    }
  }
}

// The edges from seq_cst operations that synchronise with this one: a read, or
// a fence after reads.
void ScChecker::AddSynchronization(const Graph& graph, int node) {
  const EventId id = nodes_[node].id;
  const std::vector<Event>& lane = graph.lane(id.thread);
  if (!nodes_[node].fence) {
    if (lane[id.index].is_read()) AddMessages(graph, id, node);
    return;
  }
  for (int i = 0; i < id.index; ++i) {
    if (lane[i].is_read()) AddMessages(graph, EventId(id.thread, i), node);
  }
}

// The edges to `node` from the heads of release sequences that `read` reads.
void ScChecker::AddMessages(const Graph& graph, EventId read, int node) {
  EventId write = graph.at(read).rf;
  while (write.thread != kInitLane) {
    const Event& event = graph.at(write);
    if (IsScNode(event)) {
      const int source = NodeOf(write);
      if (source != node) Set(Row(source), node);
    }
    // Of the fences before the write the last: the others lead to it.
    const std::vector<int>& fences = lane_fences_[write.thread];
    for (size_t i = fences.size(); i-- > 0;) {
      if (nodes_[fences[i]].id.index > write.index) continue;
      if (write.thread != nodes_[node].id.thread) Set(Row(fences[i]), node);
      break;
    }
    if (!event.rmw) break;
    write = graph.lane(write.thread)[write.index - 1].rf;
  }
}

// The nodes at which a way into `event` may begin: the fences that happen
// before it and the event itself if it is seq_cst. Of each thread's fences the
// last will do: the others lead to it.
void ScChecker::Sources(const Graph& graph, EventId id, Word* set) const {
  const Event& event = graph.at(id);
  for (int lane : fence_lanes_) {
    const std::vector<int>& fences = lane_fences_[lane];
    for (size_t i = fences.size(); i-- > 0;) {
      if (!event.hb.Covers(nodes_[fences[i]].id)) continue;
      Set(set, fences[i]);
      break;
    }
  }
  if (IsScNode(event)) Set(set, NodeOf(id));
}

// The nodes at which a way out of `event` may end: the fences that it happens
// before (of each thread the first) and the event itself if it is seq_cst.
void ScChecker::Targets(const Graph& graph, EventId id, Word* set) const {
  for (int lane : fence_lanes_) {
    for (int fence : lane_fences_[lane]) {
      if (!nodes_[fence].hb->Covers(id)) continue;
      Set(set, fence);
      break;
    }
  }
  if (IsScNode(graph.at(id))) Set(set, NodeOf(id));
}

void ScChecker::Connect(const Word* from, const Word* to) {
  for (int w = 0; w < words_; ++w) {
    for (Word rest = from[w]; rest != 0; rest &= rest - 1) {
      Word* row = Row(w * 64 + std::countr_zero(rest));
      for (int i = 0; i < words_; ++i) row[i] |= to[i];
    }
  }
}

// The edges of one location's coherence order: a write comes before its readers
// and before the later writes and their readers, a read before the writes after
// the one that it reads, and before these writes' readers.
void ScChecker::AddCoherence(const Graph& graph, const Location& location) {
  if (location.order.size() < 2 && location.readers.empty()) return;
  std::fill(sets_.begin(), sets_.end(), 0);
  Word* const older = &sets_[0];             // sources of all that is before
  Word* const readers = older + words_;      // of this write's readers
  Word* const targets = older + 2 * words_;  // of one event
  const auto connect_to = [&](EventId id) {
    std::fill(targets, targets + words_, 0);
    Targets(graph, id, targets);
    Connect(older, targets);
  };
  for (EventId write : location.order) {
    if (write.thread != kInitLane) {
      connect_to(write);
      Sources(graph, write, older);
    }
    std::fill(readers, readers + words_, 0);
    for (EventId read : location.readers) {
      const Event& event = graph.at(read);
      if (!(event.rf == write) || event.blocked) continue;
      connect_to(read);
      Sources(graph, read, readers);
    }
    for (int i = 0; i < words_; ++i) older[i] |= readers[i];
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
