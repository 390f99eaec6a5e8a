#include "weft/waker/wait.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/exception.h"
#include "weft/base/thread.h"
#include "weft/waker/atomic_waker.h"
#include "weft/waker/budget.h"
#include "weft/waker/park_token.h"

namespace weft {
namespace {

// Ready once somebody has said so.
class Flag {
 public:
  weft::Poll<int> Poll(Context& context) {
    ++polls;
    // Acquire: pairs with the release in `Set`.
    if (set_.load(std::memory_order_acquire)) return 42;
    waker_.Register(context.waker());
    // Acquire: as above; again, since it may have been set meanwhile.
    if (set_.load(std::memory_order_acquire)) return 42;
    return kPending;
  }
  void Set() {
    // Release: pairs with the acquires in `Poll`.
    set_.store(true, std::memory_order_release);
    waker_.Wake();
  }
  void WakeForNothing() { waker_.Wake(); }

  int polls = 0;

 private:
  atomic<bool> set_{false};
  AtomicWaker waker_;
};

// A future made of a function.
template <class F>
struct PollWith {
  F poll;
  auto Poll(Context& context) { return poll(context); }
};
template <class F>
PollWith(F) -> PollWith<F>;

TEST(Wait, ReturnsAValueThatIsThereAfterOnePoll) {
  Flag flag;
  flag.Set();
  EXPECT_EQ(Wait(flag), 42);
  EXPECT_EQ(flag.polls, 1);
}

TEST(Wait, TakesATemporary) {
  EXPECT_EQ(*Wait(PollWith{[](Context&) {
    return Poll<std::unique_ptr<int>>(std::make_unique<int>(1));
  }}),
            1);
}

TEST(Wait, ReturnsNothingFromAFutureOfVoid) {
  static_assert(std::is_void_v<decltype(Wait(
                    PollWith{[](Context&) { return Poll<void>(kReady); }}))>);
  bool polled = false;
  Wait(PollWith{[&](Context& context) {
    context.waker().WakeByRef();
    return std::exchange(polled, true) ? Poll<void>(kReady)
                                       : Poll<void>(kPending);
  }});
  EXPECT_TRUE(polled);
}

TEST(Wait, SleepsUntilAnotherThreadCompletesTheFuture) {
  Flag flag;
  Thread other([&flag] {
    flag.WakeForNothing();
    flag.Set();
  });
  EXPECT_EQ(Wait(flag), 42);
  other.join();
}

// The inner wait uses up a token that was meant for the outer one.
TEST(Wait, KeepsTheOuterWakeWhenNestedInAPoll) {
  Flag outer;
  Flag inner;
  bool nested = false;
  EXPECT_EQ(Wait(PollWith{[&](Context& context) {
              auto poll = outer.Poll(context);
              if (poll.ready() || std::exchange(nested, true)) return poll;
              Thread other([&] {
                outer.Set();
                inner.Set();
              });
              Wait(inner);
              other.join();
              return poll;
            }}),
            42);
}

// An executor's waiter: runs other functions while it waits.
class RunningWaiter final : public ThreadWaiter {
 public:
  RunningWaiter() { ExchangeCurrent(this); }
  ~RunningWaiter() { ExchangeCurrent(nullptr); }
  Waker GetWaker() override { return token_.GetWaker(); }
  void Park() override {
    while (!token_.Consume()) {
      if (tasks.empty()) {
        token_.Park();
        return;
      }
      auto task = std::move(tasks.front());
      tasks.pop_front();
      task();
    }
  }
  std::deque<std::function<void()>> tasks;

 private:
  ParkToken token_;
};

TEST(Wait, LetsTheInstalledWaiterRunWhatCompletesTheFuture) {
  RunningWaiter waiter;
  Flag flag;
  waiter.tasks.push_back([&] { flag.Set(); });
  EXPECT_EQ(Wait(flag), 42);
}

TEST(Wait, KeepsTheOuterWakeWhenNestedInATaskOfTheWaiter) {
  RunningWaiter waiter;
  Flag outer;
  Flag inner;
  waiter.tasks.push_back([&] { Wait(inner); });
  waiter.tasks.push_back([&] { outer.Set(); });
  waiter.tasks.push_back([&] { inner.Set(); });
  EXPECT_EQ(Wait(outer), 42);
}

TEST(Wait, CostsNoExtraPollWhenItIsNotNested) {
  for (int i = 0; i < 3; ++i) {
    RunningWaiter waiter;
    Flag flag;
    waiter.tasks.push_back([&] { flag.Set(); });
    Wait(flag);
    EXPECT_EQ(flag.polls, 2);
  }
}

// known-bugs L5: tokio #2462, #2502, #2711.
TEST(Wait, L5HasNoBudgetOnAPlainThread) {
  Wait(PollWith{[](Context&) {
    EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), Budget::kUnlimited);
    return Poll<void>(kReady);
  }});
}

TEST(Wait, L5GivesEachPollATasksBudgetAndLeavesTheCallersAlone) {
  RunningWaiter waiter;
  Budget::Exchange(5);
  int polls = 0;
  Wait(PollWith{[&](Context& context) {
    for (int i = 0; i < Budget::kPerTask; ++i) EXPECT_TRUE(Budget::Spend());
    EXPECT_FALSE(Budget::Spend());
    context.waker().WakeByRef();
    return ++polls == 3 ? Poll<void>(kReady) : Poll<void>(kPending);
  }});
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), 5);
}

#if __cpp_exceptions
TEST(Wait, PassesAnExceptionAndPutsTheBudgetBack) {
  Budget::Exchange(5);
  EXPECT_NE(
      CatchAll([] { Wait(PollWith{[](Context&) -> Poll<void> { throw 1; }}); }),
      nullptr);
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), 5);
  Flag flag;
  flag.Set();
  EXPECT_EQ(Wait(flag), 42);
}
#endif

}  // namespace
}  // namespace weft
