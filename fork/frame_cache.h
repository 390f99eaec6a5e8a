#ifndef WEFT_FORK_FRAME_CACHE_H_
#define WEFT_FORK_FRAME_CACHE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

#include "weft/base/model_mode.h"

namespace weft::fork_internal {

/// Memory for coroutine frames that one thread frees and soon needs again: a
/// list of free blocks for each size class. For fork-join code an allocator is
/// half of a call's cost (docs/performance.md), and sizes repeat.
///
/// Blocks may come from any thread's cache, or from operator new, and go back
/// to any other's. Bounded: what a full class has no room for goes to operator
/// delete. One thread at a time.
class FrameCache {
 public:
  /// Blocks are multiples of this, and those of more than kClasses of it go
  /// past the cache.
  static constexpr std::size_t kGrain = 64;
  static constexpr std::size_t kClasses = 16;
  /// At most so many blocks of each class: 1.1 MB in all, if a program frees
  /// that many of every size. Enough for a tree of calls that is as deep.
  static constexpr std::uint32_t kRoom = 128;
  /// Sanitizers and the model checker find out who uses freed memory only if it
  /// is freed.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  static constexpr bool kBypassed = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
  static constexpr bool kBypassed = true;
#else
  static constexpr bool kBypassed = kModelMode;
#endif
#else
  static constexpr bool kBypassed = kModelMode;
#endif

  FrameCache() { room_.fill(kRoom); }
  ~FrameCache() { Clear(); }
  FrameCache(const FrameCache&) = delete;
  FrameCache& operator=(const FrameCache&) = delete;

  /// A block of at least `size` bytes. `cache` may be null. Throws
  /// std::bad_alloc.
  [[gnu::always_inline]] static void* Allocate(FrameCache* cache,
                                               std::size_t size) {
    const std::size_t index = (size - 1) / kGrain;
    if (!kBypassed && cache != nullptr && index < kClasses) [[likely]] {
      if (Block* block = cache->free_[index]) [[likely]] {
        cache->free_[index] = block->next;
        ++cache->room_[index];
        return block;
      }
    }
    return ::operator new((index + 1) * kGrain);
  }

  /// Gives a block of `size` bytes back, to `cache` or, if that is null, to
  /// operator delete.
  [[gnu::always_inline]] static void Free(FrameCache* cache, void* memory,
                                          std::size_t size) noexcept {
    const std::size_t index = (size - 1) / kGrain;
    if (!kBypassed && cache != nullptr && index < kClasses &&
        cache->room_[index] != 0) [[likely]] {
      --cache->room_[index];
      cache->free_[index] = new (memory) Block{cache->free_[index]};
      return;
    }
    ::operator delete(memory);
  }

  /// Gives everything to operator delete.
  void Clear() noexcept {
    for (std::size_t i = 0; i < kClasses; ++i) {
      while (Block* block = free_[i]) {
        free_[i] = block->next;
        ::operator delete(block);
      }
      room_[i] = kRoom;
    }
  }

 private:
  struct Block {
    Block* next;
  };

  std::array<Block*, kClasses> free_ = {};
  std::array<std::uint32_t, kClasses> room_;
};

}  // namespace weft::fork_internal

#endif  // WEFT_FORK_FRAME_CACHE_H_
