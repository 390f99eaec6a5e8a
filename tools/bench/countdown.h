#ifndef WEFT_TOOLS_BENCH_COUNTDOWN_H_
#define WEFT_TOOLS_BENCH_COUNTDOWN_H_

#include <cstdint>
#include <utility>
#include <variant>

#include "weft/base/atomic.h"
#include "weft/sync/oneshot.h"
#include "weft/waker/wait.h"

namespace weft::bench {

/// Wakes the thread that blocks in `Wait` once a number of tasks have said that
/// they are done. One read-modify-write for each; the last one also sends.
///
/// The last `Done` does not touch the object after it has woken the waiter, so
/// it may live on the waiter's stack.
class Countdown {
 public:
  explicit Countdown(std::int64_t tasks)
      : Countdown(tasks, Oneshot<std::monostate>()) {}
  Countdown(const Countdown&) = delete;
  Countdown& operator=(const Countdown&) = delete;

  /// By each task; any thread.
  void Done() {
    // ORDER: acq_rel. Pairs with itself: the last task to come here has seen
    // what all others did, and hands it on to the waiter.
    if (left_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    auto sender = std::move(sender_);
    std::move(sender).Send({});
  }

  /// Blocks until the last is done, and returns how many are missing: zero,
  /// unless more have come than there should.
  std::int64_t Wait() {
    weft::Wait(receiver_);
    return left_.load(std::memory_order_relaxed);
  }

 private:
  using Sender = OneshotSender<std::monostate>;
  using Receiver = OneshotReceiver<std::monostate>;

  Countdown(std::int64_t tasks, std::pair<Sender, Receiver> channel)
      : left_(tasks),
        sender_(std::move(channel.first)),
        receiver_(std::move(channel.second)) {}

  // Written by every task.
  atomic<std::int64_t> left_;
  // Written by the last task.
  Sender sender_;
  // Used by the waiter.
  Receiver receiver_;
};

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_COUNTDOWN_H_
