// The threads that sleep at an address: what condition variables, futexes and
// atomic waits have in common.

#ifndef WEFT_MODEL_WAIT_QUEUE_H_
#define WEFT_MODEL_WAIT_QUEUE_H_

#include <cstdint>
#include <source_location>

#include "weft/model/execution.h"

namespace weft::model {

/// The queue at an address, within an execution. It is a hidden atomic word: a
/// bit for each thread that is in the queue. All operations on it are
/// read-modify-writes, so that they have one order; but they synchronise
/// nothing, so that the program must do that itself.
class WaitQueue {
 public:
  /// Whether the operations are full barriers among each other, as the system
  /// calls of a futex are.
  enum class Barrier : bool { kNo, kFull };

  WaitQueue(Execution& execution, const void* address,
            const std::source_location& where, const char* label,
            Barrier barrier = Barrier::kNo)
      : execution_(execution),
        word_{static_cast<const char*>(address) + 1, 8, /*hidden=*/true},
        me_(uint64_t{1} << execution.lane()),
        where_(where),
        label_(label),
        order_(barrier == Barrier::kFull ? std::memory_order_seq_cst
                                         : std::memory_order_relaxed) {}

  /// Joins the queue.
  void Enter();

  /// Joins the queue if `atomic` holds `expected`, as if under a lock that
  /// wakers take too. False if it does not.
  bool EnterIf(AtomicRef atomic, Value expected);

  /// Leaves the queue. False if somebody had woken this thread.
  bool Leave();

  /// Waits until this thread, which is in the queue, is woken; if the options
  /// say so, also for no reason.
  void Sleep();

  /// The same, until some virtual time at most. False if the time is over.
  bool SleepUntil(int64_t deadline);

  /// Wakes so many threads, any of them. Returns how many it woke.
  int Wake(int count);

  /// Wakes all threads. Returns how many.
  int WakeAll();

 private:
  ReadResult Modify(Op op, uint64_t operand, const char* label);
  /// Waits to be woken; true if it gave up.
  bool Await(Condition::GiveUp give_up, int64_t deadline);
  bool WakesSpuriously();

  Execution& execution_;
  const AtomicRef word_;
  const uint64_t me_;
  const std::source_location where_;
  const char* const label_;  // what the user called
  const std::memory_order order_;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_WAIT_QUEUE_H_
