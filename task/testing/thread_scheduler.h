#ifndef WEFT_TASK_TESTING_THREAD_SCHEDULER_H_
#define WEFT_TASK_TESTING_THREAD_SCHEDULER_H_

#include <cstdint>
#include <deque>
#include <exception>
#include <vector>

#include "weft/base/check.h"
#include "weft/base/mutex.h"
#include "weft/base/thread.h"
#include "weft/base/thread_local.h"
#include "weft/base/xorshift.h"
#include "weft/task/header.h"
#include "weft/task/testing/spawning.h"
#include "weft/waker/budget.h"

namespace weft::task_testing {

/// Some threads over one locked queue, from which they take the oldest entry
/// or, now and then, the newest. Slow and surely right. Its destructor waits
/// until all tasks have ended, so somebody else must see to it that they do.
class ThreadScheduler final : public SpawningScheduler {
 public:
  ThreadScheduler(int threads, std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { Work(); });
    }
  }
  ~ThreadScheduler() {
    Drain();
    {
      MutexLock lock(mutex_);
      stopping_ = true;
      work_.notify_all();
    }
    for (Thread& thread : threads_) thread.join();
    Check(queue_.empty(), "weft: a task that has ended is still queued");
  }

  /// Waits until every task that was admitted has ended. Not on a worker.
  void Drain() {
    MutexLock lock(mutex_);
    drained_.wait(lock, [this] { return alive_ == 0; });
  }

  /// Whether the calling thread is a worker of this scheduler.
  bool OnWorker() const { return Current::Get() == this; }

  /// How many exceptions nobody joined.
  int unhandled() const {
    MutexLock lock(mutex_);
    return unhandled_;
  }

  void Admit(TaskHeader* task) override {
    task->Bind(this);
    MutexLock lock(mutex_);
    ++alive_;
    Push(task);
  }
  void Schedule(TaskHeader* task) noexcept override {
    MutexLock lock(mutex_);
    Push(task);
  }
  void ScheduleYield(TaskHeader* task) noexcept override {
    MutexLock lock(mutex_);
    Push(task);
  }
  void Release(TaskHeader*) noexcept override {
    MutexLock lock(mutex_);
    if (--alive_ == 0) drained_.notify_all();
  }
  void Unhandled(std::exception_ptr) noexcept override {
    MutexLock lock(mutex_);
    ++unhandled_;
  }

 private:
  struct CurrentTag;
  using Current = ThreadLocal<const ThreadScheduler*, CurrentTag>;

  // With mutex_ held.
  void Push(TaskHeader* task) {
    queue_.push_back(task);
    work_.notify_one();
  }
  TaskHeader* Pop() {
    const bool newest = random_.Below(8) == 0;
    TaskHeader* task = newest ? queue_.back() : queue_.front();
    newest ? queue_.pop_back() : queue_.pop_front();
    return task;
  }

  void Work() {
    Current::Get() = this;
    MutexLock lock(mutex_);
    for (;;) {
      work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      TaskHeader* task = Pop();
      lock.unlock();
      Budget::Exchange(Budget::kPerTask);
      task->Run();
      lock.lock();
    }
  }

  mutable Mutex mutex_;
  // There is work, or the end has come; and: all tasks have ended.
  CondVar work_;
  CondVar drained_;
  // Guarded by mutex_.
  XorShift64 random_;
  std::deque<TaskHeader*> queue_;
  int alive_ = 0;
  int unhandled_ = 0;
  bool stopping_ = false;

  std::vector<Thread> threads_;
};

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_THREAD_SCHEDULER_H_
