#ifndef WEFT_TOOLS_COMPARE_PORTS_COMMON_COUNTDOWN_H_
#define WEFT_TOOLS_COMPARE_PORTS_COMMON_COUNTDOWN_H_

#include <atomic>
#include <cstdint>
#include <semaphore>

namespace weft::compare {

/// Wakes the caller, a thread outside of the scheduler, when a number of tasks
/// have said that they are done: for the ports in C++, all of them alike. Used
/// over and over; it lives longer than any task.
class Countdown {
 public:
  /// Before the first task.
  void Reset(std::int64_t tasks) {
    left_.store(tasks, std::memory_order_relaxed);
  }

  /// By each task; any thread.
  void Done() {
    // ORDER: acq_rel. Pairs with itself: the last to come has seen what all
    // others did, and hands it on to the caller.
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) end_.release();
  }

  /// Blocks until the last is done; returns how many are missing, which is 0
  /// unless more have come than there should.
  std::int64_t Wait() {
    end_.acquire();
    return left_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::int64_t> left_{0};
  std::binary_semaphore end_{0};
};

}  // namespace weft::compare

#endif  // WEFT_TOOLS_COMPARE_PORTS_COMMON_COUNTDOWN_H_
