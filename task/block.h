#ifndef WEFT_TASK_BLOCK_H_
#define WEFT_TASK_BLOCK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/model_mode.h"

namespace weft::task_internal {

/// Blocks start on a cache line, so that a task's hot header is one line, and
/// are whole lines, which keeps allocators with size classes on their fast
/// path.
inline constexpr std::size_t kBlockAlignment = kCacheLine;

constexpr std::size_t RoundUpToBlock(std::size_t size) {
  return (size + kBlockAlignment - 1) & ~(kBlockAlignment - 1);
}

/// Where a block came from, as a value: the global operator new, without or
/// with an alignment, or a caller's memory resource.
class BlockSource {
 public:
  using Word = std::uintptr_t;

  static constexpr BlockSource PlainNew() { return BlockSource(Word{0}); }
  static constexpr BlockSource AlignedNew() { return BlockSource(Word{1}); }
  explicit BlockSource(std::pmr::memory_resource* resource)
      : word_(reinterpret_cast<Word>(resource)) {
    static_assert(alignof(std::pmr::memory_resource) > 1);
  }

  constexpr bool plain_new() const { return word_ == 0; }
  constexpr bool aligned_new() const { return word_ == 1; }
  std::pmr::memory_resource* resource() const {
    return reinterpret_cast<std::pmr::memory_resource*>(word_);
  }

 private:
  constexpr explicit BlockSource(Word word) : word_(word) {}

  Word word_;
};

/// A block and how it is given back.
struct Block {
  void* memory;
  BlockSource source;
};

/// Which sizes the plain operator new has once not put on a cache line.
///
/// Allocators with size classes (mimalloc, jemalloc, tcmalloc) put a size of
/// whole lines on a line without being asked, on their fast path; asked, they
/// take a slow one and more memory. (mimalloc, for a coroutine: 56
/// instructions instead of 135; tools/counts/run, chain-detached.) Others have
/// to be asked.
class PlainNewIsAligned {
 public:
  /// Any thread. A load.
  static bool Expected(std::size_t size) {
    // Relaxed, here and below: a guess. Each block is looked at.
    return size < kEnd &&
           !refuted_[size / kBlockAlignment].load(std::memory_order_relaxed);
  }
  /// It was not so for `size`.
  static void Refute(std::size_t size) {
    refuted_[size / kBlockAlignment].store(true, std::memory_order_relaxed);
  }

 private:
  // Larger blocks cost more than their allocation.
  static constexpr std::size_t kEnd = 17 * kBlockAlignment;

  // Written once for each size, if at all; read by all.
  static inline std::array<atomic<bool>, kEnd / kBlockAlignment> refuted_;
};

// AllocateBlock when the fast path is not to be had. Out of line, here and
// below, so that the fast path saves no registers for it.
[[gnu::noinline]] inline Block AllocateOtherwise(
    std::size_t size, std::pmr::memory_resource* resource) {
  if (resource != nullptr) {
    return {resource->allocate(size, kBlockAlignment), BlockSource(resource)};
  }
  return {::operator new (size, std::align_val_t{kBlockAlignment}),
          BlockSource::AlignedNew()};
}

// `memory` is not on a line.
[[gnu::noinline]] inline Block AllocateAgain(void* memory, std::size_t size) {
  ::operator delete(memory, size);
  PlainNewIsAligned::Refute(size);
  return AllocateOtherwise(size, nullptr);
}

[[gnu::noinline]] inline void FreeOtherwise(void* memory, std::size_t size,
                                            BlockSource source) {
  if (source.aligned_new()) {
    ::operator delete (memory, size, std::align_val_t{kBlockAlignment});
  } else {
    source.resource()->deallocate(memory, size, kBlockAlignment);
  }
}

/// The one seam through which memory for tasks comes: the global `operator
/// new` (mimalloc in Weft's own binaries), or `resource` if it is not null.
/// `size` is a multiple of the alignment. Any thread; throws what the allocator
/// throws, and costs what it costs.
inline Block AllocateBlock(std::size_t size,
                           std::pmr::memory_resource* resource) {
  // The model checker's runs must all be the same: no guesses there.
  if (!kModelMode && resource == nullptr && PlainNewIsAligned::Expected(size))
      [[likely]] {
    void* const memory = ::operator new(size);
    if (reinterpret_cast<std::uintptr_t>(memory) % kBlockAlignment == 0)
        [[likely]] {
      return {memory, BlockSource::PlainNew()};
    }
    return AllocateAgain(memory, size);
  }
  return AllocateOtherwise(size, resource);
}

/// Gives a block of `size` back to where it came from. Any thread.
inline void FreeBlock(void* memory, std::size_t size, BlockSource source) {
  if (source.plain_new()) [[likely]] {
    ::operator delete(memory, size);
  } else {
    FreeOtherwise(memory, size, source);
  }
}

}  // namespace weft::task_internal

#endif  // WEFT_TASK_BLOCK_H_
