// A mutex that suspends the task that waits for it, and not the thread.
//
//     weft::AsyncMutex mutex;
//     ...
//     auto guard = co_await mutex.Lock();
//     ...                                    // may co_await while it is locked
//
// For what must stay together across a co_await. Where nothing is awaited while
// it is locked, a blocking mutex (weft/base/mutex.h) is as good.
//
// Works under any executor, and outside of all (wait.h).
//
// Costs: no allocation. Locking is one read-modify-write and unlocking is one
// if nobody waits. Who waits, and who wakes somebody, takes a lock for a moment
// besides. Not strictly first come, first served: a task that comes while the
// mutex is free takes it, but each that waits is overtaken in one turn at most
// (async_mutex_core.h).

#ifndef WEFT_SYNC_ASYNC_MUTEX_H_
#define WEFT_SYNC_ASYNC_MUTEX_H_

#include <coroutine>
#include <optional>
#include <utility>

#include "weft/sync/async_mutex_core.h"
#include "weft/sync/in_place_coroutine.h"
#include "weft/waker/budget.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/suspend.h"
#include "weft/waker/waker.h"

namespace weft {

class AsyncMutex;
class AsyncMutexAcquire;

/// Holds an AsyncMutex until it is destroyed. Move-only; may be unlocked on
/// another thread than it was locked on. Must not outlive the mutex.
class [[nodiscard]] AsyncMutexGuard {
 public:
  AsyncMutexGuard(AsyncMutexGuard&& other) noexcept
      : core_(std::exchange(other.core_, nullptr)) {}
  AsyncMutexGuard& operator=(AsyncMutexGuard other) noexcept {
    std::swap(core_, other.core_);
    return *this;
  }
  ~AsyncMutexGuard() { Unlock(); }

  /// Gives the mutex up early; no effect the second time. One
  /// read-modify-write; a lock if somebody waits. Who waits may run in here, if
  /// it is a coroutine of a foreign executor (suspend.h).
  void Unlock() noexcept {
    if (core_ != nullptr) std::exchange(core_, nullptr)->Unlock();
  }

  /// Whether it holds the mutex.
  bool owns() const noexcept { return core_ != nullptr; }

 private:
  friend class AsyncMutex;
  friend class AsyncMutexAcquire;

  explicit AsyncMutexGuard(sync_internal::AsyncMutexCore* core) noexcept
      : core_(core) {}

  sync_internal::AsyncMutexCore* core_;
};

/// One `Lock`, to be awaited once or polled until ready. Lies where it was
/// made; the mutex must outlive it. If it is destroyed, or its task aborted,
/// while it waits, then the next one gets its turn.
class [[nodiscard]] AsyncMutexAcquire {
 public:
  AsyncMutexAcquire(const AsyncMutexAcquire&) = delete;
  AsyncMutexAcquire& operator=(const AsyncMutexAcquire&) = delete;
  ~AsyncMutexAcquire() {
    if (waiter_) EndWait();
  }

  /// The mutex, held by the guard. "Not yet" keeps a clone of the context's
  /// waker.
  ///
  /// Spends one unit of the budget; without any left it wakes its task, says
  /// "not yet", and does not take the mutex. If cloning the waker throws, so
  /// does this, and nothing has changed.
  weft::Poll<AsyncMutexGuard> Poll(Context& context) {
    if (Budget::Exhausted()) {
      context.waker().WakeByRef();
      return kPending;
    }
    if (!(waiter_ ? PollAgain(context.waker()) : PollFirst(context.waker()))) {
      return kPending;
    }
    (void)Budget::Spend();
    return Guard();
  }

  bool await_ready() noexcept {
    return !Budget::Exhausted() && core_.TryLock() && Budget::Spend();
  }

  /// Goes on with a coroutine that waits as often as it must, and then resumes
  /// the awaiting one.
  template <class Promise>
  std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> handle) {
    waiter_.emplace();
    waiting_ = WaitForTurn(frame_, handle, core_, *waiter_).Release();
    return waiting_;
  }

  AsyncMutexGuard await_resume() noexcept { return Guard(); }

 private:
  using Core = sync_internal::AsyncMutexCore;
  using Waiter = sync_internal::AsyncMutexWaiter;
  friend class AsyncMutex;

  /// Back of the queue, once.
  struct LetOthersRun {
    bool await_ready() const noexcept { return !Budget::Exhausted(); }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) const {
      return YieldIn(handle);
    }
    void await_resume() const noexcept {}
  };

  /// One wait: until the mutex is the waiter's, or it has to try again.
  class Turn final : public SuspendedOperation {
   public:
    Turn(Core& core, Waiter& waiter) noexcept : core_(core), waiter_(waiter) {}

    bool await_ready() const noexcept { return false; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
      return SuspendIn(handle, *this, [this](Waker waker) {
        return !core_.LockOrWait(waiter_, std::move(waker));
      });
    }
    void await_resume() const noexcept {}

    /// Takes the lock of the list. Any thread.
    bool TryCancel() noexcept override { return core_.Withdraw(waiter_); }

   private:
    Core& core_;
    Waiter& waiter_;
  };

  template <class Outer>
  static sync_internal::InPlaceCoroutine<Outer> WaitForTurn(
      sync_internal::FrameBuffer&, std::coroutine_handle<Outer>, Core& core,
      Waiter& waiter) {
    co_await LetOthersRun();
    while (waiter.state != Waiter::kOwner) co_await Turn(core, waiter);
  }

  explicit AsyncMutexAcquire(Core& core) noexcept : core_(core) {}

  bool PollFirst(const WakerRef& waker) {
    if (core_.TryLock()) return true;
    Waker mine = waker.Clone();
    waiter_.emplace();
    return core_.LockOrWait(*waiter_, std::move(mine));
  }
  bool PollAgain(const WakerRef& waker) {
    if (core_.KeepWaiting(*waiter_, waker)) return false;
    return waiter_->state == Waiter::kOwner ||
           core_.LockOrWait(*waiter_, waker.Clone());
  }

  /// The mutex is ours, and becomes the guard's.
  AsyncMutexGuard Guard() noexcept {
    if (waiter_) {
      // First the coroutine, which refers to the waiter.
      if (waiting_) std::exchange(waiting_, nullptr).destroy();
      waiter_.reset();
    }
    return AsyncMutexGuard(&core_);
  }

  /// Not inline: only where somebody waited.
  [[gnu::noinline]] void EndWait() noexcept {
    // First the coroutine, which refers to the waiter.
    if (waiting_) std::exchange(waiting_, nullptr).destroy();
    core_.Abandon(*waiter_);
    waiter_.reset();
  }

  Core& core_;
  std::optional<Waiter> waiter_;
  std::coroutine_handle<> waiting_;
  sync_internal::FrameBuffer frame_;
};

/// Mutual exclusion between tasks. Not recursive. Any thread; 64 bytes or so,
/// fixed to its address. Must be free when it is destroyed, which whoever has
/// locked it last may do as soon as it has unlocked it.
///
/// Memory ordering: what was done before an unlock is visible to whoever locks
/// next.
class AsyncMutex {
 public:
  AsyncMutex() = default;

  /// `co_await` it: takes the mutex, as soon as it can, and gives a guard that
  /// holds it.
  AsyncMutexAcquire Lock() noexcept { return AsyncMutexAcquire(core_); }

  /// A guard that holds the mutex, or nullopt if it is taken. One
  /// read-modify-write; neither waits nor spends budget.
  std::optional<AsyncMutexGuard> TryLock() noexcept {
    if (!core_.TryLock()) return std::nullopt;
    return AsyncMutexGuard(&core_);
  }

 private:
  sync_internal::AsyncMutexCore core_;
};

}  // namespace weft

#endif  // WEFT_SYNC_ASYNC_MUTEX_H_
