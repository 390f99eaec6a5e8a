// Threads that wait for a notification, a token or another thread's end, and
// what belongs to a thread.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/futex.h"
#include "weft/model/park.h"
#include "weft/model/thread.h"
#include "weft/model/thread_local.h"

namespace weft::model {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

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
