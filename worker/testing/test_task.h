// A task that calls a function, for tests of the worker: no future, no waker,
// no outcome, no allocation of its own.

#ifndef WEFT_WORKER_TESTING_TEST_TASK_H_
#define WEFT_WORKER_TESTING_TEST_TASK_H_

#include <functional>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/task/header.h"

namespace weft::worker_testing {

/// Queue it as often as it is not queued. The test keeps it alive.
class TestTask final : public TaskHeader {
 public:
  explicit TestTask(std::function<void()> body = {})
      : TaskHeader(TaskState::Queued(/*joinable=*/false), &kVTable),
        body_(std::move(body)) {}

  /// How often it was run. Any thread; acquires what the runs did.
  int runs() const {
    // Acquire: pairs with the release in Run.
    return runs_.load(std::memory_order_acquire);
  }

 private:
  static void Run(TaskHeader* task) noexcept {
    auto& self = *static_cast<TestTask*>(task);
    if (self.body_) self.body_();
    // Release: pairs with the acquire in runs().
    self.runs_.fetch_add(1, std::memory_order_release);
  }

  // A worker uses nothing else of it.
  static constexpr TaskVTable kVTable = [] {
    TaskVTable table = {};
    table.run = Run;
    return table;
  }();

  const std::function<void()> body_;
  atomic<int> runs_{0};
};

}  // namespace weft::worker_testing

#endif  // WEFT_WORKER_TESTING_TEST_TASK_H_
