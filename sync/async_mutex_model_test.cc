// The mutex for tasks under the model checker: mutual exclusion is that nothing
// races on a cell, and a wake that is lost is a thread that waits for ever.

#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/sync/async_mutex.h"
#include "weft/waker/context.h"
#include "weft/waker/model_parker.h"

namespace weft {
namespace {

using waker_testing::ModelParker;

// Polls until it is locked.
AsyncMutexGuard Await(AsyncMutexAcquire& acquire, ModelParker& parker,
                      const Waker& waker) {
  Context context(waker);
  for (;;) {
    auto poll = acquire.Poll(context);
    if (poll.ready()) return std::move(poll).value();
    parker.Park();
  }
}
AsyncMutexGuard Lock(AsyncMutex& mutex) {
  ModelParker parker;
  const Waker waker = parker.MakeWaker();
  AsyncMutexAcquire acquire = mutex.Lock();
  return Await(acquire, parker, waker);
}

struct Counter {
  AsyncMutex mutex;
  Cell<int> value{0};

  void Increment() {
    AsyncMutexGuard guard = Lock(mutex);
    value.Set(value.Get() + 1);
  }
};

TEST(AsyncMutexModel, TwoExcludeEachOther) {
  ModelCheck([] {
    Counter counter;
    Thread other([&] { counter.Increment(); });
    counter.Increment();
    other.join();
    model::Assert(counter.value.Get() == 2);
  });
}

TEST(AsyncMutexModel, ThreeExcludeEachOther) {
  ModelCheck([] {
    Counter counter;
    Thread one([&] { counter.Increment(); });
    Thread two([&] { counter.Increment(); });
    counter.Increment();
    one.join();
    two.join();
    model::Assert(counter.value.Get() == 3);
  });
}

// One comes again and again: who waits is overtaken, and then gets it.
TEST(AsyncMutexModel, WhoWaitsIsServedWhileAnotherLocksAgain) {
  ModelCheck([] {
    Counter counter;
    Thread other([&] { counter.Increment(); });
    for (int i = 0; i < 3; ++i) counter.Increment();
    other.join();
    model::Assert(counter.value.Get() == 4);
  });
}

TEST(AsyncMutexModel, TryLockTakesItOrNot) {
  ModelCheck([] {
    AsyncMutex mutex;
    Cell<int> value(0);
    Thread other([&] {
      if (auto guard = mutex.TryLock()) value.Set(1);
    });
    {
      AsyncMutexGuard guard = Lock(mutex);
      value.Set(2);
    }
    other.join();
    model::Assert(mutex.TryLock().has_value());
  });
}

// Somebody waited, and has gone: the mark it left sends the owner to the list.
// Whoever locks the mutex after that may destroy it at once.
TEST(AsyncMutexModel, WhoLocksItLastDestroysIt) {
  ModelCheck([] {
    auto* const mutex = new AsyncMutex;
    std::optional<AsyncMutexGuard> held = mutex->TryLock();
    {
      ModelParker parker;
      const Waker waker = parker.MakeWaker();
      Context context(waker);
      AsyncMutexAcquire gone = mutex->Lock();
      model::Assert(!gone.Poll(context).ready());
    }
    bool destroyed = false;
    Thread other([&] {
      std::optional<AsyncMutexGuard> guard = mutex->TryLock();
      if (!guard) return;
      guard.reset();
      delete mutex;
      destroyed = true;
    });
    held.reset();
    other.join();
    if (!destroyed) delete mutex;
  });
}

// S4, tokio #2340: who waits is dropped while the mutex is unlocked; it may be
// on its way. The one behind it gets its turn.
TEST(AsyncMutexModel, S4WhoWaitsIsDroppedWhileItGetsItsTurn) {
  ModelCheck([] {
    Counter counter;
    std::optional<AsyncMutexGuard> held = counter.mutex.TryLock();
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    auto* dropped = new AsyncMutexAcquire(counter.mutex.Lock());
    model::Assert(!dropped->Poll(context).ready());
    Thread behind([&] { counter.Increment(); });
    Thread dropping([dropped] { delete dropped; });
    held.reset();
    behind.join();
    dropping.join();
    model::Assert(counter.value.Get() == 1);
    model::Assert(counter.mutex.TryLock().has_value(), "nobody has it");
  });
}

// The same for one that came too late once, to which the mutex is handed over.
TEST(AsyncMutexModel, S4WhoHasComeTooLateIsDroppedWhileItGetsTheMutex) {
  ModelCheck([] {
    Counter counter;
    std::optional<AsyncMutexGuard> held = counter.mutex.TryLock();
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    auto* dropped = new AsyncMutexAcquire(counter.mutex.Lock());
    model::Assert(!dropped->Poll(context).ready());
    held.reset();
    held = counter.mutex.TryLock();
    model::Assert(held.has_value(), "the one on its way is overtaken");
    model::Assert(!dropped->Poll(context).ready());
    Thread behind([&] { counter.Increment(); });
    Thread dropping([dropped] { delete dropped; });
    held.reset();
    behind.join();
    dropping.join();
    model::Assert(counter.value.Get() == 1);
    model::Assert(counter.mutex.TryLock().has_value(), "nobody has it");
  });
}

// Of a canceller and the unlock exactly one ends the wait; if it is the unlock,
// there is a wake.
TEST(AsyncMutexModel, CancelAgainstUnlock) {
  ModelCheck([] {
    sync_internal::AsyncMutexCore core;
    sync_internal::AsyncMutexWaiter waiter;
    ModelParker parker;
    model::Assert(core.TryLock());
    model::Assert(!core.LockOrWait(waiter, parker.MakeWaker()));
    bool cancelled = false;
    Thread cancelling([&] { cancelled = core.Withdraw(waiter); });
    core.Unlock();
    cancelling.join();
    model::Assert(parker.woken() != cancelled, "a wake or none");
    if (!cancelled) {
      model::Assert(core.LockOrWait(waiter, Waker()), "nobody has it");
      core.Abandon(waiter);
    }
    model::Assert(core.TryLock(), "nobody has it");
    core.Unlock();
  });
}

// Who has come too late is handed the mutex, and sees what was done under it.
TEST(AsyncMutexModel, WhoHasComeTooLateIsHandedTheMutex) {
  ModelCheck([] {
    Counter counter;
    std::optional<AsyncMutexGuard> held = counter.mutex.TryLock();
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    Context context(waker);
    AsyncMutexAcquire acquire = counter.mutex.Lock();
    model::Assert(!acquire.Poll(context).ready());
    held.reset();
    held = counter.mutex.TryLock();
    model::Assert(!acquire.Poll(context).ready(), "it came too late");
    Thread behind([&] { counter.Increment(); });
    Thread unlocking([&, held = std::move(held)]() mutable {
      counter.value.Set(1);
      held.reset();
    });
    {
      AsyncMutexGuard guard = Await(acquire, parker, waker);
      counter.value.Set(counter.value.Get() + 1);
    }
    behind.join();
    unlocking.join();
    model::Assert(counter.value.Get() == 3);
  });
}

// S7: the waker is replaced while the mutex is unlocked.
TEST(AsyncMutexModel, S7AWakerIsReplacedWhileTheMutexIsUnlocked) {
  ModelCheck([] {
    Counter counter;
    std::optional<AsyncMutexGuard> held = counter.mutex.TryLock();
    ModelParker old, parker;
    AsyncMutexAcquire acquire = counter.mutex.Lock();
    {
      const Waker waker = old.MakeWaker();
      Context context(waker);
      model::Assert(!acquire.Poll(context).ready());
    }
    Thread unlocking([held = std::move(held)]() mutable { held.reset(); });
    const Waker waker = parker.MakeWaker();
    { AsyncMutexGuard guard = Await(acquire, parker, waker); }
    unlocking.join();
  });
}

}  // namespace
}  // namespace weft
