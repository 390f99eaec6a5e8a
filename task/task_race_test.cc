// The end of a task against everything that its handles may do at the same
// time, race by race. One thread runs a task to its end, the other does the
// rest.

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/task/testing/manual_scheduler.h"
#include "weft/task/testing/tracked.h"
#include "weft/task/yield.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/test_race.h"
#include "weft/waker/test_waker.h"

namespace weft {
namespace {

using task_testing::ManualScheduler;
using task_testing::Tracked;
using task_testing::Tracker;

// A body that ends at its second run, of each kind; its result owns something.
using Value = std::unique_ptr<int>;

struct PollTwice {
  Tracked tracked;
  int polls = 0;
  weft::Poll<Value> Poll(Context& context) {
    if (++polls == 2) return std::make_unique<int>(polls);
    context.waker().WakeByRef();
    return kPending;
  }
};
Task<Value> RunTwice(Tracked) {
  co_await YieldNow();
  co_return std::make_unique<int>(2);
}
TaskHeader* NewVictim(bool coroutine, Tracker& tracker) {
  return coroutine ? RunTwice(Tracked(tracker)).Release(true)
                   : NewTask(PollTwice{Tracked(tracker)}, true);
}

class TaskRace : public ::testing::TestWithParam<bool> {
 protected:
  // Runs a victim's two turns against `attack(handle, random)`, on the other
  // thread; calls `verify()` after each round, when the handle is gone.
  template <class Attack, class Verify>
  void Run(Attack attack, Verify verify) {
    const std::uint64_t seed = TestSeed();
    std::optional<ManualScheduler> scheduler;
    std::optional<Tracker> tracker;
    JoinHandle<Value> handle;
    Race(
        StressIterations(10'000), seed,
        [&](std::uint64_t) {
          scheduler.emplace();
          tracker.emplace();
          TaskHeader* task = NewVictim(GetParam(), *tracker);
          handle = JoinHandle<Value>(task);
          scheduler->Admit(task);
        },
        [&](std::uint64_t, XorShift64&) { scheduler->RunAll(); },
        [&](std::uint64_t, XorShift64& random) { attack(handle, random); },
        [&](std::uint64_t) {
          scheduler->RunAll();
          handle = JoinHandle<Value>();
          EXPECT_EQ(tracker->destroyed(), 1);
          EXPECT_EQ(tracker->alive(), 0);
          verify();
        });
  }
  void Run(void (*attack)(JoinHandle<Value>&, XorShift64&)) {
    Run(attack, [] {});
  }
};

TEST_P(TaskRace, T4AbortAgainstTheRun) {
  // tokio#3965: abort then poll in race; destroyed once, by who runs it.
  Run([](JoinHandle<Value>& handle, XorShift64&) { handle.Abort(); });
}

TEST_P(TaskRace, T6AbortAndDropAgainstCompletion) {
  // Tokio's loom_join_set abort_all_during_completion: the count reaches 0
  // once.
  Run([](JoinHandle<Value>& handle, XorShift64& random) {
    AbortHandle first = handle.GetAbortHandle();
    AbortHandle second = first;
    if (random.Below(2) == 0) first.Abort();
    handle.Detach();
    if (random.Below(2) == 0) second.Abort();
  });
}

TEST_P(TaskRace, T13TheJoinerSeesWhatTheTaskWrote) {
  // brpc#3276; the value is plain memory from the task's thread.
  Run([](JoinHandle<Value>& handle, XorShift64&) {
    EXPECT_EQ(*std::move(handle).Join().value(), 2);
  });
}

TEST_P(TaskRace, T14TheBlockOutlivesTheLastAccessOfItsEnd) {
  // libcoro#240, #287: the joiner frees as soon as the task says it is done.
  Run([](JoinHandle<Value>& handle, XorShift64&) {
    while (!handle.Done()) YieldThread();
    handle = JoinHandle<Value>();
  });
}

TEST_P(TaskRace, T18DetachHandsTheOutcomeOverOrDropsIt) {
  // folly fe27f3930: a relaxed hand-over of something owned.
  Run([](JoinHandle<Value>& handle, XorShift64&) { handle.Detach(); });
}

TEST_P(TaskRace, WakersOfOneJoinerAreReplacedWhileTheTaskEnds) {
  std::optional<TestWaker> a, b;
  a.emplace();
  b.emplace();
  bool ready = false;
  Run(
      [&](JoinHandle<Value>& handle, XorShift64& random) {
        ready = false;
        for (std::uint32_t i = random.Below(4); i > 0 && !ready; --i) {
          Waker mine = (i % 2 == 0 ? *a : *b).Make();
          Context context(mine);
          ready = handle.Poll(context).ready();
        }
      },
      [&] {
        EXPECT_EQ(a->alive() + b->alive(), 0);
        a.emplace();
        b.emplace();
      });
}

TEST_P(TaskRace, PolledFirstAndAwaitedThenWhileTheTaskEnds) {
  std::optional<TestWaker> waker;
  waker.emplace();
  std::optional<ManualScheduler> joiners;
  const auto await = [](JoinHandle<Value>* handle) -> Task<> {
    EXPECT_EQ(*(co_await *handle).value(), 2);
  };
  Run(
      [&](JoinHandle<Value>& handle, XorShift64&) {
        joiners.emplace();
        Waker mine = waker->Make();
        Context context(mine);
        if (handle.Poll(context).ready()) return;
        joiners->SpawnDetached(await(&handle));
        while (joiners->alive() > 0) {
          if (!joiners->RunOne()) YieldThread();
        }
      },
      [&] {
        EXPECT_EQ(waker->alive(), 0);
        waker.emplace();
      });
}

TEST_P(TaskRace, AJoinerIsAbortedWhileWhatItJoinsEnds) {
  std::optional<ManualScheduler> joiners;
  std::optional<Tracker> tracker;
  const auto await = [](JoinHandle<Value> handle, Tracker* tracker) -> Task<> {
    Tracked local(*tracker);
    (void)co_await handle;
  };
  Run(
      [&](JoinHandle<Value>& handle, XorShift64& random) {
        joiners.emplace();
        tracker.emplace();
        auto joiner = joiners->Spawn(await(std::move(handle), &*tracker));
        if (random.Below(4) > 0) joiners->RunOne();
        joiner.Abort();
        while (joiners->alive() > 0) {
          if (!joiners->RunOne()) YieldThread();
        }
      },
      [&] { EXPECT_EQ(tracker->alive(), 0); });
}

INSTANTIATE_TEST_SUITE_P(PollAndCoroutine, TaskRace, ::testing::Bool());

}  // namespace
}  // namespace weft
