#include "weft/base/mutex.h"

#include <chrono>
#include <concepts>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

template <class L>
concept Lockable = requires(L lock) {
  lock.lock();
  { lock.try_lock() } -> std::same_as<bool>;
  lock.unlock();
};
static_assert(Lockable<Mutex>);

TEST(Mutex, ExcludesAndPublishes) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 5000;
  Mutex mutex;
  Cell<int> sum(0);
  std::vector<Thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        const MutexLock lock(mutex);
        sum.Set(sum.Get() + 1);
      }
    });
  }
  for (Thread& thread : threads) thread.join();
  EXPECT_EQ(sum.Get(), kThreads * kRounds);
}

TEST(Mutex, TryLockFailsWhileAnotherThreadHoldsIt) {
  Mutex mutex;
  const MutexLock lock(mutex);
  Thread other([&] { EXPECT_FALSE(mutex.try_lock()); });
  other.join();
}

TEST(Mutex, TryLockTakesAFreeLockSoonerOrLater) {
  Mutex mutex;
  while (!mutex.try_lock()) {
  }
  mutex.unlock();
}

TEST(MutexLock, CanBeReleasedEarlyAndTakenAgain) {
  Mutex mutex;
  MutexLock lock(mutex);
  lock.unlock();
  { const MutexLock inner(mutex); }
  lock.lock();
  EXPECT_TRUE(lock.owns_lock());
}

TEST(CondVar, WaitReturnsWhenThePredicateHolds) {
  Mutex mutex;
  CondVar changed;
  int turn = 0;
  constexpr int kTurns = 500;
  const auto play = [&](int me) {
    for (int i = 0; i < kTurns; ++i) {
      MutexLock lock(mutex);
      changed.wait(lock, [&] { return turn % 2 == me; });
      ++turn;
      changed.notify_one();
    }
  };
  Thread other([&] { play(1); });
  play(0);
  other.join();
  EXPECT_EQ(turn, 2 * kTurns);
}

TEST(CondVar, NotifyAllReachesEveryWaiter) {
  Mutex mutex;
  CondVar changed;
  bool go = false;
  std::vector<Thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      MutexLock lock(mutex);
      while (!go) changed.wait(lock);
    });
  }
  {
    const MutexLock lock(mutex);
    go = true;
  }
  changed.notify_all();
  for (Thread& thread : threads) thread.join();
}

TEST(CondVar, TimedWaitsEnd) {
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  while (never.wait_for(lock, milliseconds(1)) == std::cv_status::no_timeout) {
  }
  while (never.wait_until(lock, steady_clock::now()) ==
         std::cv_status::no_timeout) {
  }
  EXPECT_FALSE(never.wait_for(lock, milliseconds(1), [] { return false; }));
  EXPECT_TRUE(never.wait_for(lock, hours(1), [] { return true; }));
  EXPECT_FALSE(never.wait_until(lock, steady_clock::now() + milliseconds(1),
                                [] { return false; }));
}

}  // namespace
}  // namespace weft
