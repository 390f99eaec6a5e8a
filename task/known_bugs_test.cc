// Bugs that other schedulers had in their tasks, wakers and join handles, each
// as a test of ours. The numbers are those of the list that this project keeps.
// Elsewhere: T2 and T7 also in join_handle_test, T9 and T17 in task_test, T20
// in join_handle_test; T4, T6, T13, T14 and T18 need threads and time and are
// in task_race_test, T19 in task_stress_test. T11 (local sets) and T12 (task
// dumps) are about things that we do not have; T16's cancellation tree is not
// here yet, but its scenario is, for aborts.

#include <chrono>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/task/await.h"
#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/task/testing/errors.h"
#include "weft/task/testing/event.h"
#include "weft/task/testing/manual_scheduler.h"
#include "weft/task/testing/thread_scheduler.h"
#include "weft/task/testing/tracked.h"
#include "weft/task/yield.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

using task_testing::Event;
using task_testing::HowItEnded;
using task_testing::ManualScheduler;
using task_testing::ThreadScheduler;
using task_testing::Tracked;
using task_testing::Tracker;

// A future that leaves a waker behind and is ready when it is told to be.
struct Sleeper {
  Waker* waker;
  const bool* ready;
  weft::Poll<void> Poll(Context& context) {
    *waker = context.waker().Clone();
    if (*ready) return kReady;
    return kPending;
  }
};

Task<> AwaitEvent(Event* event, Tracker* tracker) {
  Tracked local(*tracker);
  co_await *event;
}

TEST(KnownBugs, T2OwnedAndLentWakersOfOneTaskAreTheSame) {
  // tokio#2045, #7699, #4751.
  ManualScheduler scheduler;
  struct Compares {
    Waker* mine;
    Waker* others;
    weft::Poll<void> Poll(Context& context) {
      Waker owned = context.waker().Clone();
      Waker cloned = owned.Clone();
      EXPECT_TRUE(context.waker().WillWake(owned));
      EXPECT_TRUE(context.waker().WillWake(cloned));
      EXPECT_TRUE(owned.WillWake(cloned));
      EXPECT_FALSE(context.waker().WillWake(*others));
      EXPECT_FALSE(owned.WillWake(*others));
      *mine = std::move(owned);
      return kReady;
    }
  };
  // Of every pair of kinds.
  Waker a, b, c;
  const auto coroutine = [](Compares compares) -> Task<> {
    co_await Await(std::move(compares));
  };
  scheduler.SpawnDetached(Compares{&a, &c});
  scheduler.RunAll();
  scheduler.SpawnDetached(Compares{&b, &a});
  scheduler.RunAll();
  scheduler.SpawnDetached(coroutine(Compares{&c, &b}));
  scheduler.RunAll();
}

// ---- T3: who aborts what when. tokio#3157, #3159, #3662, #3672, #3934, #3964.
// (After the scheduler's end: join_handle_test, AbortHandlesAreCopied...)

enum class Victim { kQueued, kIdle, kRunning, kComplete };
enum class Aborter { kOwnWorker, kOtherScheduler, kForeignThread };

// Shared by a running victim and its aborter.
struct Meeting {
  atomic<bool> running{false};
  atomic<bool> aborted{false};
  void WaitForAbort() {
    running.store(true, std::memory_order_relaxed);
    while (!aborted.load(std::memory_order_relaxed)) YieldThread();
  }
};

class T3 : public ::testing::TestWithParam<std::tuple<Victim, Aborter, bool>> {
};

TEST_P(T3, TheBodyIsDestroyedOnceByItsOwnScheduler) {
  const auto [victim, aborter, coroutine] = GetParam();
  Tracker tracker;
  Meeting meeting;
  Event never;
  Waker waker;
  const bool no = false;
  ThreadScheduler scheduler(2, 1);
  ThreadScheduler other(1, 2);
  tracker.on_destroy = [&] { EXPECT_TRUE(scheduler.OnWorker()); };

  const auto as_coroutine = [&, victim = victim](Tracked) -> Task<> {
    if (victim == Victim::kIdle) co_await never;
    if (victim == Victim::kRunning) {
      meeting.WaitForAbort();
      co_await YieldNow();
    }
  };
  struct AsFuture {
    Victim victim;
    Meeting* meeting;
    Sleeper sleeper;
    Tracked tracked;
    weft::Poll<void> Poll(Context& context) {
      if (victim == Victim::kIdle) return sleeper.Poll(context);
      if (victim != Victim::kRunning) return kReady;
      meeting->WaitForAbort();
      return kPending;
    }
  };
  TaskHeader* task =
      coroutine
          ? as_coroutine(Tracked(tracker)).Release(true)
          : NewTask(AsFuture{victim, &meeting, {&waker, &no}, Tracked(tracker)},
                    true);
  JoinHandle<void> handle(task);

  // Brings the victim where it is to be aborted.
  std::optional<AbortHandle> abort = handle.GetAbortHandle();
  if (victim == Victim::kQueued) {
    task->Bind(&scheduler);  // and into no queue that anybody runs, yet
  } else {
    scheduler.Admit(task);
  }
  if (victim == Victim::kRunning) {
    while (!meeting.running.load(std::memory_order_relaxed)) YieldThread();
  }
  if (victim == Victim::kComplete) {
    while (!handle.Done()) YieldThread();
  }
  if (victim == Victim::kIdle) {
    // Idle soon; aborted on the way there, the end is the same.
    SleepFor(std::chrono::milliseconds(1));
  }

  const auto do_abort = [&] {
    abort->Abort();
    abort.reset();  // at once: tokio#3964
  };
  switch (aborter) {
    case Aborter::kOwnWorker:
      (void)scheduler.Spawn(do_abort).Join();
      break;
    case Aborter::kOtherScheduler:
      (void)other.Spawn(do_abort).Join();
      break;
    case Aborter::kForeignThread:
      Thread(do_abort).join();
      break;
  }
  meeting.aborted.store(true, std::memory_order_relaxed);
  if (victim == Victim::kQueued) scheduler.Admit(task);

  EXPECT_EQ(HowItEnded(std::move(handle).Join()),
            victim == Victim::kComplete ? "value" : "cancelled");
  EXPECT_EQ(tracker.destroyed(), 1);
}

INSTANTIATE_TEST_SUITE_P(
    KnownBugs, T3,
    ::testing::Combine(::testing::Values(Victim::kQueued, Victim::kIdle,
                                         Victim::kRunning, Victim::kComplete),
                       ::testing::Values(Aborter::kOwnWorker,
                                         Aborter::kOtherScheduler,
                                         Aborter::kForeignThread),
                       ::testing::Bool()));

TEST(KnownBugs, T7TwoTasksThatJoinEachOtherLeakNothingWhenAborted) {
  // tokio#6986, #7886, #8095: the join wakers form a cycle.
  for (const bool polled : {false, true}) {
    ManualScheduler scheduler;
    Tracker tracker;
    // Where each finds the other's handle.
    std::optional<JoinHandle<void>> to_a, to_b;
    const auto body = [](std::optional<JoinHandle<void>>* other, bool polled,
                         Tracker* tracker) -> Task<> {
      Tracked local(*tracker);
      JoinHandle<void> handle = *std::exchange(*other, std::nullopt);
      if (polled) {
        (void)co_await Await(std::move(handle));
      } else {
        (void)co_await handle;
      }
    };
    TaskHeader* a = body(&to_b, polled, &tracker).Release(true);
    TaskHeader* b = body(&to_a, polled, &tracker).Release(true);
    to_a.emplace(a);
    to_b.emplace(b);
    AbortHandle abort_a(a), abort_b(b);
    scheduler.Admit(a);
    scheduler.Admit(b);
    scheduler.RunAll();
    EXPECT_EQ(tracker.alive(), 2);
    abort_a.Abort();
    abort_b.Abort();
    scheduler.RunAll();
    EXPECT_EQ(tracker.destroyed(), 2);
  }
}

TEST(KnownBugs, T7APollStyleTaskThatHoldsItsOwnWakerAndHandleIsNotACycle) {
  ManualScheduler scheduler;
  Tracker tracker;
  struct Selfish {
    std::optional<JoinHandle<void>>* handle;
    Tracked tracked;
    Waker own = {};
    std::optional<JoinHandle<void>> self = {};
    weft::Poll<void> Poll(Context& context) {
      own = context.waker().Clone();
      self = std::exchange(*handle, std::nullopt);
      EXPECT_FALSE(self->Poll(context).ready());
      return kReady;
    }
  };
  std::optional<JoinHandle<void>> handle;
  TaskHeader* task = NewTask(Selfish{&handle, Tracked(tracker)}, true);
  handle.emplace(task);
  scheduler.Admit(task);
  scheduler.RunAll();
  EXPECT_EQ(tracker.destroyed(), 1);
  EXPECT_EQ(scheduler.alive(), 0);  // and no leak: LeakSanitizer's part
}

struct WakesAtThreadExit {
  Waker waker;
  ~WakesAtThreadExit() { std::move(waker).Wake(); }
};

TEST(KnownBugs, T8AWakeFromAThreadLocalsDestructorIsDelivered) {
  // tokio#6148: wakes while this thread's other thread-locals may be gone.
  ManualScheduler scheduler;
  bool ready = false;
  Waker waker;
  auto poll = scheduler.Spawn(Sleeper{&waker, &ready});
  scheduler.RunAll();
  Waker second;
  const auto body = [](Sleeper sleeper) -> Task<> {
    co_await Await(std::move(sleeper));
  };
  auto coroutine = scheduler.Spawn(body(Sleeper{&second, &ready}));
  scheduler.RunAll();
  ready = true;
  Thread([&] {
    thread_local WakesAtThreadExit first_at_exit, second_at_exit;
    first_at_exit.waker = std::move(waker);
    second_at_exit.waker = std::move(second);
  }).join();
  EXPECT_EQ(scheduler.RunAll(), 2u);
  EXPECT_TRUE(poll.Done());
  EXPECT_TRUE(coroutine.Done());
}

TEST(KnownBugs, T9BodiesAreDestroyedOnTheirWorkersAndMaySpawnThere) {
  // tokio#4213.
  atomic<int> spawned{0};
  {
    ThreadScheduler scheduler(2, 3);
    Tracker tracker;
    tracker.on_destroy = [&] {
      EXPECT_TRUE(scheduler.OnWorker());
      scheduler.SpawnDetached(
          [&] { spawned.fetch_add(1, std::memory_order_relaxed); });
    };
    Event never;
    auto waiting = scheduler.Spawn(AwaitEvent(&never, &tracker));
    auto poll = scheduler.Spawn([body = Tracked(tracker)] {});
    waiting.Abort();
    EXPECT_EQ(HowItEnded(std::move(waiting).Join()), "cancelled");
    (void)std::move(poll).Join();
    scheduler.Drain();
  }
  // The waiting one may have been aborted before it made its local.
  EXPECT_GE(spawned.load(std::memory_order_relaxed), 1);
}

TEST(KnownBugs, T10AWakeFromAnotherSchedulersTaskGoesToTheTasksOwn) {
  // tokio#1851, #1861: the current scheduler was taken for the task's.
  ManualScheduler one, two;
  Event event;
  Tracker tracker;
  bool ready = false;
  Waker waker;
  auto coroutine = one.Spawn(AwaitEvent(&event, &tracker));
  auto poll = one.Spawn(Sleeper{&waker, &ready});
  auto joined = two.Spawn([] {});
  const auto join = [](JoinHandle<void> handle) -> Task<> {
    (void)co_await handle;
  };
  auto joiner = one.Spawn(join(std::move(joined)));
  one.RunAll();
  two.SpawnDetached([&] {
    ready = true;
    event.Happen();
    std::move(waker).Wake();
  });
  two.RunAll();
  EXPECT_EQ(two.queued(), 0u);
  EXPECT_EQ(one.queued(), 3u);
  one.RunAll();
  EXPECT_TRUE(coroutine.Done() && poll.Done() && joiner.Done());
}

TEST(KnownBugs, T15AnOperationMayCompleteAtAnyMomentOfTheSuspension) {
  // stdexec#2038 (b4a598d6): completed inline during await_suspend.
  enum When { kBefore, kBeforeEnroll, kInline, kByAnotherThread, kAfter };
  for (const When when :
       {kBefore, kBeforeEnroll, kInline, kByAnotherThread, kAfter}) {
    ManualScheduler scheduler;
    Tracker tracker;
    Event event;
    if (when == kBefore) event.Happen();
    if (when == kBeforeEnroll) event.before_enroll = [&] { event.Happen(); };
    if (when == kInline) event.after_enroll = [&] { event.Happen(); };
    if (when == kByAnotherThread) {
      event.after_enroll = [&] { Thread([&] { event.Happen(); }).join(); };
    }
    auto handle = scheduler.Spawn(AwaitEvent(&event, &tracker));
    EXPECT_EQ(scheduler.RunAll(), 1u);
    EXPECT_EQ(handle.Done(), when != kAfter) << when;
    if (when == kAfter) event.Happen();
    EXPECT_EQ(scheduler.RunAll(), when == kAfter ? 1u : 0u);
    EXPECT_TRUE(std::move(handle).Join().ok());
  }
}

TEST(KnownBugs, T16AbortsThatSetOffOneAnotherFromWithinTryCancel) {
  // stdexec 1649cf3d: children that complete from within the stop request
  // destroyed what was being iterated.
  ManualScheduler scheduler;
  Tracker tracker;
  constexpr int kTasks = 5;
  Event events[kTasks];
  std::vector<JoinHandle<void>> handles;
  for (Event& event : events) {
    handles.push_back(scheduler.Spawn(AwaitEvent(&event, &tracker)));
  }
  scheduler.RunAll();
  for (int i = 0; i < kTasks; ++i) {
    events[i].before_cancel = [&, i] {
      for (auto& handle : handles) handle.Abort();
      events[(i + 2) % kTasks].Happen();
    };
  }
  handles[0].Abort();
  scheduler.RunAll();
  EXPECT_EQ(tracker.destroyed(), kTasks);
  for (auto& handle : handles) {
    EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
  }
}

}  // namespace
}  // namespace weft
