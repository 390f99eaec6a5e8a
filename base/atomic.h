// The one door to atomics: every other file of Weft includes this and never
// <atomic>. In the ordinary build weft::atomic<T> *is* std::atomic<T>. In model
// mode it is the model checker's, with the same operations, so that the code
// under test is the code that ships. The idea is tokio's (`tokio/src/loom`).
//
// Memory orders are spelled std::memory_order_*. Every operation stronger than
// relaxed carries a comment that says what it pairs with. Write operations by
// name (`load`, `fetch_add`), with their order: the operators of std::atomic
// are sequentially consistent without saying so, and do not exist in model
// mode.

#ifndef WEFT_BASE_ATOMIC_H_
#define WEFT_BASE_ATOMIC_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <type_traits>

#include "weft/base/model_mode.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/atomic.h"
#endif

namespace weft {

namespace base_internal {

/// True in a build under ThreadSanitizer.
#if defined(__SANITIZE_THREAD__)
inline constexpr bool kThreadSanitizer = true;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
inline constexpr bool kThreadSanitizer = true;
#else
inline constexpr bool kThreadSanitizer = false;
#endif
#else
inline constexpr bool kThreadSanitizer = false;
#endif

/// The word that stands for all fences under ThreadSanitizer, which does not
/// understand fences (g++ says so: -Wtsan). Written and read by every thread
/// that fences. Unused in other builds.
inline constinit std::atomic<uint32_t> tsan_fence_word{0};

/// A fence that ThreadSanitizer understands: a read-modify-write of one word.
inline void TsanFence() noexcept {
  // Pairs with itself in other threads: of two fences the later in the word's
  // modification order sees all that precedes the earlier, as two sequentially
  // consistent fences would give. Seq_cst so that it also takes its place among
  // the sequentially consistent operations on other words.
  tsan_fence_word.fetch_add(1, std::memory_order_seq_cst);
}

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

/// The type of atomic_thread_fence.
struct ThreadFence {
  void operator()(std::memory_order order,
                  std::source_location where =
                      std::source_location::current()) const noexcept {
    // Pairs with what the caller says it pairs with.
    model::AtomicThreadFence(order, where);
  }
};

#else

/// The type of atomic_thread_fence.
struct ThreadFence {
  [[gnu::always_inline]] void operator()(
      std::memory_order order) const noexcept {
    if constexpr (kThreadSanitizer) {
      if (order != std::memory_order_relaxed) TsanFence();
    } else {
      // Pairs with what the caller says it pairs with.
      std::atomic_thread_fence(order);
    }
  }
};

#endif

}  // namespace base_internal

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

template <class T>
using atomic = model::Atomic<T>;

#else

/// The atomic type of all of Weft: std::atomic here, the checker's in model
/// mode.
template <class T>
using atomic = std::atomic<T>;

static_assert(std::is_same_v<atomic<uint64_t>, std::atomic<uint64_t>>,
              "in an ordinary build the seam costs nothing");

#endif

/// weft::atomic_thread_fence(order): std::atomic_thread_fence, the checker's in
/// model mode. Any thread. Prefer an order on the operation itself:
/// ThreadSanitizer can pair a fence with another fence, not with the other
/// side's operation. For a sequentially consistent one use FullFence()
/// (fence.h), which is never `mfence`.
///
/// An object and not a function, because its argument is a type of namespace
/// std: for a function, an unqualified call would also find the standard one,
/// and pass by the seam.
inline constexpr base_internal::ThreadFence atomic_thread_fence{};

}  // namespace weft

#endif  // WEFT_BASE_ATOMIC_H_
