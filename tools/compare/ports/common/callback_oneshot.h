#ifndef WEFT_TOOLS_COMPARE_PORTS_COMMON_CALLBACK_ONESHOT_H_
#define WEFT_TOOLS_COMPARE_PORTS_COMMON_CALLBACK_ONESHOT_H_

#include <atomic>
#include <utility>

namespace weft::compare {

/// A channel for one value, for schedulers whose tasks are callbacks and cannot
/// await: one allocation and one exchange at each end. What comes after the
/// wait is a callback, which the scheduler runs as a task if there was a wait.
///
/// `Scheduler` is a copyable value with `Submit(callable)`.
template <class Scheduler, class Continuation>
class CallbackOneshot {
 public:
  explicit CallbackOneshot(Scheduler scheduler) : scheduler_(scheduler) {}

  /// By the receiving task, once, as the last thing that it does: calls
  /// `continuation` with the value, here if that is there, else in a new task.
  void Receive(Continuation continuation) {
    continuation_ = std::move(continuation);
    // ORDER: acq_rel. Publishes the continuation to the sender; and shows us
    // the value, if the sender was first.
    if (met_.exchange(true, std::memory_order_acq_rel)) Finish();
  }

  /// By the sending task, once.
  void Send(int value) {
    value_ = value;
    // ORDER: acq_rel. As above, the other way round.
    if (met_.exchange(true, std::memory_order_acq_rel)) {
      scheduler_.Submit([this] { Finish(); });
    }
  }

 private:
  // By the second to come; nobody else has a use for this object then.
  void Finish() {
    Continuation continuation = std::move(continuation_);
    const int value = value_;
    delete this;
    continuation(value);
  }

  Scheduler scheduler_;
  Continuation continuation_;
  int value_ = 0;
  std::atomic<bool> met_{false};
};

}  // namespace weft::compare

#endif  // WEFT_TOOLS_COMPARE_PORTS_COMMON_CALLBACK_ONESHOT_H_
