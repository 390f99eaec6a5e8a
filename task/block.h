#ifndef WEFT_TASK_BLOCK_H_
#define WEFT_TASK_BLOCK_H_

#include <cstddef>
#include <memory_resource>
#include <new>

#include "weft/base/cache_line.h"

namespace weft::task_internal {

/// The one seam through which memory for tasks comes: the global `operator
/// new` (mimalloc in Weft's own binaries), or a caller's memory resource.
///
/// Blocks start on a cache line, so that a task's hot header is one line, and
/// are whole lines, which keeps allocators with size classes on their fast
/// path. Any thread; costs what the allocator costs.
inline constexpr std::size_t kBlockAlignment = kCacheLine;

constexpr std::size_t RoundUpToBlock(std::size_t size) {
  return (size + kBlockAlignment - 1) & ~(kBlockAlignment - 1);
}

inline void* AllocateBlock(std::size_t size,
                           std::pmr::memory_resource* resource) {
  size = RoundUpToBlock(size);
  if (resource != nullptr) return resource->allocate(size, kBlockAlignment);
  return ::operator new (size, std::align_val_t{kBlockAlignment});
}

inline void FreeBlock(void* block, std::size_t size,
                      std::pmr::memory_resource* resource) {
  size = RoundUpToBlock(size);
  if (resource != nullptr) {
    resource->deallocate(block, size, kBlockAlignment);
  } else {
    ::operator delete (block, size, std::align_val_t{kBlockAlignment});
  }
}

}  // namespace weft::task_internal

#endif  // WEFT_TASK_BLOCK_H_
