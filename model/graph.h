// An execution graph: what each thread did, which write each read reads from,
// and for each location the total order of its writes (modification order).
// Together they determine one behaviour of the program in the memory model
// RC11: C++20 without load buffering.

#ifndef WEFT_MODEL_GRAPH_H_
#define WEFT_MODEL_GRAPH_H_

#include <array>
#include <cstdint>
#include <source_location>
#include <vector>

#include "weft/model/event.h"

namespace weft::model {

/// Names an atomic object, in every run alike: the serial-th that a thread
/// constructed or, if it existed before the run (lane kInitLane), its address.
struct LocationKey {
  int lane = kInitLane;
  uint64_t serial = 0;

  friend constexpr bool operator==(const LocationKey&,
                                   const LocationKey&) = default;
};

/// An atomic object that some event of the graph uses.
struct Location {
  LocationKey key;
  const void* address = nullptr;
  std::vector<EventId> order;    ///< Its writes in modification order; the
                                 ///< first is the initial value.
  std::vector<EventId> readers;  ///< Its reads, as they were added.
};

/// How many events of each lane a smaller graph keeps.
using Keep = std::array<int, kLanes>;

class Graph {
 public:
  Graph() = default;

  // --- Looking. ---

  /// The number of events of a lane.
  int size(int lane) const { return static_cast<int>(lanes_[lane].size()); }

  /// The number of events of all threads.
  int total() const;

  const Event& at(EventId id) const { return lanes_[id.thread][id.index]; }
  Event& at(EventId id) { return lanes_[id.thread][id.index]; }

  const std::vector<Event>& lane(int lane) const { return lanes_[lane]; }

  /// Whether the thread was started in this graph. The main thread always is.
  bool Exists(int lane) const {
    return lane == 0 || static_cast<bool>(creators_[lane]);
  }

  /// The event that started the thread; none for the main thread.
  EventId creator(int lane) const { return creators_[lane]; }

  /// Whether there may be a seq_cst operation.
  bool has_seq_cst() const { return has_seq_cst_; }
  void set_has_seq_cst() { has_seq_cst_ = true; }

  /// Whether there may be a kTimeout.
  bool has_timeouts() const { return has_timeouts_; }

  /// The stamp of the event added last.
  uint32_t last_stamp() const { return last_stamp_; }

  int location_count() const { return static_cast<int>(locations_.size()); }
  const Location& location(int index) const { return locations_[index]; }
  Location& location(int index) { return locations_[index]; }

  /// The index of the location of this name, or -1.
  int FindLocation(const LocationKey& key) const;

  /// The initial value's event of a location.
  static EventId InitOf(int location) { return {kInitLane, location}; }

  /// Where a write stands in its location's modification order; -1: nowhere.
  int PositionOf(EventId write) const;

  /// The first position, in modification order, from which a read may read if
  /// what is before it in its thread is `seen`: nothing that was overwritten
  /// before, nothing older than what was read before. `self` is not looked at.
  int LowestReadable(int location, const VectorClock& seen, EventId self) const;

  /// The clock of a thread that has run `count` of its events: what happens
  /// before its next step.
  const VectorClock& ClockAt(int lane, int count) const;

  /// As ClockAt, but for the po-rf prefix.
  const VectorClock& PrefixAt(int lane, int count) const;

  /// Whether the write is the source of a read-modify-write that has its place
  /// in modification order.
  bool IsConsumed(EventId write) const;

  /// A hash of all that makes the graph different from others.
  uint64_t Fingerprint() const;

  // --- Growing. ---

  /// Adds an event at the end of a thread, with its predecessor's clocks.
  EventId Append(int lane, EventKind kind, const std::source_location& where);

  /// The location of this name, added if it is new.
  int AddLocation(const LocationKey& key, const void* address, Value initial);

  /// Lets a read read from a write, with this one of its Variants(): sets its
  /// value, its clocks and whether it is half of a read-modify-write or
  /// blocked.
  void SetReadFrom(EventId read, EventId write, int variant = 0);

  /// Adds the writing half of the read-modify-write whose reading half is the
  /// last event of `lane`. It has no place in modification order yet.
  EventId AppendWriteHalf(int lane);

  /// Sets the message of a write: what its acquiring readers learn.
  void SetMessage(EventId write);

  /// Puts a write at a position of its location's modification order.
  void Place(EventId write, int position);

  /// Takes a write out of modification order, if it is there.
  void Unplace(EventId write);

  /// Makes `thread` a thread started by `create`.
  void SetCreator(int thread, EventId create) { creators_[thread] = create; }

  // --- Shrinking. ---

  /// Takes back the last event of a thread.
  void RemoveLast(int lane);

  /// Takes back every event added after the one with this stamp.
  void CutAfter(uint32_t stamp);

  /// Becomes the part of `from` with the first keep[i] events of each lane i.
  /// Reuses this graph's memory.
  void CopyKept(const Graph& from, const Keep& keep);

 private:
  void InheritClocks(EventId id);

  std::array<std::vector<Event>, kLanes> lanes_;
  std::array<EventId, kLanes> creators_;
  std::vector<Location> locations_;
  uint32_t last_stamp_ = 0;
  bool has_timeouts_ = false;
  bool has_seq_cst_ = false;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_GRAPH_H_
