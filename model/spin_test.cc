// Loops that wait.

#include "weft/model/spin.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"
#include "weft/model/time.h"

namespace weft::model {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

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

}  // namespace
}  // namespace weft::model
