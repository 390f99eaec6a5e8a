// That tasks publish what they promise to, by their own words alone: nothing
// here passes through a queue's lock, which would hide a missing order. In an
// ordinary build these can hardly fail; ThreadSanitizer is who checks them.
//
// Where one thread has to wait for another, it waits with relaxed loads.

#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/task/await.h"
#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/task/testing/event.h"
#include "weft/task/testing/tracked.h"
#include "weft/task/yield.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/test_race.h"

namespace weft {
namespace {

using task_testing::Event;
using task_testing::Tracked;
using task_testing::Tracker;

// One entry, linked by plain memory of the task as a real queue does it. The
// entry is handed over without synchronisation if `Take` is called on the
// thread that scheduled.
class LinkingScheduler final : public TaskScheduler {
 public:
  void Admit(TaskHeader* task) {
    task->Bind(this);
    Schedule(task);
  }
  // Whether there was an entry, which is then used up.
  bool Take() {
    TaskHeader* task = std::exchange(entry_, nullptr);
    if (task == nullptr) return false;
    task->next = nullptr;
    return true;
  }
  void Run(TaskHeader* task) {
    EXPECT_EQ(task->next, nullptr);
    task->Run();
  }
  void Schedule(TaskHeader* task) noexcept override {
    task->next = task;
    entry_ = task;
  }
  void ScheduleYield(TaskHeader* task) noexcept override { Schedule(task); }
  void Release(TaskHeader*) noexcept override {}
  void Unhandled(std::exception_ptr) noexcept override {}

 private:
  TaskHeader* entry_ = nullptr;
};

// A flag that says when and publishes nothing.
class Signal {
 public:
  void Set() { set_.store(true, std::memory_order_relaxed); }
  void Wait() const {
    while (!set_.load(std::memory_order_relaxed)) YieldThread();
  }

 private:
  atomic<bool> set_{false};
};

TEST(Ordering, AWakeOfARunningTaskPublishesAlsoIfItWasWokenAlready) {
  // Tokio #7622: the second wake must not be "there already, nothing to do".
  for (const bool by_value : {false, true}) {
    int first = 0, second = 0;
    Signal may_wake, woken_once, woken_twice;
    Waker a, b;
    struct Future {
      int *first, *second;
      Signal *may_wake, *woken_twice;
      Waker *a, *b;
      int polls = 0;
      weft::Poll<int> Poll(Context& context) {
        if (++polls == 1) {
          *a = context.waker().Clone();
          *b = context.waker().Clone();
          return kPending;
        }
        if (polls == 2) {
          may_wake->Set();
          woken_twice->Wait();
          return kPending;
        }
        return *first + *second;
      }
    };
    LinkingScheduler scheduler;
    TaskHeader* task =
        NewTask(Future{&first, &second, &may_wake, &woken_twice, &a, &b}, true);
    JoinHandle<int> handle(task);
    scheduler.Admit(task);
    ASSERT_TRUE(scheduler.Take());
    scheduler.Run(task);
    a.WakeByRef();
    ASSERT_TRUE(scheduler.Take());
    // The threads have their wakers from here, and everything else from nobody.
    Thread one([&] {
      may_wake.Wait();
      first = 1;
      by_value ? std::move(a).Wake() : a.WakeByRef();
      woken_once.Set();
    });
    Thread two([&] {
      woken_once.Wait();
      second = 2;
      by_value ? std::move(b).Wake() : b.WakeByRef();
      woken_twice.Set();
    });
    scheduler.Run(task);
    ASSERT_TRUE(scheduler.Take());
    scheduler.Run(task);
    one.join();
    two.join();
    a = Waker();
    b = Waker();
    EXPECT_EQ(std::move(handle).Join().value(), 3);
  }
}

TEST(Ordering, ATaskThatIsAbortedWhileItRunsDestroysWithWhatCameBefore) {
  for (const bool coroutine : {false, true}) {
    int before_abort = 0;
    int seen = 0;
    Signal running, aborted;
    Tracker tracker;
    tracker.on_destroy = [&] { seen = before_abort; };
    struct Future {
      Signal *running, *aborted;
      Tracked tracked;
      weft::Poll<void> Poll(Context&) {
        running->Set();
        aborted->Wait();
        return kPending;
      }
    };
    const auto body = [](Signal* running, Signal* aborted, Tracked) -> Task<> {
      running->Set();
      aborted->Wait();
      co_await YieldNow();
    };
    LinkingScheduler scheduler;
    TaskHeader* task =
        coroutine ? body(&running, &aborted, Tracked(tracker)).Release(true)
                  : NewTask(Future{&running, &aborted, Tracked(tracker)}, true);
    JoinHandle<void> handle(task);
    scheduler.Admit(task);
    ASSERT_TRUE(scheduler.Take());
    Thread aborter([&] {
      running.Wait();
      before_abort = 1;
      handle.Abort();
      aborted.Set();
    });
    scheduler.Run(task);
    if (scheduler.Take()) scheduler.Run(task);
    EXPECT_EQ(tracker.destroyed(), 1);
    EXPECT_EQ(seen, 1);
    aborter.join();
  }
}

TEST(Ordering, AnOperationThatCompletesBeforeTheCommitPublishesItsResult) {
  int result = 0;
  Event event;
  Signal enrolled, happened;
  event.after_enroll = [&] {
    enrolled.Set();
    happened.Wait();
  };
  const auto body = [](Event* event, const int* result) -> Task<int> {
    co_await *event;
    co_return *result;
  };
  LinkingScheduler scheduler;
  TaskHeader* task = body(&event, &result).Release(true);
  JoinHandle<int> handle(task);
  scheduler.Admit(task);
  ASSERT_TRUE(scheduler.Take());
  Thread completer([&] {
    enrolled.Wait();
    result = 7;
    event.Happen();
    happened.Set();
  });
  scheduler.Run(task);
  EXPECT_FALSE(scheduler.Take());
  completer.join();
  EXPECT_EQ(std::move(handle).Join().value(), 7);
}

// A task stops on one thread and is made runnable, and linked, by another.
// `start` makes it, `go_on(handle)` is the other thread.
template <class Start, class GoOn>
void StopsHereAndIsLinkedThere(Start start, GoOn go_on) {
  const std::uint64_t seed = TestSeed();
  std::optional<LinkingScheduler> scheduler;
  TaskHeader* task = nullptr;
  JoinHandle<void> handle;
  const auto run_all = [&] {
    while (scheduler->Take()) scheduler->Run(task);
  };
  Race(
      StressIterations(5'000), seed,
      [&](std::uint64_t) {
        scheduler.emplace();
        task = start();
        handle = JoinHandle<void>(task);
        scheduler->Admit(task);
        scheduler->Take();
      },
      [&](std::uint64_t, XorShift64&) { scheduler->Run(task); },
      [&](std::uint64_t, XorShift64&) { go_on(handle); },
      [&](std::uint64_t) {
        run_all();
        // A wake that came before the run was part of it.
        if (!handle.Done()) handle.Abort();
        run_all();
        EXPECT_TRUE(handle.Done());
      });
}

struct ReadyAtTheSecondPoll {
  int polls = 0;
  weft::Poll<void> Poll(Context&) {
    if (++polls == 2) return kReady;
    return kPending;
  }
};

TEST(Ordering, AWakeMayLinkWhatAnotherThreadRanLast) {
  Waker waker;
  const auto start = [&] {
    TaskHeader* task = NewTask(ReadyAtTheSecondPoll(), true);
    waker = task->NewWaker();
    return task;
  };
  StopsHereAndIsLinkedThere(start,
                            [&](JoinHandle<void>&) { waker.WakeByRef(); });
  StopsHereAndIsLinkedThere(
      start, [&](JoinHandle<void>&) { std::move(waker).Wake(); });
}

TEST(Ordering, AnAbortMayLinkWhatAnotherThreadRanLast) {
  StopsHereAndIsLinkedThere(
      [] { return NewTask(ReadyAtTheSecondPoll(), true); },
      [](JoinHandle<void>& handle) { handle.Abort(); });
}

Task<> AwaitEvent(Event* event) { co_await *event; }

TEST(Ordering, ACompleterMayLinkWhatAnotherThreadSuspended) {
  std::optional<Event> event;
  StopsHereAndIsLinkedThere(
      [&] { return AwaitEvent(&event.emplace()).Release(true); },
      [&](JoinHandle<void>&) { event->Happen(); });
}

TEST(Ordering, ACancellerMayUseAndLinkWhatAnotherThreadSuspended) {
  std::optional<Event> event;
  StopsHereAndIsLinkedThere(
      [&] { return AwaitEvent(&event.emplace()).Release(true); },
      [](JoinHandle<void>& handle) { handle.Abort(); });
}

TEST(Ordering, AWakeMayLinkACoroutineThatAnotherThreadSuspended) {
  Waker waker;
  const auto body = []() -> Task<> { co_await Await(ReadyAtTheSecondPoll()); };
  StopsHereAndIsLinkedThere(
      [&] {
        TaskHeader* task = body().Release(true);
        waker = task->NewWaker();
        return task;
      },
      [&](JoinHandle<void>&) { waker.WakeByRef(); });
}

}  // namespace
}  // namespace weft
