#include "weft/model/random.h"

#include <algorithm>
#include <bit>

namespace weft::model {
namespace {

// PCT finds every bug that needs at most so many ordering constraints with a
// probability that is known (Burckhardt et al., ASPLOS 2010).
constexpr int kPctDepth = 3;

}  // namespace

void RandomSearch::Begin(uint64_t iteration) {
  longest_ = std::max(longest_, steps_);
  graph_ = &own_graph_;
  own_graph_.CutAfter(0);
  std::seed_seq seed{seed_, iteration};
  random_.seed(seed);
  steps_ = 0;
  for (uint64_t& priority : priority_) priority = random_() | (1ull << 63);
  change_at_.clear();
  if (kind_ != SearchKind::kPct) return;
  for (int i = 1; i < kPctDepth; ++i) change_at_.push_back(Below(longest_));
}

uint64_t RandomSearch::Below(uint64_t n) {
  return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_);
}

int RandomSearch::DecideThread(uint32_t ready) {
  ++steps_;
  if (kind_ == SearchKind::kWalk) {
    for (uint64_t skip = Below(std::popcount(ready)); skip > 0; --skip) {
      ready &= ready - 1;
    }
    return std::countr_zero(ready);
  }
  int best = std::countr_zero(ready);
  for (; ready != 0; ready &= ready - 1) {
    const int lane = std::countr_zero(ready);
    if (priority_[lane] > priority_[best]) best = lane;
  }
  if (kind_ == SearchKind::kPos) {
    priority_[best] = random_();
  } else if (std::find(change_at_.begin(), change_at_.end(), steps_) !=
             change_at_.end()) {
    // Below all that have not fallen behind yet.
    priority_[best] = longest_ + 1 > steps_ ? longest_ + 1 - steps_ : 0;
  }
  return best;
}

void RandomSearch::DecideChoice(EventId choice) {
  Event& event = graph_->at(choice);
  event.value.low = Below(event.update.operand.low);
}

// --- Reads. ---

// Lets the read read from the source, if the memory model allows it.
bool RandomSearch::ReadFrom(EventId read, EventId source) {
  const Event& event = graph_->at(read);
  const int variants = Variants(event, graph_->at(source).value);
  graph_->SetReadFrom(read, source, static_cast<int>(Below(variants)));
  if (graph_->at(read).rmw) {
    if (graph_->IsConsumed(source)) return false;
    const EventId write = graph_->AppendWriteHalf(read.thread);
    graph_->Place(write, graph_->PositionOf(source) + 1);
    if (sc_.IsConsistent(*graph_)) return true;
    graph_->RemoveLast(read.thread);
    return false;
  }
  return sc_.IsConsistent(*graph_);
}

// Collects the writes that the read may read and that let it go on.
void RandomSearch::UsableSources(EventId read) {
  const Event& event = graph_->at(read);
  // The clocks before the read: it may have read something already.
  VectorClock seen = graph_->ClockAt(read.thread, read.index);
  if (event.causal) seen.Join(graph_->PrefixAt(read.thread, read.index));
  const std::vector<EventId>& order = graph_->location(event.location).order;
  sources_.clear();
  for (size_t i = graph_->LowestReadable(event.location, seen, read);
       i < order.size(); ++i) {
    if (event.condition.Holds(graph_->at(order[i]).value)) {
      sources_.push_back(order[i]);
    }
  }
}

// False if the read would have to wait.
bool RandomSearch::ReadAnything(EventId read) {
  UsableSources(read);
  while (!sources_.empty()) {
    size_t i = sources_.size() - 1;
    while (i > 0 && Below(2) == 0) --i;
    if (ReadFrom(read, sources_[i])) return true;
    sources_.erase(sources_.begin() + static_cast<ptrdiff_t>(i));
  }
  return false;
}

void RandomSearch::DecideRead(EventId read) {
  Location& location = graph_->location(graph_->at(read).location);
  location.readers.push_back(read);
  if (ReadAnything(read)) return;
  // An ordinary read can always read the last write; so this one waits.
  graph_->SetReadFrom(read, location.order.back());
}

// Reads that are blocked look again.
bool RandomSearch::Unblock(uint32_t blocked, uint32_t, int* unblocked) {
  for (; blocked != 0; blocked &= blocked - 1) {
    const int lane = std::countr_zero(blocked);
    const EventId read(lane, graph_->size(lane) - 1);
    if (ReadAnything(read)) {
      *unblocked = lane;
      return true;
    }
    const int location = graph_->at(read).location;
    graph_->SetReadFrom(read, graph_->location(location).order.back());
  }
  return false;
}

// --- Writes. ---

void RandomSearch::DecideWrite(EventId write) {
  const Event& event = graph_->at(write);
  const std::vector<EventId>& order = graph_->location(event.location).order;
  const int last = static_cast<int>(order.size());
  if (Below(8) == 0) {
    const int first =
        graph_->LowestReadable(event.location, event.hb, write) + 1;
    const int position =
        first +
        static_cast<int>(Below(static_cast<uint64_t>(last - first) + 1));
    if (position == last || !graph_->at(order[position]).rmw) {
      graph_->Place(write, position);
      if (sc_.IsConsistent(*graph_)) return;
      graph_->Unplace(write);
    }
  }
  graph_->Place(write, last);
}

}  // namespace weft::model
