// A variable that each thread has for itself, read so that a coroutine which
// moves from one thread to another never sees the wrong one.
//
// A compiler may assume that a function runs on one thread from beginning to
// end, and so may keep the address of a `thread_local` in a register or in the
// coroutine frame. After a suspension that ends on another thread, the address
// is the first thread's (LLVM #47179, #63022; brpc #2156, #2918 for stacks that
// migrate). Compilers mend this pass by pass, and clang 19 still merges some
// reads (LLVM #111257). Here the address is computed behind a call that no pass
// can look into or assume to repeat itself.

#ifndef WEFT_BASE_THREAD_LOCAL_H_
#define WEFT_BASE_THREAD_LOCAL_H_

#include <type_traits>

#include "weft/base/model_mode.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/thread_local.h"
#endif

namespace weft {

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

using model::ThreadLocal;

#else

/// The thread-local variable named by `Tag` (any type, usually a struct
/// declared for this purpose and never defined). Starts as `T{}` in every
/// thread.
///
/// T must be constant-initialised and trivially destructible. So there is no
/// guard to test on access and no moment at thread exit when the variable is
/// gone while a destructor still wakes something (tokio #6148). A thread that
/// must clean up keeps a pointer here and an owner elsewhere.
///
///     struct CurrentWorkerTag;
///     using CurrentWorker = ThreadLocal<Worker*, CurrentWorkerTag>;
///     CurrentWorker::Get() = this;
template <class T, class Tag>
class ThreadLocal {
  static_assert(std::is_trivially_destructible_v<T>,
                "a thread-local must not need a destructor");

 public:
  ThreadLocal() = delete;

  /// The calling thread's variable. A call, never inlined: 1 to 2 ns
  /// (base/thread_local_benchmark.cc). The reference is good until the thread
  /// ends; do not hold it across a suspension, call Get() again.
  [[gnu::noinline]] static T& Get() noexcept {
    T* address = &value_;
    // Opaque and volatile: without it a compiler may find that the function
    // always returns the same, and merge two calls around a suspension.
    asm volatile("" : "+r"(address) : : "memory");
    return *address;
  }

  /// The same, inline: for a function that is never inlined itself, and so
  /// cannot contain a suspension. Saves the call.
  [[gnu::always_inline]] static T& GetHere() noexcept { return value_; }

 private:
  static constinit thread_local T value_;
};

template <class T, class Tag>
constinit thread_local T ThreadLocal<T, Tag>::value_{};

#endif

}  // namespace weft

#endif  // WEFT_BASE_THREAD_LOCAL_H_
