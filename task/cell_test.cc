// Poll-style tasks and callables, run by hand.

#include "weft/task/cell.h"

#include <cstddef>
#include <memory>
#include <memory_resource>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/exception.h"
#include "weft/task/join_handle.h"
#include "weft/task/testing/errors.h"
#include "weft/task/testing/manual_scheduler.h"
#include "weft/task/testing/tracked.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

using task_testing::HowItEnded;
using task_testing::ManualScheduler;
using task_testing::Message;
using task_testing::Throw;
using task_testing::Tracked;
using task_testing::Tracker;

// What a test sees and does of a Scripted future.
struct Script {
  int polls = 0;
  // Ready from this poll on.
  int ready_at = 1;
  bool throws = false;
  bool wake_itself = false;
  bool abort_itself = false;
  TaskHeader* task = nullptr;
  std::vector<Waker> wakers = {};
};

class Scripted {
 public:
  explicit Scripted(Script& script) : script_(&script) {}
  weft::Poll<int> Poll(Context& context) {
    if (script_->wake_itself) context.waker().WakeByRef();
    if (script_->abort_itself) script_->task->Abort();
    script_->wakers.push_back(context.waker().Clone());
    if (++script_->polls < script_->ready_at) return kPending;
    if (script_->throws) Throw("polled once too often");
    return script_->polls;
  }

 private:
  Script* script_;
};

struct Empty {
  weft::Poll<void> Poll(Context&) { return kReady; }
};

// The layout: the hot header is the block's first line, a small task is two
// lines and the cold trailer is behind the body.
static_assert(sizeof(TaskHeader) == 64 && alignof(TaskHeader) == 64);
static_assert(sizeof(task_internal::PollCell<Empty>) == 128);
static_assert(sizeof(task_internal::PollCell<Scripted>) == 128);
static_assert(sizeof(TaskTrailer) == 24);

TEST(PollCell, TheHeaderComesFirstAndTheTrailerLast) {
  ManualScheduler scheduler;
  TaskHeader* task = NewTask(Empty(), /*joinable=*/false);
  const auto block = reinterpret_cast<std::uintptr_t>(task);
  EXPECT_EQ(block % 64, 0u);
  const auto trailer = reinterpret_cast<std::uintptr_t>(&task->trailer());
  EXPECT_GE(trailer, block + 64);
  EXPECT_LE(trailer + sizeof(TaskTrailer),
            block + sizeof(task_internal::PollCell<Empty>));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&task->next), block);
  scheduler.Admit(task);
  scheduler.RunAll();
}

TEST(PollCell, ACallableRunsOnceAndItsValueIsJoined) {
  ManualScheduler scheduler;
  int calls = 0;
  JoinHandle<std::string> handle = scheduler.Spawn([&] {
    ++calls;
    return std::string("done");
  });
  EXPECT_EQ(calls, 0) << "nothing runs before the scheduler runs it";
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(std::move(handle).Join().value(), "done");
}

TEST(PollCell, ACallableMayReturnNothingOrWhatOnlyMoves) {
  ManualScheduler scheduler;
  JoinHandle<void> nothing = scheduler.Spawn([] {});
  auto body = [box = std::make_unique<int>(5)]() mutable {
    return std::move(box);
  };
  JoinHandle<std::unique_ptr<int>> box = scheduler.Spawn(std::move(body));
  scheduler.RunAll();
  EXPECT_TRUE(std::move(nothing).Join().ok());
  EXPECT_EQ(*std::move(box).Join().value(), 5);
}

TEST(PollCell, APendingFutureIsPolledOncePerWake) {
  ManualScheduler scheduler;
  Script script{.ready_at = 3};
  JoinHandle<int> handle = scheduler.Spawn(Scripted(script));
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(script.polls, 1);
  // Three wakes of an idle task are one entry.
  script.wakers[0].WakeByRef();
  script.wakers[0].Clone().Wake();
  script.wakers[0].WakeByRef();
  EXPECT_EQ(scheduler.queued(), 1u);
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(script.polls, 2);
  std::move(script.wakers[0]).Wake();
  scheduler.RunAll();
  EXPECT_EQ(std::move(handle).Join().value(), 3);
  EXPECT_EQ(scheduler.yields(), 0);
}

TEST(PollCell, AWakeDuringThePollGoesToTheBackOfTheQueue) {
  ManualScheduler scheduler;
  Script script{.ready_at = 2, .wake_itself = true};
  JoinHandle<int> handle = scheduler.Spawn(Scripted(script));
  scheduler.SpawnDetached([&] { EXPECT_EQ(script.polls, 1); });
  EXPECT_EQ(scheduler.RunAll(), 3u);
  EXPECT_EQ(scheduler.yields(), 1);
  EXPECT_EQ(scheduler.schedules(), 0);
  EXPECT_EQ(std::move(handle).Join().value(), 2);
}

TEST(PollCell, WakersOfACompleteTaskAreHarmlessAndKeepOnlyTheBlock) {
  ManualScheduler scheduler;
  Script script;
  scheduler.SpawnDetached(Scripted(script));
  scheduler.RunAll();
  EXPECT_EQ(scheduler.alive(), 0);
  Waker late = script.wakers[0].Clone();
  late.WakeByRef();
  std::move(late).Wake();
  EXPECT_EQ(scheduler.queued(), 0u);
  std::move(script.wakers[0]).Wake();  // the last one frees
  EXPECT_EQ(scheduler.queued(), 0u);
}

TEST(PollCell, AThrowingPollEndsTheTask) {
  if constexpr (!kExceptionsEnabled) return;
  ManualScheduler scheduler;
  Script script{.ready_at = 2, .throws = true, .wake_itself = true};
  JoinHandle<int> handle = scheduler.Spawn(Scripted(script));
  scheduler.RunAll();
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "polled once too often");
  EXPECT_TRUE(scheduler.unhandled().empty());
}

TEST(PollCell, AnExceptionThatNobodyWillJoinGoesToTheScheduler) {
  if constexpr (!kExceptionsEnabled) return;
  ManualScheduler scheduler;
  scheduler.SpawnDetached([] { Throw("detached"); });
  {
    auto dropped = scheduler.Spawn([] { Throw("dropped"); });
  }
  scheduler.RunAll();
  ASSERT_EQ(scheduler.unhandled().size(), 2u);
  EXPECT_EQ(Message(scheduler.unhandled()[0]), "detached");
  EXPECT_EQ(Message(scheduler.unhandled()[1]), "dropped");
}

TEST(PollCell, TheBodyIsDestroyedByTheRunThatEndsItBeforeTheTaskIsComplete) {
  ManualScheduler scheduler;
  Tracker tracker;
  JoinHandle<int> handle;
  tracker.on_destroy = [&] { EXPECT_FALSE(handle.Done()); };
  handle = scheduler.Spawn([body = Tracked(tracker)] { return 1; });
  EXPECT_EQ(tracker.destroyed(), 0);
  scheduler.RunAll();
  EXPECT_EQ(tracker.destroyed(), 1);
  EXPECT_TRUE(handle.Done());
}

TEST(PollCell, AnAbortedTaskIsDestroyedUnpolledWhenItIsRun) {
  ManualScheduler scheduler;
  Tracker tracker;
  auto handle = scheduler.Spawn([body = Tracked(tracker)] { FAIL(); });
  handle.Abort();
  handle.Abort();
  EXPECT_EQ(tracker.alive(), 1) << "never by the aborter (Tokio #3934)";
  EXPECT_EQ(scheduler.RunAll(), 1u);
  EXPECT_EQ(tracker.destroyed(), 1);
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
}

TEST(PollCell, AnAbortDuringThePollEndsItAtOnce) {
  ManualScheduler scheduler;
  Script script{.ready_at = 2, .abort_itself = true};
  TaskHeader* task = NewTask(Scripted(script), /*joinable=*/true);
  script.task = task;
  JoinHandle<int> handle(task);
  scheduler.Admit(task);
  EXPECT_EQ(scheduler.RunAll(), 1u) << "without another turn in the queue";
  EXPECT_EQ(HowItEnded(std::move(handle).Join()), "cancelled");
}

TEST(PollCell, AnAbortDuringTheLastPollIsTooLate) {
  ManualScheduler scheduler;
  Script script{.ready_at = 1, .abort_itself = true};
  TaskHeader* task = NewTask(Scripted(script), /*joinable=*/true);
  script.task = task;
  JoinHandle<int> handle(task);
  scheduler.Admit(task);
  scheduler.RunAll();
  EXPECT_EQ(std::move(handle).Join().value(), 1);
}

TEST(PollCell, AValueWhoseMoveThrowsIsAnExceptionOfTheTask) {
  if constexpr (!kExceptionsEnabled) return;
  // Wherever the throw comes: in the task, on the way to it, or at the joiner.
  for (int move = 1; move < 12; ++move) {
    Tracker tracker;
    bool threw = false;
    {
      ManualScheduler scheduler;
      JoinHandle<Tracked> handle = scheduler.Spawn([&] {
        tracker.throw_at_move = move;
        return Tracked(tracker);
      });
      scheduler.RunAll();
      threw =
          CatchAll([&] { return std::move(handle).Join().value(); }) != nullptr;
    }
    EXPECT_EQ(tracker.alive(), 0) << move;
    EXPECT_EQ(tracker.destroyed(), 1) << move;
    EXPECT_EQ(threw, tracker.throw_at_move == 0) << move;
  }
}

TEST(PollCell, AFutureWhoseMoveThrowsLeaksNothing) {
  if constexpr (!kExceptionsEnabled) return;
  for (int move = 1; move < 6; ++move) {
    Tracker tracker;
    ManualScheduler scheduler;
    auto body = [tracked = Tracked(tracker)] {};
    tracker.throw_at_move = move;
    const bool threw =
        CatchAll([&] { scheduler.SpawnDetached(std::move(body)); }) != nullptr;
    EXPECT_EQ(threw, tracker.throw_at_move == 0);
    scheduler.RunAll();
  }
}

TEST(PollCell, TakesItsBlockFromTheResourceAndGivesItBack) {
  class Counting final : public std::pmr::memory_resource {
   public:
    std::size_t live = 0;
    std::size_t allocations = 0;

   private:
    void* do_allocate(std::size_t bytes, std::size_t align) override {
      EXPECT_EQ(align, 64u);
      EXPECT_EQ(bytes % 64, 0u);
      ++allocations;
      live += bytes;
      return std::pmr::new_delete_resource()->allocate(bytes, align);
    }
    void do_deallocate(void* p, std::size_t bytes, std::size_t align) override {
      live -= bytes;
      std::pmr::new_delete_resource()->deallocate(p, bytes, align);
    }
    bool do_is_equal(const memory_resource& other) const noexcept override {
      return this == &other;
    }
  };
  Counting resource;
  {
    ManualScheduler scheduler;
    Script script;
    TaskHeader* task = NewTask(Scripted(script), /*joinable=*/true, &resource);
    JoinHandle<int> handle(task);
    scheduler.Admit(task);
    EXPECT_EQ(resource.allocations, 1u);
    scheduler.RunAll();
    EXPECT_EQ(std::move(handle).Join().value(), 1);
    EXPECT_EQ(resource.live, 128u) << "a waker is left";
  }
  EXPECT_EQ(resource.live, 0u);
  EXPECT_EQ(resource.allocations, 1u);
}

}  // namespace
}  // namespace weft
