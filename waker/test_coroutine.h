// For tests of awaitables: an executor that knows suspension (suspend.h) and
// one that does not.

#ifndef WEFT_WAKER_TEST_COROUTINE_H_
#define WEFT_WAKER_TEST_COROUTINE_H_

#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/base/mutex.h"
#include "weft/waker/suspend.h"
#include "weft/waker/waker.h"

namespace weft {

/// A run queue that a test turns by hand.
class TestExecutor {
 public:
  /// Any thread.
  void Push(std::coroutine_handle<> handle) {
    MutexLock lock(mutex_);
    queue_.push_back(handle);
  }

  /// Runs the oldest; false if there is none.
  bool RunOne() {
    MutexLock lock(mutex_);
    if (queue_.empty()) return false;
    std::coroutine_handle<> handle = queue_.front();
    queue_.pop_front();
    lock.unlock();
    handle.resume();
    return true;
  }
  void RunAll() {
    while (RunOne()) {
    }
  }
  std::size_t size() {
    MutexLock lock(mutex_);
    return queue_.size();
  }

  /// Called when a task has been asked for its resumption, before its operation
  /// is registered; and when it is, before the suspension is committed. For
  /// completing operations in these windows.
  std::function<void()> before_enroll = nullptr;
  std::function<void()> before_commit = nullptr;

 private:
  Mutex mutex_;
  std::deque<std::coroutine_handle<>> queue_;
};

/// A coroutine of a `TestExecutor`, which is its first argument. Starts when
/// the executor runs it. Owns its frame.
class TestTask {
 public:
  class promise_type {
   public:
    template <class... Args>
    explicit promise_type(TestExecutor& executor, Args&&...)
        : executor_(executor) {}
    ~promise_type() {
      Check(wakers_.load(std::memory_order_relaxed) == 0,
            "a resumption outlives its frame");
    }

    TestTask get_return_object() {
      auto handle = std::coroutine_handle<promise_type>::from_promise(*this);
      executor_.Push(handle);
      return TestTask(handle);
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }

    struct Suspension {
      promise_type& promise;
      Waker resumption() {
        promise.wakers_.fetch_add(1, std::memory_order_relaxed);
        if (promise.executor_.before_enroll) promise.executor_.before_enroll();
        return Waker(&kVTable, &promise);
      }
      bool Commit() {
        if (promise.executor_.before_commit) promise.executor_.before_commit();
        MutexLock lock(promise.mutex_);
        promise.suspended_ = !promise.woken_;
        promise.woken_ = false;
        return promise.suspended_;
      }
    };
    Suspension Suspend(SuspendedOperation& operation,
                       std::coroutine_handle<> point) {
      operation_ = &operation;
      point_ = point;
      return Suspension{*this};
    }
    void Yield(std::coroutine_handle<> handle) {
      ++yields_;
      executor_.Push(handle);
    }

   private:
    friend class TestTask;

    static promise_type& Of(void* data) {
      return *static_cast<promise_type*>(data);
    }
    void Dropped() { wakers_.fetch_sub(1, std::memory_order_relaxed); }
    void Woken() {
      Dropped();
      MutexLock lock(mutex_);
      Check(!woken_, "an operation completes once");
      if (!suspended_) {
        woken_ = true;
        return;
      }
      suspended_ = false;
      const std::coroutine_handle<> point = point_;
      TestExecutor& executor = executor_;
      lock.unlock();
      executor.Push(point);
    }
    static Waker CloneIt(void*) { Unreachable("a resumption is cloned"); }
    static void WakeIt(void* data) noexcept { Of(data).Woken(); }
    static void WakeItByRef(void*) noexcept {
      Unreachable("a resumption is lent");
    }
    static void DropIt(void* data) noexcept { Of(data).Dropped(); }
    static constexpr WakerVTable kVTable = {.clone = CloneIt,
                                            .wake = WakeIt,
                                            .wake_by_ref = WakeItByRef,
                                            .drop = DropIt};

    TestExecutor& executor_;
    SuspendedOperation* operation_ = nullptr;
    // What to resume.
    std::coroutine_handle<> point_;
    // How many resumptions there are.
    atomic<int> wakers_{0};
    int yields_ = 0;
    Mutex mutex_;
    // Guarded by: mutex_.
    bool suspended_ = false;
    bool woken_ = false;
  };

  TestTask() = default;
  TestTask(TestTask&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  TestTask& operator=(TestTask&& other) noexcept {
    Destroy();
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
  }
  ~TestTask() { Destroy(); }

  bool done() const { return handle_.done(); }
  int yields() const { return handle_.promise().yields_; }

  /// Ends the wait that the task is suspended in, and destroys the frame if
  /// that succeeds.
  bool Cancel() {
    if (!handle_.promise().operation_->TryCancel()) return false;
    Destroy();
    return true;
  }
  /// Destroys the frame wherever it stands.
  void Destroy() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

 private:
  explicit TestTask(std::coroutine_handle<promise_type> handle)
      : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

/// A coroutine of no executor: runs at once, and goes on wherever it is
/// resumed. Owns its frame.
class ForeignTask {
 public:
  struct promise_type {
    ForeignTask get_return_object() {
      return ForeignTask(
          std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };

  ForeignTask() = default;
  ForeignTask(ForeignTask&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  ForeignTask& operator=(ForeignTask&& other) noexcept {
    Destroy();
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
  }
  ~ForeignTask() { Destroy(); }

  bool done() const { return handle_.done(); }
  /// Destroys the frame wherever it stands.
  void Destroy() {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

 private:
  explicit ForeignTask(std::coroutine_handle<promise_type> handle)
      : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

}  // namespace weft

#endif  // WEFT_WAKER_TEST_COROUTINE_H_
