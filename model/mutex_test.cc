// Locks and condition variables.

#include "weft/model/mutex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"
#include "weft/model/time.h"

namespace weft::model {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;

TEST(MutexTest, EveryOrderOfCriticalSections) {
  uint64_t factorial = 1;
  for (int n = 1; n <= 5; ++n) {
    factorial *= static_cast<uint64_t>(n);
    const Result result = Explore([n] {
      Mutex mutex;
      Cell<int> count(0);
      std::vector<Thread> threads;
      for (int i = 0; i < n; ++i) {
        threads.emplace_back([&] {
          MutexLock lock(mutex);
          count.Set(count.Get() + 1);
        });
      }
      for (Thread& t : threads) t.join();
      Assert(count.Get() == n);
    });
    EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
    EXPECT_EQ(result.complete, factorial);
    EXPECT_LE(result.runs, 2 * result.complete) << n;
  }
}

TEST(MutexTest, Deadlocks) {
  const auto abba = [](bool same_order) {
    return Explore([=] {
      Mutex a, b;
      Thread t([&] {
        MutexLock first(a);
        MutexLock second(b);
      });
      MutexLock first(same_order ? a : b);
      MutexLock second(same_order ? b : a);
      second.unlock();
      first.unlock();
      t.join();
    });
  };
  EXPECT_EQ(abba(true).verdict, Verdict::kPassed);
  const Result result = abba(false);
  EXPECT_EQ(result.verdict, Verdict::kDeadlock);
  EXPECT_EQ(result.failure.waiting.size(), 2u);
  EXPECT_EQ(Explore([] {
              Mutex mutex;
              mutex.lock();
              mutex.lock();
            }).verdict,
            Verdict::kDeadlock);
  EXPECT_EQ(Explore([] {
              Mutex mutex;
              mutex.unlock();
            }).verdict,
            Verdict::kMisuse);
}

TEST(MutexTest, TryLock) {
  const Result result = Explore([] {
    Mutex mutex;
    Thread t([&] {
      MutexLock lock(mutex, std::try_to_lock);
      Note("t", lock.owns_lock());
    });
    MutexLock lock(mutex, std::try_to_lock);
    Note("m", lock.owns_lock());
    if (lock) lock.unlock();
    t.join();
  });
  EXPECT_THAT(result.outcomes, ElementsAre("m=0 t=1", "m=1 t=0", "m=1 t=1"));
}

TEST(SharedMutexTest, ReadersAndWriter) {
  const Result result = Explore([] {
    SharedMutex mutex;
    Cell<int> data(0);
    Thread writer([&] {
      mutex.lock();
      data.Set(1);
      mutex.unlock();
    });
    const auto read = [&](const char* name) {
      mutex.lock_shared();
      Note(name, data.Get());
      mutex.unlock_shared();
    };
    Thread reader([&] { read("a"); });
    read("b");
    writer.join();
    reader.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_THAT(result.outcomes,
              ElementsAre("a=0 b=0", "a=0 b=1", "a=1 b=0", "a=1 b=1"));
}

TEST(CondVarTest, WaitAndNotify) {
  for (const bool spurious : {false, true}) {
    const Result result = Explore(
        [] {
          Mutex mutex;
          CondVar changed;
          Cell<bool> ready(false);
          Thread t([&] {
            MutexLock lock(mutex);
            changed.wait(lock, [&] { return ready.Get(); });
          });
          {
            MutexLock lock(mutex);
            ready.Set(true);
          }
          changed.notify_one();
          t.join();
        },
        {.spurious_wakeups = spurious});
    EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
    EXPECT_GT(result.complete, 1u);
  }
}

TEST(CondVarTest, WaitWithoutPredicateMayMissTheNotification) {
  const auto body = [] {
    Mutex mutex;
    CondVar changed;
    Thread t([&] {
      MutexLock lock(mutex);
      changed.wait(lock);
    });
    changed.notify_all();
    t.join();
  };
  EXPECT_EQ(Explore(body).verdict, Verdict::kDeadlock);
  const Result all = Explore(body, {.stop_at_deadlock = false});
  EXPECT_EQ(all.complete, 1u);
  EXPECT_GT(all.deadlocked, 0u);
}

TEST(CondVarTest, NotifyOneWakesAnyone) {
  const Result result = Explore(
      [] {
        Mutex mutex;
        CondVar changed;
        int woken = 0;
        int waiting = 0;
        const auto wait = [&](int me) {
          MutexLock lock(mutex);
          ++waiting;
          changed.wait(lock);
          if (woken == 0) woken = me;
        };
        Thread a([&] { wait(1); });
        Thread b([&] { wait(2); });
        {
          MutexLock lock(mutex);
          if (waiting == 2) changed.notify_one();
        }
        {
          MutexLock lock(mutex);
          if (waiting == 2 && woken != 0) {
            Note("woken", woken);
            changed.notify_one();
          }
        }
        a.join();
        b.join();
      },
      {.stop_at_deadlock = false});
  EXPECT_THAT(result.outcomes, ElementsAre("woken=1", "woken=2"));
}

TEST(CondVarTest, TimedWaits) {
  for (const Timeouts timeouts : {Timeouts::kChoice, Timeouts::kWhenStuck}) {
    const Result result = Explore(
        [] {
          Mutex mutex;
          CondVar changed;
          const auto start = Clock::now();
          MutexLock lock(mutex);
          Thread t([&] { changed.notify_one(); });
          const bool timeout =
              changed.wait_for(lock, 5ms) == std::cv_status::timeout;
          Note("timeout", timeout);
          if (timeout) Assert(Clock::now() - start == 5ms);
          lock.unlock();
          t.join();
        },
        {.timeouts = timeouts});
    EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
    EXPECT_THAT(result.outcomes, ElementsAre("timeout=0", "timeout=1"));
  }
}

// A poll in a loop ends when what it polls for comes, and is no deadlock.
TEST(CondVarTest, TimedWaitsInALoop) {
  const Result result = Explore([] {
    Mutex mutex;
    CondVar changed;
    bool stop = false;
    Thread t([&] {
      MutexLock lock(mutex);
      while (!stop) changed.wait_for(lock, 5ms);
    });
    {
      MutexLock lock(mutex);
      stop = true;
    }
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
}

}  // namespace
}  // namespace weft::model
