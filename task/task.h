#ifndef WEFT_TASK_TASK_H_
#define WEFT_TASK_TASK_H_

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <memory_resource>
#include <type_traits>
#include <utility>

#include "weft/base/check.h"
#include "weft/task/frame.h"
#include "weft/task/header.h"
#include "weft/task/outcome.h"
#include "weft/task/suspend_task.h"
#include "weft/waker/budget.h"
#include "weft/waker/suspend.h"

namespace weft {

template <class T>
class Task;

namespace task_internal {

/// What the promises of all Task<T> share: the task they are part of, and the
/// coroutine that awaits them, if any.
class PromiseBase {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }

  /// See SuspendingPromise (waker/suspend.h). The whole task suspends at
  /// `point`.
  TaskSuspension Suspend(SuspendedOperation& operation,
                         std::coroutine_handle<> point) {
    task_->resume_point = point;
    return TaskSuspension(task_, &operation);
  }
  void Yield(std::coroutine_handle<> point) {
    task_->resume_point = point;
    task_->scheduler()->ScheduleYield(task_);
  }

  TaskHeader* task() const { return task_; }
  void set_task(TaskHeader* task) { task_ = task; }
  std::coroutine_handle<> continuation() const { return continuation_; }
  void set_continuation(std::coroutine_handle<> c) { continuation_ = c; }

 private:
  TaskHeader* task_ = nullptr;
  std::coroutine_handle<> continuation_;
};

/// The end of every Task<T>: goes on with the awaiting coroutine, or completes
/// the task. The frame is suspended here, so it may be destroyed; nothing of it
/// is touched afterwards (libcoro #287: a frame reclaimed before its last
/// access).
struct FinalAwaiter {
  bool await_ready() noexcept { return false; }
  template <class Promise>
  std::coroutine_handle<> await_suspend(
      std::coroutine_handle<Promise> ended) noexcept {
    PromiseBase& promise = ended.promise();
    TaskHeader* task = promise.task();
    if (auto continuation = promise.continuation()) {
      if (!task->stack_mark().Exceeded()) [[likely]] {
        return continuation;
      }
      promise.Yield(continuation);
      return std::noop_coroutine();
    }
    ended.destroy();
    // The coroutine is the task itself, so the task's type is ours.
    Promise::Block::End(task);
    return std::noop_coroutine();
  }
  void await_resume() noexcept {}
};

template <class T>
class Promise;

template <class T>
class PromiseWithBlock : public PromiseBase {
 public:
  using Block = FrameBlock<T>;

  Task<T> get_return_object() noexcept;
  FinalAwaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept {
    outcome().SetException(std::current_exception());
  }

  static void* operator new(std::size_t size) {
    return FrameBlock<T>::Allocate(size, nullptr);
  }
  /// For coroutines whose first parameters are std::allocator_arg and a
  /// memory resource.
  template <class... Args>
  [[gnu::always_inline]] static void* operator new(
      std::size_t size, std::allocator_arg_t,
      std::pmr::memory_resource* resource, Args&...) {
    return FrameBlock<T>::Allocate(size, resource);
  }
  /// The same for member functions and lambdas.
  template <class Self, class... Args>
  [[gnu::always_inline]] static void* operator new(
      std::size_t size, Self&, std::allocator_arg_t,
      std::pmr::memory_resource* resource, Args&...) {
    return FrameBlock<T>::Allocate(size, resource);
  }
  static void operator delete(void* frame, std::size_t) noexcept {
    FrameBlock<T>::FreeFrame(frame);
  }

 protected:
  Outcome<T>& outcome() noexcept {
    auto frame = std::coroutine_handle<Promise<T>>::from_promise(
        static_cast<Promise<T>&>(*this));
    return FrameBlock<T>::FromFrame(frame.address()).outcome();
  }
};

template <class T>
class Promise final : public PromiseWithBlock<T> {
 public:
  template <std::convertible_to<T> U = T>
  void return_value(U&& value) {
    this->outcome().Emplace(std::forward<U>(value));
  }
};

template <>
class Promise<void> final : public PromiseWithBlock<void> {
 public:
  void return_void() { outcome().Emplace(); }
};

}  // namespace task_internal

/// A coroutine that is, or will be part of, a task.
///
/// Lazy: nothing runs until it is awaited by another `Task`, or spawned
/// (pool/). Awaiting runs it at once on this thread by symmetric transfer,
/// without a queue, and yields its value or throws its exception. Awaits count
/// against the task's budget, so that a loop of them lets others run.
///
/// The frame is the task's only allocation. A coroutine that takes
/// `std::allocator_arg_t, std::pmr::memory_resource*` as its first parameters
/// is allocated from that resource.
///
/// Move-only. Destroying a `Task` that was not spawned destroys its frame. Not
/// thread-safe: one thread at a time, as any value.
template <class T = void>
class [[nodiscard]] Task {
 public:
  using promise_type = task_internal::Promise<T>;
  using value_type = T;

  Task(Task&& other) noexcept
      : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    Task old(std::move(*this));
    coroutine_ = std::exchange(other.coroutine_, nullptr);
    return *this;
  }
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  auto operator co_await() && noexcept {
    DCheck(coroutine_ && !coroutine_.done(),
           "weft: await of a Task that is empty or was awaited before");
    return Awaiter{coroutine_};
  }

  /// Makes a task of it, not yet scheduled: bind it to a scheduler, then hand
  /// it over with `Schedule`. `joinable`: a JoinHandle will be made of it.
  TaskHeader* Release(bool joinable) && {
    DCheck(static_cast<bool>(coroutine_), "weft: spawn of an empty Task");
    auto coroutine = std::exchange(coroutine_, nullptr);
    TaskHeader* task = Block(coroutine).MakeTask(joinable);
    coroutine.promise().set_task(task);
    return task;
  }

 private:
  friend class task_internal::PromiseWithBlock<T>;
  using Handle = std::coroutine_handle<promise_type>;

  struct Awaiter {
    Handle child;

    bool await_ready() const noexcept { return false; }
    template <class Parent>
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<Parent> parent) noexcept {
      static_assert(std::derived_from<Parent, task_internal::PromiseBase>,
                    "weft: a Task can be awaited only in a Task; spawn it, or "
                    "use BlockOn");
      task_internal::PromiseBase& promise = child.promise();
      TaskHeader* task = parent.promise().task();
      promise.set_task(task);
      promise.set_continuation(parent);
      if (task->stack_mark().Exceeded() || !Budget::Spend()) [[unlikely]] {
        promise.Yield(child);
        return std::noop_coroutine();
      }
      return child;
    }
    T await_resume() { return std::move(Block(child).outcome()).value(); }
  };

  explicit Task(Handle coroutine) : coroutine_(Opaque(coroutine)) {}

  // Hides from the compiler that the frame which `~Task` destroys is the one
  // that the call made. Clang would else put the frames of some awaited calls
  // into their callers' frames, without our operator new, and there is no block
  // around such a frame.
  static Handle Opaque(Handle coroutine) {
    void* address = coroutine.address();
    asm("" : "+r"(address));
    return Handle::from_address(address);
  }

  static task_internal::FrameBlock<T>& Block(Handle coroutine) {
    return task_internal::FrameBlock<T>::FromFrame(coroutine.address());
  }

  Handle coroutine_;
};

template <class T>
Task<T> task_internal::PromiseWithBlock<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(
      static_cast<Promise<T>&>(*this)));
}

}  // namespace weft

#endif  // WEFT_TASK_TASK_H_
