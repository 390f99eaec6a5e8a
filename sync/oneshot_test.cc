#include "weft/sync/oneshot.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/exception.h"
#include "weft/base/thread.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/test_waker.h"
#include "weft/waker/wait.h"

namespace weft {
namespace {

static_assert(Future<OneshotReceiver<int>>);
static_assert(
    std::is_same_v<FutureResult<OneshotReceiver<int>>, std::optional<int>>);
static_assert(!std::is_copy_constructible_v<OneshotSender<int>>);
static_assert(!std::is_copy_constructible_v<OneshotReceiver<int>>);
static_assert(std::is_nothrow_move_constructible_v<OneshotSender<int>>);
static_assert(std::is_nothrow_move_assignable_v<OneshotReceiver<int>>);
static_assert(sizeof(OneshotSender<int>) == sizeof(void*));
static_assert(sizeof(OneshotReceiver<int>) == sizeof(void*));
static_assert(sizeof(sync_internal::OneshotChannel<int>) == 32,
              "two channels share a cache line");

// A poll for the test's eyes only: registers a waker that wakes nobody.
template <class T>
Poll<std::optional<T>> PollOnce(OneshotReceiver<T>& receiver) {
  Waker noop = NoopWaker();
  Context context(noop);
  return receiver.Poll(context);
}
template <class T>
Poll<std::optional<T>> PollWith(OneshotReceiver<T>& receiver,
                                const Waker& waker) {
  Context context(waker);
  return receiver.Poll(context);
}

TEST(Oneshot, DeliversWhatWasSent) {
  auto [sender, receiver] = Oneshot<int>();
  EXPECT_FALSE(receiver.TryReceive().has_value());
  EXPECT_FALSE(PollOnce(receiver).ready());
  EXPECT_EQ(std::move(sender).Send(7), std::nullopt);
  auto poll = PollOnce(receiver);
  ASSERT_TRUE(poll.ready());
  EXPECT_EQ(poll.value(), 7);
}

TEST(Oneshot, TakesAValueThatCanOnlyBeMoved) {
  auto [sender, receiver] = Oneshot<std::unique_ptr<int>>();
  std::move(sender).Send(std::make_unique<int>(7));
  EXPECT_EQ(**receiver.TryReceive(), 7);
}

TEST(Oneshot, CarriesASignalAsMonostate) {
  auto [sender, receiver] = Oneshot<std::monostate>();
  std::move(sender).Send({});
  EXPECT_TRUE(receiver.TryReceive().has_value());
}

TEST(Oneshot, SaysThatNothingWillComeWhenTheSenderIsDropped) {
  TestWaker target;
  auto [sender, receiver] = Oneshot<int>();
  EXPECT_FALSE(PollWith(receiver, target.Make()).ready());
  { OneshotSender<int> dropped = std::move(sender); }
  EXPECT_EQ(target.wakes(), 1);
  auto poll = PollOnce(receiver);
  ASSERT_TRUE(poll.ready());
  EXPECT_FALSE(poll.value().has_value());
}

TEST(Oneshot, GivesTheValueBackWhenTheReceiverIsGone) {
  auto [sender, receiver] = Oneshot<std::unique_ptr<int>>();
  EXPECT_FALSE(sender.IsClosed());
  { OneshotReceiver<std::unique_ptr<int>> dropped = std::move(receiver); }
  EXPECT_TRUE(sender.IsClosed());
  auto back = std::move(sender).Send(std::make_unique<int>(7));
  ASSERT_TRUE(back.has_value());
  EXPECT_EQ(**back, 7);
}

TEST(Oneshot, GivesTheValueBackWhenTheReceiverHasClosed) {
  auto [sender, receiver] = Oneshot<int>();
  receiver.Close();
  receiver.Close();
  EXPECT_TRUE(sender.IsClosed());
  EXPECT_EQ(std::move(sender).Send(7), 7);
  EXPECT_TRUE(PollOnce(receiver).ready());
  EXPECT_EQ(receiver.TryReceive(), std::nullopt);
}

TEST(Oneshot, StillDeliversWhatWasSentBeforeItWasClosed) {
  auto [sender, receiver] = Oneshot<int>();
  std::move(sender).Send(7);
  receiver.Close();
  EXPECT_EQ(receiver.TryReceive(), 7);
}

TEST(Oneshot, IsReadyWithoutAValueWhenClosedBeforeAnythingWasSent) {
  auto [sender, receiver] = Oneshot<int>();
  receiver.Close();
  auto poll = PollOnce(receiver);
  ASSERT_TRUE(poll.ready());
  EXPECT_FALSE(poll.value().has_value());
  EXPECT_TRUE(sender.IsClosed());
}

TEST(Oneshot, LeavesEmptyEndsThatDoNothing) {
  auto [sender, receiver] = Oneshot<int>();
  std::move(sender).Send(1);
  EXPECT_TRUE(sender.IsClosed());           // NOLINT: used up
  EXPECT_EQ(std::move(sender).Send(2), 2);  // NOLINT
  EXPECT_EQ(receiver.TryReceive(), 1);
  EXPECT_EQ(receiver.TryReceive(), std::nullopt);
  EXPECT_TRUE(PollOnce(receiver).ready());
  receiver.Close();
}

TEST(Oneshot, AssignmentEndsTheOldChannel) {
  auto [sender, receiver] = Oneshot<int>();
  auto [other_sender, other_receiver] = Oneshot<int>();
  sender = std::move(other_sender);
  EXPECT_EQ(receiver.TryReceive(), std::nullopt);
  EXPECT_TRUE(PollOnce(receiver).ready());
  std::move(sender).Send(2);
  receiver = std::move(other_receiver);
  EXPECT_EQ(receiver.TryReceive(), 2);
}

TEST(OneshotPoll, CallsTheLastWakerOnlyAndDropsTheOthers) {
  TestWaker first;
  TestWaker second;
  auto [sender, receiver] = Oneshot<int>();
  Waker one = first.Make();
  Waker two = second.Make();
  EXPECT_FALSE(PollWith(receiver, one).ready());
  EXPECT_FALSE(PollWith(receiver, one).ready());
  EXPECT_EQ(first.clones(), 1) << "the same waker is not cloned again";
  EXPECT_FALSE(PollWith(receiver, two).ready());
  EXPECT_EQ(first.alive(), 1);
  std::move(sender).Send(7);
  EXPECT_EQ(first.wakes(), 0);
  EXPECT_EQ(second.wakes(), 1);
  EXPECT_EQ(second.alive(), 1) << "the wake used the clone up";
}

// known-bugs T7: a waker kept too long keeps a task, and a cycle of tasks,
// alive.
TEST(OneshotPoll, T7DropsItsWakerAtOnceWhenItIsClosedOrDropped) {
  TestWaker target;
  Waker waker = target.Make();
  for (bool close : {false, true}) {
    auto [sender, receiver] = Oneshot<int>();
    EXPECT_FALSE(PollWith(receiver, waker).ready());
    EXPECT_EQ(target.alive(), 2);
    if (close) {
      receiver.Close();
    } else {
      OneshotReceiver<int> dropped = std::move(receiver);
    }
    EXPECT_EQ(target.alive(), 1);
    EXPECT_EQ(std::move(sender).Send(7), 7);
  }
  EXPECT_EQ(target.wakes(), 0);
}

// known-bugs L5.
TEST(OneshotPoll, L5SpendsBudgetOnlyWhenReadyAndYieldsWithoutAny) {
  TestWaker target;
  Waker waker = target.Make();
  auto [sender, receiver] = Oneshot<int>();
  Budget::Exchange(1);
  EXPECT_FALSE(PollWith(receiver, waker).ready());
  EXPECT_EQ(Budget::Exchange(0), 1) << "nothing is spent on \"not yet\"";
  std::move(sender).Send(7);
  EXPECT_EQ(target.wakes(), 1);
  EXPECT_FALSE(PollWith(receiver, waker).ready());
  EXPECT_EQ(target.wakes(), 2) << "it woke its own task";
  Budget::Exchange(1);
  EXPECT_TRUE(PollWith(receiver, waker).ready());
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), 0);
}

// What the other side does, and what the receiver must see then.
struct Act {
  const char* name;
  std::function<void(OneshotSender<int>&, OneshotReceiver<int>&)> act;
  std::optional<int> expected;
};
std::vector<Act> Acts() {
  return {
      {"send", [](auto& s, auto&) { std::move(s).Send(7); }, 7},
      {"hang up", [](auto& s, auto&) { s = Oneshot<int>().first; },
       std::nullopt},
      {"close", [](auto&, auto& r) { r.Close(); }, std::nullopt},
      {"send, close",
       [](auto& s, auto& r) {
         std::move(s).Send(7);
         r.Close();
       },
       7},
      {"close, send",
       [](auto& s, auto& r) {
         r.Close();
         EXPECT_EQ(std::move(s).Send(7), 7);
       },
       std::nullopt},
  };
}

TEST(OneshotPoll, AnswersTheSameWheneverTheOtherSideActs) {
  enum When { kBeforeThePoll, kInTheClone, kAfterThePoll };
  for (const Act& act : Acts()) {
    for (When when : {kBeforeThePoll, kInTheClone, kAfterThePoll}) {
      SCOPED_TRACE(std::string(act.name) + " at " + std::to_string(when));
      TestWaker target;
      auto [s, r] = Oneshot<int>();
      auto& sender = s;
      auto& receiver = r;
      Waker waker = target.Make();
      if (when == kBeforeThePoll) act.act(sender, receiver);
      if (when == kInTheClone) {
        target.on_clone = [&] { act.act(sender, receiver); };
      }
      auto poll = PollWith(receiver, waker);
      if (when == kAfterThePoll) {
        EXPECT_FALSE(poll.ready());
        act.act(sender, receiver);
        poll = PollWith(receiver, waker);
      }
      ASSERT_TRUE(poll.ready());
      EXPECT_EQ(poll.value(), act.expected);
      EXPECT_EQ(target.alive(), 1);
    }
  }
}

// known-bugs S2: the waker's functions may use the other end.
TEST(OneshotPoll, S2DropOfAReplacedWakerMaySend) {
  TestWaker first;
  TestWaker second;
  auto [s, receiver] = Oneshot<int>();
  auto& sender = s;
  Waker two = second.Make();
  EXPECT_FALSE(PollWith(receiver, first.Make()).ready());
  first.on_drop = [&] { std::move(sender).Send(7); };
  EXPECT_FALSE(PollWith(receiver, two).ready());
  EXPECT_EQ(second.wakes(), 1) << "the new waker was in place before the drop";
  EXPECT_EQ(receiver.TryReceive(), 7);
}

TEST(OneshotPoll, S2DropOfTheLastWakerMaySend) {
  for (bool close : {false, true}) {
    TestWaker target;
    auto [s, r] = Oneshot<int>();
    auto& sender = s;
    EXPECT_FALSE(PollOnce(r).ready());
    Waker waker = target.Make();
    EXPECT_FALSE(PollWith(r, waker).ready());
    std::move(waker).Wake();
    std::optional<int> back;
    target.on_drop = [&] { back = std::move(sender).Send(7); };
    if (close) {
      r.Close();
    } else {
      OneshotReceiver<int> dropped = std::move(r);
    }
    EXPECT_EQ(back, 7) << "it had closed before the drop";
  }
}

TEST(OneshotPoll, S2WakeMayReceiveAndDestroyBothEnds) {
  TestWaker target;
  auto ends =
      std::make_unique<std::pair<OneshotSender<int>, OneshotReceiver<int>>>(
          Oneshot<int>());
  std::optional<int> received;
  target.on_wake = [&] {
    received = ends->second.TryReceive();
    ends = nullptr;
  };
  EXPECT_FALSE(PollWith(ends->second, target.Make()).ready());
  std::move(ends->first).Send(7);
  EXPECT_EQ(received, 7);
}

// A value whose destructor does what the test wants.
class RunsAtEnd {
 public:
  explicit RunsAtEnd(std::function<void()> at_end)
      : at_end_(std::move(at_end)) {}
  RunsAtEnd(RunsAtEnd&& other) noexcept
      : at_end_(std::exchange(other.at_end_, nullptr)) {}
  ~RunsAtEnd() {
    if (at_end_) at_end_();
  }

 private:
  std::function<void()> at_end_;
};

TEST(Oneshot, DestroysAValueThatNobodyTookWithTheReceiver) {
  int destroyed = 0;
  auto [other_sender, other_receiver] = Oneshot<int>();
  {
    auto [sender, receiver] = Oneshot<RunsAtEnd>();
    std::move(sender).Send(RunsAtEnd(
        [&destroyed,
         s = std::make_shared<OneshotSender<int>>(std::move(other_sender))] {
          ++destroyed;
          std::move(*s).Send(7);
        }));
    EXPECT_EQ(destroyed, 0);
  }
  EXPECT_EQ(destroyed, 1);
  EXPECT_EQ(other_receiver.TryReceive(), 7);
}

TEST(Oneshot, LetsAValuesDestructorUseTheReceiver) {
  auto [s, r] = Oneshot<RunsAtEnd>();
  auto& receiver = r;
  std::move(s).Send(RunsAtEnd([&] {
    EXPECT_FALSE(receiver.TryReceive().has_value());
    receiver.Close();
  }));
  receiver = Oneshot<RunsAtEnd>().second;
}

// A value that does what the test wants when it is moved.
class RunsWhenMoved {
 public:
  explicit RunsWhenMoved(std::function<void()> run) : run_(std::move(run)) {}
  RunsWhenMoved(RunsWhenMoved&& other) : run_(other.run_) { run_(); }
  RunsWhenMoved& operator=(RunsWhenMoved&& other) = default;

 private:
  std::function<void()> run_;
};

// The first move is into the call, the second into the channel.
TEST(Oneshot, RefusesAValueWhileItIsBeingSent) {
  for (bool drop : {false, true}) {
    for (int when : {1, 2}) {
      auto [sender, r] = Oneshot<RunsWhenMoved>();
      auto& receiver = r;
      int moves = 0;
      RunsWhenMoved value([&] {
        if (++moves != when) return;
        if (drop) {
          receiver = Oneshot<RunsWhenMoved>().second;
        } else {
          receiver.Close();
        }
      });
      EXPECT_TRUE(std::move(sender).Send(std::move(value)).has_value());
      EXPECT_FALSE(receiver.TryReceive().has_value())
          << "what is left in the channel is no value";
    }
  }
}

#if __cpp_exceptions
// Throws from its n-th move on.
struct ThrowsWhenMoved {
  explicit ThrowsWhenMoved(int moves) : moves(moves) {}
  ThrowsWhenMoved(ThrowsWhenMoved&& other) : moves(other.moves - 1) {
    if (moves < 0) throw moves;
  }
  int moves;
};

TEST(Oneshot, StaysUsableWhenAMoveThrows) {
  bool sent = false;
  for (int moves = 0; moves < 6; ++moves) {
    auto [s, receiver] = Oneshot<ThrowsWhenMoved>();
    auto& sender = s;
    const bool threw = CatchAll([&, moves] {
                         std::move(sender).Send(ThrowsWhenMoved(moves));
                       }) != nullptr;
    if (threw) {
      EXPECT_FALSE(sent) << "with more moves allowed than this sufficed";
      EXPECT_FALSE(sender.IsClosed());
      EXPECT_FALSE(PollOnce(receiver).ready());
      std::move(sender).Send(ThrowsWhenMoved(100));
      EXPECT_TRUE(receiver.TryReceive().has_value());
      continue;
    }
    sent = true;
    // May throw as well; what is left of the value dies with the channel.
    (void)CatchAll([&, &receiver = receiver] { (void)receiver.TryReceive(); });
  }
  EXPECT_TRUE(sent);
}

TEST(Oneshot, LosesNothingButTheValueWhenItsWayBackThrows) {
  for (int moves = 0; moves < 6; ++moves) {
    auto [s, receiver] = Oneshot<ThrowsWhenMoved>();
    auto& sender = s;
    receiver.Close();
    (void)CatchAll(
        [&, moves] { std::move(sender).Send(ThrowsWhenMoved(moves)); });
    EXPECT_TRUE(PollOnce(receiver).ready());
  }
}

// known-bugs S3.
TEST(OneshotPoll, S3IsAsBeforeWhenACloneThrows) {
  TestWaker thrower;
  TestWaker target;
  auto [sender, receiver] = Oneshot<int>();
  auto& rx = receiver;
  Waker throwing = thrower.Make();
  thrower.on_clone = [] { throw 1; };
  EXPECT_FALSE(PollWith(receiver, target.Make()).ready());
  EXPECT_NE(CatchAll([&] { (void)PollWith(rx, throwing); }), nullptr);
  std::move(sender).Send(7);
  EXPECT_EQ(target.wakes(), 1);
  EXPECT_EQ(receiver.TryReceive(), 7);
}
#endif

// known-bugs T13: with the value comes everything the sender did before.
TEST(Oneshot, WaitsOnAPlainThreadAndSeesWhatTheSenderDid) {
  for (int i = 0; i < 100; ++i) {
    int plain = 0;
    auto [sender, receiver] = Oneshot<std::unique_ptr<int>>();
    Thread other([&plain, sender = std::move(sender)]() mutable {
      plain = 1;
      std::move(sender).Send(std::make_unique<int>(7));
    });
    std::optional<std::unique_ptr<int>> value = Wait(receiver);
    ASSERT_TRUE(value.has_value());
    EXPECT_EQ(**value, 7);
    EXPECT_EQ(plain, 1);
    other.join();
  }
}

}  // namespace
}  // namespace weft
