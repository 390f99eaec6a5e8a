#include "weft/sync/mpsc.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "gtest/gtest.h"
#include "weft/base/thread.h"
#include "weft/waker/test_waker.h"
#include "weft/waker/wait.h"

namespace weft {
namespace {

TEST(Mpsc, HoldsAsManyMessagesAsItsCapacity) {
  for (std::size_t capacity : {1, 2, 3, 5, 8}) {
    auto [sender, receiver] = Mpsc<std::size_t>(capacity);
    // Around the ring several times.
    for (int round = 0; round < 4; ++round) {
      for (std::size_t i = 0; i < capacity; ++i) {
        EXPECT_EQ(sender.TrySend(i), std::nullopt);
      }
      EXPECT_EQ(sender.TrySend(99), 99u) << "full";
      EXPECT_FALSE(sender.IsClosed());
      for (std::size_t i = 0; i < capacity; ++i) {
        EXPECT_EQ(receiver.TryReceive(), i);
      }
      EXPECT_EQ(receiver.TryReceive(), std::nullopt);
    }
  }
}

TEST(Mpsc, TakesValuesThatCanOnlyBeMoved) {
  auto [sender, receiver] = Mpsc<std::unique_ptr<int>>(1);
  EXPECT_EQ(sender.TrySend(std::make_unique<int>(7)), std::nullopt);
  auto refused = sender.TrySend(std::make_unique<int>(8));
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(**refused, 8) << "and gives back what it does not take";
  EXPECT_EQ(**receiver.TryReceive(), 7);
}

TEST(Mpsc, TakesValuesWithoutADefaultAndWithoutContent) {
  struct NoDefault {
    explicit NoDefault(int v) : value(v) {}
    int value;
  };
  auto [sender, receiver] = Mpsc<NoDefault>(2);
  EXPECT_FALSE(sender.TrySend(NoDefault(7)).has_value());
  EXPECT_EQ(receiver.TryReceive()->value, 7);
  auto [signal, signalled] = Mpsc<std::monostate>(1);
  EXPECT_FALSE(signal.TrySend({}).has_value());
  EXPECT_TRUE(signalled.TryReceive().has_value());
}

TEST(Mpsc, EndsWhenTheLastSenderIsGoneAndAllIsReceived) {
  auto [sender, receiver] = Mpsc<int>(4);
  {
    MpscSender<int> copy = sender;
    EXPECT_EQ(copy.TrySend(1), std::nullopt);
    MpscSender<int> moved = std::move(sender);
    EXPECT_EQ(moved.TrySend(2), std::nullopt);
    EXPECT_FALSE(receiver.IsEnded());
  }
  EXPECT_FALSE(receiver.IsEnded());
  EXPECT_EQ(Wait(receiver.Receive()), 1);
  EXPECT_EQ(receiver.TryReceive(), 2);
  EXPECT_TRUE(receiver.IsEnded());
  EXPECT_EQ(Wait(receiver.Receive()), std::nullopt);
  EXPECT_EQ(Wait(receiver.Receive()), std::nullopt) << "and stays so";
}

// S5, tokio #4867.
TEST(Mpsc, S5DoesNotOpenAgain) {
  auto [sender, receiver] = Mpsc<int>(1);
  receiver.Close();
  MpscSender<int> copy = sender;
  EXPECT_TRUE(copy.IsClosed());
  EXPECT_EQ(copy.TrySend(1), 1);
  receiver.Close();
  EXPECT_EQ(Wait(copy.Send(2)), 2);
}

TEST(Mpsc, GivesWhatWasSentBeforeItWasClosed) {
  auto [sender, receiver] = Mpsc<int>(2);
  EXPECT_EQ(sender.TrySend(1), std::nullopt);
  receiver.Close();
  EXPECT_TRUE(sender.IsClosed());
  EXPECT_EQ(sender.TrySend(2), 2);
  EXPECT_FALSE(receiver.IsEnded());
  EXPECT_EQ(Wait(receiver.Receive()), 1);
  EXPECT_TRUE(receiver.IsEnded());
  EXPECT_EQ(Wait(receiver.Receive()), std::nullopt);
}

TEST(Mpsc, GivesValuesBackWhenTheReceiverIsGone) {
  auto value = std::make_shared<int>(7);
  auto [sender, receiver] = Mpsc<std::shared_ptr<int>>(4);
  EXPECT_FALSE(sender.TrySend(value).has_value());
  { auto gone = std::move(receiver); }
  EXPECT_EQ(value.use_count(), 1) << "what was not received is destroyed";
  EXPECT_EQ(sender.TrySend(value), value);
  EXPECT_EQ(Wait(sender.Send(value)), value);
}

// T7, tokio #6986: values and wakers may own the other end.
TEST(Mpsc, T7DestroysWhatIsLeftWithTheReceiverAndNotWithTheChannel) {
  auto value = std::make_shared<int>(7);
  auto [sender, receiver] = Mpsc<std::shared_ptr<int>>(3);
  for (int i = 0; i < 3; ++i) (void)sender.TrySend(value);
  EXPECT_EQ(value.use_count(), 4);
  receiver = Mpsc<std::shared_ptr<int>>(1).second;
  EXPECT_EQ(value.use_count(), 1);
  EXPECT_TRUE(sender.IsClosed());
}

TEST(Mpsc, AMovedFromEndIsClosed) {
  auto [sender, receiver] = Mpsc<int>(1);
  auto s = std::move(sender);
  auto r = std::move(receiver);
  EXPECT_TRUE(sender.IsClosed());
  EXPECT_EQ(sender.TrySend(1), 1);
  EXPECT_EQ(Wait(sender.Send(1)), 1);
  EXPECT_TRUE(receiver.IsEnded());
  EXPECT_EQ(receiver.TryReceive(), std::nullopt);
  EXPECT_EQ(Wait(receiver.Receive()), std::nullopt);
  receiver.Close();
  EXPECT_EQ(s.TrySend(1), std::nullopt);
  EXPECT_EQ(r.TryReceive(), 1);
}

TEST(Mpsc, AReceiveThatIsPolledWaitsAndIsWokenOnce) {
  TestWaker target;
  auto [sender, receiver] = Mpsc<int>(2);
  Waker waker = target.Make();
  Context context(waker);
  auto receive = receiver.Receive();
  EXPECT_FALSE(receive.Poll(context).ready());
  EXPECT_FALSE(receive.Poll(context).ready());
  EXPECT_EQ(target.clones(), 1) << "it is the same waker";
  EXPECT_EQ(sender.TrySend(1), std::nullopt);
  EXPECT_EQ(target.wakes(), 1);
  EXPECT_EQ(sender.TrySend(2), std::nullopt);
  EXPECT_EQ(target.wakes(), 1);
  EXPECT_EQ(target.alive(), 1) << "the clone is used up";
  EXPECT_EQ(receive.Poll(context).value(), 1);
}

TEST(Mpsc, ASendThatIsPolledWaitsAndIsWokenOnce) {
  TestWaker target;
  auto [sender, receiver] = Mpsc<int>(1);
  EXPECT_EQ(sender.TrySend(1), std::nullopt);
  Waker waker = target.Make();
  Context context(waker);
  auto send = sender.Send(2);
  EXPECT_FALSE(send.Poll(context).ready());
  EXPECT_FALSE(send.Poll(context).ready());
  EXPECT_EQ(target.clones(), 1) << "it is the same waker";
  EXPECT_EQ(receiver.TryReceive(), 1);
  EXPECT_EQ(target.wakes(), 1);
  EXPECT_EQ(target.alive(), 1);
  EXPECT_EQ(send.Poll(context).value(), std::nullopt);
  EXPECT_EQ(receiver.TryReceive(), 2);
}

// S7: the last waker is called, the one before is dropped.
TEST(Mpsc, S7ReplacesWakers) {
  TestWaker first, second;
  auto [sender, receiver] = Mpsc<int>(1);
  Waker one = first.Make(), two = second.Make();
  Context with_one(one), with_two(two);
  {
    auto receive = receiver.Receive();
    EXPECT_FALSE(receive.Poll(with_one).ready());
    EXPECT_FALSE(receive.Poll(with_two).ready());
    EXPECT_EQ(first.alive(), 1);
    EXPECT_EQ(sender.TrySend(1), std::nullopt);
    EXPECT_EQ(first.wakes(), 0);
    EXPECT_EQ(second.wakes(), 1);
  }
  auto send = sender.Send(2);
  EXPECT_FALSE(send.Poll(with_one).ready());
  EXPECT_FALSE(send.Poll(with_two).ready());
  EXPECT_EQ(first.alive(), 1);
  EXPECT_EQ(receiver.TryReceive(), 1);
  EXPECT_EQ(first.wakes(), 0);
  EXPECT_EQ(second.wakes(), 2);
}

// T7: a future that is dropped takes its waker along.
TEST(Mpsc, T7DropsTheWakersOfFuturesThatAreDropped) {
  TestWaker target;
  auto [sender, receiver] = Mpsc<int>(1);
  Waker waker = target.Make();
  Context context(waker);
  {
    auto receive = receiver.Receive();
    EXPECT_FALSE(receive.Poll(context).ready());
    EXPECT_EQ(target.alive(), 2);
  }
  EXPECT_EQ(target.alive(), 1);
  EXPECT_EQ(sender.TrySend(1), std::nullopt);
  {
    auto send = sender.Send(2);
    EXPECT_FALSE(send.Poll(context).ready());
    EXPECT_EQ(target.alive(), 2);
  }
  EXPECT_EQ(target.alive(), 1);
  EXPECT_EQ(target.wakes(), 0);
  EXPECT_EQ(receiver.TryReceive(), 1);
  EXPECT_EQ(receiver.TryReceive(), std::nullopt) << "and its value";
  EXPECT_EQ(sender.TrySend(3), std::nullopt) << "and leaves the room to others";
}

TEST(Mpsc, SendersThatWaitAreServedInOrderAndBeforeOthers) {
  TestWaker target;
  Waker waker = target.Make();
  Context context(waker);
  for (std::size_t capacity : {1, 2, 3}) {
    auto [sender, receiver] = Mpsc<int>(capacity);
    const int full = static_cast<int>(capacity);
    for (int i = 0; i < full; ++i) (void)sender.TrySend(i);
    auto a = sender.Send(full);
    auto b = sender.Send(full + 1);
    auto c = sender.Send(full + 2);
    for (auto* send : {&a, &b, &c}) EXPECT_FALSE(send->Poll(context).ready());
    for (int i = 0; i < full + 3; ++i) {
      if (i <= 3) {
        EXPECT_EQ(sender.TrySend(99), 99) << "their room is not for others";
      }
      EXPECT_EQ(receiver.TryReceive(), i);
    }
    for (auto* send : {&a, &b, &c}) {
      EXPECT_EQ(send->Poll(context).value(), std::nullopt);
    }
  }
}

TEST(Mpsc, ClosingGivesTheirValuesBackToSendersThatWait) {
  TestWaker target;
  auto [sender, receiver] = Mpsc<int>(1);
  (void)sender.TrySend(0);
  Waker waker = target.Make();
  Context context(waker);
  auto one = sender.Send(1);
  auto two = sender.Send(2);
  EXPECT_FALSE(one.Poll(context).ready());
  EXPECT_FALSE(two.Poll(context).ready());
  receiver.Close();
  EXPECT_EQ(target.wakes(), 2);
  EXPECT_EQ(one.Poll(context).value(), 1);
  EXPECT_EQ(two.Poll(context).value(), 2);
  EXPECT_EQ(receiver.TryReceive(), 0);
  EXPECT_TRUE(receiver.IsEnded());
}

TEST(Mpsc, ClosingEndsAReceiveThatWaits) {
  TestWaker target;
  auto [sender, receiver] = Mpsc<int>(1);
  Waker waker = target.Make();
  Context context(waker);
  auto receive = receiver.Receive();
  EXPECT_FALSE(receive.Poll(context).ready());
  receiver.Close();
  EXPECT_EQ(target.wakes(), 1);
  EXPECT_EQ(receive.Poll(context).value(), std::nullopt);
}

// A sender that is told of the end receives before the other one is told.
TEST(Mpsc, S5AWakerThatReceivesWhileItClosesOpensNothing) {
  TestWaker target;
  auto [sender, r] = Mpsc<int>(1);
  auto& receiver = r;
  (void)sender.TrySend(0);
  Waker waker = target.Make();
  Context context(waker);
  auto one = sender.Send(1);
  auto two = sender.Send(2);
  EXPECT_FALSE(one.Poll(context).ready());
  EXPECT_FALSE(two.Poll(context).ready());
  std::vector<std::optional<int>> received;
  target.on_wake = [&] { received.push_back(receiver.TryReceive()); };
  receiver.Close();
  EXPECT_TRUE(sender.IsClosed());
  EXPECT_EQ(received, (std::vector<std::optional<int>>{0, std::nullopt}));
  EXPECT_EQ(one.Poll(context).value(), 1);
  EXPECT_EQ(two.Poll(context).value(), 2);
  EXPECT_TRUE(receiver.IsEnded());
}

// S2, tokio #4129, #5471, #5578: wakers are user code and use the channel.
TEST(Mpsc, S2WakersMayUseTheChannel) {
  TestWaker receiving, sending;
  auto [s, r] = Mpsc<int>(1);
  auto& sender = s;
  auto& receiver = r;
  std::optional<int> received;
  receiving.on_wake = [&] { received = receiver.TryReceive(); };
  sending.on_wake = [&] { EXPECT_EQ(sender.TrySend(9), 9); };
  receiving.on_clone = sending.on_clone = [&] { (void)sender.IsClosed(); };
  receiving.on_drop = sending.on_drop = [&] { (void)receiver.IsEnded(); };
  Waker receiving_waker = receiving.Make(), sending_waker = sending.Make();
  Context receives(receiving_waker), sends(sending_waker);
  {
    auto receive = receiver.Receive();
    EXPECT_FALSE(receive.Poll(receives).ready());
    EXPECT_FALSE(receive.Poll(sends).ready());
    EXPECT_FALSE(receive.Poll(receives).ready());
    EXPECT_EQ(sender.TrySend(1), std::nullopt);
    EXPECT_EQ(received, 1);
  }
  EXPECT_EQ(sender.TrySend(2), std::nullopt);
  auto send = sender.Send(3);
  EXPECT_FALSE(send.Poll(sends).ready());
  EXPECT_EQ(receiver.TryReceive(), 2);
  EXPECT_EQ(sending.wakes(), 1);
  auto refused = sender.Send(4);
  sending.on_wake = [&] { receiver.Close(); };
  EXPECT_FALSE(refused.Poll(sends).ready());
  receiver.Close();
  EXPECT_EQ(refused.Poll(sends).value(), 4);
}

#if __cpp_exceptions
// S3, tokio #3689, #5154: cloning a waker throws.
TEST(Mpsc, S3AWakerThatCannotBeClonedChangesNothing) {
  TestWaker target;
  auto [sender, receiver] = Mpsc<int>(1);
  Waker waker = target.Make();
  Context context(waker);
  target.on_clone = [] { throw 1; };
  auto receive = receiver.Receive();
  EXPECT_THROW((void)receive.Poll(context), int);
  EXPECT_EQ(sender.TrySend(1), std::nullopt);
  auto send = sender.Send(2);
  EXPECT_THROW((void)send.Poll(context), int);
  EXPECT_EQ(target.wakes(), 0);
  EXPECT_EQ(receive.Poll(context).value(), 1);
  EXPECT_EQ(send.Poll(context).value(), std::nullopt);
  EXPECT_EQ(receiver.TryReceive(), 2);
}
#endif

TEST(Mpsc, WorksBetweenPlainThreads) {
  auto [sender, receiver] = Mpsc<int>(2);
  Thread one([sender = sender]() mutable {
    for (int i = 0; i < 1000; ++i)
      EXPECT_EQ(Wait(sender.Send(1)), std::nullopt);
  });
  Thread two([sender = std::move(sender)]() mutable {
    for (int i = 0; i < 1000; ++i)
      EXPECT_EQ(Wait(sender.Send(2)), std::nullopt);
  });
  int sum = 0;
  while (std::optional<int> value = Wait(receiver.Receive())) sum += *value;
  EXPECT_EQ(sum, 3000);
  one.join();
  two.join();
}

}  // namespace
}  // namespace weft
