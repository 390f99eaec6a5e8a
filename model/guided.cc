#include "weft/model/guided.h"

#include <unwind.h>

#include <algorithm>
#include <utility>

#include "weft/model/source_text.h"

namespace weft::model {
namespace {

/// The return addresses of the calling thread's stack, innermost first.
std::vector<const void*> StackTrace() {
  constexpr size_t kMaxFrames = 24;
  std::vector<const void*> frames;
  _Unwind_Backtrace(
      [](_Unwind_Context* context, void* argument) {
        auto* frames = static_cast<std::vector<const void*>*>(argument);
        const uintptr_t pc = _Unwind_GetIP(context);
        // A fiber's first function has been called by nobody; what stands for
        // its return address is nothing, or the beginning of a function.
        if (pc == 0 || frames->size() == kMaxFrames ||
            _Unwind_FindEnclosingFunction(reinterpret_cast<void*>(pc)) ==
                reinterpret_cast<void*>(pc)) {
          return _URC_END_OF_STACK;
        }
        frames->push_back(reinterpret_cast<const void*>(pc));
        return _URC_NO_REASON;
      },
      &frames);
  return frames;
}

}  // namespace

GuidedSearch::GuidedSearch(const StepCallback* on_step) : on_step_(on_step) {
  graph_ = &trace_.graph;
}

void GuidedSearch::NameLanes(const std::vector<std::pair<int, int>>& lanes) {
  trace_.schedule.lanes = lanes;
  for (size_t i = 0; i < lanes.size(); ++i) {
    const auto [parent, serial] = lanes[i];
    // A name that no thread has keeps the numbers of the others.
    LaneOf(parent, parent < 0 ? static_cast<int>(i) : serial);
  }
}

void GuidedSearch::Diverge(std::string why) {
  if (!diverged()) trace_.divergence = std::move(why);
}

void GuidedSearch::Add(Step step) {
  trace_.steps.push_back(std::move(step));
  if (on_step_ != nullptr && *on_step_) (*on_step_)(trace_);
}

// Writes down the events that were added since.
void GuidedSearch::CatchUp() {
  const Graph& graph = trace_.graph;
  for (int lane = 0; lane < kMaxThreads; ++lane) {
    for (int& i = told_[lane]; i < graph.size(lane); ++i) {
      const Event& event = graph.lane(lane)[i];
      if (event.is_write() && event.rmw) continue;  // told with its read
      Step step;
      step.event = EventId(lane, i);
      if (event.is_read() || event.is_write()) {
        step.newer = std::exchange(newer_, EventId());
      }
      if (IsForeign(event.where)) step.stack = StackTrace();
      Add(std::move(step));
    }
  }
}

void GuidedSearch::OnAccess(const PlainAccess& access) {
  CatchUp();
  Step step;
  step.access = access;
  if (IsForeign(access.where) || access.kind == PlainAccess::Kind::kFree) {
    step.stack = StackTrace();
  }
  Add(std::move(step));
}

int GuidedSearch::DecideThread(uint32_t able) {
  CatchUp();
  if (diverged()) return -1;
  const int lane = PickThread(able);
  if (lane < 0) return -1;
  if ((able >> lane & 1) == 0) {
    Diverge("thread " + std::to_string(lane) + " cannot go on");
    return -1;
  }
  Answer(lane == running_ ? 0 : static_cast<uint32_t>(lane) + 1);
  running_ = lane;
  return lane;
}

void GuidedSearch::DecideRead(EventId read) {
  Graph& graph = trace_.graph;
  const int index = graph.at(read).location;
  graph.location(index).readers.push_back(read);
  const std::vector<EventId>& order = graph.location(index).order;
  const int last = static_cast<int>(order.size()) - 1;
  newer_ = order[last];
  Source source = PickSource(read);
  const Event& event = graph.at(read);
  const int bound =
      graph.LowestReadable(index, event.causal ? event.prefix : event.hb, read);
  int position = static_cast<int>(
      std::find(order.begin(), order.end(), source.write) - order.begin());
  if (position < bound || position > last) {
    Diverge("a read cannot read what it should");
    position = last;
  }
  const Value value = graph.at(order[position]).value;
  if (source.variant >= Variants(event, value)) {
    Diverge("a read-modify-write has no such effect");
    source.variant = 0;
  }
  Answer(static_cast<uint32_t>(last - position) * Schedule::kVariants +
         static_cast<uint32_t>(source.variant));
  graph.SetReadFrom(read, order[position], source.variant);
  if (graph.at(read).rmw) {
    const EventId write = graph.AppendWriteHalf(read.thread);
    if (position < last && graph.at(order[position + 1]).rmw) {
      Diverge("two read-modify-writes read one write");
    }
    graph.Place(write, position + 1);
  }
  CatchUp();
}

void GuidedSearch::DecideWrite(EventId write) {
  Graph& graph = trace_.graph;
  const Event& event = graph.at(write);
  const std::vector<EventId>& order = graph.location(event.location).order;
  const int bound = graph.LowestReadable(event.location, event.hb, write);
  const int last = static_cast<int>(order.size());
  int position = PickPlace(write);
  if (position <= bound || position > last ||
      (position < last && graph.at(order[position]).rmw)) {
    Diverge("a write cannot stand where it should");
    position = last;
  }
  Answer(static_cast<uint32_t>(last - position));
  newer_ = position < last ? order[position] : EventId();
  graph.Place(write, position);
  CatchUp();
}

void GuidedSearch::DecideChoice(EventId choice) {
  Event& event = trace_.graph.at(choice);
  uint32_t value = PickValue(choice);
  if (value >= event.update.operand.low) {
    Diverge("a choice has no such value");
    value = 0;
  }
  Answer(value);
  event.value.low = value;
  CatchUp();
}

Trace GuidedSearch::Finish() {
  CatchUp();
  return std::move(trace_);
}

// --- Following decisions. ---

ScheduleFollower::ScheduleFollower(const Schedule& schedule,
                                   const StepCallback* on_step)
    : GuidedSearch(on_step), schedule_(schedule) {
  NameLanes(schedule.lanes);
}

int ScheduleFollower::PickThread(uint32_t /*able*/) {
  if (Arrived()) return -1;
  const uint32_t answer = Next();
  if (answer == 0) return running();
  if (answer > kMaxThreads) {
    Diverge("there are not so many threads");
    return -1;
  }
  return static_cast<int>(answer) - 1;
}

GuidedSearch::Source ScheduleFollower::PickSource(EventId read) {
  const uint32_t answer = Next();
  const std::vector<EventId>& order =
      own().location(own().at(read).location).order;
  const uint32_t older = answer / Schedule::kVariants;
  if (older >= order.size()) return {};
  return {order[order.size() - 1 - older],
          static_cast<int>(answer % Schedule::kVariants)};
}

int ScheduleFollower::PickPlace(EventId write) {
  const uint32_t answer = Next();
  const auto size =
      static_cast<int>(own().location(own().at(write).location).order.size());
  return answer < static_cast<uint32_t>(size) ? size - static_cast<int>(answer)
                                              : -1;
}

uint32_t ScheduleFollower::PickValue(EventId /*choice*/) { return Next(); }

}  // namespace weft::model
