// What the compiler asks of a ForkTask's coroutine: its promise, what it may
// await, and the room for its result.

#ifndef WEFT_FORK_FORK_PROMISE_H_
#define WEFT_FORK_FORK_PROMISE_H_

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "weft/base/check.h"
#include "weft/fork/fork_frame.h"
#include "weft/fork/fork_protocol.h"
#include "weft/fork/fork_site.h"

namespace weft {

template <class T>
class ForkTask;

namespace fork_internal {

template <class T>
using ValueOf = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

/// Room for a result, which is there or not: in a promise, or in a Forked.
template <class T>
class ForkResult {
 public:
  ForkResult() {}
  ForkResult(ForkResult&& other) noexcept(
      std::is_nothrow_move_constructible_v<T>) {
    if (other.full_) Set(std::move(other.value_));
  }
  ForkResult& operator=(ForkResult&&) = delete;
  ~ForkResult() { Clear(); }

  template <class U>
  void Set(U&& value) {
    std::construct_at(&value_, std::forward<U>(value));
    full_ = true;
  }
  void Replace(ForkResult&& other) {
    Clear();
    if (other.full_) Set(std::move(other.value_));
  }
  T& Get() {
    DCheck(full_, "weft: this child has no result");
    return value_;
  }

 private:
  void Clear() {
    if constexpr (!std::is_trivially_destructible_v<T>) {
      if (full_) std::destroy_at(&value_);
    }
    full_ = false;
  }

  union {
    T value_;
  };
  bool full_ = false;
};

// Depends on A, so that it is false only when somebody awaits an A.
template <class A>
inline constexpr bool kNothingElse = false;

/// What every operation of a ForkTask says to a coroutine of another kind.
struct OnlyInForkTasks {
  bool await_ready() const noexcept { return true; }
  template <class Other>
  void await_suspend(std::coroutine_handle<Other>) const noexcept {
    static_assert(kNothingElse<Other>,
                  "weft: Fork, Join and ForkJoin are for ForkTasks");
  }
  void await_resume() const noexcept {}
};

template <class T>
struct ForkOperation;
template <class T>
struct ForkAwaiter;
template <class A, class B>
struct ForkJoinOperation;
template <class A, class B>
struct ForkJoinAwaiter;

/// What `Join` returns; its awaiter.
struct [[nodiscard]] JoinOperation : OnlyInForkTasks {};
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
  template <class T>
  auto await_transform(ForkOperation<T> operation) noexcept {
    return ForkAwaiter<T>{this, operation.child};
  }
  template <class A, class B>
  auto await_transform(ForkJoinOperation<A, B> operation) noexcept {
    return ForkJoinAwaiter<A, B>{this, operation.first, operation.second};
  }
  template <class A>
  std::suspend_never await_transform(A&&) noexcept {
    static_assert(kNothingElse<A>,
                  "weft: a ForkTask can await only ForkTasks, Fork, Join and "
                  "ForkJoin, each where it is made; what waits for anything "
                  "else is a Task");
    return {};
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

}  // namespace fork_internal
}  // namespace weft

#endif  // WEFT_FORK_FORK_PROMISE_H_
