// Threads that wait: locks, condition variables, futexes, tokens, loops.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/futex.h"
#include "weft/model/mutex.h"
#include "weft/model/park.h"
#include "weft/model/spin.h"
#include "weft/model/thread.h"
#include "weft/model/thread_local.h"
#include "weft/model/time.h"

namespace weft::model {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

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

Result FutexHandOver(bool look_again) {
  return Explore([=] {
    Atomic<uint32_t> word(0);
    Thread t([&] {
      if (look_again) {
        while (word.load(kAcquire) == 0) FutexWait(word, 0);
      } else {
        FutexWait(word, 1);
      }
    });
    word.store(1, kRelease);
    FutexWake(word, 1);
    t.join();
  });
}

TEST(FutexTest, WaitAndWake) {
  const Result right = FutexHandOver(true);
  EXPECT_EQ(right.verdict, Verdict::kPassed) << right.report;
  EXPECT_EQ(FutexHandOver(false).verdict, Verdict::kDeadlock);
}

// A futex publishes nothing by itself.
TEST(FutexTest, OrdersNothing) {
  const Result result = Explore([] {
    Atomic<uint32_t> word(0);
    Cell<int> data(0);
    Thread t([&] {
      FutexWait(word, 0);
      if (word.load(kRelaxed) == 1) data.Get();
    });
    data.Set(1);
    word.store(1, kRelaxed);
    FutexWake(word, 1);
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kDataRace);
}

TEST(FutexTest, TimedWait) {
  const Result result = Explore([] {
    Atomic<uint32_t> word(0);
    Thread t([&] {
      word.store(1, kRelaxed);
      FutexWake(word, 1);
    });
    Note("woken", FutexWaitFor(word, 0, 1ms));
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_THAT(result.outcomes, ElementsAre("woken=0", "woken=1"));
}

// The memory of the word may be gone when it is woken.
TEST(FutexTest, WakeOfAWordThatIsGone) {
  const Result result = Explore([] {
    Atomic<Atomic<uint32_t>*> published(nullptr);
    Thread t([&] {
      Atomic<uint32_t>* word = published.load(kAcquire);
      if (word == nullptr) return;
      word->store(1, kRelease);
      FutexWake(*word, 1);
    });
    auto* word = new Atomic<uint32_t>(0);
    published.store(word, kRelease);
    if (word->load(kAcquire) == 0) {
      t.join();
    }
    delete word;
    if (t.joinable()) t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
}

TEST(AtomicWaitTest, NotificationIsNeeded) {
  const auto body = [](bool notify) {
    return Explore([=] {
      Atomic<int> x(0);
      Thread t([&] {
        x.store(1, kRelease);
        if (notify) x.notify_one();
      });
      x.wait(0, kAcquire);
      t.join();
    });
  };
  EXPECT_EQ(body(true).verdict, Verdict::kPassed);
  EXPECT_EQ(body(false).verdict, Verdict::kDeadlock);
}

Result Idle(bool fence) {
  return Explore([=] {
    Atomic<int> queue(0), sleepers(0);
    Parker parker;
    Thread producer([&] {
      queue.store(1, kRelease);
      if (fence) AtomicThreadFence(std::memory_order_seq_cst);
      if (sleepers.load(kAcquire) > 0) parker.Unpark();
    });
    if (queue.load(kAcquire) == 0) {
      sleepers.store(1, kRelease);
      if (fence) AtomicThreadFence(std::memory_order_seq_cst);
      if (queue.load(kAcquire) == 0) parker.Park();
    }
    producer.join();
  });
}

TEST(ParkTest, LostWakeUp) {
  EXPECT_EQ(Idle(true).verdict, Verdict::kPassed);
  EXPECT_EQ(Idle(false).verdict, Verdict::kDeadlock);
}

TEST(ParkTest, ParkFor) {
  const Result result = Explore(
      [] {
        Parker parker;
        Thread t([&] { parker.Unpark(); });
        Note("first", parker.ParkFor(1ms));
        parker.Park();
        t.join();
      },
      {.stop_at_deadlock = false});
  EXPECT_THAT(result.outcomes, ElementsAre("first=0"));
}

TEST(SpinTest, Hint) {
  const Result result = Explore([] {
    Atomic<int> flag(0);
    Cell<int> data(0);
    Thread t([&] {
      data.Set(1);
      flag.store(1, kRelease);
    });
    while (flag.load(kAcquire) == 0) SpinHint();
    data.Get();
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, 1u);
}

TEST(SpinTest, ForEver) {
  const Result result = Explore([] {
    Atomic<int> flag(0);
    Thread t([&] { flag.store(2, kRelease); });
    while (flag.load(kAcquire) != 1) YieldThread();
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kDeadlock);
}

TEST(SpinTest, SpinLock) {
  const Result result = Explore([] {
    Atomic<int> lock(0);
    Cell<int> count(0);
    const auto add = [&] {
      int expected = 0;
      while (!lock.compare_exchange_strong(expected, 1, kAcquire, kRelaxed)) {
        expected = 0;
        SpinHint();
      }
      count.Set(count.Get() + 1);
      lock.store(0, kRelease);
    };
    Thread t(add);
    Thread u(add);
    add();
    t.join();
    u.join();
    Assert(count.Get() == 3);
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, 6u);
}

// A turn that writes back what it read is a look.
TEST(SpinTest, TestAndSet) {
  const Result result = Explore([] {
    Atomic<bool> lock(false);
    Cell<int> count(0);
    const auto add = [&] {
      while (lock.exchange(true, kAcquire)) SpinHint();
      count.Set(count.Get() + 1);
      lock.store(false, kRelease);
    };
    Thread t(add);
    Thread u(add);
    add();
    t.join();
    u.join();
    Assert(count.Get() == 3);
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  const Result stuck = Explore([] {
    Atomic<bool> lock(true);
    while (lock.exchange(true, kAcquire)) SpinHint();
  });
  EXPECT_EQ(stuck.verdict, Verdict::kDeadlock);
}

// Turns that write are all different.
TEST(SpinTest, TurnsThatWrite) {
  const Result result = Explore([] {
    Atomic<int> turns(0), flag(0);
    Thread t([&] {
      if (turns.load(kRelaxed) >= 2) flag.store(1, kRelaxed);
      if (turns.load(kRelaxed) < 2) flag.store(1, kRelaxed);
    });
    for (int i = 0; i < 3; ++i) {
      turns.fetch_add(1, kRelaxed);
      if (flag.load(kRelaxed) == 1) break;
      SpinHint();
    }
    t.join();
    Note("turns", turns.load(kRelaxed));
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_THAT(result.outcomes, ElementsAre("turns=1", "turns=2", "turns=3"));
}

TEST(SpinTest, WithoutHint) {
  const Result result = Explore([] {
    Atomic<int> flag(0);
    Thread t([&] { flag.store(1, kRelease); });
    while (flag.load(kAcquire) == 0) {
    }
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kUnhintedSpin);
}

TEST(TimeTest, SleepInALoop) {
  const Result result = Explore([] {
    Atomic<int> flag(0);
    const auto start = Clock::now();
    Thread t([&] { flag.store(1, kRelease); });
    while (flag.load(kAcquire) == 0 && Clock::now() - start < 3ms) {
      SleepFor(1ms);
    }
    Note("flag", flag.load(kRelaxed));
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_GE(result.complete, 1u);
}

TEST(JoinTest, OfABlockedThread) {
  const Result result = Explore([] {
    Parker parker;
    Thread t([&] { parker.Park(); });
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kDeadlock);
}

TEST(ThreadLocalTest, OnePerThreadAndRun) {
  struct Tag;
  using Local = ThreadLocal<int, Tag>;
  Local::Get() = 7;
  const Result result = Explore([] {
    Atomic<int> x(0);
    Thread t([&] {
      Assert(Local::Get() == 0);
      Local::Get() = 1;
      x.store(1, kRelaxed);
      Assert(Local::Get() == 1);
    });
    Assert(Local::Get() == 0);
    Local::Get() = 2;
    x.load(kRelaxed);
    t.join();
    Assert(Local::Get() == 2);
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, 2u);
  EXPECT_EQ(Local::Get(), 7);
}

TEST(AtThreadExitTest, RunsBeforeTheJoin) {
  const Result result = Explore([] {
    Cell<int> count(0);
    Thread t([&] {
      AtThreadExit(
          [](void* cell) {
            auto* count = static_cast<Cell<int>*>(cell);
            count->Set(count->Get() + 1);
          },
          &count);
      count.Set(10);
    });
    t.join();
    Assert(count.Get() == 11);
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
}

}  // namespace
}  // namespace weft::model
