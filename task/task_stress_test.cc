// Tasks of every kind under threads that spawn, wake, abort, join and let go at
// random; and the races of a coroutine's suspension.

#include <pthread.h>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/mutex.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/thread_local.h"
#include "weft/base/xorshift.h"
#include "weft/task/await.h"
#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/task/testing/event.h"
#include "weft/task/testing/manual_scheduler.h"
#include "weft/task/testing/thread_scheduler.h"
#include "weft/task/testing/tracked.h"
#include "weft/task/yield.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/test_race.h"

namespace weft {
namespace {

using task_testing::Event;
using task_testing::ManualScheduler;
using task_testing::ThreadScheduler;
using task_testing::Tracked;
using task_testing::Tracker;

// ---- Chaos. ----

// What bodies and tormentors share.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  std::uint32_t Below(std::uint32_t n) {
    MutexLock lock(mutex_);
    return random_.Below(n);
  }

  // A bag of wakers: puts one in, takes another out. Neither is dropped under
  // the lock.
  Waker SwapWaker(Waker waker) {
    MutexLock lock(mutex_);
    std::swap(waker, wakers_[random_.Below(kBag)]);
    return waker;
  }
  // A bag of handles likewise.
  JoinHandle<int> SwapHandle(JoinHandle<int> handle) {
    MutexLock lock(mutex_);
    JoinHandle<int>& place = handles_[random_.Below(kBag)];
    JoinHandle<int> old = std::move(place);
    place = std::move(handle);
    return old;
  }
  // Events live as long as the world: a waiter never sees one go.
  Event& NewEvent() {
    MutexLock lock(mutex_);
    return events_.emplace_back();
  }
  Event* SomeEvent() {
    MutexLock lock(mutex_);
    if (events_.empty()) return nullptr;
    // One of the last, which may be awaited.
    const auto back =
        random_.Below(8) % static_cast<std::uint32_t>(events_.size());
    return &events_[events_.size() - 1 - back];
  }
  void Keep(AbortHandle abort) {
    MutexLock lock(mutex_);
    aborts_.push_back(std::move(abort));
  }
  void AbortSome() {
    AbortHandle abort;
    {
      MutexLock lock(mutex_);
      if (aborts_.empty()) return;
      abort =
          aborts_[random_.Below(static_cast<std::uint32_t>(aborts_.size()))];
    }
    abort.Abort();
  }
  void AbortAll() {
    std::vector<AbortHandle> all;
    {
      MutexLock lock(mutex_);
      all = aborts_;
    }
    for (AbortHandle& abort : all) abort.Abort();
  }

  Tracker bodies;
  Tracker values;

 private:
  static constexpr std::uint32_t kBag = 16;
  Mutex mutex_;
  XorShift64 random_;
  std::array<Waker, kBag> wakers_;
  std::array<JoinHandle<int>, kBag> handles_;
  std::deque<Event> events_;
  std::vector<AbortHandle> aborts_;
};

// Ready now and then; wakes itself, or leaves a waker in the bag.
class Restless {
 public:
  explicit Restless(World& world) : world_(&world), tracked_(world.bodies) {}
  weft::Poll<int> Poll(Context& context) {
    switch (world_->Below(4)) {
      case 0:
        return 1;
      case 1:
        context.waker().WakeByRef();
        return kPending;
      default:
        world_->SwapWaker(context.waker().Clone()).WakeByRef();
        return kPending;
    }
  }

 private:
  World* world_;
  Tracked tracked_;
};

Task<int> Child(World* world, int depth) {
  Tracked local(world->bodies);
  if (depth > 0) co_return co_await Child(world, depth - 1);
  co_await YieldNow();
  co_return 1;
}

Task<int> Wanderer(World* world, Tracked) {
  int sum = 0;
  for (std::uint32_t steps = world->Below(6); steps > 0; --steps) {
    switch (world->Below(5)) {
      case 0:
        co_await YieldNow();
        break;
      case 1:
        sum += co_await Child(world, 3);
        break;
      case 2:
        sum += co_await Await(Restless(*world));
        break;
      case 3:
        co_await world->NewEvent();
        break;
      case 4:
        if (auto handle = world->SwapHandle(JoinHandle<int>())) {
          sum += (co_await handle).ok();
        }
        break;
    }
  }
  co_return sum;
}

JoinHandle<int> SpawnSomething(World& world, ThreadScheduler& scheduler) {
  switch (world.Below(3)) {
    case 0:
      return scheduler.Spawn(Restless(world));
    case 1:
      return scheduler.Spawn([body = Tracked(world.bodies)] { return 1; });
    default:
      return scheduler.Spawn(Wanderer(&world, Tracked(world.bodies)));
  }
}

void Torment(World& world, ThreadScheduler& scheduler, std::uint64_t steps) {
  for (; steps > 0; --steps) {
    switch (world.Below(8)) {
      case 0:
      case 1:
      case 2: {
        JoinHandle<int> handle = SpawnSomething(world, scheduler);
        world.Keep(handle.GetAbortHandle());
        // What comes out of the bag is detached.
        (void)world.SwapHandle(std::move(handle));
        break;
      }
      case 3:
        world.AbortSome();
        break;
      case 4:
        if (Event* event = world.SomeEvent()) event->Happen();
        break;
      case 5:
        std::move(world.SwapWaker(Waker())).Wake();
        break;
      case 6: {
        Waker waker = world.SwapWaker(Waker());
        Waker clone = waker.Clone();
        waker.WakeByRef();
        (void)world.SwapWaker(std::move(clone));
        break;
      }
      case 7:
        if (auto handle = world.SwapHandle(JoinHandle<int>())) {
          handle.Abort();
          (void)std::move(handle).Join();
        }
        break;
    }
  }
}

TEST(TaskStress, WhateverIsDoneToTasksEachIsDestroyedExactlyOnce) {
  const std::uint64_t seed = TestSeed();
  const std::uint64_t rounds = StressIterations(200);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    World world(seed + round);
    {
      ThreadScheduler scheduler(2, seed + round);
      world.bodies.on_destroy = [] {};
      Thread other([&] { Torment(world, scheduler, 400); });
      Torment(world, scheduler, 400);
      other.join();
      world.AbortAll();
      scheduler.Drain();
    }
    ASSERT_EQ(world.bodies.alive(), 0);
    ASSERT_GT(world.bodies.destroyed(), 0);
  }
}

TEST(TaskStress, AnAbortMeetsTheCompletionOfTheOperation) {
  const std::uint64_t seed = TestSeed();
  std::optional<ManualScheduler> scheduler;
  std::optional<Event> event;
  Tracker tracker;
  JoinHandle<int> handle;
  const auto body = [](Event* event, Tracker* tracker) -> Task<int> {
    Tracked local(*tracker);
    co_await *event;
    co_return 1;
  };
  int cancelled = 0, completed = 0;
  Race(
      StressIterations(10'000), seed,
      [&](std::uint64_t round) {
        scheduler.emplace();
        event.emplace();
        handle = scheduler->Spawn(body(&*event, &tracker));
        // In every third round the suspension itself is part of the race.
        if (round % 3 != 0) scheduler->RunAll();
      },
      [&](std::uint64_t, XorShift64&) {
        scheduler->RunAll();
        event->Happen();
      },
      [&](std::uint64_t, XorShift64&) { handle.Abort(); },
      [&](std::uint64_t) {
        scheduler->RunAll();
        Outcome<int> outcome = std::move(handle).Join();
        EXPECT_EQ(tracker.alive(), 0);
        ++(outcome.ok() ? completed : cancelled);
      });
  EXPECT_EQ(static_cast<std::uint64_t>(cancelled + completed),
            StressIterations(10'000));
}

TEST(TaskStress, WakesMeetTheSuspensionOfAnAwaitedFuture) {
  const std::uint64_t seed = TestSeed();
  // Ready when its flag is set, which only a wake publishes.
  struct Flagged {
    bool* polled;
    Waker* waker;
    const atomic<bool>* flag;
    weft::Poll<void> Poll(Context& context) {
      if (!std::exchange(*polled, true)) {
        *waker = context.waker().Clone();
        return kPending;
      }
      if (!flag->load(std::memory_order_relaxed)) return kPending;
      return kReady;
    }
  };
  const auto body = [](Flagged future) -> Task<> {
    co_await Await(std::move(future));
  };
  std::optional<ManualScheduler> scheduler;
  JoinHandle<void> handle;
  Waker waker;
  bool polled = false;
  atomic<bool> flag{false};
  Race(
      StressIterations(10'000), seed,
      [&](std::uint64_t) {
        scheduler.emplace();
        polled = false;
        flag.store(false, std::memory_order_relaxed);
        handle = scheduler->Spawn(body(Flagged{&polled, &waker, &flag}));
        scheduler->RunAll();
        // Awake again, and about to suspend for the second time.
        waker.WakeByRef();
      },
      [&](std::uint64_t, XorShift64&) { scheduler->RunAll(); },
      [&](std::uint64_t, XorShift64& random) {
        flag.store(true, std::memory_order_relaxed);
        if (random.Below(2) == 0) {
          std::move(waker).Wake();
        } else {
          waker.WakeByRef();
        }
      },
      [&](std::uint64_t) {
        scheduler->RunAll();
        EXPECT_TRUE(std::move(handle).Join().ok());
        waker = Waker();
      });
}

struct ThreadNumberTag;
using ThreadNumber = ThreadLocal<pthread_t, ThreadNumberTag>;

// The calling thread's number, by way of a thread-local.
pthread_t Mine() {
  pthread_t& mine = ThreadNumber::Get();
  if (mine == 0) mine = pthread_self();
  return mine;
}

TEST(TaskStress, T19AThreadLocalIsThisThreadsAfterAMigration) {
  // brpc#2156, #2918: its address was kept across a suspension.
  const std::uint64_t seed = TestSeed();
  const std::uint64_t yields = StressIterations(2'000);
  atomic<std::uint64_t> migrations{0};
  const auto body = [](std::uint64_t yields,
                       atomic<std::uint64_t>* migrations) -> Task<> {
    for (std::uint64_t i = 0; i < yields; ++i) {
      const pthread_t before = Mine();
      co_await YieldNow();
      EXPECT_EQ(Mine(), pthread_self());
      migrations->fetch_add(Mine() != before, std::memory_order_relaxed);
    }
  };
  ThreadScheduler scheduler(3, seed);
  for (int i = 0; i < 4; ++i)
    scheduler.SpawnDetached(body(yields, &migrations));
  scheduler.Drain();
  RecordProperty("migrations",
                 static_cast<int>(migrations.load(std::memory_order_relaxed)));
}

}  // namespace
}  // namespace weft
