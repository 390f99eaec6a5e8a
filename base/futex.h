// Sleep until a word of memory changes, and wake who sleeps: Linux's futex, in
// its private form (the threads of one process). See futex(2), and U. Drepper,
// "Futexes are tricky", 2011.
//
// The protocol is the caller's: a waker changes the word and then calls
// FutexWake; a waiter calls FutexWait in a loop until the word says what it
// waits for. The kernel compares the word and goes to sleep in one step, so a
// wake between the waiter's look and its sleep is not lost. A futex orders
// nothing for the program: what the waker wrote is published by the atomic
// operations on the word.

#ifndef WEFT_BASE_FUTEX_H_
#define WEFT_BASE_FUTEX_H_

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <ctime>

#include "weft/base/atomic.h"
#include "weft/base/check.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/futex.h"
#endif

namespace weft {

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

using model::FutexWait;
using model::FutexWaitFor;
using model::FutexWake;

#else

namespace base_internal {

static_assert(sizeof(atomic<uint32_t>) == sizeof(uint32_t) &&
                  atomic<uint32_t>::is_always_lock_free,
              "the kernel reads the word as a plain 32-bit integer");

/// Waits, with a relative timeout unless that is null. Returns 0 or an errno.
inline int FutexWaitErrno(const atomic<uint32_t>& word, uint32_t expected,
                          const timespec* timeout) noexcept {
  const long result = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected,
                              timeout, nullptr, 0);
  return result == 0 ? 0 : errno;
}

}  // namespace base_internal

/// Sleeps while `word` holds `expected`, until a FutexWake on it. Returns at
/// once if it holds something else (EAGAIN). May return for no reason: a signal
/// (EINTR), a wake meant for an earlier owner of the same address. So call it
/// in a loop and look at the word yourself; this call orders nothing. Any
/// thread. Costs a system call, some microseconds more if it sleeps.
inline void FutexWait(const atomic<uint32_t>& word,
                      uint32_t expected) noexcept {
  const int error = base_internal::FutexWaitErrno(word, expected, nullptr);
  Check(error == 0 || error == EAGAIN || error == EINTR,
        "futex wait failed for a reason other than EAGAIN or EINTR");
}

/// As FutexWait, but sleeps no longer than `timeout` (monotonic clock; zero and
/// less means not at all). Returns false if the time is over, true for every
/// other reason, spurious ones included: the caller loops on its own deadline.
inline bool FutexWaitFor(const atomic<uint32_t>& word, uint32_t expected,
                         std::chrono::nanoseconds timeout) noexcept {
  if (timeout < std::chrono::nanoseconds::zero()) {
    timeout = std::chrono::nanoseconds::zero();
  }
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(timeout);
  timespec relative{};
  relative.tv_sec = static_cast<time_t>(seconds.count());
  relative.tv_nsec = static_cast<long>((timeout - seconds).count());
  const int error = base_internal::FutexWaitErrno(word, expected, &relative);
  Check(error == 0 || error == EAGAIN || error == EINTR || error == ETIMEDOUT,
        "futex wait failed for a reason other than EAGAIN, EINTR or ETIMEDOUT");
  return error != ETIMEDOUT;
}

/// Wakes at most `n` threads that sleep on `word` and returns how many it woke;
/// `n` <= 0 wakes none. Call it after changing the word. Any thread. Costs a
/// system call (about 0.4 us) even if nobody sleeps, so let the word say
/// whether somebody does.
///
/// The word's address is used but its memory is not touched: it may already be
/// gone, as happens when the waiter saw the change by itself and left. If
/// another futex lives there by then, its waiter wakes spuriously.
inline int FutexWake(const atomic<uint32_t>& word, int n) noexcept {
  if (n <= 0) return 0;  // the kernel, asked for 0, may wake one
  const long woken =
      syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, n, nullptr, nullptr, 0);
  Check(woken >= 0, "futex wake failed");
  return static_cast<int>(woken);
}

#endif

}  // namespace weft

#endif  // WEFT_BASE_FUTEX_H_
