#include "weft/waker/suspend.h"

#include <coroutine>
#include <utility>

#include "gtest/gtest.h"
#include "weft/waker/test_coroutine.h"
#include "weft/waker/waker.h"

namespace weft {
namespace {

static_assert(SuspendingPromise<TestTask::promise_type>);
static_assert(!SuspendingPromise<ForeignTask::promise_type>);

// The smallest operation: completed by hand, on the test's thread.
class Gate {
 public:
  class Awaiter final : public SuspendedOperation {
   public:
    explicit Awaiter(Gate& gate) : gate_(gate) {}
    bool await_ready() const { return gate_.open_; }
    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
      return SuspendIn(handle, *this, [this](Waker waker) {
        if (gate_.open_) return false;
        gate_.waiter_ = std::move(waker);
        return true;
      });
    }
    void await_resume() {}
    bool TryCancel() noexcept override {
      return static_cast<bool>(std::exchange(gate_.waiter_, Waker()));
    }

   private:
    Gate& gate_;
  };

  Awaiter operator co_await() { return Awaiter(*this); }
  void Open() {
    open_ = true;
    std::move(waiter_).Wake();
  }
  bool has_waiter() const { return static_cast<bool>(waiter_); }

 private:
  bool open_ = false;
  Waker waiter_;
};

struct Yielding {
  bool await_ready() const { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    return YieldIn(handle);
  }
  void await_resume() {}
};

TestTask PassGate(TestExecutor&, Gate& gate, int& steps) {
  ++steps;
  co_await gate;
  ++steps;
}
ForeignTask PassGateForeign(Gate& gate, int& steps) {
  ++steps;
  co_await gate;
  ++steps;
}

TEST(SuspendIn, KeepsTheCoroutineUntilItsOperationCompletes) {
  TestExecutor executor;
  Gate gate;
  int steps = 0;
  TestTask task = PassGate(executor, gate, steps);
  executor.RunAll();
  EXPECT_EQ(steps, 1);
  EXPECT_TRUE(gate.has_waiter());
  gate.Open();
  EXPECT_EQ(steps, 1) << "the completer makes it runnable and does not run it";
  executor.RunAll();
  EXPECT_EQ(steps, 2);
  EXPECT_TRUE(task.done());
}

TEST(SuspendIn, GoesOnAtOnceWhenCompletedBeforeItEnrolled) {
  TestExecutor executor;
  Gate gate;
  int steps = 0;
  executor.before_enroll = [&] { gate.Open(); };
  TestTask task = PassGate(executor, gate, steps);
  EXPECT_TRUE(executor.RunOne());
  EXPECT_TRUE(task.done());
  EXPECT_EQ(executor.size(), 0u);
}

TEST(SuspendIn, GoesOnAtOnceWhenCompletedBeforeItCommitted) {
  TestExecutor executor;
  Gate gate;
  int steps = 0;
  executor.before_commit = [&] { gate.Open(); };
  TestTask task = PassGate(executor, gate, steps);
  EXPECT_TRUE(executor.RunOne());
  EXPECT_TRUE(task.done());
  EXPECT_EQ(executor.size(), 0u);
}

TEST(SuspendIn, EndsWithoutAWakeWhenTheCancellerWins) {
  TestExecutor executor;
  Gate gate;
  int steps = 0;
  TestTask task = PassGate(executor, gate, steps);
  executor.RunAll();
  EXPECT_TRUE(task.Cancel());
  gate.Open();
  EXPECT_EQ(executor.size(), 0u);
  EXPECT_EQ(steps, 1);
}

TEST(SuspendIn, LetsTheCancellerLoseToTheCompleter) {
  TestExecutor executor;
  Gate gate;
  int steps = 0;
  TestTask task = PassGate(executor, gate, steps);
  executor.RunAll();
  gate.Open();
  EXPECT_FALSE(task.Cancel());
  executor.RunAll();
  EXPECT_TRUE(task.done());
}

TEST(SuspendIn, ResumesACoroutineOfAnUnknownExecutorInPlace) {
  Gate gate;
  int steps = 0;
  ForeignTask task = PassGateForeign(gate, steps);
  EXPECT_EQ(steps, 1);
  gate.Open();
  EXPECT_EQ(steps, 2);
  EXPECT_TRUE(task.done());
}

TestTask YieldOnce(TestExecutor&, int& steps) {
  ++steps;
  co_await Yielding();
  ++steps;
}
ForeignTask YieldOnceForeign(int& steps) {
  co_await Yielding();
  ++steps;
}

TEST(YieldIn, PutsTheCoroutineBehindTheOthers) {
  TestExecutor executor;
  int first = 0;
  int second = 0;
  TestTask one = YieldOnce(executor, first);
  TestTask two = YieldOnce(executor, second);
  executor.RunOne();
  executor.RunOne();
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  executor.RunOne();
  EXPECT_TRUE(one.done());
  EXPECT_FALSE(two.done());
  executor.RunAll();
  EXPECT_TRUE(two.done());
  EXPECT_EQ(one.yields(), 1);
}

TEST(YieldIn, GoesOnAtOnceUnderAnUnknownExecutor) {
  int steps = 0;
  ForeignTask task = YieldOnceForeign(steps);
  EXPECT_TRUE(task.done());
}

}  // namespace
}  // namespace weft
