// The protocol of a mutex for tasks: a word, and a list of those who wait.
//
// Who unlocks wakes the first that waits and lets the mutex go; that one tries
// again when it runs, and until then the mutex is for whoever comes. So a task
// that locks again and again on its worker is not stopped each time by handing
// the mutex to somebody who does not run yet (a lock convoy). One is on its way
// at a time: nobody else is woken meanwhile.
//
// If it comes too late it waits in front again, and the next unlock hands the
// mutex over to it. So it loses once at most, and nobody starves.
//
// Who is on its way is responsible for those behind it: it takes the mutex, or
// waits again, or, cancelled, wakes the next.

#ifndef WEFT_SYNC_ASYNC_MUTEX_CORE_H_
#define WEFT_SYNC_ASYNC_MUTEX_CORE_H_

#include <cstdint>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/base/intrusive_list.h"
#include "weft/base/mutex.h"
#include "weft/waker/waker.h"

namespace weft::sync_internal {

/// One who waits for the mutex; lies in its frame. Guarded by the list's lock;
/// but whoever was woken may look at its own state.
struct AsyncMutexWaiter : IntrusiveListNode<AsyncMutexWaiter> {
  enum State {
    kIdle,     // Has nothing to do with the mutex.
    kWaiting,  // In the list.
    kWoken,    // On its way: to try again.
    kOwner,    // Has the mutex.
  };

  State state = kIdle;
  // Was on its way and came too late.
  bool lost = false;
  Waker waker;
};

/// The word and the list. All functions may be called by any thread; those with
/// a waiter, by whoever that belongs to. No waker is called, cloned or dropped
/// under the lock (those that leave are declared before it, and so outlive it).
class AsyncMutexCore {
 public:
  AsyncMutexCore() = default;
  AsyncMutexCore(const AsyncMutexCore&) = delete;
  AsyncMutexCore& operator=(const AsyncMutexCore&) = delete;
  ~AsyncMutexCore() {
    if constexpr (kDCheckEnabled) {
      Check(word_.load(std::memory_order_relaxed) == 0,
            "a mutex must be free when it is destroyed");
    }
  }

  /// Takes the mutex if it is free. One read-modify-write.
  [[nodiscard]] bool TryLock() noexcept {
    Word free = 0;
    // Acquire: pairs with the release in Unlock; what was done under the mutex
    // is visible.
    return word_.compare_exchange_strong(
        free, kLocked, std::memory_order_acquire, std::memory_order_relaxed);
  }

  /// Gives the mutex up. One read-modify-write; the lock if somebody has to be
  /// woken, who may run in here.
  void Unlock() noexcept {
    Word locked = kLocked;
    // Release: pairs with the acquire of who takes the mutex next. Relaxed on
    // failure: the lock orders the rest.
    if (!word_.compare_exchange_strong(locked, 0, std::memory_order_release,
                                       std::memory_order_relaxed))
        [[unlikely]] {
      UnlockAndWake();
    }
  }

  /// For a waiter that is idle, or was woken: takes the mutex (true; its state
  /// is kOwner), or has it wait and then calls `waker` once (false; the waiter
  /// may be gone).
  [[nodiscard]] bool LockOrWait(AsyncMutexWaiter& waiter,
                                Waker waker) noexcept {
    MutexLock lock(list_lock_);
    const bool came_late = Arrive(waiter);
    if (LockOrMark()) {
      waiter.state = AsyncMutexWaiter::kOwner;
      return true;
    }
    waiter.state = AsyncMutexWaiter::kWaiting;
    waiter.lost = came_late;
    waiter.waker = std::move(waker);
    if (came_late) {
      waiters_.PushFront(&waiter);
    } else {
      waiters_.PushBack(&waiter);
    }
    return false;
  }

  /// Whether the waiter still waits; if so, `waker` is called from now on.
  [[nodiscard]] bool KeepWaiting(AsyncMutexWaiter& waiter,
                                 const WakerRef& waker) {
    {
      MutexLock lock(list_lock_);
      if (!waiter.linked()) return false;
      if (waker.WillWake(waiter.waker)) return true;
    }
    Waker mine = waker.Clone();
    MutexLock lock(list_lock_);
    if (!waiter.linked()) return false;
    std::swap(waiter.waker, mine);
    return true;
  }

  /// Ends a wait early. False if the waiter was woken, or has the mutex.
  [[nodiscard]] bool Withdraw(AsyncMutexWaiter& waiter) noexcept {
    Waker waker;
    MutexLock lock(list_lock_);
    if (!waiter.linked()) return false;
    waiters_.Remove(&waiter);
    waiter.state = AsyncMutexWaiter::kIdle;
    waker = std::move(waiter.waker);
    return true;
  }

  /// The waiter goes, wherever it stands: what it has, or was woken for, is the
  /// next one's. That one may run in here.
  void Abandon(AsyncMutexWaiter& waiter) noexcept {
    if (Withdraw(waiter)) return;
    Waker next;
    MutexLock lock(list_lock_);
    if (Arrive(waiter)) {
      // If the mutex is taken, who has it will see to the next.
      if (!waiters_.empty() && LockOrMark()) {
        next = PassOn();
      }
      waiter.state = AsyncMutexWaiter::kIdle;
    } else if (waiter.state == AsyncMutexWaiter::kOwner) {
      waiter.state = AsyncMutexWaiter::kIdle;
      lock.unlock();
      return Unlock();
    }
    lock.unlock();
    std::move(next).Wake();
  }

 private:
  using Word = std::uint32_t;
  static constexpr Word kLocked = 1;
  // Together with kLocked only: who unlocks has to see to the list.
  static constexpr Word kMarked = 2;

  [[gnu::noinline]] void UnlockAndWake() noexcept {
    Waker next;
    MutexLock lock(list_lock_);
    if (on_its_way_ || waiters_.empty()) {
      // Who was waiting has withdrawn. The mutex is let go without the lock in
      // hand: from then on others may take it, and destroy it.
      // Relaxed: it is still ours, and marks are made under the lock.
      word_.store(kLocked, std::memory_order_relaxed);
      lock.unlock();
      return Unlock();
    }
    next = PassOn();
    lock.unlock();
    std::move(next).Wake();
  }

  // --- Under the lock. ---

  /// Whether the waiter was on its way; it is no longer.
  bool Arrive(AsyncMutexWaiter& waiter) noexcept {
    if (waiter.state != AsyncMutexWaiter::kWoken) return false;
    on_its_way_ = false;
    return true;
  }

  /// Takes the mutex if it is free. Else makes sure that who unlocks it sees to
  /// the list, unless somebody is on its way.
  bool LockOrMark() noexcept {
    Word word = word_.load(std::memory_order_relaxed);
    for (;;) {
      if (word == 0) {
        const Word taken = MarkedIf(!waiters_.empty());
        // Acquire: as in TryLock.
        if (word_.compare_exchange_strong(word, taken,
                                          std::memory_order_acquire,
                                          std::memory_order_relaxed)) {
          return true;
        }
      } else if (word == MarkedIf(true) ||
                 // Relaxed: the mark only sends who unlocks to the lock.
                 word_.compare_exchange_strong(word, MarkedIf(true),
                                               std::memory_order_relaxed,
                                               std::memory_order_relaxed)) {
        return false;
      }
    }
  }

  /// The word of a mutex that is taken while somebody waits, or nobody.
  Word MarkedIf(bool somebody_waits) const noexcept {
    return somebody_waits && !on_its_way_ ? kLocked | kMarked : kLocked;
  }

  /// By the owner, when some wait and none is on its way: hands the mutex over,
  /// or lets it go and sends the first on its way. Whom to wake.
  [[nodiscard]] Waker PassOn() noexcept {
    AsyncMutexWaiter* const first = waiters_.PopFront();
    if (first->lost) {
      first->state = AsyncMutexWaiter::kOwner;
      // Relaxed: the wake shows the next owner what was done under the mutex.
      word_.store(MarkedIf(!waiters_.empty()), std::memory_order_relaxed);
    } else {
      first->state = AsyncMutexWaiter::kWoken;
      on_its_way_ = true;
      Free();
    }
    return std::move(first->waker);
  }

  void Free() noexcept {
    // Release: as in Unlock.
    word_.store(0, std::memory_order_release);
  }

  // Written by: all. While it is kLocked, not marked, waiters are waiting only
  // if one is on its way.
  atomic<Word> word_{0};
  Mutex list_lock_;
  // Guarded by: list_lock_.
  IntrusiveList<AsyncMutexWaiter> waiters_;
  // Guarded by: list_lock_. Whether a waiter is woken.
  bool on_its_way_ = false;
};

}  // namespace weft::sync_internal

#endif  // WEFT_SYNC_ASYNC_MUTEX_CORE_H_
