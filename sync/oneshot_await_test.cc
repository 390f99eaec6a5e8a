#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/sync/oneshot.h"
#include "weft/waker/budget.h"
#include "weft/waker/test_coroutine.h"
#include "weft/waker/test_waker.h"

namespace weft {
namespace {

struct Result {
  bool resumed = false;
  std::optional<int> value;
};

TestTask Receive(TestExecutor&, OneshotReceiver<int>& receiver,
                 Result& result) {
  result.value = co_await receiver;
  result.resumed = true;
}
TestTask ReceiveOwned(TestExecutor&, OneshotReceiver<int> receiver,
                      Result& result) {
  result.value = co_await std::move(receiver);
  result.resumed = true;
}
ForeignTask ReceiveForeign(OneshotReceiver<int>& receiver, Result& result) {
  result.value = co_await receiver;
  result.resumed = true;
}
ForeignTask ReceiveForeignOwned(OneshotReceiver<int> receiver, Result& result) {
  result.value = co_await std::move(receiver);
  result.resumed = true;
}

struct Act {
  const char* name;
  std::function<void(OneshotSender<int>&)> act;
  std::optional<int> expected;
};
std::vector<Act> Acts() {
  return {
      {"send", [](auto& s) { EXPECT_EQ(std::move(s).Send(7), std::nullopt); },
       7},
      {"hang up", [](auto& s) { s = Oneshot<int>().first; }, std::nullopt},
  };
}

enum When { kBefore, kBeforeEnroll, kBeforeCommit, kAfter };

// known-bugs T15 and T20: the sender acts at every moment of the suspension.
TEST(OneshotAwait, T15T20ResumesOnceWheneverTheSenderActs) {
  for (const Act& act : Acts()) {
    for (When when : {kBefore, kBeforeEnroll, kBeforeCommit, kAfter}) {
      for (bool owned : {false, true}) {
        SCOPED_TRACE(std::string(act.name) + " at " + std::to_string(when));
        TestExecutor executor;
        auto [s, receiver] = Oneshot<int>();
        auto& sender = s;
        auto go = [&] { act.act(sender); };
        if (when == kBefore) go();
        if (when == kBeforeEnroll) executor.before_enroll = go;
        if (when == kBeforeCommit) executor.before_commit = go;
        Result result;
        TestTask task =
            owned ? ReceiveOwned(executor, std::move(receiver), result)
                  : Receive(executor, receiver, result);
        EXPECT_TRUE(executor.RunOne());
        if (when == kAfter) {
          EXPECT_FALSE(result.resumed);
          EXPECT_EQ(executor.size(), 0u);
          go();
          EXPECT_FALSE(result.resumed) << "the sender does not run the task";
          EXPECT_TRUE(executor.RunOne());
        }
        EXPECT_TRUE(task.done());
        EXPECT_EQ(executor.size(), 0u);
        EXPECT_EQ(result.value, act.expected);
        EXPECT_EQ(task.yields(), 0);
      }
    }
  }
}

TEST(OneshotAwait, IsReadyAtOnceWhenTheReceiverHasClosed) {
  TestExecutor executor;
  auto [sender, receiver] = Oneshot<int>();
  receiver.Close();
  Result result;
  TestTask task = Receive(executor, receiver, result);
  executor.RunOne();
  EXPECT_TRUE(task.done());
  EXPECT_EQ(result.value, std::nullopt);
  EXPECT_EQ(std::move(sender).Send(7), 7);
}

TEST(OneshotAwait, ResumesAForeignCoroutineInPlace) {
  for (const Act& act : Acts()) {
    for (bool before : {true, false}) {
      for (bool owned : {false, true}) {
        auto [sender, receiver] = Oneshot<int>();
        if (before) act.act(sender);
        Result result;
        ForeignTask task =
            owned ? ReceiveForeignOwned(std::move(receiver), result)
                  : ReceiveForeign(receiver, result);
        if (!before) {
          EXPECT_FALSE(result.resumed);
          act.act(sender);
        }
        EXPECT_TRUE(task.done());
        EXPECT_EQ(result.value, act.expected);
      }
    }
  }
}

TEST(OneshotAwait, LetsTheResumedCoroutineDestroyTheSender) {
  auto [s, receiver] = Oneshot<int>();
  auto sender = std::make_unique<OneshotSender<int>>(std::move(s));
  std::optional<int> got;
  auto receive = [](OneshotReceiver<int>& receiver,
                    std::unique_ptr<OneshotSender<int>>& sender,
                    std::optional<int>& got) -> ForeignTask {
    got = co_await receiver;
    sender = nullptr;
  };
  ForeignTask task = receive(receiver, sender, got);
  std::move(*sender).Send(7);
  EXPECT_EQ(got, 7);
  EXPECT_TRUE(task.done());
}

TEST(OneshotAwait, TakesOverFromAPollAndDropsItsWaker) {
  TestWaker target;
  TestExecutor executor;
  auto [sender, receiver] = Oneshot<int>();
  {
    Waker waker = target.Make();
    Context context(waker);
    EXPECT_FALSE(receiver.Poll(context).ready());
  }
  Result result;
  TestTask task = Receive(executor, receiver, result);
  executor.RunAll();
  EXPECT_EQ(target.alive(), 0);
  std::move(sender).Send(7);
  executor.RunAll();
  EXPECT_EQ(result.value, 7);
  EXPECT_EQ(target.wakes(), 0);
}

TEST(OneshotAwait, IsCancelledByOneStepAndLeavesNothingBehind) {
  TestExecutor executor;
  auto [sender, receiver] = Oneshot<int>();
  Result result;
  TestTask task = Receive(executor, receiver, result);
  executor.RunAll();
  EXPECT_TRUE(task.Cancel());
  EXPECT_FALSE(sender.IsClosed()) << "the receiver is not the coroutine's";
  EXPECT_EQ(std::move(sender).Send(7), std::nullopt);
  EXPECT_EQ(executor.size(), 0u);
  EXPECT_FALSE(result.resumed);
  EXPECT_EQ(receiver.TryReceive(), 7) << "and can be used further";
}

TEST(OneshotAwait, ClosesTheChannelWhenACancelledCoroutineOwnsTheReceiver) {
  TestExecutor executor;
  auto [sender, receiver] = Oneshot<int>();
  Result result;
  TestTask task = ReceiveOwned(executor, std::move(receiver), result);
  executor.RunAll();
  EXPECT_TRUE(task.Cancel());
  EXPECT_TRUE(sender.IsClosed());
  EXPECT_EQ(std::move(sender).Send(7), 7);
}

TEST(OneshotAwait, LetsTheCancellerLoseToTheSender) {
  for (const Act& act : Acts()) {
    TestExecutor executor;
    auto [sender, receiver] = Oneshot<int>();
    Result result;
    TestTask task = Receive(executor, receiver, result);
    executor.RunAll();
    act.act(sender);
    EXPECT_FALSE(task.Cancel());
    executor.RunAll();
    EXPECT_TRUE(task.done());
    EXPECT_EQ(result.value, act.expected);
  }
}

TEST(OneshotAwait, CanBeAwaitedAgainAfterACancelledWait) {
  TestExecutor executor;
  auto [sender, receiver] = Oneshot<int>();
  Result first;
  Result second;
  TestTask cancelled = Receive(executor, receiver, first);
  executor.RunAll();
  EXPECT_TRUE(cancelled.Cancel());
  TestTask task = Receive(executor, receiver, second);
  executor.RunAll();
  std::move(sender).Send(7);
  executor.RunAll();
  EXPECT_EQ(second.value, 7);
  EXPECT_FALSE(first.resumed);
}

// Executors that know no cancellation destroy frames as they stand.
TEST(OneshotAwait, LeavesNothingBehindWhenASuspendedFrameIsDestroyed) {
  auto [sender, receiver] = Oneshot<int>();
  Result result;
  {
    TestExecutor executor;
    TestTask task = Receive(executor, receiver, result);
    executor.RunAll();
    task.Destroy();
    ForeignTask foreign = ReceiveForeign(receiver, result);
    foreign.Destroy();
  }
  EXPECT_EQ(std::move(sender).Send(7), std::nullopt);
  EXPECT_FALSE(result.resumed);
  EXPECT_EQ(receiver.TryReceive(), 7);
}

TEST(OneshotAwait, LeavesNothingBehindWhenAWokenFrameIsDestroyed) {
  TestExecutor executor;
  auto [sender, receiver] = Oneshot<int>();
  Result result;
  TestTask task = Receive(executor, receiver, result);
  executor.RunAll();
  std::move(sender).Send(7);
  task.Destroy();
  EXPECT_EQ(receiver.TryReceive(), 7);
}

// known-bugs L5.
TEST(OneshotAwait, L5YieldsOnceWhenItIsReadyButTheBudgetIsSpent) {
  TestExecutor executor;
  auto [sender, receiver] = Oneshot<int>();
  std::move(sender).Send(7);
  Result result;
  TestTask task = Receive(executor, receiver, result);
  Budget::Exchange(0);
  executor.RunOne();
  EXPECT_FALSE(result.resumed);
  EXPECT_EQ(executor.size(), 1u);
  executor.RunOne();
  Budget::Exchange(Budget::kUnlimited);
  EXPECT_EQ(result.value, 7);
  EXPECT_EQ(task.yields(), 1);
}

TEST(OneshotAwait, L5SpendsOneUnitWhenReadyAndNoneWhenItWaits) {
  TestExecutor executor;
  Result result;
  auto [sender, receiver] = Oneshot<int>();
  Budget::Exchange(3);
  {
    TestTask waits = Receive(executor, receiver, result);
    executor.RunAll();
    EXPECT_EQ(Budget::Exchange(3), 3);
    std::move(sender).Send(1);
    executor.RunAll();
    EXPECT_EQ(Budget::Exchange(3), 3);
  }
  auto [ready_sender, ready_receiver] = Oneshot<int>();
  std::move(ready_sender).Send(2);
  TestTask ready = Receive(executor, ready_receiver, result);
  executor.RunAll();
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), 2);
}

TEST(OneshotAwait, L5AForeignCoroutineGoesOnWithoutBudget) {
  auto [sender, receiver] = Oneshot<int>();
  std::move(sender).Send(7);
  Result result;
  Budget::Exchange(0);
  ForeignTask task = ReceiveForeign(receiver, result);
  Budget::Exchange(Budget::kUnlimited);
  EXPECT_EQ(result.value, 7);
}

}  // namespace
}  // namespace weft
