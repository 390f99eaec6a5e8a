#include "weft/task/registry.h"

#include "weft/base/check.h"

namespace weft {

TaskRegistry::~TaskRegistry() {
  for (std::size_t i = 0; i < count_; ++i) {
    delete[] chunks_[i].load(std::memory_order_relaxed);
  }
}

TaskRegistry::Entry* TaskRegistry::Advance() {
  if (hand_ != end_ && ++hand_ != end_) return hand_;
  if (count_ > 0 && chunk_ + 1 < count_) {
    MoveTo(chunk_ + 1);
    return hand_;
  }
  // The lap that goes through a new chunk began in that chunk: it finds the
  // chunk empty, which is half of the table and so enough.
  const bool crowded = count_ == 0 || inserted_this_lap_ * 2 < capacity();
  if (crowded) Grow();
  inserted_this_lap_ = 0;
  MoveTo(crowded ? count_ - 1 : 0);
  return hand_;
}

void TaskRegistry::Grow() {
  Check(count_ < kMaxChunks, "weft: too many tasks");
  // ORDER(registry.chunk): release. Pairs with the acquire in ForEach().
  chunks_[count_].store(new Entry[ChunkSize(count_)](),
                        std::memory_order_release);
  ++count_;
}

void TaskRegistry::MoveTo(std::size_t chunk) {
  chunk_ = chunk;
  hand_ = chunks_[chunk].load(std::memory_order_relaxed);
  end_ = hand_ + ChunkSize(chunk);
}

}  // namespace weft
