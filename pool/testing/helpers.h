#ifndef WEFT_POOL_TESTING_HELPERS_H_
#define WEFT_POOL_TESTING_HELPERS_H_

// What the tests of pool/ share. No function here waits for a length of time
// and then judges: they wait until something is so, for ever if it never is.

#include <chrono>
#include <cstdint>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"

namespace weft::testing {

/// Blocks this thread until `done()`.
template <class Done>
void WaitUntil(Done&& done) {
  for (int i = 0; !done(); ++i) {
    if (i < 100) {
      YieldThread();
    } else {
      SleepFor(std::chrono::microseconds(200));
    }
  }
}

/// Starts at a number and is waited for to become 0.
class Countdown {
 public:
  explicit Countdown(std::int64_t n) : left_(n) {}
  void Arrive() {
    // Release: what we did before is visible to who sees the 0.
    left_.fetch_sub(1, std::memory_order_release);
  }
  bool Over() const {
    // Acquire: pairs with Arrive.
    return left_.load(std::memory_order_acquire) <= 0;
  }
  void Wait() const {
    WaitUntil([this] { return Over(); });
  }
  void ArriveAndWait() {
    Arrive();
    Wait();
  }

 private:
  atomic<std::int64_t> left_;
};

/// Something that happens once.
class Event {
 public:
  void Set() {
    // Release: what we did before is visible to who sees it.
    set_.store(true, std::memory_order_release);
  }
  bool IsSet() const {
    // Acquire: pairs with Set.
    return set_.load(std::memory_order_acquire);
  }
  void Wait() const {
    WaitUntil([this] { return IsSet(); });
  }

 private:
  atomic<bool> set_{false};
};

/// Calls a function when it is destroyed, wherever it was moved to.
template <class F>
class OnDestroy {
 public:
  explicit OnDestroy(F function) : function_(std::move(function)) {}
  OnDestroy(OnDestroy&& other) noexcept
      : function_(std::move(other.function_)),
        owner_(std::exchange(other.owner_, false)) {}
  OnDestroy& operator=(OnDestroy&&) = delete;
  ~OnDestroy() {
    if (owner_) function_();
  }

 private:
  F function_;
  bool owner_ = true;
};

/// A poll-style future that is never ready and keeps no waker. Its task ends by
/// being cancelled. Calls `on_poll` at each poll; keeps `luggage` until then.
template <class OnPoll, class Luggage = int>
struct Never {
  OnPoll on_poll;
  Luggage luggage{};

  weft::Poll<void> Poll(Context&) {
    on_poll();
    return kPending;
  }
};
template <class OnPoll>
Never(OnPoll) -> Never<OnPoll>;
template <class OnPoll, class Luggage>
Never(OnPoll, Luggage) -> Never<OnPoll, Luggage>;

/// Waits until all workers of `pool` but so many sleep.
template <class Pool>
void WaitUntilAsleep(const Pool& pool, int but = 0) {
  WaitUntil([&] {
    const auto metrics = pool.Metrics();
    int awake = 0;
    for (const auto& worker : metrics.workers) awake += worker.asleep ? 0 : 1;
    return awake <= but;
  });
}

}  // namespace weft::testing

#endif  // WEFT_POOL_TESTING_HELPERS_H_
