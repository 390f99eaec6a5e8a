#include "weft/model/linearize.h"

#include <climits>

namespace weft::model {
namespace {

/// The state of a half-made order.
class Order {
 public:
  Order(const Graph& graph, const OrderRequest& request)
      : graph_(graph), request_(request) {
    for (int i = 0; i < graph.location_count(); ++i) {
      const std::vector<EventId>& order = graph.location(i).order;
      for (size_t at = 0; at < order.size(); ++at) {
        std::vector<int>& places = place_[order[at].thread];
        places.resize(graph.size(order[at].thread));
        places[order[at].index] = static_cast<int>(at);
      }
    }
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      const bool ran = (request.started >> lane & 1) != 0;
      if (graph.size(lane) > 0 || lane == 0) {
        remaining_ += graph.size(lane);
      } else if (ran) {
        next_[lane] = -1;
        ++remaining_;
      }
    }
  }

  std::vector<Turn> Make() {
    int lane = 0;
    while (remaining_ > 0) {
      lane = Pick(lane);
      if (lane < 0) break;  // not a graph of an execution
      Take(lane);
    }
    return std::move(turns_);
  }

 private:
  // What stands against making a step now. Steps of kFree are as good as any.
  enum Cost : int {
    kFree = 0,         // up to kLate: writes and reads that should be earlier
    kLate = 1 << 20,   // waits in vain, time-outs
    kLast = 1 << 25,   // must come last
    kNever = INT_MAX,  // impossible
  };

  // Where the write stands in modification order.
  int PlaceOf(EventId write) const { return place_[write.thread][write.index]; }

  bool Done(EventId event) const {
    return event.thread == kInitLane || next_[event.thread] > event.index;
  }

  bool Finished(int lane) const {
    return next_[lane] >= 0 && next_[lane] >= graph_.size(lane);
  }

  // The thread's next step, if it has one.
  int CostOf(int lane) const {
    const int index = next_[lane];
    if (index >= graph_.size(lane)) return kNever;
    if (index <= 0 && lane != 0 &&
        !(graph_.creator(lane) && Done(graph_.creator(lane)))) {
      return kNever;
    }
    int cost = kFree;
    const int last = graph_.size(lane) - 1;
    if (lane == request_.last_lane && EndsAt(index, last) &&
        remaining_ > last - index + 1) {
      cost = kLast;
    }
    if (index < 0) return cost;
    const Event& event = graph_.lane(lane)[index];
    switch (event.kind) {
      case EventKind::kRead:
        if (!Done(event.rf)) return kNever;
        if (event.blocked) return cost + kLate;
        return cost + (event.rmw ? Overtaken(EventId(lane, index + 1)) : 0);
      case EventKind::kWrite:
        return cost + Overtaken(EventId(lane, index));
      case EventKind::kJoin:
        return Finished(static_cast<int>(event.value.low)) ? cost : kNever;
      case EventKind::kTimeout:
        return cost + kLate;
      default:
        return cost;
    }
  }

  // Whether the step at `index` is the thread's last: a read-modify-write is
  // one step.
  bool EndsAt(int index, int last) const {
    return index == last || (index >= 0 && index == last - 1 &&
                             graph_.lane(request_.last_lane)[last].rmw &&
                             graph_.lane(request_.last_lane)[last].is_write());
  }

  // How many steps still to come would have to be before this write if memory
  // were simple: earlier writes, and reads of what it overwrites.
  int Overtaken(EventId write) const {
    const Location& location = graph_.location(graph_.at(write).location);
    const int position = PlaceOf(write);
    int count = 0;
    for (int i = 1; i < position; ++i) count += !Done(location.order[i]);
    for (EventId read : location.readers) {
      if (Done(read) || read.thread == write.thread) continue;
      if (graph_.at(read).blocked) continue;
      count += PlaceOf(graph_.at(read).rf) < position;
    }
    return count;
  }

  // How far the thread gets by itself at no cost.
  int Stretch(int lane) {
    const int begin = next_[lane];
    const int remaining = remaining_;
    while (CostOf(lane) == kFree) Advance(lane);
    const int length = next_[lane] - begin;
    next_[lane] = begin;
    remaining_ = remaining;
    return length;
  }

  // The thread whose next event was added first, of those that can go on.
  int PickByStamp() const {
    int best = -1;
    uint32_t best_stamp = 0;
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      if (CostOf(lane) == kNever) continue;
      const uint32_t stamp =
          next_[lane] < 0 ? 0 : graph_.lane(lane)[next_[lane]].stamp;
      if (best < 0 || stamp < best_stamp) {
        best = lane;
        best_stamp = stamp;
      }
    }
    return best;
  }

  // Which thread goes on after a step of `current`.
  int Pick(int current) {
    if (request_.by_stamp) return PickByStamp();
    int best = -1;
    int best_cost = kNever;
    int best_stretch = 0;
    for (int i = 0; i < kMaxThreads; ++i) {
      const int lane = (current + i) % kMaxThreads;
      const int cost = CostOf(lane);
      if (cost == kNever || cost > best_cost) continue;
      if (cost == kFree && i == 0) return lane;
      const int stretch = cost == kFree ? Stretch(lane) : 0;
      if (cost < best_cost || stretch > best_stretch) {
        best = lane;
        best_cost = cost;
        best_stretch = stretch;
      }
    }
    return best;
  }

  void Advance(int lane) {
    const int index = next_[lane];
    const int steps = index >= 0 && graph_.lane(lane)[index].is_read() &&
                              graph_.lane(lane)[index].rmw
                          ? 2
                          : 1;
    next_[lane] += steps;
    remaining_ -= steps;
  }

  void Take(int lane) {
    const int begin = next_[lane];
    Advance(lane);
    for (int i = begin; i < next_[lane]; ++i) turns_.push_back({lane, i});
  }

  const Graph& graph_;
  const OrderRequest& request_;
  int next_[kMaxThreads] = {};
  int remaining_ = 0;
  std::vector<int> place_[kLanes];
  std::vector<Turn> turns_;
};

}  // namespace

std::vector<Turn> Linearize(const Graph& graph, const OrderRequest& request) {
  return Order(graph, request).Make();
}

}  // namespace weft::model
