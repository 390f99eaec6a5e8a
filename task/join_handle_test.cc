// How tasks of each kind end, and what their joiners, abort handles and nobody
// get of it.

#include "weft/task/join_handle.h"

#include <coroutine>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/exception.h"
#include "weft/base/thread.h"
#include "weft/task/cell.h"
#include "weft/task/task.h"
#include "weft/task/testing/errors.h"
#include "weft/task/testing/event.h"
#include "weft/task/testing/manual_scheduler.h"
#include "weft/task/testing/tracked.h"
#include "weft/task/yield.h"
#include "weft/waker/budget.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/test_coroutine.h"
#include "weft/waker/test_waker.h"

namespace weft {
namespace {

using task_testing::Event;
using task_testing::HowItEnded;
using task_testing::ManualScheduler;
using task_testing::Throw;
using task_testing::Tracked;
using task_testing::Tracker;

// ---- Body x end x joiner. The idea is Tokio's task_combinations.rs (T3). ----

enum class Body { kPoll, kCoroutine, kCallable };
enum class End {
  kValue,
  kException,
  kAbortQueued,
  kAbortSuspended,
  kAbortRunning,
  kAbortComplete
};
enum class Joiner {
  kPollEarly,
  kPollLate,
  kAwaitEarly,
  kAwaitLate,
  kThreadEarly,
  kThreadLate,
  kDroppedBefore,
  kDroppedAfter
};

struct Plan {
  End end;
  Tracker bodies;
  Tracker values;
  Event never;
  AbortHandle abort;
};

class PollBody {
 public:
  PollBody(Plan& plan) : plan_(&plan), tracked_(plan.bodies) {}
  weft::Poll<Tracked> Poll(Context&) {
    if (plan_->end == End::kException) Throw("thrown");
    if (plan_->end == End::kAbortSuspended) return kPending;
    if (plan_->end == End::kAbortRunning) {
      plan_->abort.Abort();
      return kPending;
    }
    return Tracked(plan_->values);
  }

 private:
  Plan* plan_;
  Tracked tracked_;
};

Task<Tracked> CoroutineBody(Plan* plan, Tracked) {
  if (plan->end == End::kException) Throw("thrown");
  if (plan->end == End::kAbortSuspended) co_await plan->never;
  if (plan->end == End::kAbortRunning) {
    plan->abort.Abort();
    co_await YieldNow();
  }
  co_return Tracked(plan->values);
}

auto CallableBody(Plan& plan) {
  return [plan = &plan, tracked = Tracked(plan.bodies)] {
    if (plan->end == End::kException) Throw("thrown");
    if (plan->end == End::kAbortRunning) plan->abort.Abort();
    return Tracked(plan->values);
  };
}

TaskHeader* Make(Body body, Plan& plan) {
  switch (body) {
    case Body::kPoll:
      return NewTask(PollBody(plan), /*joinable=*/true);
    case Body::kCoroutine:
      return CoroutineBody(&plan, Tracked(plan.bodies)).Release(true);
    default:
      using F = decltype(CallableBody(plan));
      return NewTask(task_internal::CallableFuture<F>(CallableBody(plan)),
                     /*joinable=*/true);
  }
}

std::string Expected(Body body, End end) {
  switch (end) {
    case End::kValue:
    case End::kAbortComplete:
      return "value";
    case End::kException:
      return "thrown";
    case End::kAbortRunning:
      // What does not suspend ends by itself.
      return body == Body::kCallable ? "value" : "cancelled";
    default:
      return "cancelled";
  }
}

Task<> Await(JoinHandle<Tracked> handle, std::string* how) {
  *how = HowItEnded(co_await handle);
}

class Matrix : public ::testing::TestWithParam<std::tuple<Body, End, Joiner>> {
};

TEST_P(Matrix, TheOutcomeIsRightAndTheBodyIsDestroyedOnce) {
  const auto [body, end, joiner] = GetParam();
  if (end == End::kException && !kExceptionsEnabled) return;
  if (end == End::kAbortSuspended && body == Body::kCallable) return;

  TestWaker waker;
  Plan plan{.end = end, .bodies = {}, .values = {}, .never = {}, .abort = {}};
  ManualScheduler scheduler;
  std::optional<Thread> thread;
  std::string how = "nobody asked";
  TaskHeader* task = Make(body, plan);
  JoinHandle<Tracked> handle(task);
  plan.abort = handle.GetAbortHandle();

  const auto poll = [&] {
    Waker mine = waker.Make();
    Context context(mine);
    auto answer = handle.Poll(context);
    if (answer.ready()) how = HowItEnded(answer.value());
    return answer.ready();
  };
  const auto join_in_thread = [&] {
    thread.emplace([&] { how = HowItEnded(std::move(handle).Join()); });
  };

  if (joiner == Joiner::kPollEarly) {
    EXPECT_FALSE(poll());
  }
  if (joiner == Joiner::kThreadEarly) join_in_thread();
  if (joiner == Joiner::kDroppedBefore) handle = JoinHandle<Tracked>();
  if (joiner == Joiner::kAwaitEarly) {
    scheduler.SpawnDetached(Await(std::move(handle), &how));
    scheduler.RunAll();
  }

  scheduler.Admit(task);
  if (end == End::kAbortQueued) plan.abort.Abort();
  scheduler.RunAll();
  if (end == End::kAbortSuspended || end == End::kAbortComplete) {
    plan.abort.Abort();
    scheduler.RunAll();
  }
  EXPECT_EQ(plan.bodies.destroyed(), 1);
  EXPECT_EQ(plan.bodies.alive(), 0);
  EXPECT_EQ(scheduler.alive(), 0);

  switch (joiner) {
    case Joiner::kPollEarly:
      EXPECT_EQ(waker.wakes(), 1);
      [[fallthrough]];
    case Joiner::kPollLate:
      EXPECT_TRUE(poll());
      break;
    case Joiner::kAwaitLate:
      scheduler.SpawnDetached(Await(std::move(handle), &how));
      scheduler.RunAll();
      break;
    case Joiner::kThreadLate:
      join_in_thread();
      break;
    default:
      break;
  }
  if (thread) thread->join();

  const bool asked =
      joiner != Joiner::kDroppedBefore && joiner != Joiner::kDroppedAfter;
  EXPECT_EQ(how, asked ? Expected(body, end) : "nobody asked");
  EXPECT_EQ(static_cast<bool>(handle), joiner == Joiner::kDroppedAfter);
  handle = JoinHandle<Tracked>();
  EXPECT_EQ(plan.values.destroyed(), Expected(body, end) == "value");
  EXPECT_EQ(plan.values.alive(), 0);
  // An exception that nobody can take goes to the scheduler.
  EXPECT_EQ(scheduler.unhandled().size(),
            end == End::kException && joiner == Joiner::kDroppedBefore);
  plan.abort.Abort();
  EXPECT_EQ(scheduler.queued(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    JoinHandle, Matrix,
    ::testing::Combine(
        ::testing::Values(Body::kPoll, Body::kCoroutine, Body::kCallable),
        ::testing::Values(End::kValue, End::kException, End::kAbortQueued,
                          End::kAbortSuspended, End::kAbortRunning,
                          End::kAbortComplete),
        ::testing::Values(Joiner::kPollEarly, Joiner::kPollLate,
                          Joiner::kAwaitEarly, Joiner::kAwaitLate,
                          Joiner::kThreadEarly, Joiner::kThreadLate,
                          Joiner::kDroppedBefore, Joiner::kDroppedAfter)));

// ---- The handle itself. ----

TEST(JoinHandle, AnEmptyOneDoesNothing) {
  JoinHandle<int> handle;
  EXPECT_FALSE(handle);
  EXPECT_FALSE(handle.Done());
  handle.Abort();
  handle.GetAbortHandle().Abort();
  handle.Detach();
}

TEST(JoinHandle, MoveAssignmentDetachesWhatWasThere) {
  ManualScheduler scheduler;
  Tracker tracker;
  auto value = [&] { return Tracked(tracker); };
  auto first = scheduler.Spawn(value);
  auto second = scheduler.Spawn(value);
  scheduler.RunAll();
  EXPECT_EQ(tracker.alive(), 2);
  first = std::move(second);
  EXPECT_EQ(tracker.alive(), 1);
  EXPECT_FALSE(second);  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(first.Done());
}

TEST(JoinHandle, AbortHandlesAreCopiedAndOutliveEverything) {
  AbortHandle late;
  {
    ManualScheduler scheduler;
    Event never;
    auto handle = scheduler.Spawn([](Event* never) -> Task<int> {
      co_await *never;
      co_return 1;
    }(&never));
    scheduler.RunAll();
    AbortHandle first = handle.GetAbortHandle();
    AbortHandle second = first;
    late = std::move(first);
    first.Abort();  // NOLINT(bugprone-use-after-move): empty
    EXPECT_EQ(scheduler.queued(), 0u);
    second.Abort();
    scheduler.RunAll();
    EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
  }
  late.Abort();
}

class JoinPolls : public ::testing::Test {
 protected:
  bool Poll(TestWaker& waker) {
    Waker mine = waker.Make();
    Context context(mine);
    return handle_.Poll(context).ready();
  }
  void Start() { scheduler_.Admit(task_); }

  TestWaker a_, b_;
  ManualScheduler scheduler_;
  TaskHeader* task_ = CoroutineOf().Release(true);
  JoinHandle<int> handle_{task_};

 private:
  static Task<int> CoroutineOf() { co_return 1; }
};

TEST_F(JoinPolls, TheSameWakerIsKeptAndNotClonedAgain) {
  EXPECT_FALSE(Poll(a_));
  EXPECT_FALSE(Poll(a_));
  EXPECT_FALSE(Poll(a_));
  EXPECT_EQ(a_.clones(), 1);
  Start();
  scheduler_.RunAll();
  EXPECT_EQ(a_.wakes(), 1);
  EXPECT_EQ(a_.alive(), 0);
  EXPECT_TRUE(Poll(a_));
}

TEST_F(JoinPolls, TheLastWakerIsTheOneThatIsWoken) {
  EXPECT_FALSE(Poll(a_));
  EXPECT_FALSE(Poll(b_));
  EXPECT_EQ(a_.alive(), 0) << "the old one is dropped at once";
  Start();
  scheduler_.RunAll();
  EXPECT_EQ(a_.wakes(), 0);
  EXPECT_EQ(b_.wakes(), 1);
}

TEST_F(JoinPolls, DroppingTheHandleDropsTheWakerAtOnce) {
  // T7 tokio#6986: a waker that is kept until the task ends may keep the task.
  EXPECT_FALSE(Poll(a_));
  EXPECT_EQ(a_.alive(), 1);
  handle_.Detach();
  EXPECT_EQ(a_.alive(), 0);
  Start();
  scheduler_.RunAll();
  EXPECT_EQ(a_.wakes(), 0);
}

TEST_F(JoinPolls, ACloneThatThrowsLeavesTheHandleGood) {
  if (!kExceptionsEnabled) return;
  b_.on_clone = [] { Throw("no clone"); };
  EXPECT_FALSE(Poll(a_));
  EXPECT_NE(CatchAll([&] { (void)Poll(b_); }), nullptr);
  EXPECT_EQ(a_.alive() + b_.alive(), 0) << "nothing is left behind (T7)";
  EXPECT_FALSE(Poll(a_));
  Start();
  scheduler_.RunAll();
  EXPECT_EQ(a_.wakes(), 1);
  EXPECT_TRUE(Poll(b_));
}

TEST_F(JoinPolls, AThrowingCloneThenADropLeavesNothing) {
  if (!kExceptionsEnabled) return;
  b_.on_clone = [] { Throw("no clone"); };
  EXPECT_FALSE(Poll(a_));
  EXPECT_NE(CatchAll([&] { (void)Poll(b_); }), nullptr);
  handle_.Detach();
  EXPECT_EQ(a_.alive() + b_.alive(), 0);
  Start();
  scheduler_.RunAll();
}

TEST_F(JoinPolls, ATaskThatEndsWhileTheWakerIsClonedIsTakenAtOnce) {
  Start();
  a_.on_clone = [&] { scheduler_.RunAll(); };
  EXPECT_TRUE(Poll(a_));
  EXPECT_EQ(a_.alive(), 0);
  EXPECT_EQ(a_.wakes(), 0);
}

TEST_F(JoinPolls, ReplacesAWakerWhileTheTaskEnds) {
  Start();
  EXPECT_FALSE(Poll(a_));
  b_.on_clone = [&] { scheduler_.RunAll(); };
  EXPECT_TRUE(Poll(b_));
  EXPECT_EQ(a_.alive() + b_.alive(), 0);
}

TEST_F(JoinPolls, WithoutBudgetItWakesItselfInsteadOfAnswering) {
  Start();
  scheduler_.RunAll();
  const std::int32_t before = Budget::Exchange(0);
  EXPECT_FALSE(Poll(a_));
  Budget::Exchange(before);
  EXPECT_EQ(a_.wakes(), 1);
  EXPECT_TRUE(Poll(a_));
}

TEST_F(JoinPolls, PolledFirstAndAwaitedThen) {
  // The await must take the slot back before it writes to it: here the task
  // ends in between, on the thread that owns the slot by then.
  EXPECT_FALSE(Poll(a_));
  Outcome<int> outcome;
  const auto await = [](JoinHandle<int>* handle,
                        Outcome<int>* outcome) -> Task<> {
    *outcome = co_await *handle;
  };
  scheduler_.SpawnDetached(await(&handle_, &outcome));
  scheduler_.RunAll();
  EXPECT_EQ(a_.alive(), 0) << "the polling waker has been replaced";
  Start();
  scheduler_.RunAll();
  EXPECT_EQ(outcome.value(), 1);
  EXPECT_EQ(a_.wakes(), 0);
}

TEST_F(JoinPolls, AnAbortedAwaitLeavesTheHandleToTheNext) {
  Outcome<int> outcome;
  const auto await = [](JoinHandle<int>* handle,
                        Outcome<int>* outcome) -> Task<> {
    *outcome = co_await *handle;
  };
  auto first = scheduler_.Spawn(await(&handle_, &outcome));
  scheduler_.RunAll();
  first.Abort();
  scheduler_.RunAll();
  EXPECT_EQ(HowItEnded(std::move(first).Join()), "cancelled");
  EXPECT_TRUE(outcome.empty());
  scheduler_.SpawnDetached(await(&handle_, &outcome));
  scheduler_.RunAll();
  Start();
  scheduler_.RunAll();
  EXPECT_EQ(outcome.value(), 1);
}

TEST_F(JoinPolls, AnAwaitOfWhatEndsJustBeforeItSuspendsGoesOnAtOnce) {
  // T20 libcoro#120: await_ready says wait, the state changes, await_suspend
  // must look again.
  Start();
  auto awaiter = handle_.operator co_await();
  EXPECT_FALSE(awaiter.await_ready());
  scheduler_.RunAll();
  EXPECT_FALSE(awaiter.await_suspend(std::noop_coroutine()));
  EXPECT_EQ(awaiter.await_resume().value(), 1);
}

TEST_F(JoinPolls, ACoroutineOfAnotherExecutorIsResumedInPlace) {
  int value = 0;
  const auto foreign = [](JoinHandle<int>* handle, int* value) -> ForeignTask {
    *value = (co_await *handle).value();
  };
  ForeignTask joiner = foreign(&handle_, &value);
  Start();
  EXPECT_FALSE(joiner.done());
  EXPECT_EQ(scheduler_.RunAll(), 1u);
  EXPECT_TRUE(joiner.done());
  EXPECT_EQ(value, 1);
}

TEST(JoinHandle, AnAwaitOfACompleteTaskSpendsBudgetAndYieldsWithoutIt) {
  ManualScheduler scheduler(/*budget=*/4);
  const auto joiner = [](ManualScheduler* scheduler) -> Task<int> {
    std::optional<JoinHandle<int>> handles[8];
    for (auto& handle : handles) {
      handle = scheduler->Spawn([] { return 1; });
    }
    co_await YieldNow();
    int sum = 0;
    for (auto& handle : handles) sum += (co_await *handle).value();
    co_return sum;
  };
  auto handle = scheduler.Spawn(joiner(&scheduler));
  scheduler.RunAll();
  EXPECT_EQ(std::move(handle).Join().value(), 8);
  // One YieldNow, and one for each four joins.
  EXPECT_EQ(scheduler.yields(), 2);
  EXPECT_EQ(scheduler.schedules(), 0);
}

TEST(JoinHandle, TheReleaseOfATaskComesBeforeItsJoinerIsWoken) {
  ManualScheduler scheduler;
  TestWaker waker;
  auto handle = scheduler.Spawn([] {});
  waker.on_wake = [&] {
    EXPECT_EQ(scheduler.alive(), 0);
    EXPECT_TRUE(handle.Done());
  };
  {
    Waker mine = waker.Make();
    Context context(mine);
    EXPECT_FALSE(handle.Poll(context).ready());
  }
  scheduler.RunAll();
  EXPECT_EQ(waker.wakes(), 1);
}

TEST(JoinHandleDeathTest, TakingTheOutcomeTwiceIsCaught) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  JoinHandle<int> empty;
  EXPECT_DEATH((void)std::move(empty).Join(), "no outcome to give");
}

}  // namespace
}  // namespace weft
