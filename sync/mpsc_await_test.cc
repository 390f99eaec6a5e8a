#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/sync/mpsc.h"
#include "weft/waker/budget.h"
#include "weft/waker/test_coroutine.h"

namespace weft {
namespace {

struct Result {
  bool resumed = false;
  std::optional<int> value;
};

TestTask Receive(TestExecutor&, MpscReceiver<int>& receiver, Result& result) {
  result.value = co_await receiver.Receive();
  result.resumed = true;
}
ForeignTask ReceiveForeign(MpscReceiver<int>& receiver, Result& result) {
  result.value = co_await receiver.Receive();
  result.resumed = true;
}
// The result is what was refused.
TestTask Send(TestExecutor&, MpscSender<int>& sender, int value,
              Result& result) {
  result.value = co_await sender.Send(value);
  result.resumed = true;
}
ForeignTask SendForeign(MpscSender<int>& sender, int value, Result& result) {
  result.value = co_await sender.Send(value);
  result.resumed = true;
}

enum When { kBefore, kBeforeEnroll, kBeforeCommit, kAfter };

// Runs `task` on `executor`, with `act` at one moment of its suspension, and
// expects that it is resumed once.
void RunWith(TestExecutor& executor, When when, std::function<void()> act,
             std::function<TestTask()> make, const Result& result) {
  if (when == kBefore) act();
  if (when == kBeforeEnroll) executor.before_enroll = act;
  if (when == kBeforeCommit) executor.before_commit = act;
  TestTask task = make();
  EXPECT_TRUE(executor.RunOne());
  if (when == kAfter) {
    EXPECT_FALSE(result.resumed);
    EXPECT_EQ(executor.size(), 0u);
    act();
    EXPECT_FALSE(result.resumed) << "the other side does not run the task";
    EXPECT_TRUE(executor.RunOne());
  }
  EXPECT_TRUE(task.done());
  EXPECT_EQ(executor.size(), 0u);
  EXPECT_EQ(task.yields(), 0);
}

// known-bugs T15 and T20: the other side acts at every moment of a suspension.
TEST(MpscAwait, T15T20AReceiverResumesOnceWheneverASenderActs) {
  for (bool sends : {true, false}) {
    for (When when : {kBefore, kBeforeEnroll, kBeforeCommit, kAfter}) {
      SCOPED_TRACE(std::to_string(sends) + " at " + std::to_string(when));
      TestExecutor executor;
      auto [s, receiver] = Mpsc<int>(1);
      std::optional<MpscSender<int>> sender(std::move(s));
      Result result;
      RunWith(
          executor, when,
          [&] {
            if (sends) {
              EXPECT_EQ(sender->TrySend(7), std::nullopt);
            }
            sender.reset();
          },
          [&, &receiver = receiver] {
            return Receive(executor, receiver, result);
          },
          result);
      EXPECT_EQ(result.value, sends ? std::optional<int>(7) : std::nullopt);
    }
  }
}

TEST(MpscAwait, T15T20ASenderResumesOnceWheneverTheReceiverActs) {
  for (bool receives : {true, false}) {
    for (When when : {kBefore, kBeforeEnroll, kBeforeCommit, kAfter}) {
      SCOPED_TRACE(std::to_string(receives) + " at " + std::to_string(when));
      TestExecutor executor;
      auto [s, r] = Mpsc<int>(1);
      auto& sender = s;
      auto& receiver = r;
      EXPECT_EQ(sender.TrySend(1), std::nullopt);
      Result result;
      RunWith(
          executor, when,
          [&] {
            if (receives) {
              EXPECT_EQ(receiver.TryReceive(), 1);
            } else {
              receiver.Close();
            }
          },
          [&] { return Send(executor, sender, 2, result); }, result);
      EXPECT_EQ(result.value, receives ? std::nullopt : std::optional<int>(2));
      EXPECT_EQ(receiver.TryReceive(), receives ? 2 : 1);
    }
  }
}

TEST(MpscAwait, GoesOnAtOnceIfThereIsNothingToWaitFor) {
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<int>(1);
  Result sent, received;
  TestTask send = Send(executor, sender, 7, sent);
  TestTask receive = Receive(executor, receiver, received);
  EXPECT_TRUE(executor.RunOne());
  EXPECT_TRUE(send.done());
  EXPECT_TRUE(executor.RunOne());
  EXPECT_TRUE(receive.done());
  EXPECT_EQ(received.value, 7);
}

TEST(MpscAwait, ResumesForeignCoroutinesInPlace) {
  auto [sender, receiver] = Mpsc<int>(1);
  Result received, sent;
  ForeignTask receive = ReceiveForeign(receiver, received);
  EXPECT_FALSE(received.resumed);
  EXPECT_EQ(sender.TrySend(1), std::nullopt);
  EXPECT_EQ(received.value, 1);
  EXPECT_EQ(sender.TrySend(2), std::nullopt);
  ForeignTask send = SendForeign(sender, 3, sent);
  EXPECT_FALSE(sent.resumed);
  EXPECT_EQ(receiver.TryReceive(), 2);
  EXPECT_TRUE(sent.resumed);
  EXPECT_EQ(receiver.TryReceive(), 3);
}

TEST(MpscAwait, LetsAResumedCoroutineDestroyTheOtherEnd) {
  {
    auto [s, receiver] = Mpsc<int>(1);
    auto sender = std::make_unique<MpscSender<int>>(std::move(s));
    auto receive = [](MpscReceiver<int> receiver,
                      std::unique_ptr<MpscSender<int>>& sender) -> ForeignTask {
      EXPECT_EQ(co_await receiver.Receive(), 7);
      sender = nullptr;
    };
    ForeignTask task = receive(std::move(receiver), sender);
    EXPECT_EQ(sender->TrySend(7), std::nullopt);
    EXPECT_TRUE(task.done());
  }
  {
    auto [sender, r] = Mpsc<int>(1);
    (void)sender.TrySend(1);
    auto receiver = std::make_unique<MpscReceiver<int>>(std::move(r));
    auto send =
        [](MpscSender<int> sender,
           std::unique_ptr<MpscReceiver<int>>& receiver) -> ForeignTask {
      EXPECT_EQ(co_await sender.Send(2), std::nullopt);
      receiver = nullptr;
    };
    ForeignTask task = send(std::move(sender), receiver);
    EXPECT_EQ(receiver->TryReceive(), 1);
    EXPECT_TRUE(task.done());
  }
  {
    auto [sender, r] = Mpsc<int>(1);
    (void)sender.TrySend(1);
    auto receiver = std::make_unique<MpscReceiver<int>>(std::move(r));
    auto send =
        [](MpscSender<int> sender,
           std::unique_ptr<MpscReceiver<int>>& receiver) -> ForeignTask {
      EXPECT_EQ(co_await sender.Send(2), 2);
      receiver = nullptr;
    };
    ForeignTask task = send(std::move(sender), receiver);
    receiver->Close();
    EXPECT_TRUE(task.done());
  }
}

TEST(MpscAwait, ClosingEndsAReceiveThatWaits) {
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<int>(1);
  Result result;
  TestTask task = Receive(executor, receiver, result);
  executor.RunAll();
  EXPECT_FALSE(result.resumed);
  receiver.Close();
  executor.RunAll();
  EXPECT_TRUE(result.resumed);
  EXPECT_EQ(result.value, std::nullopt);
}

TEST(MpscAwait, ACancelledReceiverLeavesNothingBehindAndLosesNothing) {
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<int>(1);
  Result cancelled, result;
  TestTask task = Receive(executor, receiver, cancelled);
  executor.RunAll();
  EXPECT_TRUE(task.Cancel());
  EXPECT_EQ(sender.TrySend(7), std::nullopt);
  EXPECT_EQ(executor.size(), 0u);
  TestTask again = Receive(executor, receiver, result);
  executor.RunAll();
  EXPECT_EQ(result.value, 7);
  EXPECT_FALSE(cancelled.resumed);
}

TEST(MpscAwait, AReceiverCanWaitAgainAfterACancelledWait) {
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<int>(1);
  Result cancelled, result;
  TestTask task = Receive(executor, receiver, cancelled);
  executor.RunAll();
  EXPECT_TRUE(task.Cancel());
  TestTask again = Receive(executor, receiver, result);
  executor.RunAll();
  EXPECT_EQ(sender.TrySend(7), std::nullopt);
  executor.RunAll();
  EXPECT_EQ(result.value, 7);
}

// S4, tokio #2340: one of several that wait is cancelled.
TEST(MpscAwait, S4ACancelledSenderLeavesNothingBehind) {
  for (int which : {0, 1, 2}) {
    TestExecutor executor;
    auto [sender, receiver] = Mpsc<int>(1);
    EXPECT_EQ(sender.TrySend(-1), std::nullopt);
    std::vector<Result> results(3);
    std::vector<TestTask> tasks;
    for (int i : {0, 1, 2}) {
      tasks.push_back(Send(executor, sender, i, results[i]));
    }
    executor.RunAll();
    EXPECT_TRUE(tasks[which].Cancel());
    EXPECT_EQ(receiver.TryReceive(), -1);
    for (int i : {0, 1, 2}) {
      if (i == which) continue;
      EXPECT_EQ(receiver.TryReceive(), i);
    }
    executor.RunAll();
    EXPECT_EQ(receiver.TryReceive(), std::nullopt);
    for (int i : {0, 1, 2}) EXPECT_EQ(results[i].resumed, i != which);
    EXPECT_EQ(sender.TrySend(3), std::nullopt);
  }
}

TEST(MpscAwait, LetsACancellerLoseToTheOtherSide) {
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<int>(1);
  Result received, sent, refused;
  TestTask receive = Receive(executor, receiver, received);
  executor.RunAll();
  EXPECT_EQ(sender.TrySend(1), std::nullopt);
  EXPECT_FALSE(receive.Cancel());
  executor.RunAll();
  EXPECT_EQ(received.value, 1);

  EXPECT_EQ(sender.TrySend(2), std::nullopt);
  TestTask send = Send(executor, sender, 3, sent);
  TestTask refuse = Send(executor, sender, 4, refused);
  executor.RunAll();
  EXPECT_EQ(receiver.TryReceive(), 2);
  receiver.Close();
  EXPECT_FALSE(send.Cancel());
  EXPECT_FALSE(refuse.Cancel());
  executor.RunAll();
  EXPECT_TRUE(sent.resumed);
  EXPECT_EQ(sent.value, std::nullopt);
  EXPECT_EQ(refused.value, 4);
}

// Executors that know no cancellation destroy frames as they stand.
TEST(MpscAwait, LeavesNothingBehindWhenAFrameIsDestroyed) {
  auto [sender, receiver] = Mpsc<int>(1);
  TestExecutor executor;
  Result result;
  Receive(executor, receiver, result).Destroy();
  {
    TestExecutor own;
    TestTask task = Receive(own, receiver, result);
    own.RunAll();
    task.Destroy();
    ForeignTask foreign = ReceiveForeign(receiver, result);
    foreign.Destroy();
    EXPECT_EQ(sender.TrySend(1), std::nullopt);
    task = Send(own, sender, 2, result);
    own.RunAll();
    task.Destroy();
    foreign = SendForeign(sender, 3, result);
    foreign.Destroy();
  }
  EXPECT_FALSE(result.resumed);
  EXPECT_EQ(receiver.TryReceive(), 1);
  EXPECT_EQ(receiver.TryReceive(), std::nullopt);
}

TEST(MpscAwait, LosesNothingWhenAWokenFrameIsDestroyed) {
  auto [sender, receiver] = Mpsc<int>(1);
  Result result;
  {
    TestExecutor executor;
    TestTask task = Receive(executor, receiver, result);
    executor.RunAll();
    EXPECT_EQ(sender.TrySend(1), std::nullopt);
    task.Destroy();
  }
  TestExecutor executor;
  TestTask task = Send(executor, sender, 2, result);
  executor.RunAll();
  EXPECT_EQ(receiver.TryReceive(), 1) << "the receiver was woken for it";
  task.Destroy();
  EXPECT_EQ(receiver.TryReceive(), 2) << "it was sent when it was woken";
  EXPECT_FALSE(result.resumed);
}

// known-bugs L5.
TEST(MpscAwait, L5YieldsOnceWhenItIsDoneButTheBudgetIsSpent) {
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<int>(1);
  Result sent, received;
  TestTask send = Send(executor, sender, 7, sent);
  Budget::Exchange(0);
  executor.RunOne();
  EXPECT_FALSE(sent.resumed);
  executor.RunOne();
  EXPECT_TRUE(sent.resumed);
  EXPECT_EQ(send.yields(), 1);
  TestTask receive = Receive(executor, receiver, received);
  executor.RunOne();
  EXPECT_FALSE(received.resumed);
  executor.RunOne();
  Budget::Exchange(Budget::kUnlimited);
  EXPECT_EQ(received.value, 7);
  EXPECT_EQ(receive.yields(), 1);
}

TEST(MpscAwait, L5SpendsOneUnitWhenDoneAndNoneWhenItWaits) {
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<int>(1);
  Result received, sent;
  Budget::Exchange(3);
  TestTask receive = Receive(executor, receiver, received);
  executor.RunAll();
  EXPECT_EQ(Budget::Exchange(3), 3);
  TestTask send = Send(executor, sender, 1, sent);
  executor.RunAll();
  EXPECT_EQ(Budget::Exchange(3), 2) << "sent at once; the receiver had waited";
  send = Send(executor, sender, 2, sent);
  executor.RunAll();
  EXPECT_EQ(Budget::Exchange(3), 2);
  send = Send(executor, sender, 3, sent);
  executor.RunAll();
  EXPECT_EQ(receiver.TryReceive(), 2);
  executor.RunAll();
  EXPECT_EQ(Budget::Exchange(3), 3) << "it waited";
  receive = Receive(executor, receiver, received);
  executor.RunAll();
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), 2);
  EXPECT_EQ(received.value, 3);
}

TEST(MpscAwait, L5ForeignCoroutinesGoOnWithoutBudget) {
  auto [sender, receiver] = Mpsc<int>(1);
  Result sent, received;
  Budget::Exchange(0);
  ForeignTask send = SendForeign(sender, 7, sent);
  ForeignTask receive = ReceiveForeign(receiver, received);
  Budget::Exchange(Budget::kUnlimited);
  EXPECT_TRUE(sent.resumed);
  EXPECT_EQ(received.value, 7);
}

}  // namespace
}  // namespace weft
