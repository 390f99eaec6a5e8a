#ifndef WEFT_TASK_TESTING_EVENT_H_
#define WEFT_TASK_TESTING_EVENT_H_

#include <coroutine>
#include <functional>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/waker/suspend.h"
#include "weft/waker/waker.h"

namespace weft::task_testing {

/// Happens once; one coroutine may wait for it. The smallest leaf operation
/// that there is, with hooks for races: what `SuspendIn` and `TryCancel` are
/// for, and nothing else. Outlives its waiter. `Happen` from any thread.
class Event {
 public:
  Event() = default;
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  void Happen() {
    // ORDER: acq_rel. Acquire pairs with Enroll: the waker is ours. Release
    // pairs with the failed Enroll and with await_ready: what came before.
    if (state_.exchange(kHappened, std::memory_order_acq_rel) == kAwaited) {
      Waker waker = std::move(waker_);
      if (before_wake) before_wake();
      std::move(waker).Wake();
    }
  }

  bool cancelled() const {
    return state_.load(std::memory_order_relaxed) == kCancelled;
  }

  /// Called by the waiter when it has looked and will wait, before it is
  /// registered; when it is registered, before its task knows; by TryCancel
  /// before it decides; and by Happen between its decision and the wake.
  std::function<void()> before_enroll = nullptr;
  std::function<void()> after_enroll = nullptr;
  std::function<void()> before_cancel = nullptr;
  std::function<void()> before_wake = nullptr;

  auto operator co_await() { return Awaiter(*this); }

 private:
  enum : int { kNew, kAwaited, kHappened, kCancelled };

  class Awaiter final : public SuspendedOperation {
   public:
    explicit Awaiter(Event& event) : event_(event) {}
    bool await_ready() const {
      // ORDER: acquire. Pairs with Happen.
      return event_.state_.load(std::memory_order_acquire) == kHappened;
    }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
      return SuspendIn(handle, *this, [event = &event_](Waker waker) {
        return event->Enroll(std::move(waker));
      });
    }
    void await_resume() const {}

    bool TryCancel() noexcept override {
      if (event_.before_cancel) event_.before_cancel();
      int expected = kAwaited;
      // Relaxed: only decides; the task's suspension word synchronises.
      return event_.state_.compare_exchange_strong(expected, kCancelled,
                                                   std::memory_order_relaxed,
                                                   std::memory_order_relaxed);
    }

   private:
    Event& event_;
  };

  bool Enroll(Waker waker) {
    if (before_enroll) before_enroll();
    // Copied: once we are registered the coroutine may go on, and whoever owns
    // this event may be done with it.
    const std::function<void()> hook = after_enroll;
    waker_ = std::move(waker);
    int expected = kNew;
    // ORDER: release. Pairs with Happen: the waker. On failure acquire: what
    // came before Happen is visible to the waiter, which goes on.
    if (!state_.compare_exchange_strong(expected, kAwaited,
                                        std::memory_order_release,
                                        std::memory_order_acquire)) {
      waker_ = Waker();
      return false;
    }
    if (hook) hook();
    return true;
  }

  atomic<int> state_{kNew};
  // Written by the waiter before it is registered, taken by Happen.
  Waker waker_;
};

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_EVENT_H_
