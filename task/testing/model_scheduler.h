// A scheduler for model tests: whoever makes a task runnable runs it, there and
// then. It has no state of its own to explore, and gives each transition of a
// task to every thread that can cause it.

#ifndef WEFT_TASK_TESTING_MODEL_SCHEDULER_H_
#define WEFT_TASK_TESTING_MODEL_SCHEDULER_H_

#include <exception>
#include <utility>

#include "weft/base/cell.h"
#include "weft/model/check.h"
#include "weft/task/header.h"
#include "weft/task/testing/spawning.h"

namespace weft::task_testing {

/// For one task at a time.
class ModelScheduler final : public SpawningScheduler {
 public:
  void Admit(TaskHeader* task) override {
    task->Bind(this);
    task->Run();
  }
  void Schedule(TaskHeader* task) noexcept override { task->Run(); }
  void ScheduleYield(TaskHeader* task) noexcept override { task->Run(); }
  void Release(TaskHeader*) noexcept override {
    released_.WithMut([](int& n) { ++n; });
  }
  void Unhandled(std::exception_ptr) noexcept override {
    model::Assert(false, "no task throws here");
  }

  /// After all threads were joined.
  int released() const { return released_.Get(); }

 private:
  Cell<int> released_{0};
};

/// Lives in a task's body or result, and is destroyed once: `count` is plain
/// memory, so two threads that do it, or one that does it too early, race.
class ModelTracked {
 public:
  explicit ModelTracked(Cell<int>& destroyed) : destroyed_(&destroyed) {}
  ModelTracked(ModelTracked&& other) noexcept
      : destroyed_(std::exchange(other.destroyed_, nullptr)) {}
  ModelTracked& operator=(ModelTracked&&) = delete;
  ~ModelTracked() {
    if (destroyed_ != nullptr) destroyed_->WithMut([](int& n) { ++n; });
  }

 private:
  Cell<int>* destroyed_;
};

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_MODEL_SCHEDULER_H_
