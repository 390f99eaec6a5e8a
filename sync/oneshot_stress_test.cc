#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/sync/oneshot.h"
#include "weft/waker/test_coroutine.h"
#include "weft/waker/test_race.h"
#include "weft/waker/test_waker.h"
#include "weft/waker/wait.h"

namespace weft {
namespace {

// A value that counts itself, so that none is lost or destroyed twice, and
// carries plain memory, so that a missing order is a race.
class Payload {
 public:
  explicit Payload(std::uint64_t number)
      : number_(std::make_unique<std::uint64_t>(number)) {
    made.fetch_add(1, std::memory_order_relaxed);
  }
  Payload(Payload&&) noexcept = default;
  Payload& operator=(Payload&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Payload() {
    if (number_ != nullptr) ended.fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t number() const { return *number_; }

  static std::uint64_t alive() {
    return made.load(std::memory_order_relaxed) -
           ended.load(std::memory_order_relaxed);
  }

 private:
  static inline constinit atomic<std::uint64_t> made{0};
  static inline constinit atomic<std::uint64_t> ended{0};
  std::unique_ptr<std::uint64_t> number_;
};

using Channel = std::pair<OneshotSender<Payload>, OneshotReceiver<Payload>>;

// What became of the value of one round.
struct Fate {
  bool sent = false;
  std::optional<Payload> received;
  std::optional<Payload> given_back;
};

// Sends (three times in four) or hangs up.
void SendOrHangUp(OneshotSender<Payload> sender, std::uint64_t round,
                  XorShift64& random, Fate& fate) {
  if (random.Below(4) == 0) return;
  fate.given_back = std::move(sender).Send(Payload(round));
  fate.sent = !fate.given_back.has_value();
}

// known-bugs S7 (tokio #4226; loom changing_rx_task): the sender acts while the
// receiver polls with changing wakers, closes, or goes.
TEST(OneshotStress, S7AReceiverThatChangesItsWakerLosesNeitherWakeNorValue) {
  const std::uint64_t seed = TestSeed();
  std::array<TestWaker, 3> targets;
  std::array<Waker, 3> wakers = {targets[0].Make(), targets[1].Make(),
                                 targets[2].Make()};
  std::optional<Channel> channel;
  Fate fate;
  std::array<int, 3> wakes_before;
  std::uint32_t last = 0;
  enum { kReady, kPending, kGone } end = kGone;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t) {
        channel.emplace(Oneshot<Payload>());
        fate = Fate();
        for (int i : {0, 1, 2}) wakes_before[i] = targets[i].wakes();
      },
      [&](std::uint64_t, XorShift64& random) {
        OneshotReceiver<Payload>& receiver = channel->second;
        end = kPending;
        for (int polls = 1 + random.Below(4); polls > 0; --polls) {
          last = random.Below(3);
          Context context(wakers[last]);
          auto poll = receiver.Poll(context);
          if (poll.ready()) {
            fate.received = std::move(poll).value();
            end = kReady;
            return;
          }
        }
        switch (random.Below(4)) {
          case 0:
            receiver.Close();
            fate.received = receiver.TryReceive();
            end = kReady;
            break;
          case 1:
            receiver = Oneshot<Payload>().second;
            end = kGone;
            break;
        }
      },
      [&](std::uint64_t round, XorShift64& random) {
        SendOrHangUp(std::move(channel->first), round, random, fate);
      },
      [&](std::uint64_t round) {
        if (end == kPending) {
          ASSERT_EQ(targets[last].wakes(), wakes_before[last] + 1)
              << "the last waker is called, once";
          Context context(wakers[last]);
          auto poll = channel->second.Poll(context);
          ASSERT_TRUE(poll.ready());
          fate.received = std::move(poll).value();
        }
        if (end != kGone) {
          ASSERT_EQ(fate.received.has_value(), fate.sent);
        }
        if (fate.received) {
          ASSERT_EQ(fate.received->number(), round);
        }
        channel.reset();
        ASSERT_EQ(Payload::alive(),
                  fate.received.has_value() + fate.given_back.has_value());
        int wakes = 0;
        for (int i : {0, 1, 2}) {
          ASSERT_EQ(targets[i].alive(), 1);
          wakes += targets[i].wakes() - wakes_before[i];
        }
        ASSERT_LE(wakes, 1);
      });
  EXPECT_LE(Payload::alive(), 1u);
}

TestTask Receive(TestExecutor&, OneshotReceiver<Payload> receiver, Fate& fate,
                 bool& resumed) {
  fate.received = co_await receiver;
  resumed = true;
}
ForeignTask ReceiveForeign(OneshotReceiver<Payload> receiver, Fate& fate,
                           bool& resumed) {
  fate.received = co_await std::move(receiver);
  resumed = true;
}

TEST(OneshotStress, T20ACoroutineThatSuspendsWhileTheSenderActsResumesOnce) {
  const std::uint64_t seed = TestSeed();
  TestExecutor executor;
  std::optional<OneshotSender<Payload>> sender;
  TestTask task;
  Fate fate;
  bool resumed = false;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t) {
        auto [tx, rx] = Oneshot<Payload>();
        sender.emplace(std::move(tx));
        fate = Fate();
        resumed = false;
        task = Receive(executor, std::move(rx), fate, resumed);
      },
      [&](std::uint64_t, XorShift64&) { executor.RunOne(); },
      [&](std::uint64_t round, XorShift64& random) {
        SendOrHangUp(*std::move(sender), round, random, fate);
      },
      [&](std::uint64_t round) {
        executor.RunAll();
        ASSERT_TRUE(resumed);
        ASSERT_EQ(fate.received.has_value(), fate.sent);
        ASSERT_TRUE(!fate.sent || fate.received->number() == round);
        task.Destroy();
        sender.reset();
      });
}

TEST(OneshotStress, OfSenderAndCancellerExactlyOneWins) {
  const std::uint64_t seed = TestSeed();
  TestExecutor executor;
  std::optional<OneshotSender<Payload>> sender;
  TestTask task;
  Fate fate;
  bool resumed = false;
  bool cancelled = false;
  std::uint64_t cancels = 0;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t) {
        auto [tx, rx] = Oneshot<Payload>();
        sender.emplace(std::move(tx));
        fate = Fate();
        resumed = false;
        task = Receive(executor, std::move(rx), fate, resumed);
        executor.RunAll();
      },
      [&](std::uint64_t, XorShift64&) {
        cancelled = task.Cancel();
        cancels += cancelled;
      },
      [&](std::uint64_t round, XorShift64& random) {
        SendOrHangUp(*std::move(sender), round, random, fate);
      },
      [&](std::uint64_t) {
        ASSERT_EQ(executor.size(), cancelled ? 0u : 1u);
        executor.RunAll();
        ASSERT_NE(resumed, cancelled);
        if (!cancelled) {
          ASSERT_EQ(fate.received.has_value(), fate.sent);
        }
        task.Destroy();
        sender.reset();
        ASSERT_EQ(Payload::alive(),
                  fate.received.has_value() + fate.given_back.has_value());
      });
  std::printf("the canceller won %llu times\n",
              static_cast<unsigned long long>(cancels));
}

TEST(OneshotStress, AForeignCoroutineMayBeResumedBeforeItsSuspensionReturns) {
  const std::uint64_t seed = TestSeed();
  std::optional<Channel> channel;
  ForeignTask task;
  Fate fate;
  bool resumed = false;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t) {
        channel.emplace(Oneshot<Payload>());
        fate = Fate();
        resumed = false;
      },
      [&](std::uint64_t, XorShift64&) {
        task = ReceiveForeign(std::move(channel->second), fate, resumed);
      },
      [&](std::uint64_t round, XorShift64& random) {
        SendOrHangUp(std::move(channel->first), round, random, fate);
      },
      [&](std::uint64_t round) {
        ASSERT_TRUE(resumed);
        ASSERT_EQ(fate.received.has_value(), fate.sent);
        ASSERT_TRUE(!fate.sent || fate.received->number() == round);
        task.Destroy();
        channel.reset();
      });
}

TEST(OneshotStress, TwoThreadsThatWaitForEachOtherNeverMissAnAnswer) {
  const std::uint64_t seed = TestSeed();
  using Question = std::pair<std::uint64_t, OneshotSender<std::uint64_t>>;
  std::optional<std::pair<OneshotSender<Question>, OneshotReceiver<Question>>>
      questions;
  Race(
      StressIterations(20'000), seed,
      [&](std::uint64_t) { questions.emplace(Oneshot<Question>()); },
      [&](std::uint64_t round, XorShift64&) {
        auto [sender, receiver] = Oneshot<std::uint64_t>();
        std::move(questions->first).Send(Question(round, std::move(sender)));
        ASSERT_EQ(Wait(receiver), round + 1);
      },
      [&](std::uint64_t, XorShift64&) {
        std::optional<Question> question = Wait(questions->second);
        ASSERT_TRUE(question.has_value());
        std::move(question->second).Send(question->first + 1);
      },
      [](std::uint64_t) {});
}

}  // namespace
}  // namespace weft
