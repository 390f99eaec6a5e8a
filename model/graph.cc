#include "weft/model/graph.h"

#include <algorithm>

namespace weft::model {
namespace {

constexpr VectorClock kInitialClock = VectorClock::Initial();

/// Removes the last occurrence; what is removed was mostly added late.
void EraseLast(std::vector<EventId>& ids, EventId id) {
  for (auto i = ids.end(); i != ids.begin();) {
    if (*--i == id) {
      ids.erase(i);
      return;
    }
  }
}

}  // namespace

int Graph::total() const {
  int sum = 0;
  for (int lane = 0; lane < kMaxThreads; ++lane) sum += size(lane);
  return sum;
}

int Graph::FindLocation(const LocationKey& key) const {
  for (int i = 0; i < location_count(); ++i) {
    if (locations_[i].key == key) return i;
  }
  return -1;
}

int Graph::PositionOf(EventId write) const {
  const std::vector<EventId>& order = locations_[at(write).location].order;
  for (int i = static_cast<int>(order.size()); i-- > 0;) {
    if (order[i] == write) return i;
  }
  return -1;
}

int Graph::LowestReadable(int location, const VectorClock& seen,
                          EventId self) const {
  const Location& l = locations_[location];
  int bound = 0;
  for (int i = static_cast<int>(l.order.size()); --i > 0;) {
    if (seen.Covers(l.order[i])) {
      bound = i;
      break;
    }
  }
  for (EventId reader : l.readers) {
    if (reader == self || !seen.Covers(reader)) continue;
    bound = std::max(bound, PositionOf(at(reader).rf));
  }
  return bound;
}

const VectorClock& Graph::ClockAt(int lane, int count) const {
  if (count > 0) return lanes_[lane][count - 1].hb;
  return creators_[lane] ? at(creators_[lane]).hb : kInitialClock;
}

const VectorClock& Graph::PrefixAt(int lane, int count) const {
  if (count > 0) return lanes_[lane][count - 1].prefix;
  return creators_[lane] ? at(creators_[lane]).prefix : kInitialClock;
}

bool Graph::IsConsumed(EventId write) const {
  const std::vector<EventId>& order = locations_[at(write).location].order;
  const int next = PositionOf(write) + 1;
  // Half of a read-modify-write always stands right after its source.
  return next > 0 && next < static_cast<int>(order.size()) &&
         at(order[next]).rmw;
}

uint64_t Graph::Fingerprint() const {
  uint64_t hash = 0;
  const auto mix = [&hash](uint64_t value) {
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    hash ^= hash >> 29;
  };
  const auto mix_id = [&](EventId id) {
    // The initial values are numbered as they are first used; name them well.
    mix(id.thread);
    if (id.thread == kInitLane) {
      mix(static_cast<uint64_t>(locations_[id.index].key.lane));
      mix(locations_[id.index].key.serial);
    } else {
      mix(id.index);
    }
  };
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    for (int i = 0; i < size(lane); ++i) {
      const Event& event = lanes_[lane][i];
      mix_id(EventId(lane, i));
      mix(static_cast<uint64_t>(event.kind));
      mix(event.value.low);
      mix(event.variant);
      if (event.is_read()) mix_id(event.rf);
      if (event.is_write())
        mix_id(
            locations_[event.location].order[PositionOf(EventId(lane, i)) - 1]);
    }
  }
  return hash;
}

void Graph::InheritClocks(EventId id) {
  Event& event = at(id);
  if (id.index > 0) {
    const Event& before = lanes_[id.thread][id.index - 1];
    event.hb = before.hb;
    event.prefix = before.prefix;
    event.pending = before.pending;
  } else {
    const EventId creator = creators_[id.thread];
    event.hb = creator ? at(creator).hb : kInitialClock;
    event.prefix = creator ? at(creator).prefix : kInitialClock;
    event.pending = VectorClock();
  }
  event.hb.Set(id.thread, id.index + 1);
  event.prefix.Set(id.thread, id.index + 1);
}

EventId Graph::Append(int lane, EventKind kind,
                      const std::source_location& where) {
  std::vector<Event>& events = lanes_[lane];
  const EventId id(lane, static_cast<int>(events.size()));
  const int16_t release_fence =
      events.empty() ? int16_t{-1} : events.back().release_fence;
  Event& event = events.emplace_back();
  event.kind = kind;
  event.where = where;
  has_timeouts_ = has_timeouts_ || kind == EventKind::kTimeout;
  event.release_fence = release_fence;
  event.stamp = ++last_stamp_;
  InheritClocks(id);
  return id;
}

int Graph::AddLocation(const LocationKey& key, const void* address,
                       Value initial) {
  int index = FindLocation(key);
  if (index < 0) {
    index = location_count();
    Event& init = lanes_[kInitLane].emplace_back();
    init.kind = EventKind::kInit;
    init.location = static_cast<int16_t>(index);
    init.hb = init.prefix = kInitialClock;
    locations_.emplace_back();
    locations_.back().key = key;
    locations_.back().order.push_back(InitOf(index));
  }
  locations_[index].address = address;
  at(InitOf(index)).value = initial;
  return index;
}

void Graph::SetReadFrom(EventId read, EventId write, int variant) {
  InheritClocks(read);
  Event& event = at(read);
  const Event& source = at(write);
  event.rf = write;
  event.value = source.value;
  event.variant = static_cast<uint16_t>(variant);
  event.blocked = !event.condition.Holds(event.value);
  const bool fails = event.update.op == Op::kCompareExchange &&
                     (variant != 0 || !(event.value == event.update.expected));
  event.rmw = event.update.op != Op::kNone && !event.blocked && !fails;
  if (event.update.op == Op::kCompareExchange) {
    // A compare-exchange that fails is a read with the failure's order.
    event.order = event.rmw ? event.success_order : event.failure_order;
  }
  event.prefix.Join(source.prefix);
  if (IsAcquire(event.order) && !event.silent) event.hb.Join(source.message);
  event.pending.Join(source.message);
}

EventId Graph::AppendWriteHalf(int lane) {
  const EventId read(lane, size(lane) - 1);
  // A copy: the lane's memory may move.
  const std::source_location where = at(read).where;
  const EventId write = Append(lane, EventKind::kWrite, where);
  const Event& reading = at(read);
  Event& event = at(write);
  event.location = reading.location;
  event.order = reading.order;
  event.update = reading.update;
  event.time = std::max(reading.time, at(reading.rf).time);
  event.rmw = true;
  event.silent = reading.silent;
  event.label = reading.label;
  event.value = Apply(reading.update, reading.value, reading.variant);
  SetMessage(write);
  return write;
}

void Graph::SetMessage(EventId write) {
  Event& event = at(write);
  if (IsRelease(event.order) && !event.silent) {
    event.message = event.hb;
  } else if (event.release_fence >= 0) {
    event.message = lanes_[write.thread][event.release_fence].hb;
  } else {
    event.message = VectorClock();
  }
  if (event.rmw) {
    // A read-modify-write continues its source's release sequence.
    const EventId source = lanes_[write.thread][write.index - 1].rf;
    event.message.Join(at(source).message);
  }
}

void Graph::Place(EventId write, int position) {
  std::vector<EventId>& order = locations_[at(write).location].order;
  order.insert(order.begin() + position, write);
}

void Graph::Unplace(EventId write) {
  EraseLast(locations_[at(write).location].order, write);
}

void Graph::RemoveLast(int lane) {
  const EventId id(lane, size(lane) - 1);
  const Event& event = at(id);
  if (event.kind == EventKind::kRead) {
    EraseLast(locations_[event.location].readers, id);
  } else if (event.kind == EventKind::kWrite) {
    EraseLast(locations_[event.location].order, id);
  } else if (event.kind == EventKind::kCreate) {
    creators_[event.value.low] = EventId();
  }
  lanes_[lane].pop_back();
}

void Graph::CutAfter(uint32_t stamp) {
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    // Stamps rise along a thread.
    while (size(lane) > 0 && lanes_[lane].back().stamp > stamp) {
      RemoveLast(lane);
    }
  }
  // Locations without events are looked up again, by their names; those at the
  // end need not stay.
  while (!locations_.empty() && locations_.back().order.size() == 1 &&
         locations_.back().readers.empty()) {
    locations_.pop_back();
    lanes_[kInitLane].pop_back();
  }
  last_stamp_ = stamp;
}

void Graph::CopyKept(const Graph& from, const Keep& keep) {
  for (int lane = 0; lane < kLanes; ++lane) {
    const std::vector<Event>& source = from.lanes_[lane];
    const int count = lane == kInitLane ? from.size(lane) : keep[lane];
    lanes_[lane].assign(source.begin(), source.begin() + count);
  }
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    const EventId creator = from.creators_[lane];
    const bool kept = creator && creator.index < keep[creator.thread];
    creators_[lane] = kept ? creator : EventId();
  }
  const auto kept = [&keep](EventId id) {
    return id.thread == kInitLane || id.index < keep[id.thread];
  };
  locations_.resize(from.locations_.size());
  for (int i = 0; i < location_count(); ++i) {
    const Location& source = from.locations_[i];
    Location& copy = locations_[i];
    copy.key = source.key;
    copy.address = source.address;
    copy.order.clear();
    for (EventId id : source.order) {
      if (kept(id)) copy.order.push_back(id);
    }
    copy.readers.clear();
    for (EventId id : source.readers) {
      if (kept(id)) copy.readers.push_back(id);
    }
  }
  last_stamp_ = from.last_stamp_;
  has_timeouts_ = from.has_timeouts_;
  has_seq_cst_ = from.has_seq_cst_;
}

}  // namespace weft::model
