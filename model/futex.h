// Linux's futex, modelled. The functions are those of base/futex.h.

#ifndef WEFT_MODEL_FUTEX_H_
#define WEFT_MODEL_FUTEX_H_

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>
#include <ctime>
#include <source_location>

#include "weft/model/atomic.h"
#include "weft/model/execution.h"
#include "weft/model/time.h"
#include "weft/model/wait_queue.h"

namespace weft::model {

namespace model_internal {

/// The system's, for use outside of an execution. Returns 0 or an errno.
inline int SystemFutexWait(const void* word, uint32_t expected,
                           const timespec* timeout) noexcept {
  const long result = syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected,
                              timeout, nullptr, 0);
  return result == 0 ? 0 : errno;
}

}  // namespace model_internal

/// Sleeps while `word` holds `expected`, until a FutexWake on it. Returns at
/// once if it holds something else. Orders nothing.
inline void FutexWait(
    const Atomic<uint32_t>& word, uint32_t expected,
    std::source_location where = std::source_location::current()) noexcept {
  if (Execution::Current() == nullptr) {
    model_internal::SystemFutexWait(word.ref().address, expected, nullptr);
    return;
  }
  Execution& e = *Execution::Current();
  WaitQueue queue(e, word.ref().address, where, "futex wait",
                  WaitQueue::Barrier::kFull);
  if (queue.EnterIf(word.ref(), Value{expected, 0})) queue.Sleep();
}

/// As FutexWait, but sleeps no longer than `timeout` (virtual time). Returns
/// false if the time is over, true for every other reason.
inline bool FutexWaitFor(
    const Atomic<uint32_t>& word, uint32_t expected,
    std::chrono::nanoseconds timeout,
    std::source_location where = std::source_location::current()) noexcept {
  if (Execution::Current() == nullptr) {
    const int64_t left = timeout.count() > 0 ? timeout.count() : 0;
    constexpr int64_t kSecond = 1'000'000'000;
    const timespec relative{.tv_sec = left / kSecond,
                            .tv_nsec = left % kSecond};
    return model_internal::SystemFutexWait(word.ref().address, expected,
                                           &relative) != ETIMEDOUT;
  }
  Execution& e = *Execution::Current();
  WaitQueue queue(e, word.ref().address, where, "futex wait",
                  WaitQueue::Barrier::kFull);
  return !queue.EnterIf(word.ref(), Value{expected, 0}) ||
         queue.SleepUntil(e.now() + timeout.count());
}

/// Wakes at most `n` threads that sleep on `word`, any of them, and returns how
/// many it woke. Does not touch the word's memory, which may be gone.
inline int FutexWake(
    const Atomic<uint32_t>& word, int n,
    std::source_location where = std::source_location::current()) noexcept {
  if (n <= 0) return 0;
  if (Execution::Current() == nullptr) {
    return static_cast<int>(syscall(SYS_futex, word.ref().address,
                                    FUTEX_WAKE_PRIVATE, n, nullptr, nullptr,
                                    0));
  }
  WaitQueue queue(*Execution::Current(), word.ref().address, where,
                  "futex wake", WaitQueue::Barrier::kFull);
  return n < kMaxThreads ? queue.Wake(n) : queue.WakeAll();
}

}  // namespace weft::model

#endif  // WEFT_MODEL_FUTEX_H_
