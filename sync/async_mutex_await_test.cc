#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "weft/sync/async_mutex.h"
#include "weft/waker/budget.h"
#include "weft/waker/test_coroutine.h"

namespace weft {
namespace {

// Who had the mutex, in order.
struct Log {
  std::vector<int> order;
};

TestTask LockOnce(TestExecutor&, AsyncMutex& mutex, int id, Log& log) {
  AsyncMutexGuard guard = co_await mutex.Lock();
  log.order.push_back(id);
}
// Keeps the mutex in `kept`.
TestTask LockAndKeep(TestExecutor&, AsyncMutex& mutex,
                     std::optional<AsyncMutexGuard>& kept) {
  kept = co_await mutex.Lock();
}
ForeignTask LockForeign(AsyncMutex& mutex, int id, Log& log) {
  AsyncMutexGuard guard = co_await mutex.Lock();
  log.order.push_back(id);
}

enum When { kBefore, kBeforeEnroll, kBeforeCommit, kAfter };

// known-bugs T15 and T20: the mutex is unlocked at every moment of a
// suspension.
TEST(AsyncMutexAwait, T15T20ResumesOnceWheneverTheMutexIsUnlocked) {
  for (When when : {kBefore, kBeforeEnroll, kBeforeCommit, kAfter}) {
    SCOPED_TRACE(when);
    TestExecutor executor;
    AsyncMutex mutex;
    std::optional<AsyncMutexGuard> held = mutex.TryLock();
    auto unlock = [&] { held.reset(); };
    if (when == kBefore) unlock();
    if (when == kBeforeEnroll) executor.before_enroll = unlock;
    if (when == kBeforeCommit) executor.before_commit = unlock;
    Log log;
    TestTask task = LockOnce(executor, mutex, 1, log);
    EXPECT_TRUE(executor.RunOne());
    if (when == kAfter) {
      EXPECT_TRUE(log.order.empty());
      unlock();
      EXPECT_TRUE(log.order.empty()) << "who unlocks does not run the task";
      EXPECT_TRUE(executor.RunOne());
    }
    EXPECT_TRUE(task.done());
    EXPECT_EQ(executor.size(), 0u);
    EXPECT_EQ(log.order, std::vector<int>({1}));
    EXPECT_TRUE(mutex.TryLock().has_value());
  }
}

TEST(AsyncMutexAwait, TasksThatWaitAreServedInOrder) {
  TestExecutor executor;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Log log;
  std::vector<TestTask> tasks;
  for (int i = 0; i < 4; ++i) {
    tasks.push_back(LockOnce(executor, mutex, i, log));
  }
  executor.RunAll();
  EXPECT_TRUE(log.order.empty());
  held.reset();
  executor.RunAll();
  EXPECT_EQ(log.order, std::vector<int>({0, 1, 2, 3}));
}

TEST(AsyncMutexAwait, ATaskThatIsOvertakenWaitsAgainAndIsNextThen) {
  TestExecutor executor;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Log log;
  TestTask one = LockOnce(executor, mutex, 1, log);
  TestTask two = LockOnce(executor, mutex, 2, log);
  executor.RunAll();
  held.reset();
  EXPECT_EQ(executor.size(), 1u);
  held = mutex.TryLock();
  EXPECT_TRUE(held.has_value());
  executor.RunAll();
  EXPECT_TRUE(log.order.empty()) << "it came too late";
  held.reset();
  EXPECT_FALSE(mutex.TryLock().has_value()) << "it is handed over";
  executor.RunAll();
  EXPECT_EQ(log.order, std::vector<int>({1, 2}));
}

TEST(AsyncMutexAwait, ResumesForeignCoroutinesInPlace) {
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Log log;
  ForeignTask one = LockForeign(mutex, 1, log);
  ForeignTask two = LockForeign(mutex, 2, log);
  EXPECT_TRUE(log.order.empty());
  held.reset();
  EXPECT_EQ(log.order, std::vector<int>({1, 2}));
  EXPECT_TRUE(one.done() && two.done());
}

TEST(AsyncMutexAwait, S4ACancelledTaskLeavesNothingBehind) {
  for (int which : {0, 1, 2}) {
    TestExecutor executor;
    AsyncMutex mutex;
    std::optional<AsyncMutexGuard> held = mutex.TryLock();
    Log log;
    std::vector<TestTask> tasks;
    for (int i : {0, 1, 2}) {
      tasks.push_back(LockOnce(executor, mutex, i, log));
    }
    executor.RunAll();
    EXPECT_TRUE(tasks[which].Cancel());
    held.reset();
    executor.RunAll();
    EXPECT_EQ(log.order.size(), 2u);
    EXPECT_TRUE(mutex.TryLock().has_value());
  }
}

TEST(AsyncMutexAwait, S4ACancellerLosesToTheUnlock) {
  TestExecutor executor;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Log log;
  TestTask task = LockOnce(executor, mutex, 1, log);
  executor.RunAll();
  held.reset();
  EXPECT_FALSE(task.Cancel());
  executor.RunAll();
  EXPECT_EQ(log.order, std::vector<int>({1}));
}

// Aborted after it was woken, or handed the mutex, and before it ran.
TEST(AsyncMutexAwait, S4ATaskThatIsDestroyedPassesItsTurnOn) {
  for (bool late : {false, true}) {
    AsyncMutex mutex;
    TestExecutor dead, executor;
    std::optional<AsyncMutexGuard> held = mutex.TryLock();
    Log log;
    TestTask destroyed = LockOnce(dead, mutex, 1, log);
    dead.RunAll();
    TestTask next = LockOnce(executor, mutex, 2, log);
    executor.RunAll();
    held.reset();
    if (late) {
      held = mutex.TryLock();
      dead.RunAll();
      held.reset();
    }
    EXPECT_EQ(dead.size(), 1u);
    EXPECT_EQ(executor.size(), 0u);
    destroyed.Destroy();
    executor.RunAll();
    EXPECT_EQ(log.order, std::vector<int>({2}));
    EXPECT_TRUE(mutex.TryLock().has_value());
  }
}

TEST(AsyncMutexAwait, LeavesNothingBehindWhenASuspendedFrameIsDestroyed) {
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  Log log;
  {
    TestExecutor executor;
    TestTask task = LockOnce(executor, mutex, 1, log);
    executor.RunAll();
    ForeignTask foreign = LockForeign(mutex, 2, log);
    foreign.Destroy();
  }
  held.reset();
  EXPECT_TRUE(log.order.empty());
  EXPECT_TRUE(mutex.TryLock().has_value());
}

// L5: a task yields before it takes the mutex, and not while it has it.
TEST(AsyncMutexAwait, L5YieldsWithoutTheMutexWhenTheBudgetIsSpent) {
  TestExecutor executor;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> kept;
  TestTask task = LockAndKeep(executor, mutex, kept);
  Budget::Exchange(0);
  executor.RunOne();
  EXPECT_FALSE(kept.has_value());
  EXPECT_TRUE(mutex.TryLock().has_value());
  EXPECT_EQ(executor.size(), 1u);
  Budget::Exchange(3);
  executor.RunOne();
  Budget::Exchange(Budget::kUnlimited);
  EXPECT_TRUE(kept.has_value());
  EXPECT_EQ(task.yields(), 1);
}

TEST(AsyncMutexAwait, L5SpendsOneUnitWhenItIsFree) {
  TestExecutor executor;
  AsyncMutex mutex;
  Log log;
  TestTask task = LockOnce(executor, mutex, 1, log);
  Budget::Exchange(3);
  executor.RunAll();
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), 2);
}

TEST(AsyncMutexAwait, L5AForeignCoroutineGoesOnWithoutBudget) {
  AsyncMutex mutex;
  Log log;
  Budget::Exchange(0);
  ForeignTask task = LockForeign(mutex, 1, log);
  Budget::Exchange(Budget::kUnlimited);
  EXPECT_EQ(log.order, std::vector<int>({1}));
}

}  // namespace
}  // namespace weft
