#ifndef WEFT_WAKER_BUDGET_H_
#define WEFT_WAKER_BUDGET_H_

#include <cstdint>

#include "weft/base/thread_local.h"

namespace weft {

/// How many operations the task that runs on this thread may still complete
/// before it has to let others run.
///
/// A leaf resource that is ready spends one unit; at zero it pretends not to
/// be ready, wakes its task and lets it go to the back of the queue, so that
/// a task on an ever-ready channel cannot starve its neighbours. A resource
/// that spent a unit and then was not ready after all gives it back (Tokio
/// #2549). Threads that are not workers have no limit.
///
/// Thread-local and unsynchronised; about a nanosecond a call.
class Budget {
 public:
  /// What a worker grants each scheduled task, and the tasks that follow it
  /// through the next-task slot (algorithms: Tokio "coop", 128).
  static constexpr std::int32_t kPerTask = 128;
  static constexpr std::int32_t kUnlimited = -1;

  /// Takes one unit; false if there is none left.
  static bool Spend() {
    std::int32_t& left = Left();
    if (left == 0) return false;
    if (left > 0) --left;
    return true;
  }

  /// Gives back the unit that `Spend` took.
  static void Refund() {
    std::int32_t& left = Left();
    if (left >= 0) ++left;
  }

  static bool Exhausted() { return Left() == 0; }

  /// For executors: the calling thread's counter, so that a worker's loop does
  /// not look it up for every task. Valid on this thread until it ends.
  static std::int32_t* ThisThread() { return &Left(); }

  /// For executors: sets what is left, and returns what was.
  static std::int32_t Exchange(std::int32_t left) {
    std::int32_t& mine = Left();
    std::int32_t old = mine;
    mine = left;
    return old;
  }

 private:
  struct Units {
    std::int32_t left = kUnlimited;
  };
  struct Tag;
  static std::int32_t& Left() { return ThreadLocal<Units, Tag>::Get().left; }
};

}  // namespace weft

#endif  // WEFT_WAKER_BUDGET_H_
