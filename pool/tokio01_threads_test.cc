// The old scheduler's threads: they end when they have nothing to do, and are
// there again when they have; and its tasks' two allocations.

#include <chrono>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/pool/options.h"
#include "weft/pool/testing/allocations.h"
#include "weft/pool/testing/helpers.h"
#include "weft/pool/testing/no_threads.h"
#include "weft/pool/tokio01.h"
#include "weft/task/yield.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

using testing::Countdown;
using testing::Event;
using testing::WaitUntil;

template <int kMicroseconds>
struct Impatient : Tokio01Policies {
  static constexpr std::chrono::nanoseconds kIdleThreadTimeout =
      std::chrono::microseconds(kMicroseconds);
};
using QuickPool = BasicPool<Impatient<200>>;
using HastyPool = BasicPool<Impatient<1>>;

// Threads that came and went, by the hooks.
struct Counts {
  Options Workers(int workers) {
    Options options;
    options.workers = workers;
    options.watchdog_period = std::chrono::nanoseconds(0);
    options.on_thread_start = [this](int) { starts.fetch_add(1); };
    options.on_thread_stop = [this](int worker) {
      if (worker == 0) first_stopped.store(true);
      stops.fetch_add(1);
    };
    return options;
  }
  // Or more, while it changes.
  int Running() const {
    const int stopped = stops.load();
    return starts.load() - stopped;
  }
  // All `workers` have come once, and all but the first have gone.
  void WaitUntilIdle(int workers) const {
    WaitUntil([&] { return starts.load() >= workers && Running() == 1; });
  }

  atomic<int> starts{0};
  atomic<int> stops{0};
  atomic<bool> first_stopped{false};
};

TEST(Tokio01Threads, EndWhenIdleButTheFirst) {
  Counts counts;
  {
    QuickPool pool(counts.Workers(4));
    counts.WaitUntilIdle(4);
    EXPECT_FALSE(counts.first_stopped.load());
    EXPECT_EQ(pool.BlockOn([] { return 1; }), 1);
    EXPECT_FALSE(counts.first_stopped.load());
  }
  EXPECT_EQ(counts.Running(), 0);
}

TEST(Tokio01Threads, ComeBackForWorkFromOutside) {
  Counts counts;
  QuickPool pool(counts.Workers(4));
  for (int round = 0; round < 20; ++round) {
    counts.WaitUntilIdle(4);
    // All four are needed at once.
    Countdown meeting(4);
    Countdown gone(4);
    for (int i = 0; i < 4; ++i) {
      pool.SpawnDetached([&] {
        meeting.ArriveAndWait();
        gone.Arrive();
      });
    }
    gone.Wait();
  }
  EXPECT_GE(counts.starts.load(), 4 + 20 * 3);
}

TEST(Tokio01Threads, ComeBackForWorkFromInside) {
  Counts counts;
  QuickPool pool(counts.Workers(3));
  for (int round = 0; round < 20; ++round) {
    counts.WaitUntilIdle(3);
    Countdown gone(1);
    pool.SpawnDetached([&gone] {
      auto meeting = std::make_shared<Countdown>(3);
      auto left = std::make_shared<Countdown>(2);
      for (int i = 0; i < 2; ++i) {
        SpawnDetached([meeting, left] {
          meeting->ArriveAndWait();
          left->Arrive();
        });
      }
      meeting->ArriveAndWait();
      left->Wait();
      gone.Arrive();
    });
    gone.Wait();
  }
}

// A worker that waits inside a task runs others there, and sleeps; its thread
// stays, for the task beneath is on its stack.
TEST(Tokio01Threads, NotBeneathATask) {
  Counts counts;
  QuickPool pool(counts.Workers(2));
  for (int round = 0; round < 10; ++round) {
    Event go;
    Event waiting;
    bool same = false;
    auto outer = pool.Spawn([&] {
      const ThreadId before = ThisThreadId();
      auto inner = Spawn([&] {
        waiting.Set();
        go.Wait();
      });
      EXPECT_TRUE(std::move(inner).Join().ok());
      same = before == ThisThreadId();
    });
    waiting.Wait();
    SleepFor(std::chrono::milliseconds(2));
    go.Set();
    EXPECT_TRUE(std::move(outer).Join().ok());
    EXPECT_TRUE(same);
  }
}

// The stop hook is no worker's any more, and may still spawn and wait.
TEST(Tokio01Threads, AStopHookSpawnsAndWaits) {
  atomic<int> ran{0};
  atomic<int> ended{0};
  Options options;
  options.workers = 3;
  options.on_thread_stop = [&](int) {
    auto handle = Spawn([&] { ran.fetch_add(1); });
    (void)std::move(handle).Join();
    ended.fetch_add(1);
  };
  {
    QuickPool pool(options);
    WaitUntil([&] { return ended.load() >= 2; });
    EXPECT_GE(ran.load(), 2);
  }
}

template <class P>
void Storm(P& pool, int rounds) {
  atomic<std::int64_t> ran{0};
  std::int64_t spawned = 0;
  std::uint64_t random = TestSeed() | 1;
  for (int round = 0; round < rounds; ++round) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const int tasks = 1 + static_cast<int>((random >> 60) % 8);
    Countdown left(2 * tasks);
    for (int i = 0; i < tasks; ++i) {
      pool.SpawnDetached([&]() -> Task<> {
        SpawnDetached([&] {
          ran.fetch_add(1);
          left.Arrive();
        });
        co_await YieldNow();
        ran.fetch_add(1);
        left.Arrive();
      });
    }
    spawned += 2 * tasks;
    left.Wait();
    // Often just as long as it takes to retire.
    if ((random >> 40) % 2 == 0) {
      SleepFor(std::chrono::microseconds((random >> 50) % 256));
    }
  }
  EXPECT_EQ(ran.load(), spawned);
}

TEST(Tokio01Threads, AStormOfTimeoutsAndWakeUps) {
  Counts counts;
  {
    HastyPool pool(counts.Workers(4));
    Storm(pool, 800);
    EXPECT_TRUE(pool.Shutdown().ok());
    EXPECT_EQ(counts.Running(), 0);
    EXPECT_GT(counts.starts.load(), 8);
  }
}

// Also with the watchdog, which wakes workers, too.
TEST(Tokio01Threads, AStormWithAWatchdog) {
  Counts counts;
  Options options = counts.Workers(3);
  options.watchdog_period = std::chrono::microseconds(100);
  {
    HastyPool pool(options);
    Storm(pool, 400);
  }
  EXPECT_EQ(counts.Running(), 0);
}

TEST(Tokio01Threads, AShutdownFindsAllGone) {
  for (int round = 0; round < 30; ++round) {
    for (int how = 0; how < 4; ++how) {
      Counts counts;
      {
        std::optional<QuickPool> pool(std::in_place, counts.Workers(4));
        if (round % 2 == 0) {
          counts.WaitUntilIdle(4);
        }
        auto never = pool->Spawn(testing::Never<void (*)()>{[] {}});
        if (how == 0) {
          never.Abort();
          EXPECT_TRUE(pool->Shutdown().ok());
        } else if (how == 1) {
          EXPECT_TRUE(pool->Shutdown({.mode = ShutdownMode::kCancel}).ok());
        } else if (how == 2) {
          (void)pool->Shutdown({.timeout = std::chrono::nanoseconds(1)});
        }
        pool.reset();
        EXPECT_TRUE(std::move(never).Join().cancelled());
      }
      // A shutdown that ran out of time leaves its threads to themselves.
      WaitUntil([&] { return counts.Running() == 0; });
    }
  }
}

TEST(Tokio01Threads, AThreadThatRetiresMayDestroyThePool) {
  struct Owner {
    std::optional<QuickPool> pool;
    Event made;
    Event gone;
    atomic<bool> taken{false};
  };
  auto owner = std::make_shared<Owner>();
  Options options;
  options.workers = 2;
  options.on_thread_stop = [owner](int worker) {
    if (worker == 0 || owner->taken.exchange(true)) return;
    owner->made.Wait();
    owner->pool.reset();
    owner->gone.Set();
  };
  owner->pool.emplace(options);
  owner->made.Set();
  owner->gone.Wait();
}

#if defined(__cpp_exceptions)

TEST(Tokio01Threads, TheFirstDoesTheWorkWhenTheSystemRefusesTheOthers) {
  Counts counts;
  QuickPool pool(counts.Workers(4));
  counts.WaitUntilIdle(4);
  const int starts = counts.starts.load();
  {
    const testing::NoThreads no_threads;
    for (int i = 0; i < 50; ++i) EXPECT_EQ(pool.BlockOn([i] { return i; }), i);
    Storm(pool, 50);
    EXPECT_EQ(counts.starts.load(), starts);
  }
  // And they come back when it gives some.
  Countdown meeting(4);
  Countdown gone(4);
  for (int i = 0; i < 4; ++i) {
    pool.SpawnDetached([&] {
      meeting.ArriveAndWait();
      gone.Arrive();
    });
  }
  gone.Wait();
}

TEST(Tokio01Threads, AShutdownThatIsRefusedThreadsEndsWithThoseThere) {
  for (int how = 0; how < 3; ++how) {
    Counts counts;
    {
      std::optional<testing::NoThreads> no_threads;
      std::optional<QuickPool> pool(std::in_place, counts.Workers(4));
      counts.WaitUntilIdle(4);
      no_threads.emplace();
      if (how == 0) {
        EXPECT_TRUE(pool->Shutdown().ok());
      } else if (how == 1) {
        auto never = pool->Spawn(testing::Never<void (*)()>{[] {}});
        EXPECT_TRUE(pool->Shutdown({.mode = ShutdownMode::kCancel}).ok());
        EXPECT_TRUE(std::move(never).Join().cancelled());
      }
      pool.reset();
    }
    EXPECT_EQ(counts.Running(), 0);
  }
}

#endif

// How many allocations one of many calls of `spawn` makes, on a worker.
template <class F>
std::uint64_t PerSpawn(Options options, F spawn) {
  options.workers = 1;
  options.watchdog_period = std::chrono::nanoseconds(0);
  Tokio01Pool pool(std::move(options));
  constexpr std::uint64_t kTasks = 100;
  return pool.BlockOn([&]() -> Task<std::uint64_t> {
    // What grows has grown then.
    for (std::uint64_t i = 0; i < 2 * kTasks; ++i) spawn();
    for (int i = 0; i < 200; ++i) co_await YieldNow();
    const std::uint64_t before = testing::Allocations();
    for (std::uint64_t i = 0; i < kTasks; ++i) spawn();
    for (int i = 0; i < 200; ++i) co_await YieldNow();
    co_return (testing::Allocations() - before) / kTasks;
  });
}

struct Future {
  weft::Poll<int> Poll(Context&) { return 1; }
};
Task<int> Coroutine() { co_return 1; }

TEST(Tokio01Tasks, AreTwoAllocations) {
  EXPECT_EQ(PerSpawn(Options(), [] { SpawnDetached([] {}); }), 2u);
  EXPECT_EQ(PerSpawn(Options(), [] { SpawnDetached(Future()); }), 2u);
  EXPECT_EQ(PerSpawn(Options(), [] { Spawn(Future()).Detach(); }), 2u);
}

TEST(Tokio01Tasks, ButACoroutineIsOne) {
  EXPECT_EQ(PerSpawn(Options(), [] { SpawnDetached(Coroutine()); }), 1u);
}

TEST(Tokio01Tasks, AUsersMemoryIsUsedAsItIs) {
  Options options;
  options.memory_resource = std::pmr::new_delete_resource();
  EXPECT_EQ(PerSpawn(options, [] { SpawnDetached([] {}); }), 1u);
}

TEST(Tokio01Tasks, AHandleOutlivesThePool) {
  std::optional<JoinHandle<int>> handle;
  {
    Tokio01Pool pool;
    handle.emplace(pool.Spawn([] { return 7; }));
    EXPECT_TRUE(pool.Shutdown().ok());
  }
  EXPECT_EQ(std::move(*handle).Join().value(), 7);
}

}  // namespace
}  // namespace weft
