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
#include "weft/base/perturb.h"
#endif

namespace weft {

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

/// Names the calling thread for debuggers and `top`. Linux keeps 15 bytes; the
/// rest is cut off. A system call; never fails.
inline void SetThreadName(std::string_view name) noexcept {
  constexpr std::size_t kMaxBytes = 15;
  char buffer[kMaxBytes + 1] = {};
  name.substr(0, kMaxBytes).copy(buffer, kMaxBytes);
  pthread_setname_np(pthread_self(), buffer);
}

#if !(defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE)

/// A thread of the operating system: std::thread. Its constructor throws
/// std::system_error if the system has no thread to give; CatchAll
/// (exception.h) turns that into a value.
using Thread = std::thread;

#else

inline namespace model_mode {

/// A std::thread whose start and join are perturbed.
class Thread {
 public:
  using id = std::thread::id;
  using native_handle_type = std::thread::native_handle_type;

  Thread() noexcept = default;

  template <class F, class... Args>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Thread>) explicit Thread(
      F&& f, Args&&... args)
      : thread_(
            [](std::decay_t<F> call, std::decay_t<Args>... values) {
              base_internal::Perturb();
              std::invoke(std::move(call), std::move(values)...);
            },
            std::forward<F>(f), std::forward<Args>(args)...) {}

  Thread(Thread&&) noexcept = default;
  Thread& operator=(Thread&&) noexcept = default;

  bool joinable() const noexcept { return thread_.joinable(); }
  id get_id() const noexcept { return thread_.get_id(); }
  native_handle_type native_handle() { return thread_.native_handle(); }
  void detach() { thread_.detach(); }
  void join() {
    base_internal::Perturb();
    thread_.join();
  }
  void swap(Thread& other) noexcept { thread_.swap(other.thread_); }

  static unsigned hardware_concurrency() noexcept {
    return std::thread::hardware_concurrency();
  }

 private:
  std::thread thread_;
};

}  // namespace model_mode

#endif

}  // namespace weft

#endif  // WEFT_BASE_THREAD_H_
