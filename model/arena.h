// The memory of one run: each model thread allocates from a range of its own,
// so that an address depends only on what that thread did before. The same
// program step gets the same address in every run that reaches it, which the
// checker needs, because addresses end up in atomics.

#ifndef WEFT_MODEL_ARENA_H_
#define WEFT_MODEL_ARENA_H_

#include <cstddef>
#include <cstdint>

#include "weft/model/clock.h"

namespace weft::model {

/// A heap that is emptied before every run. Freed memory is filled with a
/// pattern and not used again in the same run, so that a use after free is
/// always one.
class Arena {
 public:
  /// What is known of a block; stands right before its memory.
  struct alignas(16) Block {
    uint32_t magic;
    bool live;
    uint8_t lane;        ///< Of the thread that allocated it.
    uint16_t position;   ///< Events of that thread before the allocation.
    size_t size;         ///< Bytes that were asked for.
    const void* caller;  ///< Code that asked for it.
    Block* previous;     ///< In the same lane.
    uint8_t freed_lane;  ///< Of the thread that freed it.
    uint16_t freed_position;

    char* memory() { return reinterpret_cast<char*>(this + 1); }
  };

  /// Bytes of address space of each thread. Only what is used takes memory.
  static constexpr size_t kBytesPerLane = size_t{32} << 20;

  /// How many arenas the process may have at once.
  static constexpr int kMaxArenas = 4;

  Arena() = default;
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  /// Forgets all blocks.
  void Reset();

  /// A new block, filled with a pattern, or null if the lane is full.
  Block* Allocate(int lane, size_t size, size_t alignment);

  /// Whether the address lies in the range of any arena there was or is.
  static bool InAnyArena(const void* address);

  /// Whether the address lies in this arena.
  bool Contains(const void* address) const {
    const auto* p = static_cast<const char*>(address);
    return base_ != nullptr && p >= base_ &&
           p < base_ + kBytesPerLane * kMaxThreads;
  }

  /// The block that holds the address, live or freed; null if none does.
  Block* Find(const void* address);

  /// Marks a block as freed and overwrites its memory.
  void Free(Block* block);

  /// Calls f(block) for each freed block, of each thread the newest first.
  template <class F>
  void ForEachFreed(F&& f) {
    for (Block* block : last_) {
      for (; block != nullptr; block = block->previous) {
        if (!block->live) f(*block);
      }
    }
  }

  /// Makes a freed block a live one again.
  void Revive(Block* block);

  /// The blocks that have not been freed.
  int live() const { return live_; }

  /// A block that has not been freed, the oldest of its thread; null if there
  /// is none.
  Block* AnyLive();

 private:
  void Claim();

  char* base_ = nullptr;
  char* end_[kMaxThreads] = {};    // of what each lane has given out
  Block* last_[kMaxThreads] = {};  // each lane's newest block
  int live_ = 0;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_ARENA_H_
