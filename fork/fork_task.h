// Fork-join parallelism by coroutines: a ForkTask that forks others, and joins
// them.
//
//     weft::ForkTask<long> Fib(long n) {
//       if (n < 2) co_return n;
//       auto [a, b] = co_await weft::ForkJoin(Fib(n - 1), Fib(n - 2));
//       co_return a + b;
//     }
//     ...
//     long result = pool.BlockOn(Fib(35));

#ifndef WEFT_FORK_FORK_TASK_H_
#define WEFT_FORK_FORK_TASK_H_

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <variant>

#include "weft/base/check.h"
#include "weft/fork/fork_frame.h"
#include "weft/fork/fork_protocol.h"
#include "weft/fork/fork_site.h"
#include "weft/task/task.h"
#include "weft/waker/suspend.h"
#include "weft/waker/waker.h"

namespace weft {

template <class T>
class ForkTask;

namespace fork_internal {

template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// The result of a fork coroutine, in its promise, until the frame goes.
template <class T>
class ForkResult {
 public:
  ForkResult() {}
  ForkResult(const ForkResult&) = delete;
  ForkResult& operator=(const ForkResult&) = delete;
  ~ForkResult() requires std::is_trivially_destructible_v<T>
  = default;
  ~ForkResult() requires(!std::is_trivially_destructible_v<T>) {
    if (full_) std::destroy_at(&value_);
  }

  template <class U>
  void Set(U&& value) {
    std::construct_at(&value_, std::forward<U>(value));
    full_ = true;
  }
  T& Get() { return value_; }

 private:
  union {
    T value_;
  };
  bool full_ = false;
};

/// Refuses what a fork coroutine cannot await.
template <class A>
inline constexpr bool kIsForkOperation = false;

/// What `Join` returns; its awaiter.
struct [[nodiscard]] JoinOperation {};
struct JoinAwaiter {
  ForkFrame* parent;

  bool await_ready() const noexcept { return !parent->outstanding(); }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept {
    return ForkFrame::Join(parent);
  }
  void await_resume() { parent->Joined(); }
};

class PromiseBase : public ForkFrame {
 public:
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept { return EndAwaiter{}; }
  void unhandled_exception() noexcept { Keep(std::current_exception()); }

  template <class T>
  auto await_transform(ForkTask<T>&& child) noexcept {
    return typename ForkTask<T>::CallAwaiter{child.coroutine_};
  }
  template <class A>
  A await_transform(A operation) noexcept {
    static_assert(kIsForkOperation<A>,
                  "weft: a ForkTask can await only ForkTasks, Fork, Join and "
                  "ForkJoin; what waits for anything else is a Task");
    return operation;
  }

  JoinAwaiter await_transform(JoinOperation) noexcept { return {this}; }

  static void* operator new(std::size_t size) {
    return ForkSite::Allocate(size);
  }
  static void operator delete(void* frame, std::size_t size) noexcept {
    ForkSite::Free(frame, size);
  }

 protected:
  using ForkFrame::ForkFrame;

 private:
  struct EndAwaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<Promise> ended) noexcept {
      return ForkFrame::End(&ended.promise());
    }
    void await_resume() noexcept {}
  };
};

template <class T>
class Promise;

template <class T>
class PromiseWithResult : public PromiseBase {
 public:
  PromiseWithResult()
      : PromiseBase(std::coroutine_handle<Promise<T>>::from_promise(
            static_cast<Promise<T>&>(*this))) {}
  ForkTask<T> get_return_object() noexcept;
  ForkResult<ValueOf<T>>& result() { return result_; }

  /// The value, or the exception. After a join.
  ValueOf<T>&& Take() {
    if (failed()) [[unlikely]] {
      ThrowException();
    }
    return std::move(result_.Get());
  }

 protected:
  ForkResult<ValueOf<T>> result_;
};

template <class T>
class Promise final : public PromiseWithResult<T> {
 public:
  template <std::convertible_to<T> U = T>
  void return_value(U&& value) {
    this->result_.Set(std::forward<U>(value));
  }
};

template <>
class Promise<void> final : public PromiseWithResult<void> {
 public:
  void return_void() { result_.Set(std::monostate()); }
};

template <class T>
class ForkOperation;
template <class A, class B>
class ForkJoinOperation;

}  // namespace fork_internal

/// A child that was forked: owns its frame, in which its result is.
///
/// For the coroutine that forked it, and to be destroyed before that ends: in
/// its frame, or in what the frame owns. If the child may still be running, its
/// frame goes at the next join.
template <class T>
class Forked {
 public:
  /// None.
  Forked() = default;
  Forked(Forked&& other) noexcept
      : child_(std::exchange(other.child_, nullptr)) {}
  Forked& operator=(Forked&& other) noexcept {
    Forked old(std::move(*this));
    child_ = std::exchange(other.child_, nullptr);
    return *this;
  }
  ~Forked() {
    if (child_ != nullptr) fork_internal::ForkFrame::Drop(child_);
  }

  /// What the child returned (std::monostate for void). After a
  /// `co_await Join()` that did not throw.
  fork_internal::ValueOf<T>& operator*() const {
    DCheck(child_ != nullptr && child_->joined(),
           "weft: the result of a fork is there after co_await Join()");
    return child_->result().Get();
  }
  fork_internal::ValueOf<T>* operator->() const { return &**this; }

 private:
  friend class fork_internal::ForkOperation<T>;
  explicit Forked(fork_internal::Promise<T>* child) : child_(child) {}

  fork_internal::Promise<T>* child_ = nullptr;
};

/// A coroutine that forks others and joins them: the parts of one computation.
///
/// In it, `co_await` takes only
///   * `Fork(child)`: runs the child now, while another worker may go on with
///     the parent; yields a `Forked<T>`;
///   * `Join()`: waits for all that it has forked, and throws the first of
///     their exceptions;
///   * `ForkJoin(a, b)`: both, for two children; yields the pair of results;
///   * a ForkTask: a call.
/// Lazy: nothing runs before it is awaited or forked. From a `Task`, awaiting
/// it suspends the task until the whole tree has ended; `pool.Spawn` and
/// `pool.BlockOn` take it, too. The whole tree is a part of that task: an abort
/// takes effect after it has ended.
///
/// A ForkTask that ends, or throws, before it has joined, joins on its own
/// before its end is seen by anybody; an exception of a child is then its own.
/// But its variables are gone by then, so a child that refers to them must be
/// joined by hand, or be part of a ForkJoin.
///
/// What it costs: fork/README.md. Frames of up to 1 KiB are kept for use again
/// by each worker. Parameters live as long as the handle.
///
/// Move-only. Destroying one that was not started destroys its frame. One
/// thread at a time, as any value.
template <class T = void>
class [[nodiscard]] ForkTask {
  static_assert(!std::is_reference_v<T>,
                "weft: a ForkTask cannot return a reference; return a pointer");

 public:
  using promise_type = fork_internal::Promise<T>;
  using value_type = T;

  ForkTask(ForkTask&& other) noexcept
      : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
  ForkTask& operator=(ForkTask&& other) noexcept {
    ForkTask old(std::move(*this));
    coroutine_ = std::exchange(other.coroutine_, nullptr);
    return *this;
  }
  ~ForkTask() {
    if (coroutine_) coroutine_.destroy();
  }

  /// From a coroutine that is no ForkTask, on a worker: suspends it until the
  /// tree below this has ended. Its scheduler wakes it as after any wait.
  auto operator co_await() && noexcept {
    DCheck(static_cast<bool>(coroutine_), "weft: await of an empty ForkTask");
    return RootAwaiter(coroutine_);
  }

  /// This as the body of a task. One frame more.
  Task<T> IntoTask() && { return RunAsTask(std::move(*this)); }

 private:
  friend class fork_internal::PromiseWithResult<T>;
  friend class fork_internal::PromiseBase;
  template <class A, class B>
  friend class fork_internal::ForkJoinOperation;
  friend class fork_internal::ForkOperation<T>;
  using Handle = std::coroutine_handle<promise_type>;

  struct CallAwaiter {
    Handle child;

    bool await_ready() const noexcept { return false; }
    template <class Parent>
    std::coroutine_handle<> await_suspend(
        std::coroutine_handle<Parent> parent) noexcept {
      return fork_internal::ForkFrame::Call(&parent.promise(),
                                            &child.promise());
    }
    T await_resume() { return static_cast<T>(child.promise().Take()); }
  };

  class RootAwaiter final : public SuspendedOperation {
   public:
    explicit RootAwaiter(Handle root) : root_(root) {}

    bool await_ready() const noexcept { return false; }
    template <class P>
    bool await_suspend(std::coroutine_handle<P> handle) {
      ForkSite* const site = ForkSite::Current();
      Check(site != nullptr,
            "weft: a ForkTask can be awaited only on a worker of a pool whose "
            "Policies::Forks is ForkSite");
      // First the suspension, which cannot be complete yet, then the tree,
      // whose end resumes it. An abort meanwhile waits for that.
      Check(SuspendIn(handle, *this,
                      [this](Waker waker) {
                        waker_ = std::move(waker);
                        return true;
                      }),
            "weft: only its root's end resumes a task that awaits a ForkTask");
      fork_internal::ForkFrame::RunRoot(*site, &root_.promise(), &waker_);
      return true;
    }
    T await_resume() { return static_cast<T>(root_.promise().Take()); }

    /// Never: the tree runs to its end.
    bool TryCancel() noexcept override { return false; }

   private:
    const Handle root_;
    Waker waker_;
  };

  static Task<T> RunAsTask(ForkTask root) {
    co_return co_await std::move(root);
  }

  explicit ForkTask(Handle coroutine) : coroutine_(Opaque(coroutine)) {}

  // See Task::Opaque: the frame comes from our operator new, always.
  static Handle Opaque(Handle coroutine) {
    void* address = coroutine.address();
    asm("" : "+r"(address));
    return Handle::from_address(address);
  }

  Handle coroutine_;
};

namespace fork_internal {

template <class T>
ForkTask<T> PromiseWithResult<T>::get_return_object() noexcept {
  return ForkTask<T>(std::coroutine_handle<Promise<T>>::from_promise(
      static_cast<Promise<T>&>(*this)));
}

/// What `Fork` returns, to be awaited at once.
template <class T>
class [[nodiscard]] ForkOperation {
 public:
  explicit ForkOperation(ForkTask<T> child) : child_(std::move(child)) {}

  bool await_ready() const noexcept { return false; }
  template <class Parent>
  std::coroutine_handle<> await_suspend(
      std::coroutine_handle<Parent> parent) noexcept {
    static_assert(std::derived_from<Parent, PromiseBase>,
                  "weft: Fork and ForkJoin are for ForkTasks");
    return ForkFrame::Fork(&parent.promise(), &child_.coroutine_.promise());
  }
  Forked<T> await_resume() noexcept {
    return Forked<T>(&std::exchange(child_.coroutine_, nullptr).promise());
  }

 private:
  ForkTask<T> child_;
};
template <class T>
inline constexpr bool kIsForkOperation<ForkOperation<T>> = true;

/// What `ForkJoin` returns, to be awaited at once.
template <class A, class B>
class [[nodiscard]] ForkJoinOperation {
 public:
  ForkJoinOperation(ForkTask<A> first, ForkTask<B> second)
      : first_(std::move(first)), second_(std::move(second)) {}

  bool await_ready() const noexcept { return false; }
  template <class Parent>
  std::coroutine_handle<> await_suspend(
      std::coroutine_handle<Parent> parent) noexcept {
    static_assert(std::derived_from<Parent, PromiseBase>,
                  "weft: Fork and ForkJoin are for ForkTasks");
    parent_ = &parent.promise();
    return ForkFrame::ForkJoin(parent_, &first_.coroutine_.promise(),
                               &second_.coroutine_.promise());
  }
  std::pair<ValueOf<A>, ValueOf<B>> await_resume() {
    parent_->Joined();
    return {std::move(first_.coroutine_.promise().result().Get()),
            std::move(second_.coroutine_.promise().result().Get())};
  }

 private:
  ForkFrame* parent_ = nullptr;
  ForkTask<A> first_;
  ForkTask<B> second_;
};
template <class A, class B>
inline constexpr bool kIsForkOperation<ForkJoinOperation<A, B>> = true;

}  // namespace fork_internal

/// `co_await Fork(child)`, in a ForkTask: runs the child at once on this
/// worker, while the caller can go on on another; if nobody has taken it, it
/// goes on here after the child. Where 1,024 callers wait so on one worker, it
/// is a call. See ForkTask.
template <class T>
fork_internal::ForkOperation<T> Fork(ForkTask<T> child) {
  return fork_internal::ForkOperation<T>(std::move(child));
}

/// `co_await Join()`, in a ForkTask: waits until all children that it forked
/// have ended, and throws the first exception of any. Nothing atomic happens
/// unless the caller was stolen since its last join.
inline fork_internal::JoinOperation Join() { return {}; }

/// `co_await ForkJoin(a, b)`, in a ForkTask: runs both, in parallel if another
/// worker has time, and yields the pair of their results (std::monostate for
/// void) or throws the first exception. Joins all that was forked before, too.
/// Cheaper than Fork, a call and Join: the caller is resumed once.
template <class A, class B>
fork_internal::ForkJoinOperation<A, B> ForkJoin(ForkTask<A> first,
                                                ForkTask<B> second) {
  return {std::move(first), std::move(second)};
}

}  // namespace weft

#endif  // WEFT_FORK_FORK_TASK_H_
