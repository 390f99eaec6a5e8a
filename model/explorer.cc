#include "weft/model/explorer.h"

#include <bit>
#include <utility>

namespace weft::model {

Explorer::Explorer(int max_deviations) : max_deviations_(max_deviations) {
  PushFrame();
}

Explorer::Explorer(const Graph& graph) {
  PushFrame();
  *graph_ = graph;
}

void Explorer::PushFrame() {
  // Frames are kept for the next use, with their memory.
  if (depth_ == frames_.size()) frames_.push_back(std::make_unique<Frame>());
  graph_ = &frames_[depth_++]->graph;
}

void Explorer::Push(Item item) {
  item.deviations = deviations_ + 1;
  if (max_deviations_ >= 0 && item.deviations > max_deviations_) {
    truncated_ = true;
    return;
  }
  frames_[depth_ - 1]->items.push_back(item);
}

// The items from `first` on are the other ways of a decision just made.
void Explorer::ShareWeight(size_t first) {
  std::vector<Item>& items = frames_[depth_ - 1]->items;
  weight_ /= static_cast<double>(items.size() - first + 1);
  for (size_t i = first; i < items.size(); ++i) items[i].weight = weight_;
}

bool Explorer::Next() {
  explored_ += weight_;
  while (depth_ > 0) {
    Frame& frame = *frames_[depth_ - 1];
    graph_ = &frame.graph;
    if (frame.items.empty()) {
      --depth_;
      continue;
    }
    const Item item = frame.items.back();
    frame.items.pop_back();
    deviations_ = item.deviations;
    weight_ = item.weight;
    if (Apply(item)) return true;
    explored_ += weight_;
  }
  return false;
}

bool Explorer::Apply(const Item& item) {
  graph_->CutAfter(item.kind == Item::Kind::kContinue
                       ? static_cast<uint32_t>(item.value)
                       : graph_->at(item.event).stamp);
  switch (item.kind) {
    case Item::Kind::kReadFrom:
      graph_->SetReadFrom(item.event, item.other, item.variant);
      return FinishRead(item.event);
    case Item::Kind::kPlace:
      graph_->Unplace(item.event);
      graph_->Place(item.event, item.value);
      return IsConsistent();
    case Item::Kind::kChoice:
      graph_->at(item.event).value.low = static_cast<uint64_t>(item.value);
      return true;
    case Item::Kind::kRevisit:
      return ApplyRevisit(item);
    case Item::Kind::kContinue:
      return true;
  }
  return false;
}

bool Explorer::ApplyRevisit(const Item& item) {
  const Graph& from = *graph_;
  const Keep keep = KeptBy(item.event, item.other);
  PushFrame();
  graph_->CopyKept(from, keep);
  graph_->Unplace(item.event);
  graph_->Place(item.event, item.value);
  graph_->SetReadFrom(item.other, item.event, item.variant);
  if (FinishRead(item.other)) return true;
  // Nothing was run in the new frame, but a written half may have revisits.
  return false;
}

// Called when a read has got another source. Adds the written half if there is
// one. False if that contradicts the memory model.
bool Explorer::FinishRead(EventId read) {
  if (!graph_->at(read).rmw) return IsConsistent();
  const EventId source = graph_->at(read).rf;
  std::vector<Item>& items = frames_[depth_ - 1]->items;
  const size_t before = items.size();
  const EventId write = graph_->AppendWriteHalf(read.thread);
  CollectRevisits(write);
  // Two read-modify-writes cannot read one write.
  const bool conflict = graph_->IsConsumed(source);
  if (!conflict) {
    graph_->Place(write, graph_->PositionOf(source) + 1);
    if (IsConsistent()) {
      ShareWeight(before);
      return true;
    }
    graph_->Unplace(write);
  }
  // The revisits of the written half count only if the read alone is right.
  if (items.size() > before && !sc_.IsConsistent(*graph_)) items.resize(before);
  ShareWeight(before);
  if (conflict) ++inconsistent_;
  return false;
}

bool Explorer::IsConsistent() {
  if (sc_.IsConsistent(*graph_)) return true;
  ++inconsistent_;
  return false;
}

void Explorer::DecideRead(EventId read) {
  const size_t before = items();
  const Event& event = graph_->at(read);
  const int index = event.location;
  graph_->location(index).readers.push_back(read);
  const int bound = graph_->LowestReadable(
      index, event.causal ? event.prefix : event.hb, read);
  const std::vector<EventId>& order = graph_->location(index).order;
  const int last = static_cast<int>(order.size()) - 1;
  for (int i = bound; i <= last; ++i) {
    const Value value = graph_->at(order[i]).value;
    if (!event.condition.Holds(value)) continue;
    // The newest write, as variant 0, is what happens now.
    for (int variant = i == last; variant < Variants(event, value); ++variant) {
      Push({.kind = Item::Kind::kReadFrom,
            .variant = static_cast<uint16_t>(variant),
            .event = read,
            .other = order[i]});
    }
  }
  graph_->SetReadFrom(read, order[last]);
  if (graph_->at(read).rmw) {
    const EventId write = graph_->AppendWriteHalf(read.thread);
    CollectRevisits(write);
    graph_->Place(write, last + 1);
  }
  ShareWeight(before);
}

void Explorer::DecideWrite(EventId write) {
  const size_t before = items();
  CollectRevisits(write);
  const Event& event = graph_->at(write);
  const std::vector<EventId>& order = graph_->location(event.location).order;
  const int bound = graph_->LowestReadable(event.location, event.hb, write);
  const int last = static_cast<int>(order.size());
  for (int position = bound + 1; position < last; ++position) {
    // Nothing comes between a read-modify-write and its source.
    if (graph_->at(order[position]).rmw) continue;
    Push({.kind = Item::Kind::kPlace, .event = write, .value = position});
  }
  graph_->Place(write, last);
  ShareWeight(before);
}

void Explorer::DecideChoice(EventId choice) {
  const size_t before = items();
  const auto n = static_cast<int>(graph_->at(choice).update.operand.low);
  for (int value = n - 1; value > 0; --value) {
    Push({.kind = Item::Kind::kChoice, .event = choice, .value = value});
  }
  graph_->at(choice).value.low = 0;
  ShareWeight(before);
}

int Explorer::DecideThread(uint32_t ready) { return std::countr_zero(ready); }

// Whether the item is a revisit that gives a blocked read its value and takes
// nothing back.
bool Explorer::CanUnblock(const Item& item, uint32_t blocked) const {
  const EventId read = item.other;
  if (item.kind != Item::Kind::kRevisit || (blocked >> read.thread & 1) == 0 ||
      read.index + 1 != graph_->size(read.thread) ||
      !graph_->at(read).blocked ||
      !graph_->at(read).condition.Holds(graph_->at(item.event).value)) {
    return false;
  }
  const Keep keep = KeptBy(item.event, read);
  int kept = 0;
  for (int count : keep) kept += count;
  return kept == graph_->total();
}

// A thread that waits for a lock, say, is revisited by each unlock. Rather than
// run to the end with the thread blocked, and then once more for the revisit,
// this run goes on with the revisit. That the thread stays blocked is left for
// later, if something can follow from it.
bool Explorer::Unblock(uint32_t blocked, uint32_t can_await, int* unblocked) {
  constexpr size_t kLookBack = 32;
  Frame& frame = *frames_[depth_ - 1];
  const size_t last = frame.items.size();
  for (size_t i = last; i-- > 0 && i + kLookBack >= last;) {
    const Item item = frame.items[i];
    if (!CanUnblock(item, blocked)) continue;
    frame.items.erase(frame.items.begin() + static_cast<ptrdiff_t>(i));
    const Event& read = graph_->at(item.other);
    const bool newest = graph_->location(read.location).order.back() == read.rf;
    if (can_await != 0 || newest) {
      frame.items.push_back(
          {.kind = Item::Kind::kContinue,
           .value = static_cast<int32_t>(graph_->last_stamp()),
           .deviations = deviations_,
           .weight = weight_});
    } else {
      explored_ += weight_;
    }
    const double weight = std::exchange(weight_, item.weight);
    if (ApplyRevisit(item)) {
      deviations_ = item.deviations;
      *unblocked = item.other.thread;
      return true;
    }
    // It contradicts the memory model. The frame that was made for it is left
    // for later, below the one that this run goes on with.
    std::swap(frames_[depth_ - 1], frames_[depth_ - 2]);
    graph_ = &frame.graph;
    explored_ += std::exchange(weight_, weight);
    if (can_await != 0 || newest) {
      frame.items.pop_back();
    } else {
      explored_ -= weight_;
    }
    return false;
  }
  return false;
}

}  // namespace weft::model
