#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/sync/async_mutex.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/test_coroutine.h"
#include "weft/waker/test_race.h"
#include "weft/waker/wait.h"

namespace weft {
namespace {

// Threads that lock in every way, and now and then give up a wait. The count is
// plain memory, so that two who have the mutex at once are a race.
TEST(AsyncMutexStress, ExcludesAndServesAll) {
  const std::uint64_t seed = TestSeed();
  AsyncMutex mutex;
  std::uint64_t count = 0;
  std::vector<std::uint64_t> locked(4);
  std::vector<Thread> threads;
  for (std::uint64_t id = 0; id < locked.size(); ++id) {
    threads.emplace_back([&, id] {
      XorShift64 random(seed + id);
      std::uint64_t mine = 0;
      for (std::uint64_t i = StressIterations(50'000); i > 0; --i) {
        std::optional<AsyncMutexGuard> guard;
        switch (random.Below(4)) {
          case 0:
            guard = mutex.TryLock();
            break;
          case 1: {
            Waker waker = NoopWaker();
            Context context(waker);
            AsyncMutexAcquire acquire = mutex.Lock();
            for (int polls = 1 + random.Below(2); polls > 0 && !guard;
                 --polls) {
              auto poll = acquire.Poll(context);
              if (poll.ready()) guard = std::move(poll).value();
              RaceDelay(random);
            }
            break;
          }
          default:
            guard = Wait(mutex.Lock());
        }
        if (!guard) continue;
        ++count;
        ++mine;
        if (random.Below(8) == 0) RaceDelay(random);
      }
      locked[id] = mine;
    });
  }
  for (Thread& thread : threads) thread.join();
  std::uint64_t sum = 0;
  for (std::uint64_t mine : locked) sum += mine;
  EXPECT_EQ(count, sum);
  EXPECT_TRUE(mutex.TryLock().has_value());
}

TestTask LockOnce(TestExecutor&, AsyncMutex& mutex, std::uint64_t& count) {
  AsyncMutexGuard guard = co_await mutex.Lock();
  ++count;
}

TEST(AsyncMutexStress, T20ACoroutineThatSuspendsDuringTheUnlockResumesOnce) {
  const std::uint64_t seed = TestSeed();
  TestExecutor executor;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held;
  TestTask task;
  std::uint64_t count = 0;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t) {
        held = mutex.TryLock();
        ASSERT_TRUE(held.has_value());
        task = LockOnce(executor, mutex, count);
      },
      [&](std::uint64_t, XorShift64&) { executor.RunOne(); },
      [&](std::uint64_t, XorShift64&) { held.reset(); },
      [&](std::uint64_t round) {
        executor.RunAll();
        ASSERT_TRUE(task.done());
        ASSERT_EQ(count, round + 1);
      });
  task.Destroy();
}

// S4: one is cancelled while the mutex is unlocked; the one behind it gets it.
TEST(AsyncMutexStress, S4ACancelledTaskPassesItsTurnOn) {
  const std::uint64_t seed = TestSeed();
  TestExecutor executor;
  AsyncMutex mutex;
  std::optional<AsyncMutexGuard> held;
  TestTask task, behind;
  std::uint64_t count = 0, cancels = 0;
  bool cancelled = false;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t) {
        held = mutex.TryLock();
        ASSERT_TRUE(held.has_value());
        count = 0;
        task = LockOnce(executor, mutex, count);
        behind = LockOnce(executor, mutex, count);
        executor.RunAll();
      },
      [&](std::uint64_t, XorShift64&) {
        cancelled = task.Cancel();
        cancels += cancelled;
      },
      [&](std::uint64_t, XorShift64&) { held.reset(); },
      [&](std::uint64_t) {
        executor.RunAll();
        ASSERT_TRUE(behind.done());
        ASSERT_EQ(count, cancelled ? 1u : 2u);
      });
  task.Destroy();
  behind.Destroy();
  std::printf("the canceller won %llu times\n",
              static_cast<unsigned long long>(cancels));
}

}  // namespace
}  // namespace weft
