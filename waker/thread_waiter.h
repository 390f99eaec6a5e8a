// How a thread that is no task blocks until a waker is called.

#ifndef WEFT_WAKER_THREAD_WAITER_H_
#define WEFT_WAKER_THREAD_WAITER_H_

#include "weft/waker/waker.h"

namespace weft {

/// What the calling thread does while it waits for a poll-style future (see
/// wait.h). An ordinary thread sleeps. An executor may install its own in its
/// threads, which runs other tasks meanwhile.
///
/// Not shared: a thread uses its own. The wakers may be used by any thread.
class ThreadWaiter {
 public:
  /// A waker for this thread. Harmless after the thread has ended.
  virtual Waker GetWaker() = 0;

  /// Returns after a waker was called since the last `Park`, at once if that
  /// has happened already; maybe for no reason, too. What the callers of the
  /// wakers did before is visible then.
  virtual void Park() = 0;

  /// The calling thread's waiter: the one installed, or else one that sleeps
  /// (a ParkToken), made at the first call in each thread: one allocation.
  static ThreadWaiter& Current();

  /// Installs `waiter` for the calling thread; nullptr means the one that
  /// sleeps. Returns what was installed before, to be put back. The caller
  /// keeps `waiter` alive until then.
  static ThreadWaiter* ExchangeCurrent(ThreadWaiter* waiter);

 protected:
  ~ThreadWaiter() = default;
};

}  // namespace weft

#endif  // WEFT_WAKER_THREAD_WAITER_H_
