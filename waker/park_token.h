// How one thread sleeps until a waker is called: a futex word that holds at
// most one token. The protocol is that of `std::thread::park` in Rust and of
// crossbeam's parker, with a futex instead of a mutex and a condition variable.

#ifndef WEFT_WAKER_PARK_TOKEN_H_
#define WEFT_WAKER_PARK_TOKEN_H_

#include "weft/waker/waker.h"

namespace weft {

namespace waker_internal {
struct ParkState;
}  // namespace waker_internal

/// A thread's parking place. Wakers put a token there, `Park` waits for the
/// token and takes it; more wakes than one between two `Park`s count as one.
///
/// The word lives in one shared allocation that the wakers keep alive, so that
/// they stay harmless after the `ParkToken` is gone.
///
/// Threads: `Park` and `Consume` by the owning thread; the wakers by any thread
/// at any time, from destructors of thread-locals too (tokio #6148).
///
/// Memory ordering: when `Park` returns, or `Consume` returns true, everything
/// that *every* waker called so far had done before its call is visible, also
/// of wakes that found the token there already.
class ParkToken {
 public:
  /// Called after each wake, on the waking thread.
  using Hook = void (*)(void* arg) noexcept;

  /// One allocation.
  ParkToken();
  /// Clears the hook. The wakers stay usable, and do nothing.
  ~ParkToken();
  ParkToken(const ParkToken&) = delete;
  ParkToken& operator=(const ParkToken&) = delete;

  /// A waker that puts the token here. One relaxed read-modify-write, and one
  /// each for its clones. Its wake costs one read-modify-write and a lock that
  /// is hardly ever contended; a system call more if the thread sleeps.
  Waker GetWaker() const;

  /// Blocks until there is a token, and takes it. Never returns without one.
  /// One read-modify-write if the token is there already; else two and the
  /// system call.
  void Park() noexcept;

  /// Takes the token if there is one. A load if there is none.
  bool Consume() noexcept;

  /// Has every wake from now on call `hook(arg)` after it has put the token,
  /// for an owner that sleeps elsewhere (a worker in its own parker). A wake
  /// that came before this call may have seen no hook: look with `Consume`
  /// after setting it. Replaces the hook that was set.
  ///
  /// The hook runs under a lock of the token: it must not call a waker of this
  /// token, nor these two functions.
  void SetHook(Hook hook, void* arg);

  /// Removes the hook. When this returns the hook does not run and will not.
  void ClearHook();

 private:
  waker_internal::ParkState* const state_;
};

}  // namespace weft

#endif  // WEFT_WAKER_PARK_TOKEN_H_
