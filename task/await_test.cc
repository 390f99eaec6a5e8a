// Poll-style futures inside coroutine tasks.

#include "weft/task/await.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/exception.h"
#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/task/testing/errors.h"
#include "weft/task/testing/manual_scheduler.h"
#include "weft/task/testing/tracked.h"
#include "weft/task/yield.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

using task_testing::HowItEnded;
using task_testing::ManualScheduler;
using task_testing::Throw;
using task_testing::Tracked;
using task_testing::Tracker;

// What a test sees and does of a Scripted future.
struct Script {
  int polls = 0;
  int ready_at = 1;
  bool wake_itself = false;
  bool throws = false;
  std::vector<Waker> wakers = {};
  Tracker tracker = {};
};

class Scripted {
 public:
  explicit Scripted(Script& script)
      : script_(&script), tracked_(script.tracker) {}
  weft::Poll<std::unique_ptr<int>> Poll(Context& context) {
    if (script_->wake_itself) context.waker().WakeByRef();
    script_->wakers.push_back(context.waker().Clone());
    if (++script_->polls < script_->ready_at) return kPending;
    if (script_->throws) Throw("from the future");
    return std::make_unique<int>(script_->polls);
  }

 private:
  Script* script_;
  Tracked tracked_;
};

Task<int> Polls(Script* script) {
  co_return *co_await Await(Scripted(*script));
}

TEST(Await, AReadyFutureGivesItsValueAtOnce) {
  ManualScheduler scheduler;
  Script script;
  auto handle = scheduler.Spawn(Polls(&script));
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(std::move(handle).Join().value(), 1);
  EXPECT_EQ(script.tracker.destroyed(), 1);
}

TEST(Await, AFutureOfVoidIsAwaited) {
  ManualScheduler scheduler;
  const auto body = []() -> Task<> { co_await Await(YieldNow()); };
  auto handle = scheduler.Spawn(body());
  EXPECT_EQ(scheduler.RunAll(), 2u);
  EXPECT_TRUE(std::move(handle).Join().ok());
}

TEST(Await, APendingFutureIsPolledOncePerWakeAndTheTaskSleepsBetween) {
  ManualScheduler scheduler;
  Script script{.ready_at = 3};
  auto handle = scheduler.Spawn(Polls(&script));
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(script.polls, 1);
  script.wakers[0].WakeByRef();
  script.wakers[0].Clone().Wake();
  script.wakers[0].WakeByRef();
  EXPECT_EQ(scheduler.RunAll(), 1u) << "three wakes of a sleeper are one entry";
  EXPECT_EQ(script.polls, 2);
  std::move(script.wakers[0]).Wake();
  scheduler.RunAll();
  EXPECT_EQ(std::move(handle).Join().value(), 3);
}

TEST(Await, AWakeDuringThePollGoesToTheBackOfTheQueue) {
  ManualScheduler scheduler;
  Script script{.ready_at = 3, .wake_itself = true};
  auto handle = scheduler.Spawn(Polls(&script));
  scheduler.SpawnDetached([&] { EXPECT_EQ(script.polls, 1); });
  EXPECT_EQ(scheduler.RunAll(), 4u);
  EXPECT_EQ(scheduler.yields(), 2);
  EXPECT_EQ(std::move(handle).Join().value(), 3);
}

TEST(Await, ALateWakeOfAnEarlierFutureIsOnlyASpuriousPoll) {
  ManualScheduler scheduler;
  Script first, second{.ready_at = 3};
  const auto body = [](Script* first, Script* second) -> Task<int> {
    (void)co_await Await(Scripted(*first));
    co_await YieldNow();
    co_return *co_await Await(Scripted(*second));
  };
  auto handle = scheduler.Spawn(body(&first, &second));
  scheduler.RunOne();
  first.wakers[0].WakeByRef();
  scheduler.RunAll();
  EXPECT_EQ(second.polls, 2);
  second.wakers[0].WakeByRef();
  scheduler.RunAll();
  EXPECT_EQ(std::move(handle).Join().value(), 3);
  first.wakers[0].WakeByRef();
  EXPECT_EQ(scheduler.queued(), 0u);
}

TEST(Await, AnExceptionOfThePollIsTheCoroutines) {
  if constexpr (!kExceptionsEnabled) return;
  ManualScheduler scheduler;
  Script script{.ready_at = 2, .wake_itself = true, .throws = true};
  auto handle = scheduler.Spawn(Polls(&script));
  scheduler.RunAll();
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "from the future");
  EXPECT_EQ(script.tracker.destroyed(), 1);
}

TEST(Await, AbortedWhileItSleepsIsDestroyedByAWorkerAndWakersAreHarmless) {
  ManualScheduler scheduler;
  Script script{.ready_at = 2};
  auto handle = scheduler.Spawn(Polls(&script));
  scheduler.RunAll();
  handle.Abort();
  EXPECT_EQ(script.tracker.alive(), 1);
  script.wakers[0].WakeByRef();
  script.wakers[0].Clone().Wake();
  EXPECT_EQ(scheduler.queued(), 1u) << "the abort has the only entry";
  scheduler.RunAll();
  EXPECT_EQ(script.tracker.destroyed(), 1);
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
  script.wakers[0].WakeByRef();
  EXPECT_EQ(scheduler.queued(), 0u);
}

TEST(Await, AbortedAfterAWakeIsDestroyedByTheEntryOfTheWake) {
  ManualScheduler scheduler;
  Script script{.ready_at = 2};
  auto handle = scheduler.Spawn(Polls(&script));
  scheduler.RunAll();
  script.wakers[0].WakeByRef();
  handle.Abort();
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(script.tracker.destroyed(), 1);
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
}

// Aborts its task from within its poll.
struct AbortsItself {
  AbortHandle* abort;
  bool wake;
  weft::Poll<void> Poll(Context& context) {
    abort->Abort();
    if (wake) context.waker().WakeByRef();
    return kPending;
  }
};

TEST(Await, AbortedDuringThePollIsItsOwnCanceller) {
  for (const bool wake : {false, true}) {
    ManualScheduler scheduler;
    Tracker tracker;
    AbortHandle abort;
    const auto body = [](AbortHandle* abort, bool wake, Tracked) -> Task<> {
      co_await Await(AbortsItself{abort, wake});
      ADD_FAILURE();
    };
    auto handle = scheduler.Spawn(body(&abort, wake, Tracked(tracker)));
    abort = handle.GetAbortHandle();
    EXPECT_EQ(scheduler.RunAll(), 2u);
    EXPECT_EQ(tracker.destroyed(), 1);
    EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
  }
}

TEST(Await, AJoinHandleCanBePolledInACoroutine) {
  ManualScheduler scheduler;
  TaskHeader* inner = NewTask(YieldNow(), /*joinable=*/true);
  const auto body = [](JoinHandle<void> handle) -> Task<std::string> {
    co_return HowItEnded(co_await Await(std::move(handle)));
  };
  auto outer = scheduler.Spawn(body(JoinHandle<void>(inner)));
  EXPECT_EQ(scheduler.RunAll(), 1u);
  scheduler.Admit(inner);
  scheduler.RunAll();
  EXPECT_EQ(std::move(outer).Join().value(), "value");
}

}  // namespace
}  // namespace weft
