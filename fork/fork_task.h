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

#include <coroutine>
#include <type_traits>
#include <utility>

#include "weft/base/check.h"
#include "weft/fork/fork_frame.h"
#include "weft/fork/fork_promise.h"
#include "weft/fork/fork_protocol.h"
#include "weft/fork/fork_site.h"
#include "weft/task/task.h"
#include "weft/waker/suspend.h"
#include "weft/waker/waker.h"

namespace weft {

/// A child that was forked, and its result.
///
/// For the coroutine that forked it, and to be destroyed before that ends: in
/// its frame, or in what the frame owns. If the child has ended when the fork
/// returns, which is so unless the parent was stolen, the result is here and
/// the child's frame is gone. Else this owns the frame; if it is destroyed
/// before the join, the frame goes there.
template <class T>
class Forked {
  using Value = fork_internal::ValueOf<T>;

 public:
  /// None.
  Forked() = default;
  Forked(Forked&& other) noexcept(std::is_nothrow_move_constructible_v<Value>)
      : child_(std::exchange(other.child_, nullptr)),
        value_(std::move(other.value_)) {}
  Forked& operator=(Forked&& other) noexcept(
      std::is_nothrow_move_constructible_v<Value>) {
    if (this == &other) return *this;
    Drop();
    child_ = std::exchange(other.child_, nullptr);
    value_.Replace(std::move(other.value_));
    return *this;
  }
  ~Forked() { Drop(); }

  /// What the child returned (std::monostate for void). After a
  /// `co_await Join()` that did not throw.
  Value& operator*() {
    if (child_ == nullptr) return value_.Get();
    DCheck(child_->joined(),
           "weft: the result of a fork is there after co_await Join()");
    return child_->result().Get();
  }
  Value* operator->() { return &**this; }

 private:
  friend struct fork_internal::ForkAwaiter<T>;
  Forked(fork_internal::Promise<T>* child, bool ended) : child_(child) {
    if (!ended) return;
    // One that threw has none; who joins learns of it.
    if (!child->failed()) value_.Set(std::move(child->result().Get()));
    child->Destroy();
    child_ = nullptr;
  }
  void Drop() {
    if (child_ != nullptr) [[unlikely]] {
      fork_internal::ForkFrame::Drop(child_);
    }
  }

  fork_internal::Promise<T>* child_ = nullptr;
  fork_internal::ForkResult<Value> value_;
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
  friend struct fork_internal::ForkJoinOperation;
  friend struct fork_internal::ForkAwaiter<T>;
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

/// What `Fork` returns, to be awaited at once: it refers to the child, whose
/// temporary lives as long as the whole expression.
template <class T>
struct [[nodiscard]] ForkOperation : OnlyInForkTasks {
  explicit ForkOperation(ForkTask<T>& forked) : child(&forked) {}
  ForkOperation(ForkOperation&&) = delete;

  ForkTask<T>* const child;
};

template <class T>
struct ForkAwaiter {
  ForkFrame* parent;
  ForkTask<T>* child;

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept {
    return ForkFrame::Fork(parent, &child->coroutine_.promise());
  }
  Forked<T> await_resume() {
    return Forked<T>(&std::exchange(child->coroutine_, nullptr).promise(),
                     /*ended=*/!parent->outstanding());
  }
};

/// What `ForkJoin` returns, to be awaited at once, as ForkOperation.
template <class A, class B>
struct [[nodiscard]] ForkJoinOperation : OnlyInForkTasks {
  ForkJoinOperation(ForkTask<A>& a, ForkTask<B>& b)
      : first(&a.coroutine_.promise()), second(&b.coroutine_.promise()) {}
  ForkJoinOperation(ForkJoinOperation&&) = delete;

  Promise<A>* const first;
  Promise<B>* const second;
};

template <class A, class B>
struct ForkJoinAwaiter {
  ForkFrame* parent;
  Promise<A>* first;
  Promise<B>* second;

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<>) noexcept {
    return ForkFrame::ForkJoin(parent, first, second);
  }
  std::pair<ValueOf<A>, ValueOf<B>> await_resume() {
    parent->Joined();
    return {std::move(first->result().Get()),
            std::move(second->result().Get())};
  }
};

}  // namespace fork_internal

/// `co_await Fork(child)`, in a ForkTask: runs the child at once on this
/// worker, while the caller can go on on another; if nobody has taken it, it
/// goes on here after the child. Where 1,024 callers wait so on one worker, it
/// is a call. See ForkTask.
template <class T>
fork_internal::ForkOperation<T> Fork(ForkTask<T>&& child) {
  return fork_internal::ForkOperation<T>(child);
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
fork_internal::ForkJoinOperation<A, B> ForkJoin(ForkTask<A>&& first,
                                                ForkTask<B>&& second) {
  return fork_internal::ForkJoinOperation<A, B>(first, second);
}

}  // namespace weft

#endif  // WEFT_FORK_FORK_TASK_H_
