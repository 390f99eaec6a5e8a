// Following a graph.

#include <utility>

#include "weft/model/guided.h"

namespace weft::model {
namespace {

/// The names of the graph's lanes, as Schedule has them.
std::vector<std::pair<int, int>> NamesOf(const Graph& graph) {
  std::vector<std::pair<int, int>> names;
  int last = 0;
  for (int lane = 1; lane < kMaxThreads; ++lane) {
    const EventId creator = graph.creator(lane);
    if (!creator) {
      names.emplace_back(-1, 0);
      continue;
    }
    int serial = 0;
    for (int i = 0; i < creator.index; ++i) {
      serial += graph.lane(creator.thread)[i].kind == EventKind::kCreate;
    }
    names.emplace_back(creator.thread, serial);
    last = lane;
  }
  names.resize(last);
  return names;
}

}  // namespace

GraphFollower::GraphFollower(const Graph& target, std::vector<Turn> turns,
                             int last_lane)
    : target_(target), turns_(std::move(turns)), last_lane_(last_lane) {
  NameLanes(NamesOf(target));
}

bool GraphFollower::Done(const Turn& turn) const {
  return turn.index < 0 ? (started_ >> turn.lane & 1) != 0
                        : own().size(turn.lane) > turn.index;
}

bool GraphFollower::Arrived() const {
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    if (own().size(lane) != target_.size(lane)) return false;
  }
  return true;
}

int GraphFollower::PickThread(uint32_t able) {
  while (next_ < turns_.size() && Done(turns_[next_])) ++next_;
  for (size_t i = next_; i < turns_.size(); ++i) {
    const Turn& turn = turns_[i];
    if (Done(turn)) continue;
    if ((able >> turn.lane & 1) != 0) {
      started_ |= uint32_t{1} << turn.lane;
      return turn.lane;
    }
    // A wait in vain may not be offered, and then leaves no event; a time-out
    // comes by itself when nothing else can.
    const Event* event =
        turn.index < 0 ? nullptr : &target_.lane(turn.lane)[turn.index];
    if (event == nullptr ||
        !(event->blocked || event->kind == EventKind::kTimeout)) {
      Diverge("thread " + std::to_string(turn.lane) + " is not ready");
      return -1;
    }
  }
  const bool may_fail = last_lane_ >= 0 && (able >> last_lane_ & 1) != 0 &&
                        own().size(last_lane_) == target_.size(last_lane_);
  return may_fail ? last_lane_ : -1;
}

// The same write in the graph of this run, whose locations may have other
// numbers.
EventId GraphFollower::Here(EventId write, int location) const {
  return write.thread == kInitLane ? Graph::InitOf(location) : write;
}

GuidedSearch::Source GraphFollower::PickSource(EventId read) {
  if (target_.size(read.thread) <= read.index) {
    Diverge("there is a read too many");
    return {own().location(own().at(read).location).order.back()};
  }
  const Event& wanted = target_.at(read);
  if (!wanted.is_read()) {
    Diverge("there is a read where there should be something else");
    return {};
  }
  return {Here(wanted.rf, own().at(read).location), wanted.variant};
}

int GraphFollower::PickPlace(EventId write) {
  if (target_.size(write.thread) <= write.index ||
      !target_.at(write).is_write()) {
    Diverge("there is a write where there should be something else");
    return -1;
  }
  const std::vector<EventId>& wanted =
      target_.location(target_.at(write).location).order;
  const std::vector<EventId>& order =
      own().location(own().at(write).location).order;
  // Before the first of those that should come after it.
  size_t position = 1;
  for (EventId earlier : wanted) {
    if (earlier == write) break;
    if (position < order.size() && order[position] == earlier) ++position;
  }
  return static_cast<int>(position);
}

uint32_t GraphFollower::PickValue(EventId choice) {
  if (target_.size(choice.thread) <= choice.index) {
    Diverge("there is a choice too many");
    return 0;
  }
  return static_cast<uint32_t>(target_.at(choice).value.low);
}

}  // namespace weft::model
