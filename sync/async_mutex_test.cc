#include "weft/sync/async_mutex.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/thread.h"
#include "weft/waker/test_waker.h"
#include "weft/waker/wait.h"

namespace weft {
namespace {

TEST(AsyncMutex, IsHeldByOneGuardAtATime) {
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> guard = mutex.TryLock();
  ASSERT_TRUE(guard.has_value());
  EXPECT_TRUE(guard->owns());
  EXPECT_FALSE(mutex.TryLock().has_value());
  guard.reset();
  EXPECT_TRUE(mutex.TryLock().has_value());
}

TEST(AsyncMutex, AGuardCanBeMovedAndUnlockedEarly) {
  AsyncMutex mutex, other;
  AsyncMutexGuard one = Wait(mutex.Lock());
  AsyncMutexGuard two = std::move(one);
  EXPECT_FALSE(one.owns());
  EXPECT_FALSE(mutex.TryLock().has_value());
  two = Wait(other.Lock());
  EXPECT_TRUE(mutex.TryLock().has_value()) << "assigning over it unlocks";
  two.Unlock();
  two.Unlock();
  EXPECT_FALSE(two.owns());
  EXPECT_TRUE(other.TryLock().has_value());
}

TEST(AsyncMutex, WhoIsPolledWaitsAndIsWokenOnce) {
  TestWaker target;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Waker waker = target.Make();
  Context context(waker);
  AsyncMutexAcquire acquire = mutex.Lock();
  EXPECT_FALSE(acquire.Poll(context).ready());
  EXPECT_FALSE(acquire.Poll(context).ready());
  EXPECT_EQ(target.clones(), 1) << "it is the same waker";
  held.reset();
  EXPECT_EQ(target.wakes(), 1);
  EXPECT_EQ(target.alive(), 1) << "the clone is used up";
  auto poll = acquire.Poll(context);
  ASSERT_TRUE(poll.ready());
  EXPECT_FALSE(mutex.TryLock().has_value());
}

TEST(AsyncMutex, OneIsOnItsWayAtATime) {
  TestWaker target;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Waker waker = target.Make();
  Context context(waker);
  AsyncMutexAcquire one = mutex.Lock(), two = mutex.Lock();
  EXPECT_FALSE(one.Poll(context).ready());
  EXPECT_FALSE(two.Poll(context).ready());
  held.reset();
  EXPECT_EQ(target.wakes(), 1);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(mutex.TryLock().has_value());
  EXPECT_EQ(target.wakes(), 1) << "whoever comes does not wake the next";
  { auto guard = one.Poll(context); }
  EXPECT_EQ(target.wakes(), 2);
  EXPECT_TRUE(two.Poll(context).ready());
}

TEST(AsyncMutex, WhoCameTooLateIsHandedTheMutexBeforeOthers) {
  TestWaker target;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Waker waker = target.Make();
  Context context(waker);
  AsyncMutexAcquire one = mutex.Lock(), two = mutex.Lock();
  EXPECT_FALSE(one.Poll(context).ready());
  EXPECT_FALSE(two.Poll(context).ready());
  held.reset();
  held = mutex.TryLock();
  ASSERT_TRUE(held.has_value()) << "it is not there yet";
  EXPECT_FALSE(one.Poll(context).ready()) << "it came too late";
  held.reset();
  EXPECT_EQ(target.wakes(), 2);
  EXPECT_FALSE(mutex.TryLock().has_value()) << "once is enough";
  EXPECT_FALSE(two.Poll(context).ready());
  { auto guard = one.Poll(context); }
  EXPECT_EQ(target.wakes(), 3);
  EXPECT_TRUE(two.Poll(context).ready());
}

// S4, tokio #2340: who is dropped passes on what it was woken for, or was
// handed.
TEST(AsyncMutex, S4WhoIsDroppedPassesItsTurnOn) {
  for (bool late : {false, true}) {
    for (bool held_meanwhile : {false, true}) {
      TestWaker target;
      AsyncMutex mutex;
      std::optional<AsyncMutexGuard> held = mutex.TryLock();
      Waker waker = target.Make();
      Context context(waker);
      std::optional<AsyncMutexGuard> meanwhile;
      AsyncMutexAcquire next = mutex.Lock();
      {
        AsyncMutexAcquire dropped = mutex.Lock();
        EXPECT_FALSE(dropped.Poll(context).ready());
        EXPECT_FALSE(next.Poll(context).ready());
        held.reset();
        if (late) {
          held = mutex.TryLock();
          EXPECT_FALSE(dropped.Poll(context).ready());
          held.reset();
        }
        if (held_meanwhile) meanwhile = mutex.TryLock();
        EXPECT_EQ(meanwhile.has_value(), held_meanwhile && !late);
        EXPECT_EQ(target.wakes(), late ? 2 : 1);
      }
      meanwhile.reset();
      EXPECT_EQ(target.wakes(), late ? 3 : 2);
      EXPECT_EQ(target.alive(), 1);
      EXPECT_TRUE(next.Poll(context).ready());
    }
  }
}

// T7: a future that is dropped takes its waker along.
TEST(AsyncMutex, T7WhoIsDroppedWhileItWaitsLeavesNothingBehind) {
  TestWaker target;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  {
    Waker waker = target.Make();
    Context context(waker);
    AsyncMutexAcquire acquire = mutex.Lock();
    EXPECT_FALSE(acquire.Poll(context).ready());
    EXPECT_EQ(target.alive(), 2);
  }
  EXPECT_EQ(target.alive(), 0);
  held.reset();
  EXPECT_EQ(target.wakes(), 0);
  EXPECT_TRUE(mutex.TryLock().has_value());
}

TEST(AsyncMutex, S7ReplacesWakers) {
  TestWaker first, second;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Waker one = first.Make(), two = second.Make();
  Context with_one(one), with_two(two);
  AsyncMutexAcquire acquire = mutex.Lock();
  EXPECT_FALSE(acquire.Poll(with_one).ready());
  EXPECT_FALSE(acquire.Poll(with_two).ready());
  EXPECT_EQ(first.alive(), 1);
  held.reset();
  EXPECT_EQ(first.wakes(), 0);
  EXPECT_EQ(second.wakes(), 1);
}

// S2, tokio #4129, #5471, #5578: wakers are user code and use the mutex.
TEST(AsyncMutex, S2WakersMayUseTheMutex) {
  TestWaker target, other;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  bool locked = false;
  auto look = [&] { locked = mutex.TryLock().has_value(); };
  target.on_wake = target.on_clone = target.on_drop = look;
  Waker waker = target.Make(), another = other.Make();
  Context context(waker), with_other(another);
  {
    AsyncMutexAcquire acquire = mutex.Lock();
    EXPECT_FALSE(acquire.Poll(context).ready());
    EXPECT_FALSE(acquire.Poll(with_other).ready());
    EXPECT_FALSE(acquire.Poll(context).ready());
    EXPECT_FALSE(locked);
    held.reset();
    EXPECT_TRUE(locked) << "it was unlocked before the wake";
  }
  EXPECT_TRUE(mutex.TryLock().has_value());
}

#if __cpp_exceptions
// S3, tokio #3689, #5154: cloning a waker throws.
TEST(AsyncMutex, S3AWakerThatCannotBeClonedChangesNothing) {
  TestWaker target, other;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Waker waker = target.Make(), another = other.Make();
  Context throws(waker), context(another);
  target.on_clone = [] { throw 1; };
  AsyncMutexAcquire acquire = mutex.Lock(), next = mutex.Lock();
  EXPECT_THROW((void)acquire.Poll(throws), int);
  EXPECT_FALSE(acquire.Poll(context).ready());
  EXPECT_THROW((void)acquire.Poll(throws), int);
  EXPECT_FALSE(next.Poll(context).ready());
  held.reset();
  EXPECT_EQ(other.wakes(), 1);
  EXPECT_THROW((void)acquire.Poll(throws), int) << "it is on its way still";
  EXPECT_TRUE(acquire.Poll(context).ready());
}
#endif

TEST(AsyncMutex, WorksBetweenPlainThreads) {
  AsyncMutex mutex;
  int count = 0;
  std::vector<Thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) {
        AsyncMutexGuard guard = Wait(mutex.Lock());
        ++count;
      }
    });
  }
  for (Thread& thread : threads) thread.join();
  EXPECT_EQ(count, 3000);
}

}  // namespace
}  // namespace weft
