#include "weft/model/explorer.h"

#include <bit>

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

bool Explorer::Next() {
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
    if (Apply(item)) return true;
  }
  return false;
}

bool Explorer::Apply(const Item& item) {
  graph_->CutAfter(graph_->at(item.event).stamp);
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
  if (!IsConsistent()) return false;
  if (!graph_->at(read).rmw) return true;
  const EventId write = graph_->AppendWriteHalf(read.thread);
  CollectRevisits(write);
  const EventId source = graph_->at(read).rf;
  // Two read-modify-writes cannot read one write.
  if (graph_->IsConsumed(source)) {
    ++inconsistent_;
    return false;
  }
  graph_->Place(write, graph_->PositionOf(source) + 1);
  return IsConsistent();
}

bool Explorer::IsConsistent() {
  if (sc_.IsConsistent(*graph_)) return true;
  ++inconsistent_;
  return false;
}

void Explorer::DecideRead(EventId read) {
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
            .variant = static_cast<uint8_t>(variant),
            .event = read,
            .other = order[i]});
    }
  }
  graph_->SetReadFrom(read, order[last]);
  if (!graph_->at(read).rmw) return;
  const EventId write = graph_->AppendWriteHalf(read.thread);
  CollectRevisits(write);
  graph_->Place(write, last + 1);
}

void Explorer::DecideWrite(EventId write) {
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
}

void Explorer::DecideChoice(EventId choice) {
  const auto n = static_cast<int>(graph_->at(choice).update.operand.low);
  for (int value = n - 1; value > 0; --value) {
    Push({.kind = Item::Kind::kChoice, .event = choice, .value = value});
  }
  graph_->at(choice).value.low = 0;
}

int Explorer::DecideThread(uint32_t ready) { return std::countr_zero(ready); }

}  // namespace weft::model
