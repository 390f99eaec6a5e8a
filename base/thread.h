// The one door to threads: every other file of Weft includes this and never
// <thread>. In the ordinary build Thread is std::thread.

#ifndef WEFT_BASE_THREAD_H_
#define WEFT_BASE_THREAD_H_

#include <pthread.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

#include "weft/base/model_mode.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/spin.h"
#include "weft/model/thread.h"
#include "weft/model/time.h"
#endif

namespace weft {

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

using model::SleepFor;
using model::ThisThreadId;
using model::Thread;
using model::ThreadId;
using model::YieldThread;

#else

/// Identifies a running thread; comparable and hashable. Reused after a thread
/// has ended.
using ThreadId = std::thread::id;

/// The identity of the calling thread. Right after every suspension of a
/// coroutine that moves between threads, too; std::this_thread::get_id() need
/// not be, because compilers know that it tells a thread the same each time
/// (LLVM #47177, #111257). Two nested calls, a few nanoseconds.
[[gnu::noinline]] inline ThreadId ThisThreadId() noexcept {
  // Opaque and volatile, so that two calls are never merged.
  asm volatile("" : : : "memory");
  return std::this_thread::get_id();
}

/// Lets another ready thread run on this core, if there is one. A system call,
/// about 0.3 us when there is none. Orders nothing.
inline void YieldThread() noexcept { std::this_thread::yield(); }

/// Blocks the calling thread for at least `time`; not at all if that is zero or
/// less. For tests and tools: a worker parks instead.
inline void SleepFor(std::chrono::nanoseconds time) {
  std::this_thread::sleep_for(time);
}

/// A thread of the operating system: std::thread. Its constructor throws
/// std::system_error if the system has no thread to give; CatchAll
/// (exception.h) turns that into a value.
using Thread = std::thread;

#endif

/// Names the calling thread for debuggers and `top`. Linux keeps 15 bytes; the
/// rest is cut off. A system call; never fails.
inline void SetThreadName(std::string_view name) noexcept {
#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
  // A thread of the checker's has none.
  if (model::Execution::Current() != nullptr) return;
#endif
  constexpr std::size_t kMaxBytes = 15;
  char buffer[kMaxBytes + 1] = {};
  name.substr(0, kMaxBytes).copy(buffer, kMaxBytes);
  pthread_setname_np(pthread_self(), buffer);
}

}  // namespace weft

#endif  // WEFT_BASE_THREAD_H_
