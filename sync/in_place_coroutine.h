// A coroutine that runs as a part of another one, in memory that the other one
// lends it: for an awaitable that may have to suspend several times. (What
// `await_resume` returns to has waited enough.)

#ifndef WEFT_SYNC_IN_PLACE_COROUTINE_H_
#define WEFT_SYNC_IN_PLACE_COROUTINE_H_

#include <coroutine>
#include <cstddef>
#include <new>
#include <utility>

#include "weft/base/check.h"
#include "weft/waker/suspend.h"

namespace weft::sync_internal {

/// Memory for the frame of one small coroutine. Compilers do not tell how large
/// a frame is: one that does not fit is allocated.
class FrameBuffer {
 public:
  FrameBuffer() noexcept {}
  FrameBuffer(const FrameBuffer&) = delete;
  FrameBuffer& operator=(const FrameBuffer&) = delete;

  void* Allocate(std::size_t size) {
    return size <= kBytes ? bytes_ : ::operator new(size);
  }
  static void Free(void* frame, std::size_t size) noexcept {
    if (size > kBytes) ::operator delete(frame);
  }

 private:
  static constexpr std::size_t kBytes = 256;
  alignas(__STDCPP_DEFAULT_NEW_ALIGNMENT__) std::byte bytes_[kBytes];
};

/// A coroutine of no result, whose first parameters are a FrameBuffer and the
/// handle of the coroutine that it is a part of. Begins when its handle is
/// resumed, suspends and yields as its outer coroutine would, and ends by
/// resuming that. Owns its frame.
template <class Outer>
class InPlaceCoroutine {
 public:
  class promise_type {
   public:
    template <class... Args>
    promise_type(FrameBuffer&, std::coroutine_handle<Outer> outer,
                 Args&...) noexcept
        : outer_(outer) {}

    // Inline: g++ 12 else takes the two operators for a mismatch.
    template <class... Args>
    [[gnu::always_inline]] static void* operator new(std::size_t size,
                                                     FrameBuffer& buffer,
                                                     Args&...) {
      return buffer.Allocate(size);
    }
    static void operator delete(void* frame, std::size_t size) noexcept {
      FrameBuffer::Free(frame, size);
    }

    InPlaceCoroutine get_return_object() noexcept {
      return InPlaceCoroutine(Handle::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept { return ResumeOuter(); }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept {
      Unreachable("an operation does not throw while it waits");
    }

    auto Suspend(SuspendedOperation& operation,
                 std::coroutine_handle<> point) requires
        SuspendingPromise<Outer> {
      return outer_.promise().Suspend(operation, point);
    }
    void Yield(std::coroutine_handle<> point) requires
        SuspendingPromise<Outer> {
      outer_.promise().Yield(point);
    }

   private:
    struct ResumeOuter {
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(
          std::coroutine_handle<promise_type> self) const noexcept {
        return self.promise().outer_;
      }
      void await_resume() const noexcept {}
    };

    const std::coroutine_handle<Outer> outer_;
  };
  using Handle = std::coroutine_handle<promise_type>;

  /// Gives the frame up: the caller destroys it.
  Handle Release() && noexcept { return std::exchange(handle_, nullptr); }
  InPlaceCoroutine(InPlaceCoroutine&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  ~InPlaceCoroutine() {
    if (handle_) handle_.destroy();
  }

 private:
  explicit InPlaceCoroutine(Handle handle) noexcept : handle_(handle) {}

  Handle handle_;
};

}  // namespace weft::sync_internal

#endif  // WEFT_SYNC_IN_PLACE_COROUTINE_H_
