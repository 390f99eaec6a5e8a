#ifndef WEFT_TASK_TESTING_MANUAL_SCHEDULER_H_
#define WEFT_TASK_TESTING_MANUAL_SCHEDULER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <utility>
#include <vector>

#include "weft/base/check.h"
#include "weft/base/mutex.h"
#include "weft/task/header.h"
#include "weft/task/testing/spawning.h"
#include "weft/waker/budget.h"

namespace weft::task_testing {

/// A run queue that a test turns by hand: nothing runs but in RunOne and
/// RunAll, on their caller. First in, first out. All tasks must have ended when
/// it is destroyed.
class ManualScheduler final : public SpawningScheduler {
 public:
  /// `budget`: what each run is given; see Budget.
  explicit ManualScheduler(std::int32_t budget = Budget::kPerTask)
      : budget_(budget) {}
  ~ManualScheduler() {
    Check(queue_.empty(), "weft: a ManualScheduler ends with queued tasks");
    Check(alive_ == 0, "weft: a ManualScheduler ends before its tasks");
  }

  void Admit(TaskHeader* task) override {
    task->Bind(this);
    MutexLock lock(mutex_);
    ++alive_;
    queue_.push_back(task);
  }

  /// Runs the oldest entry; false if there is none.
  bool RunOne() {
    TaskHeader* task;
    {
      MutexLock lock(mutex_);
      if (queue_.empty()) return false;
      task = queue_.front();
      queue_.pop_front();
    }
    const std::int32_t before = Budget::Exchange(budget_);
    task->Run();
    Budget::Exchange(before);
    return true;
  }

  /// Runs until the queue is empty, at most `limit` entries; returns how many.
  std::size_t RunAll(std::size_t limit = SIZE_MAX) {
    std::size_t runs = 0;
    while (runs < limit && RunOne()) ++runs;
    return runs;
  }

  void Schedule(TaskHeader* task) noexcept override {
    MutexLock lock(mutex_);
    ++schedules_;
    queue_.push_back(task);
  }
  void ScheduleYield(TaskHeader* task) noexcept override {
    MutexLock lock(mutex_);
    ++yields_;
    queue_.push_back(task);
  }
  void Release(TaskHeader*) noexcept override {
    MutexLock lock(mutex_);
    Check(alive_ > 0, "weft: more tasks are released than were admitted");
    --alive_;
  }
  void Unhandled(std::exception_ptr exception) noexcept override {
    MutexLock lock(mutex_);
    unhandled_.push_back(std::move(exception));
  }

  /// Entries in the queue now.
  std::size_t queued() const { return Get(queue_).size(); }
  /// Tasks admitted and not released.
  int alive() const { return Get(alive_); }
  /// Calls of Schedule and ScheduleYield so far; spawning does not count.
  int schedules() const { return Get(schedules_); }
  int yields() const { return Get(yields_); }
  /// What tasks threw that nobody joined.
  std::vector<std::exception_ptr> unhandled() const { return Get(unhandled_); }

 private:
  template <class T>
  T Get(const T& member) const {
    MutexLock lock(mutex_);
    return member;
  }

  const std::int32_t budget_;
  mutable Mutex mutex_;
  // Guarded by mutex_.
  std::deque<TaskHeader*> queue_;
  int alive_ = 0;
  int schedules_ = 0;
  int yields_ = 0;
  std::vector<std::exception_ptr> unhandled_;
};

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_MANUAL_SCHEDULER_H_
