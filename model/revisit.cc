// Backward revisits: which reads could have read a new write, had it come
// earlier.

#include <algorithm>

#include "weft/model/explorer.h"

namespace weft::model {

void Explorer::CollectRevisits(EventId write) {
  const int index = graph_->at(write).location;
  for (EventId read : graph_->location(index).readers) {
    if (graph_->at(write).prefix.Covers(read)) continue;
    if (TimedOutSince(write, read)) continue;
    const Keep keep = KeptBy(write, read);
    if (AllMaximal(keep, write, read)) PushRevisits(keep, write, read);
  }
}

// What stays if `read` is to read `write`: what was added before the read, and
// what the write builds upon.
Keep Explorer::KeptBy(EventId write, EventId read) const {
  const VectorClock& prefix = graph_->at(write).prefix;
  const uint32_t stamp = graph_->at(read).stamp;
  Keep keep{};
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    const std::vector<Event>& events = graph_->lane(lane);
    const int size = static_cast<int>(events.size());
    int count = std::min(prefix[lane], size);
    while (count < size && events[count].stamp <= stamp) ++count;
    keep[lane] = count;
  }
  return keep;
}

// Whether the event was added in the newest way, looking only at what was there
// when it was added and at what `write` builds upon.
bool Explorer::IsMaximal(EventId id, EventId write) const {
  const Event& event = graph_->at(id);
  if (event.kind == EventKind::kChoice) return event.value.low == 0;
  // Whether a thread gets stuck depends on everything.
  if (event.kind == EventKind::kTimeout) return false;
  if (!event.is_read() && !event.is_write()) return true;
  if (event.variant != 0) return false;
  const VectorClock& prefix = graph_->at(write).prefix;
  const auto earlier = [&](EventId other) {
    return !(other == write) &&
           (graph_->at(other).stamp <= event.stamp || prefix.Covers(other));
  };
  const Location& location = graph_->location(event.location);
  if (event.is_write()) {
    for (EventId read : location.readers) {
      if (graph_->at(read).rf == id && earlier(read)) return false;
    }
  }
  const EventId newest = event.is_read() ? event.rf : id;
  if (!earlier(newest)) return false;
  const std::vector<EventId>& order = location.order;
  for (size_t i = order.size(); i-- > 0 && !(order[i] == newest);) {
    if (earlier(order[i])) return false;
  }
  return true;
}

bool Explorer::AllMaximal(const Keep& keep, EventId write, EventId read) const {
  if (!IsMaximal(read, write)) return false;
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    for (int i = keep[lane]; i < graph_->size(lane); ++i) {
      if (!IsMaximal(EventId(lane, i), write)) return false;
    }
  }
  return true;
}

// Whether the write builds upon a time-out that came after the read. The thread
// timed out because no other could go on; if the read is to be different, that
// need not be so.
bool Explorer::TimedOutSince(EventId write, EventId read) const {
  if (!graph_->has_timeouts()) return false;
  const VectorClock& prefix = graph_->at(write).prefix;
  const uint32_t stamp = graph_->at(read).stamp;
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    const std::vector<Event>& events = graph_->lane(lane);
    const int count = std::min<int>(prefix[lane], graph_->size(lane));
    for (int i = count; i-- > 0 && events[i].stamp > stamp;) {
      if (events[i].kind == EventKind::kTimeout) return true;
    }
  }
  return false;
}

// One item for each place in modification order that `write` can have in the
// graph that is left.
void Explorer::PushRevisits(const Keep& keep, EventId write, EventId read) {
  const Event& writing = graph_->at(write);
  const Event& reading = graph_->at(read);
  const Location& location = graph_->location(writing.location);
  const auto kept = [&keep](EventId id) {
    return id.thread == kInitLane || id.index < keep[id.thread];
  };
  order_.clear();
  for (EventId id : location.order) {
    if (kept(id) && !(id == write)) order_.push_back(id);
  }
  const auto position_of = [this](EventId id) {
    return static_cast<int>(std::find(order_.begin(), order_.end(), id) -
                            order_.begin());
  };
  const int size = static_cast<int>(order_.size());

  // The write comes after everything that its thread, or the reader's thread
  // before the read, has seen or overwritten.
  int first = 1;
  const auto after = [&](const VectorClock& seen) {
    for (int i = size; --i >= first;) {
      if (seen.Covers(order_[i])) {
        first = i + 1;
        break;
      }
    }
    for (EventId other : location.readers) {
      if (other == read || !kept(other) || !seen.Covers(other)) continue;
      first = std::max(first, position_of(graph_->at(other).rf) + 1);
    }
  };
  after(writing.hb);
  VectorClock before_read = graph_->ClockAt(read.thread, read.index);
  if (reading.causal)
    before_read.Join(graph_->PrefixAt(read.thread, read.index));
  after(before_read);

  int last = size;
  if (writing.rmw) {
    // Right after its source, which no other read-modify-write may have read.
    const EventId source = graph_->lane(write.thread)[write.index - 1].rf;
    last = position_of(source) + 1;
    if (last < first) return;
    first = last;
  }
  const bool satisfied = reading.condition.Holds(writing.value);
  for (int position = first; position <= last; ++position) {
    if (position < size && graph_->at(order_[position]).rmw) continue;
    // Of the graphs in which the read stays blocked one is enough.
    if (!satisfied && position < size) continue;
    for (int v = Variants(reading, writing.value); v-- > 0;) {
      Push({.kind = Item::Kind::kRevisit,
            .variant = static_cast<uint16_t>(v),
            .event = write,
            .other = read,
            .value = position});
    }
  }
}

}  // namespace weft::model
