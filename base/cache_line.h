// How far apart two words must be so that two threads writing them do not slow
// each other down.

#ifndef WEFT_BASE_CACHE_LINE_H_
#define WEFT_BASE_CACHE_LINE_H_

#include <cstddef>

namespace weft {

/// The unit of coherence, in bytes: 64 on x86-64 and on the AArch64 servers
/// that Weft is built for. Align to it what one thread uses together. A
/// constant and not std::hardware_destructive_interference_size, whose value
/// may change with -mtune and so between two files of a program.
inline constexpr std::size_t kCacheLine = 64;

/// The distance at which false sharing ends, in bytes: two lines, because x86
/// processors fetch lines in aligned pairs (Intel 64 and IA-32 Architectures
/// Optimization Reference Manual, "spatial prefetcher"). Align to it what
/// different threads write.
inline constexpr std::size_t kFalseSharingRange = 128;

/// A T alone in its `kRange` bytes: aligned to them and padded to a multiple of
/// them. An aggregate: `CacheAligned<atomic<int>> hits{0};`. Use it where
/// different threads write neighbouring objects, for example in an array with
/// one entry per worker.
template <class T, std::size_t kRange = kFalseSharingRange>
struct alignas(kRange) CacheAligned {
  static_assert(kRange % kCacheLine == 0, "a range is whole cache lines");

  T value{};

  constexpr T& operator*() noexcept { return value; }
  constexpr const T& operator*() const noexcept { return value; }
  constexpr T* operator->() noexcept { return &value; }
  constexpr const T* operator->() const noexcept { return &value; }
};

static_assert(sizeof(CacheAligned<char>) == kFalseSharingRange);
static_assert(alignof(CacheAligned<char>) == kFalseSharingRange);
static_assert(sizeof(CacheAligned<char, kCacheLine>) == kCacheLine);

}  // namespace weft

#endif  // WEFT_BASE_CACHE_LINE_H_
