// The store-load fence of the scheduler's hot paths ("I have published work;
// does anybody sleep?"), in the form that is cheap on x86-64.
//
// std::atomic_thread_fence(seq_cst) is `mfence` under clang (14 and 19), which
// also waits for what no C++ program can see; a locked instruction on memory
// that is private to the core orders the same loads and stores for a half to a
// tenth of the price. g++ 12 knows that, but compiles the other idiom,
// `word.fetch_add(0, seq_cst)`, to a real write of the shared word.
// base/fence_test.cc scans the machine code under every compiler;
// base/fence_benchmark.cc measures.

#ifndef WEFT_BASE_FENCE_H_
#define WEFT_BASE_FENCE_H_

#include <source_location>

#include "weft/base/atomic.h"

namespace weft {

/// A sequentially consistent fence: everything before it in this thread, loads
/// and stores, is done before anything after it. Pairs with another FullFence()
/// or with a sequentially consistent read-modify-write: if thread A does "write
/// x, fence, read y" and thread B "write y, fence, read x", at least one of
/// them reads the other's write. Any thread; on x86-64 the price of a locked
/// instruction on a line that is already here, some 20 cycles.
///
/// Under ThreadSanitizer it is a read-modify-write of one global word: a locked
/// instruction on x86-64 and so as strong; elsewhere as strong against another
/// FullFence(). The tool takes it for an edge between any two threads that
/// fence, so it may miss a race between them. It sees no edge between a fence
/// and the other side's acquire or release operation: there, put the order on
/// the operation as well.
#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
inline void FullFence(
    std::source_location where = std::source_location::current()) noexcept {
  model::AtomicThreadFence(std::memory_order_seq_cst, where);
}
#else
[[gnu::always_inline]] inline void FullFence() noexcept {
  if constexpr (base_internal::kThreadSanitizer) {
    base_internal::TsanFence();
  } else {
#if defined(__x86_64__)
    // The stack is in this core's cache and nobody else's. 64 bytes below its
    // top, so as not to wait for a store to the words around the top; adding no
    // bits changes nothing, even in the red zone. Linux's smp_mb() is the same.
    asm volatile("lock orl $0, -64(%%rsp)" ::: "memory", "cc");
#else
    // Pairs as stated above; nothing weaker orders a store before a load.
    std::atomic_thread_fence(std::memory_order_seq_cst);
#endif
  }
}
#endif

}  // namespace weft

#endif  // WEFT_BASE_FENCE_H_
