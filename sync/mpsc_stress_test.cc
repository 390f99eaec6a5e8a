#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/sync/mpsc.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/test_coroutine.h"
#include "weft/waker/test_race.h"
#include "weft/waker/wait.h"

namespace weft {
namespace {

// Plain memory, so that a missing order is a race, and an allocation, so that a
// value that is lost or destroyed twice is found.
struct Message {
  std::uint64_t sender;
  std::uint64_t number;
};
using Box = std::unique_ptr<Message>;

Box MakeBox(std::uint64_t sender, std::uint64_t number) {
  return std::make_unique<Message>(Message{sender, number});
}

// Senders that send in every way, and now and then give up a wait; the receiver
// receives in every way. What was sent arrives, of each sender in its order.
TEST(MpscStress, WhatWasSentArrivesOnceAndInOrder) {
  constexpr std::uint64_t kSenders = 3;
  const std::uint64_t seed = TestSeed();
  for (std::size_t capacity : {1, 2, 3, 64}) {
    SCOPED_TRACE(capacity);
    auto [sender, receiver] = Mpsc<Box>(capacity);
    std::vector<std::uint64_t> sent(kSenders);
    std::vector<Thread> threads;
    const std::uint64_t messages = StressIterations(20'000);
    for (std::uint64_t id = 0; id < kSenders; ++id) {
      threads.emplace_back([&, id, sender = sender]() mutable {
        XorShift64 random(seed + id);
        for (std::uint64_t i = 0; i < messages;) {
          switch (random.Below(4)) {
            case 0:
              if (!sender.TrySend(MakeBox(id, i))) ++i;
              break;
            case 1: {
              // Sent or not, it does not come later.
              Waker waker = NoopWaker();
              Context context(waker);
              auto send = sender.Send(MakeBox(id, i));
              bool done = send.Poll(context).ready();
              RaceDelay(random);
              done = done || !send.TryCancel();
              if (done) ++i;
              break;
            }
            default:
              ASSERT_FALSE(Wait(sender.Send(MakeBox(id, i))).has_value());
              ++i;
          }
        }
        sent[id] = messages;
      });
    }
    { auto last = std::move(sender); }
    XorShift64 random(seed + kSenders);
    std::vector<std::uint64_t> next(kSenders);
    for (;;) {
      std::optional<Box> box;
      switch (random.Below(4)) {
        case 0:
          box = receiver.TryReceive();
          if (!box) continue;
          break;
        case 1: {
          Waker waker = NoopWaker();
          Context context(waker);
          auto receive = receiver.Receive();
          auto poll = receive.Poll(context);
          if (!poll.ready()) continue;
          box = std::move(poll).value();
          break;
        }
        default:
          box = Wait(receiver.Receive());
      }
      if (!box) break;
      ASSERT_EQ((*box)->number, next[(*box)->sender]++);
    }
    for (Thread& thread : threads) thread.join();
    EXPECT_EQ(next, sent);
    EXPECT_TRUE(receiver.IsEnded());
  }
}

// I16: close, or the end of the receiver, against senders at work. A value is
// with its sender or with the receiver.
TEST(MpscStress, I16NoValueIsLostWhenTheReceiverClosesOrGoes) {
  const std::uint64_t seed = TestSeed();
  using Channel = std::pair<MpscSender<Box>, MpscReceiver<Box>>;
  std::optional<Channel> channel;
  std::uint64_t taken = 0, received = 0;
  bool counted = false;
  Race(
      StressIterations(50'000), seed,
      [&](std::uint64_t round) {
        channel.emplace(Mpsc<Box>(1 + round % 3));
        taken = received = 0;
      },
      [&](std::uint64_t, XorShift64& random) {
        MpscReceiver<Box>& receiver = channel->second;
        for (int i = random.Below(3); i > 0; --i) {
          received += receiver.TryReceive().has_value();
        }
        counted = random.Below(4) != 0;
        if (!counted) {
          receiver = Mpsc<Box>(1).second;
          return;
        }
        receiver.Close();
        while (Wait(receiver.Receive())) ++received;
      },
      [&](std::uint64_t round, XorShift64&) {
        MpscSender<Box>& sender = channel->first;
        while (!Wait(sender.Send(MakeBox(round, taken)))) ++taken;
      },
      [&](std::uint64_t) {
        if (counted) {
          ASSERT_EQ(received, taken);
        }
        channel.reset();
      });
}

TestTask Receive(TestExecutor&, MpscReceiver<Box>& receiver,
                 std::optional<Box>& value, bool& resumed) {
  value = co_await receiver.Receive();
  resumed = true;
}
TestTask Send(TestExecutor&, MpscSender<Box>& sender, Box value,
              std::optional<Box>& refused, bool& resumed) {
  refused = co_await sender.Send(std::move(value));
  resumed = true;
}

TEST(MpscStress, T20ACoroutineThatSuspendsWhileTheOtherSideActsResumesOnce) {
  const std::uint64_t seed = TestSeed();
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<Box>(1);
  auto& tx = sender;
  auto& rx = receiver;
  TestTask task;
  std::optional<Box> value;
  bool resumed = false;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t round) {
        resumed = false;
        if (round % 2 == 0) {
          task = Receive(executor, rx, value, resumed);
        } else {
          ASSERT_FALSE(tx.TrySend(MakeBox(0, round)).has_value());
          task = Send(executor, tx, MakeBox(1, round), value, resumed);
        }
      },
      [&](std::uint64_t, XorShift64&) { executor.RunOne(); },
      [&](std::uint64_t round, XorShift64&) {
        if (round % 2 == 0) {
          ASSERT_FALSE(tx.TrySend(MakeBox(0, round)).has_value());
        } else {
          ASSERT_EQ(rx.TryReceive().value()->number, round);
        }
      },
      [&](std::uint64_t round) {
        executor.RunAll();
        ASSERT_TRUE(resumed);
        if (round % 2 == 0) {
          ASSERT_EQ(value.value()->number, round);
        } else {
          ASSERT_FALSE(value.has_value());
          ASSERT_EQ(rx.TryReceive().value()->sender, 1u);
        }
      });
  task.Destroy();
}

TEST(MpscStress, OfTheOtherSideAndACancellerExactlyOneWins) {
  const std::uint64_t seed = TestSeed();
  TestExecutor executor;
  auto [sender, receiver] = Mpsc<Box>(1);
  auto& tx = sender;
  auto& rx = receiver;
  TestTask task;
  std::optional<Box> value;
  bool resumed = false, cancelled = false;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t round) {
        resumed = false;
        if (round % 2 == 0) {
          task = Receive(executor, rx, value, resumed);
        } else {
          ASSERT_FALSE(tx.TrySend(MakeBox(0, round)).has_value());
          task = Send(executor, tx, MakeBox(1, round), value, resumed);
        }
        executor.RunAll();
      },
      [&](std::uint64_t, XorShift64&) { cancelled = task.Cancel(); },
      [&](std::uint64_t round, XorShift64&) {
        if (round % 2 == 0) {
          ASSERT_FALSE(tx.TrySend(MakeBox(0, round)).has_value());
        } else {
          ASSERT_EQ(rx.TryReceive().value()->number, round);
        }
      },
      [&](std::uint64_t round) {
        ASSERT_EQ(executor.size(), cancelled ? 0u : 1u);
        executor.RunAll();
        ASSERT_NE(resumed, cancelled);
        // The message is where it belongs.
        const bool left = rx.TryReceive().has_value();
        ASSERT_EQ(left, (round % 2 == 0) == cancelled);
      });
  task.Destroy();
}

}  // namespace
}  // namespace weft
