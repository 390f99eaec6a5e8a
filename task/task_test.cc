// Coroutine tasks, run by hand.

#include "weft/task/task.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/check.h"
#include "weft/base/exception.h"
#include "weft/task/join_handle.h"
#include "weft/task/testing/errors.h"
#include "weft/task/testing/event.h"
#include "weft/task/testing/manual_scheduler.h"
#include "weft/task/testing/tracked.h"
#include "weft/task/yield.h"
#include "weft/waker/budget.h"

namespace weft {
namespace {

using task_testing::Event;
using task_testing::HowItEnded;
using task_testing::ManualScheduler;
using task_testing::Message;
using task_testing::Throw;
using task_testing::Tracked;
using task_testing::Tracker;

// Runs `body` alone to its end and returns how that was.
template <class T>
Outcome<T> RunToEnd(Task<T> body, std::int32_t budget = Budget::kPerTask) {
  ManualScheduler scheduler(budget);
  JoinHandle<T> handle = scheduler.Spawn(std::move(body));
  scheduler.RunAll();
  return std::move(handle).Join();
}

Task<int> Answer(int value) { co_return value; }
Task<> Nothing() { co_return; }
Task<int> Thrower(const char* what) {
  Throw(what);
  co_return 0;
}

TEST(Task, IsLazy) {
  bool ran = false;
  const auto body = [](bool* ran) -> Task<> {
    *ran = true;
    co_return;
  };
  {
    Task<> never = body(&ran);
    EXPECT_FALSE(ran);
  }
  EXPECT_FALSE(ran);
  EXPECT_TRUE(RunToEnd(body(&ran)).ok());
  EXPECT_TRUE(ran);
}

TEST(Task, YieldsValuesOfEveryKind) {
  EXPECT_EQ(RunToEnd(Answer(42)).value(), 42);
  EXPECT_TRUE(RunToEnd(Nothing()).ok());
  EXPECT_EQ(*RunToEnd([]() -> Task<std::unique_ptr<int>> {
               co_return std::make_unique<int>(7);
             }())
                 .value(),
            7);
  EXPECT_EQ(RunToEnd([]() -> Task<std::string> { co_return "text"; }()).value(),
            "text");
  EXPECT_EQ(RunToEnd([]() -> Task<std::vector<int>> {
              co_return {1, 2, 3};
            }())
                .value()
                .size(),
            3u);
}

TEST(Task, AwaitsChildrenAtOnceOnItsOwnThread) {
  ManualScheduler scheduler;
  auto handle = scheduler.Spawn([]() -> Task<int> {
    int sum = co_await Answer(1);
    co_await Nothing();
    sum += co_await Answer(2);
    Task<int> kept = Answer(3);
    sum += co_await std::move(kept);
    co_return sum;
  }());
  EXPECT_EQ(scheduler.RunAll(), 1u) << "one entry for all of it";
  EXPECT_EQ(std::move(handle).Join().value(), 6);
}

TEST(Task, AnExceptionGoesUpTheChainToTheJoiner) {
  if constexpr (!kExceptionsEnabled) return;
  Tracker tracker;
  const auto middle = [](Tracker* tracker) -> Task<int> {
    Tracked local(*tracker);
    co_return co_await Thrower("from below") + 1;
  };
  const auto top = [&](Tracker* tracker) -> Task<int> {
    co_return co_await middle(tracker) + 1;
  };
  EXPECT_EQ(HowItEnded(RunToEnd(top(&tracker))), "from below");
  EXPECT_EQ(tracker.destroyed(), 1);
}

#if defined(__cpp_exceptions)
TEST(Task, AnExceptionCanBeCaughtByAnAwaitingTask) {
  const auto body = []() -> Task<std::string> {
    std::string caught;
    for (int i = 0; i < 3; ++i) {
      try {
        co_await Thrower("again");
      } catch (const std::exception& e) {
        caught += e.what();
      }
    }
    co_return caught;
  };
  EXPECT_EQ(RunToEnd(body()).value(), "againagainagain");
}
#endif

TEST(Task, AValueWhoseMoveThrowsIsAnException) {
  if constexpr (!kExceptionsEnabled) return;
  for (int move = 1; move < 12; ++move) {
    Tracker tracker;
    bool threw = false;
    const auto child = [](Tracker* tracker, int move) -> Task<Tracked> {
      Tracked value(*tracker);
      tracker->throw_at_move = move;
      co_return std::move(value);
    };
    const auto parent = [&](Tracker* tracker, int move) -> Task<Tracked> {
      co_return co_await child(tracker, move);
    };
    {
      ManualScheduler scheduler;
      auto handle = scheduler.Spawn(parent(&tracker, move));
      scheduler.RunAll();
      threw =
          CatchAll([&] { return std::move(handle).Join().value(); }) != nullptr;
    }
    EXPECT_EQ(tracker.alive(), 0) << move;
    EXPECT_EQ(tracker.destroyed(), 1) << move;
    EXPECT_EQ(threw, tracker.throw_at_move == 0) << move;
  }
}

TEST(Task, AParameterWhoseMoveThrowsLeaksNoFrame) {
  if constexpr (!kExceptionsEnabled) return;
  const auto body = [](Tracked, Tracked) -> Task<> { co_return; };
  for (int move = 1; move < 8; ++move) {
    Tracker tracker;
    std::exception_ptr thrown = CatchAll([&] {
      Tracked first(tracker);
      Tracked second(tracker);
      tracker.throw_at_move = move;
      (void)RunToEnd(body(std::move(first), std::move(second)));
    });
    EXPECT_EQ(thrown != nullptr, tracker.throw_at_move == 0);
    EXPECT_EQ(tracker.alive(), 0);
    EXPECT_EQ(tracker.destroyed(), 2);
  }
}

TEST(Task, AThrowingDestructorAfterTheReturnReplacesTheValue) {
  if constexpr (!kExceptionsEnabled) return;
  struct ThrowsAtTheEnd {
    ~ThrowsAtTheEnd() noexcept(false) { Throw("too late"); }
  };
  const auto body = []() -> Task<std::string> {
    ThrowsAtTheEnd local;
    co_return "value";
  };
  EXPECT_EQ(HowItEnded(RunToEnd(body())), "too late");
}

TEST(Task, ParametersAndLocalsAreDestroyedByTheWorkerBeforeCompletion) {
  // T9 tokio#4213, T17 folly 5be0ebc14.
  ManualScheduler scheduler;
  Tracker tracker;
  JoinHandle<int> handle;
  tracker.on_destroy = [&] { EXPECT_FALSE(handle.Done()); };
  const auto body = [](Tracked, Tracker* tracker) -> Task<int> {
    Tracked local(*tracker);
    co_await YieldNow();
    co_return 1;
  };
  handle = scheduler.Spawn(body(Tracked(tracker), &tracker));
  EXPECT_TRUE(scheduler.RunOne());
  EXPECT_EQ(tracker.alive(), 2);
  EXPECT_TRUE(scheduler.RunOne());
  EXPECT_EQ(tracker.destroyed(), 2) << "and not by the joiner";
  EXPECT_TRUE(handle.Done());
}

TEST(Task, ALoopOfAwaitsDoesNotGrowTheStackWhateverTheBudget) {
  const auto loop = [](int n) -> Task<std::int64_t> {
    std::int64_t sum = 0;
    for (int i = 0; i < n; ++i) sum += co_await Answer(1);
    co_return sum;
  };
  constexpr int kAwaits = 100'000;
  EXPECT_EQ(RunToEnd(loop(kAwaits)).value(), kAwaits);
  EXPECT_EQ(RunToEnd(loop(kAwaits), Budget::kUnlimited).value(), kAwaits);
}

Task<int> Depth(int n) {
  if (n == 0) co_return 0;
  co_return 1 + co_await Depth(n - 1);
}

TEST(Task, DeepRecursionUsesTheHeapAndNotTheStack) {
  constexpr int kDepth = 100'000;
  EXPECT_EQ(RunToEnd(Depth(kDepth)).value(), kDepth);
  EXPECT_EQ(RunToEnd(Depth(kDepth), Budget::kUnlimited).value(), kDepth);
}

Task<int> ThrowAtDepth(int n) {
  if (n == 0) Throw("deep");
  co_return 1 + co_await ThrowAtDepth(n - 1);
}

TEST(Task, AnExceptionComesUpFromTheDeep) {
  if constexpr (!kExceptionsEnabled) return;
  EXPECT_EQ(HowItEnded(RunToEnd(ThrowAtDepth(10'000))), "deep");
}

TEST(Task, ATaskThatSpendsItsBudgetOnAwaitsYields) {
  ManualScheduler scheduler(/*budget=*/10);
  const auto loop = [](int* done) -> Task<> {
    for (*done = 0; *done < 25; ++*done) co_await Nothing();
  };
  int done = 0;
  std::vector<int> seen;
  scheduler.SpawnDetached(loop(&done));
  const auto watch = [](int* done, std::vector<int>* seen) -> Task<> {
    for (int i = 0; i < 3; ++i) {
      seen->push_back(*done);
      co_await YieldNow();
    }
  };
  scheduler.SpawnDetached(watch(&done, &seen));
  scheduler.RunAll();
  EXPECT_EQ(done, 25);
  // The await that finds nothing left yields, and is then part of a new turn.
  EXPECT_EQ(seen, (std::vector<int>{10, 21, 25}));
}

TEST(Task, MoveAssignmentDestroysWhatWasThere) {
  Tracker tracker;
  const auto body = [](Tracked) -> Task<> { co_return; };
  Task<> first = body(Tracked(tracker));
  Task<> second = body(Tracked(tracker));
  first = std::move(second);
  EXPECT_EQ(tracker.destroyed(), 1);
  EXPECT_TRUE(RunToEnd(std::move(first)).ok());
  EXPECT_EQ(tracker.destroyed(), 2);
}

// ---- Abort. ----

TEST(Task, AbortedInTheQueueNeverStarts) {
  ManualScheduler scheduler;
  Tracker tracker;
  const auto body = [](Tracked) -> Task<> {
    ADD_FAILURE();
    co_return;
  };
  auto handle = scheduler.Spawn(body(Tracked(tracker)));
  handle.Abort();
  EXPECT_EQ(tracker.alive(), 1) << "never by the aborter";
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(tracker.destroyed(), 1);
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
}

Task<int> WaitFor(Event* event, Tracker* tracker, int depth) {
  Tracked local(*tracker);
  if (depth > 0) co_return co_await WaitFor(event, tracker, depth - 1);
  co_await *event;
  co_return 1;
}

TEST(Task, AbortedWhileSuspendedIsDestroyedFromTheRootByAWorker) {
  ManualScheduler scheduler;
  Tracker tracker;
  Event event;
  auto handle = scheduler.Spawn(WaitFor(&event, &tracker, 3));
  scheduler.RunAll();
  EXPECT_EQ(tracker.alive(), 4);
  handle.Abort();
  EXPECT_TRUE(event.cancelled());
  EXPECT_EQ(tracker.alive(), 4) << "never by the aborter";
  handle.Abort();
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(tracker.destroyed(), 4);
  event.Happen();
  EXPECT_EQ(scheduler.queued(), 0u);
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
}

TEST(Task, AbortedAfterItsOperationCompletedIsDestroyedWhenItRuns) {
  ManualScheduler scheduler;
  Tracker tracker;
  Event event;
  auto handle = scheduler.Spawn(WaitFor(&event, &tracker, 1));
  scheduler.RunAll();
  event.Happen();
  handle.Abort();
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(tracker.destroyed(), 2);
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
}

TEST(Task, AnAbortThatMeetsTheCompleterLeavesTheResumptionToIt) {
  ManualScheduler scheduler;
  Tracker tracker;
  Event event;
  auto handle = scheduler.Spawn(WaitFor(&event, &tracker, 0));
  scheduler.RunAll();
  // The completer has decided and not woken yet when the abort comes.
  event.before_wake = [&] { handle.Abort(); };
  event.Happen();
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(tracker.destroyed(), 1);
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
}

TEST(Task, ACompleterThatMeetsTheCancellerLeavesTheResumptionToIt) {
  ManualScheduler scheduler;
  Tracker tracker;
  Event event;
  auto handle = scheduler.Spawn(WaitFor(&event, &tracker, 0));
  scheduler.RunAll();
  // The event happens, and wakes, while the canceller talks to the operation.
  event.before_cancel = [&] {
    event.Happen();
    EXPECT_EQ(scheduler.queued(), 0u) << "the frame is still being looked at";
  };
  handle.Abort();
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(tracker.destroyed(), 1);
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
}

TEST(Task, AbortedWhileItSuspendsIsItsOwnCanceller) {
  for (const bool happens_too : {false, true}) {
    ManualScheduler scheduler;
    Tracker tracker;
    Event event;
    auto handle = scheduler.Spawn(WaitFor(&event, &tracker, 0));
    event.after_enroll = [&] {
      handle.Abort();
      if (happens_too) event.Happen();
    };
    EXPECT_EQ(scheduler.RunAll(), 2u);
    EXPECT_EQ(event.cancelled(), !happens_too);
    EXPECT_EQ(tracker.destroyed(), 1);
    EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
  }
}

TEST(Task, AbortedWhileRunningEndsAtItsNextSuspensionOrByItself) {
  ManualScheduler scheduler;
  JoinHandle<int> handle;
  const auto body = [](JoinHandle<int>* self, bool suspend) -> Task<int> {
    self->Abort();
    if (suspend) co_await YieldNow();
    co_return 5;
  };
  handle = scheduler.Spawn(body(&handle, true));
  scheduler.RunAll();
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
  handle = scheduler.Spawn(body(&handle, false));
  scheduler.RunAll();
  EXPECT_EQ(std::move(handle).Join().value(), 5);
}

TEST(Task, DestructorsOfAnAbortedTaskMaySpawnWakeAndAbort) {
  ManualScheduler scheduler;
  Event never, other;
  Tracker tracker, quiet;
  auto waiter = scheduler.Spawn(WaitFor(&other, &quiet, 0));
  auto handle = scheduler.Spawn(WaitFor(&never, &tracker, 0));
  scheduler.RunAll();
  bool ran = false;
  tracker.on_destroy = [&] {
    scheduler.SpawnDetached([&] { ran = true; });
    other.Happen();
    handle.Abort();
  };
  handle.Abort();
  scheduler.RunAll();
  EXPECT_TRUE(ran);
  EXPECT_TRUE(waiter.Done());
  EXPECT_TRUE(handle.Done());
}

// ---- The block. ----

class CountingResource final : public std::pmr::memory_resource {
 public:
  std::size_t live() const { return live_; }
  int allocations() const { return allocations_; }

 private:
  void* do_allocate(std::size_t bytes, std::size_t align) override {
    EXPECT_EQ(align, 64u);
    ++allocations_;
    live_ += bytes;
    return std::pmr::new_delete_resource()->allocate(bytes, align);
  }
  void do_deallocate(void* p, std::size_t bytes, std::size_t align) override {
    live_ -= bytes;
    std::pmr::new_delete_resource()->deallocate(p, bytes, align);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::size_t live_ = 0;
  int allocations_ = 0;
};

Task<int> FromResource(std::allocator_arg_t, std::pmr::memory_resource*,
                       int value) {
  co_return value;
}
Task<> NothingFromResource(std::allocator_arg_t, std::pmr::memory_resource*) {
  co_return;
}
struct Member {
  Task<int> Method(std::allocator_arg_t, std::pmr::memory_resource*,
                   const std::string& text) {
    co_return static_cast<int>(text.size()) + bonus;
  }
  int bonus = 1;
};

TEST(Task, TakesItsFrameFromTheResourceThatItIsGiven) {
  CountingResource resource;
  const auto all = [](CountingResource* resource) -> Task<int> {
    int sum = co_await FromResource(std::allocator_arg, resource, 1);
    co_await NothingFromResource(std::allocator_arg, resource);
    Member member;
    const std::string text = "four";
    sum += co_await member.Method(std::allocator_arg, resource, text);
    co_return sum;
  };
  EXPECT_EQ(RunToEnd(all(&resource)).value(), 6);
  EXPECT_EQ(resource.allocations(), 3);
  EXPECT_EQ(resource.live(), 0u);
}

TEST(Task, ASpawnedFrameIsGivenBackByTheLastHandle) {
  CountingResource resource;
  ManualScheduler scheduler;
  auto handle = scheduler.Spawn(FromResource(std::allocator_arg, &resource, 3));
  scheduler.RunAll();
  EXPECT_GT(resource.live(), 0u);
  EXPECT_EQ(std::move(handle).Join().value(), 3);
  EXPECT_EQ(resource.live(), 0u);
  EXPECT_EQ(resource.allocations(), 1);
  // Never spawned, never awaited.
  { auto never = FromResource(std::allocator_arg, &resource, 4); }
  EXPECT_EQ(resource.live(), 0u);
}

TEST(Task, ALambdaMayTakeAResource) {
  CountingResource resource;
  const auto lambda = [](std::allocator_arg_t, std::pmr::memory_resource*,
                         int value) -> Task<int> { co_return value; };
  EXPECT_EQ(RunToEnd(lambda(std::allocator_arg, &resource, 9)).value(), 9);
  EXPECT_EQ(resource.allocations(), 1);
  EXPECT_EQ(resource.live(), 0u);
}

TEST(Task, TheHeaderIsTheFirstLineAndTheFrameTheSecond) {
  const std::byte* frame_local = nullptr;
  const auto body = [](const std::byte** local) -> Task<> {
    std::byte here{};
    *local = &here;
    co_await YieldNow();
    *local = &here;  // lives across a suspension: in the frame
  };
  ManualScheduler scheduler;
  TaskHeader* task = body(&frame_local).Release(/*joinable=*/false);
  const auto block = reinterpret_cast<std::uintptr_t>(task);
  EXPECT_EQ(block % 64, 0u);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(task->resume_point.address()),
            block + 64);
  const auto trailer = reinterpret_cast<std::uintptr_t>(&task->trailer());
  scheduler.Admit(task);
  scheduler.RunOne();
  EXPECT_GT(reinterpret_cast<std::uintptr_t>(frame_local), block + 64);
  EXPECT_LT(reinterpret_cast<std::uintptr_t>(frame_local), trailer);
  scheduler.RunAll();
}

TEST(Task, KeepsTheAlignmentOfALineForLocalsAndResults) {
  struct alignas(64) Line {
    std::array<char, 64> bytes = {};
  };
  const auto aligned = [](const void* p) {
    return reinterpret_cast<std::uintptr_t>(p) % 64 == 0;
  };
  const auto body = [&]() -> Task<Line> {
    Line line;
    EXPECT_TRUE(aligned(&line));
    co_await YieldNow();
    line.bytes[0] = 'x';
    co_return line;
  };
  Outcome<Line> outcome = RunToEnd(body());
  EXPECT_TRUE(aligned(&outcome.value()));
  EXPECT_EQ(outcome.value().bytes[0], 'x');
}

TEST(TaskDeathTest, AwaitingNothingIsCaught) {
  if constexpr (!kDCheckEnabled) return;
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto empty = []() -> Task<> {
    Task<> task = Nothing();
    Task<> elsewhere = std::move(task);
    co_await std::move(task);
  };
  const auto twice = []() -> Task<> {
    Task<> task = Nothing();
    co_await std::move(task);
    co_await std::move(task);
  };
  EXPECT_DEATH((void)RunToEnd(empty()), "await of a Task that is empty");
  EXPECT_DEATH((void)RunToEnd(twice()), "awaited before");
}

}  // namespace
}  // namespace weft
