// How a pool ends. The names in comments (I5, tokio #2046) are those of
// docs/known-bugs.md.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/helpers.h"
#include "weft/sync/oneshot.h"
#include "weft/task/await.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using testing::Countdown;
using testing::Event;
using testing::Never;
using testing::OnDestroy;

constexpr ShutdownOptions kCancel{.mode = ShutdownMode::kCancel, .timeout = {}};

Options Workers(int workers) {
  Options options;
  options.workers = workers;
  return options;
}

Task<int> Receive(OneshotReceiver<int> receiver) {
  std::optional<int> value = co_await receiver;
  co_return value.value_or(-1);
}

TEST(Shutdown, DrainRunsWhatIsThereAndWhatThatSpawns) {
  BasicPool<DefaultPolicies> pool(Workers(3));
  atomic<int> ran{0};
  for (int i = 0; i < 100; ++i) {
    pool.SpawnDetached([&ran]() -> Task<> {
      for (int yields = 0; yields < 3; ++yields) co_await YieldNow();
      for (int child = 0; child < 3; ++child) {
        SpawnDetached([&ran] { ran.fetch_add(1); });
      }
      ran.fetch_add(1);
    });
  }
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_EQ(ran.load(), 400);
  EXPECT_EQ(pool.Metrics().alive, 0u);
}

TEST(Shutdown, DrainWaitsForATaskThatAThreadOutsideWillWake) {
  Pool pool(Workers(2));
  auto [sender, receiver] = Oneshot<int>();
  auto handle = pool.Spawn(Receive(std::move(receiver)));
  Thread waker([&pool, sender = std::move(sender)]() mutable {
    testing::WaitUntilAsleep(pool);
    (void)std::move(sender).Send(7);
  });
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_EQ(std::move(handle).Join().value(), 7);
  waker.join();
}

TEST(Shutdown, CancelEndsSuspendedTasksWithoutRunningThem) {
  Pool pool(Workers(2));
  std::vector<OneshotSender<int>> senders;
  std::vector<JoinHandle<int>> handles;
  for (int i = 0; i < 50; ++i) {
    auto [sender, receiver] = Oneshot<int>();
    senders.push_back(std::move(sender));
    handles.push_back(pool.Spawn(Receive(std::move(receiver))));
  }
  EXPECT_TRUE(pool.Shutdown(kCancel).ok());
  for (auto& handle : handles) {
    EXPECT_TRUE(std::move(handle).Join().cancelled());
  }
  for (auto& sender : senders) EXPECT_TRUE(sender.IsClosed());
}

TEST(Shutdown, DestroyingThePoolCancels) {
  auto [sender, receiver] = Oneshot<int>();
  JoinHandle<int> handle;
  {
    Pool pool(Workers(2));
    handle = pool.Spawn(Receive(std::move(receiver)));
  }
  EXPECT_TRUE(std::move(handle).Join().cancelled());
  EXPECT_TRUE(sender.IsClosed());
}

TEST(Shutdown, CancelDoesNotRunQueuedTasks) {
  Pool pool(Workers(1));
  Event running;
  Event go;
  atomic<int> ran{0};
  pool.SpawnDetached([&] {
    running.Set();
    go.Wait();
  });
  running.Wait();
  std::vector<JoinHandle<void>> handles;
  for (int i = 0; i < 20; ++i) {
    handles.push_back(pool.Spawn([&] { ran.fetch_add(1); }));
  }
  Thread stopper([&] { EXPECT_TRUE(pool.Shutdown(kCancel).ok()); });
  // A spawn is refused from when the shutdown has begun on.
  testing::WaitUntil([&] {
    auto probe = pool.Spawn([&] { ran.fetch_add(1); });
    const bool refused = probe.Done();
    handles.push_back(std::move(probe));
    return refused;
  });
  go.Set();
  stopper.join();
  EXPECT_EQ(ran.load(), 0);
  for (auto& handle : handles) {
    EXPECT_TRUE(std::move(handle).Join().cancelled());
  }
}

TEST(Shutdown, TwiceAndFromTwoThreadsIsFine) {
  Pool pool(Workers(2));
  pool.SpawnDetached(Never([] {}));
  Thread other([&] { EXPECT_TRUE(pool.Shutdown(kCancel).ok()); });
  EXPECT_TRUE(pool.Shutdown(kCancel).ok());
  other.join();
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_TRUE(pool.Shutdown({.timeout = nanoseconds::zero()}).ok());
}

TEST(Shutdown, ACancelOvertakesADrain) {
  Pool pool(Workers(2));
  auto handle = pool.Spawn(Never([] {}));
  Event draining;
  Thread drainer([&] {
    draining.Set();
    EXPECT_TRUE(pool.Shutdown().ok());
  });
  draining.Wait();
  EXPECT_TRUE(pool.Shutdown(kCancel).ok());
  drainer.join();
  EXPECT_TRUE(std::move(handle).Join().cancelled());
}

// I10: tokio #3196, #2186.
TEST(Shutdown, I10WithADeadlineDoesNotWaitForItWhenIdle) {
  Pool pool(Workers(2));
  // An hour: if it were waited for, this test would not end.
  EXPECT_TRUE(pool.Shutdown({.timeout = std::chrono::hours(1)}).ok());
}

// I10. The longest deadline is later than now, not before it.
TEST(Shutdown, I10TheLongestDeadlineIsNotOver) {
  Pool pool(Workers(1));
  Event go;
  pool.SpawnDetached([&] { go.Wait(); });
  Thread helper([&] {
    SleepFor(milliseconds(5));
    go.Set();
  });
  EXPECT_TRUE(pool.Shutdown({.timeout = nanoseconds::max()}).ok());
  helper.join();
}

// I10, I12 (tokio #4780): a task that never yields.
TEST(Shutdown, I10I12AfterItsDeadlineSaysWhatIsLeftAndThePoolGoes) {
  auto never_yields = std::make_shared<Event>();
  auto ended = std::make_shared<Countdown>(2);
  Event running;
  {
    Options options = Workers(2);
    options.on_thread_stop = [ended](int) { ended->Arrive(); };
    Pool pool(options);
    pool.SpawnDetached([&running, never_yields] {
      running.Set();
      never_yields->Wait();
    });
    running.Wait();
    const absl::Status status = pool.Shutdown({.timeout = nanoseconds::zero()});
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
    EXPECT_NE(std::string(status.message()).find("2 workers running"),
              std::string::npos)
        << status;
    EXPECT_EQ(pool.Shutdown({.timeout = milliseconds(2)}).code(),
              absl::StatusCode::kDeadlineExceeded);
    // Nothing is taken in any more.
    EXPECT_TRUE(pool.Spawn([] {}).Join().cancelled());
  }
  never_yields->Set();
  ended->Wait();
}

TEST(Shutdown, ThatIsOverAfterAllMakesThePoolWaitAgain) {
  Event go;
  Event running;
  atomic<int> stopped{0};
  {
    Options options = Workers(2);
    options.on_thread_stop = [&](int) { stopped.fetch_add(1); };
    Pool pool(options);
    pool.SpawnDetached([&] {
      running.Set();
      go.Wait();
    });
    running.Wait();
    EXPECT_FALSE(pool.Shutdown({.timeout = nanoseconds::zero()}).ok());
    go.Set();
    EXPECT_TRUE(pool.Shutdown().ok());
    EXPECT_EQ(pool.Metrics().alive, 0u);
  }
  EXPECT_EQ(stopped.load(), 2);
}

// I15: libcoro #420, #421.
TEST(Shutdown, I15OnAWorkerBeginsTheEndAndReturns) {
  Pool pool(Workers(2));
  Event returned;
  auto suspended = pool.Spawn(Never([] {}));
  pool.SpawnDetached([&] {
    EXPECT_TRUE(pool.Shutdown(kCancel).ok());
    EXPECT_TRUE(Spawn([] {}).Join().cancelled());
    returned.Set();
  });
  returned.Wait();
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_TRUE(std::move(suspended).Join().cancelled());
}

TEST(Shutdown, DrainOnAWorkerLetsItsOwnTaskFinish) {
  Pool pool(Workers(1));
  auto handle = pool.Spawn([&]() -> Task<int> {
    EXPECT_TRUE(pool.Shutdown().ok());
    co_await YieldNow();
    auto child = Spawn([] { return 3; });
    co_return (co_await child).value();
  });
  EXPECT_EQ(std::move(handle).Join().value(), 3);
  EXPECT_TRUE(pool.Shutdown().ok());
}

// I15. The pool is owned by one of its own tasks.
TEST(Shutdown, I15ThePoolMayBeDestroyedOnItsOwnWorker) {
  for (int watchdog = 0; watchdog < 2; ++watchdog) {
    auto ended = std::make_shared<Countdown>(3);
    Options options = Workers(3);
    options.on_thread_stop = [ended](int) { ended->Arrive(); };
    if (watchdog == 0) options.watchdog_period = nanoseconds::zero();
    auto pool = std::make_shared<Pool>(options);
    auto other = pool->Spawn(Never([] {}));
    Event dropped;
    pool->SpawnDetached([&dropped, pool]() mutable {
      dropped.Wait();
      pool = nullptr;
      EXPECT_TRUE(OnWorker());
      EXPECT_TRUE(Spawn([] {}).Join().cancelled());
    });
    pool = nullptr;
    dropped.Set();
    EXPECT_TRUE(std::move(other).Join().cancelled());
    ended->Wait();
  }
}

TEST(Shutdown, ThePoolMayBeDestroyedByACancelledTaskOfItsOwn) {
  auto ended = std::make_shared<Countdown>(2);
  Options options = Workers(2);
  options.on_thread_stop = [ended](int) { ended->Arrive(); };
  auto pool = std::make_shared<Pool>(options);
  auto task = pool->Spawn(Never([] {}, pool));
  std::weak_ptr<Pool> gone = pool;
  pool = nullptr;
  task.Abort();
  EXPECT_TRUE(std::move(task).Join().cancelled());
  ended->Wait();
  EXPECT_TRUE(gone.expired());
}

// The refused task's body is the last owner of the pool: its destruction waits
// for the workers inside Spawn.
TEST(Shutdown, ThePoolMayBeDestroyedByATaskItRefuses) {
  auto pool = std::make_shared<Pool>(Workers(2));
  EXPECT_TRUE(pool->Shutdown().ok());
  Pool& reference = *pool;
  auto handle = reference.Spawn([pool = std::move(pool)] {});
  EXPECT_TRUE(std::move(handle).Join().cancelled());

  pool = std::make_shared<Pool>(Workers(2));
  EXPECT_TRUE(pool->Shutdown().ok());
  Pool& another = *pool;
  struct Body {
    std::shared_ptr<Pool> pool;
    void operator()() {}
  };
  std::vector<Body> bodies(3);
  bodies[1].pool = std::move(pool);
  for (auto& refused : another.SpawnBatch(bodies)) {
    EXPECT_TRUE(std::move(refused).Join().cancelled());
  }
}

// The destructor runs on a worker of the pool that it destroys, but in the name
// of the one that refused the task.
TEST(Shutdown, ThePoolMayBeDestroyedByATaskThatAnotherRefuses) {
  auto ended = std::make_shared<Countdown>(2);
  Options options = Workers(2);
  options.on_thread_stop = [ended](int) { ended->Arrive(); };
  auto pool = std::make_shared<Pool>(options);
  Pool other(Workers(1));
  EXPECT_TRUE(other.Shutdown().ok());
  Event dropped;
  pool->SpawnDetached([&other, &dropped, pool]() mutable {
    dropped.Wait();
    auto refused =
        other.Spawn(Never([] {}, OnDestroy([pool = std::move(pool)]() mutable {
                            EXPECT_TRUE(pool->Shutdown(kCancel).ok());
                            pool = nullptr;
                          })));
    EXPECT_TRUE(std::move(refused).Join().cancelled());
  });
  pool = nullptr;
  dropped.Set();
  ended->Wait();
}

TEST(Shutdown, ThePoolMayBeDestroyedByAThreadLocalOfItsWorker) {
  struct Events {
    Event held;
    Event dropped;
    Event ended;
  };
  struct Owner {
    std::shared_ptr<Pool> pool;
    std::shared_ptr<Events> events;
    ~Owner() {
      if (events == nullptr) return;
      events->dropped.Wait();
      pool = nullptr;
      events->ended.Set();
    }
  };
  auto pool = std::make_shared<Pool>(Workers(2));
  auto events = std::make_shared<Events>();
  pool->SpawnDetached([pool, events] {
    static thread_local Owner owner;
    owner.pool = pool;
    owner.events = events;
    events->held.Set();
  });
  events->held.Wait();
  EXPECT_TRUE(pool->Shutdown(kCancel).ok());
  pool = nullptr;
  events->dropped.Set();
  events->ended.Wait();
}

// I1: tokio #1875, #3752, #3870.
TEST(Shutdown, I1EachSpawnThatRacesItRunsOrIsCancelled) {
  for (int round = 0; round < 50; ++round) {
    atomic<int> ran{0};
    atomic<int> destroyed{0};
    atomic<int> spawned{0};
    {
      Pool pool(Workers(2));
      std::vector<Thread> spawners;
      Event stop;
      for (int t = 0; t < 2; ++t) {
        spawners.emplace_back([&, t] {
          while (!stop.IsSet()) {
            spawned.fetch_add(1);
            auto body = [&ran, count = OnDestroy([&destroyed] {
                                 destroyed.fetch_add(1);
                               })] { ran.fetch_add(1); };
            if (t == 0) {
              pool.SpawnDetached(std::move(body));
            } else if (pool.Spawn(std::move(body)).Join().cancelled()) {
              break;
            }
          }
        });
      }
      testing::WaitUntil([&] { return ran.load() > 10; });
      const auto mode =
          round % 2 == 0 ? ShutdownMode::kDrain : ShutdownMode::kCancel;
      EXPECT_TRUE(pool.Shutdown({.mode = mode, .timeout = {}}).ok());
      const int after = ran.load();
      EXPECT_EQ(pool.Metrics().alive, 0u);
      stop.Set();
      for (Thread& thread : spawners) thread.join();
      EXPECT_EQ(ran.load(), after) << "ran after the shutdown was over";
    }
    EXPECT_EQ(destroyed.load(), spawned.load());
  }
}

// I4: tokio #2061, #2074.
TEST(Shutdown, I4TasksThatAreWokenFromOutsideMeanwhileAreNotLost) {
  for (int round = 0; round < 50; ++round) {
    Pool pool(Workers(2));
    constexpr int kTasks = 20;
    std::vector<OneshotSender<int>> senders;
    std::vector<JoinHandle<int>> handles;
    for (int i = 0; i < kTasks; ++i) {
      auto [sender, receiver] = Oneshot<int>();
      senders.push_back(std::move(sender));
      handles.push_back(pool.Spawn(Receive(std::move(receiver))));
    }
    Event begin;
    Thread waker([&] {
      begin.Wait();
      for (auto& sender : senders) (void)std::move(sender).Send(1);
    });
    begin.Set();
    EXPECT_TRUE(pool.Shutdown(kCancel).ok());
    waker.join();
    for (auto& handle : handles) {
      auto outcome = std::move(handle).Join();
      EXPECT_TRUE(outcome.cancelled() || *outcome == 1);
    }
  }
}

// I5: tokio #2046, #2082, #1929. Destructors wake each other in a chain.
TEST(Shutdown, I5DestructorsMayWakeOtherTasks) {
  for (int workers = 1; workers <= 3; ++workers) {
    constexpr int kTasks = 30;
    atomic<int> destroyed{0};
    {
      Pool pool(Workers(workers));
      std::optional<OneshotReceiver<int>> next;
      for (int i = 0; i < kTasks; ++i) {
        auto [sender, receiver] = Oneshot<int>();
        // Waits for the next one, and its end wakes the one before.
        pool.SpawnDetached([&destroyed, sender = std::move(sender),
                            wait_for = std::move(next)]() mutable -> Task<> {
          OnDestroy count([&destroyed] { destroyed.fetch_add(1); });
          OnDestroy wake([&] { (void)std::move(sender).Send(1); });
          if (wait_for) {
            (void)co_await *wait_for;
          } else {
            co_await Await(Never([] {}));
          }
        });
        next = std::move(receiver);
      }
      testing::WaitUntilAsleep(pool);
    }
    EXPECT_EQ(destroyed.load(), kTasks);
  }
}

// I5, and T9 (tokio #4213): the task is destroyed where it could have run.
TEST(Shutdown, I5T9DestructorsMaySpawnAndThatIsRefused) {
  for (int workers = 1; workers <= 3; ++workers) {
    atomic<int> ran{0};
    atomic<int> refused{0};
    {
      Pool pool(Workers(workers));
      for (int i = 0; i < 10; ++i) {
        pool.SpawnDetached(Never(
            [] {}, OnDestroy([&] {
              EXPECT_TRUE(OnWorker());
              auto handle =
                  Spawn(Never([&ran] { ran.fetch_add(1); }, OnDestroy([&] {
                                SpawnDetached([&ran] { ran.fetch_add(1); });
                                refused.fetch_add(1);
                              })));
              EXPECT_TRUE(handle.Done());
              EXPECT_TRUE(std::move(handle).Join().cancelled());
            })));
      }
      testing::WaitUntilAsleep(pool);
    }
    EXPECT_EQ(ran.load(), 0);
    EXPECT_EQ(refused.load(), 10);
  }
}

// T9. A refused task is destroyed on the spawner's thread, but not outside of
// everything.
TEST(Shutdown, T9DestructorsOfRefusedTasksMaySpawnToo) {
  Pool pool(Workers(1));
  EXPECT_TRUE(pool.Shutdown().ok());
  atomic<int> ran{0};
  atomic<int> destroyed{0};
  const auto make = [&] {
    return Never(
        [] {}, OnDestroy([&] {
          EXPECT_FALSE(OnWorker());
          EXPECT_TRUE(Spawn([&] { ran.fetch_add(1); }).Join().cancelled());
          destroyed.fetch_add(1);
        }));
  };
  EXPECT_TRUE(pool.Spawn(make()).Join().cancelled());
  EXPECT_EQ(destroyed.load(), 1);
  EXPECT_EQ(ran.load(), 0);
  EXPECT_EQ(pool_internal::ThisThread::Get().executor, nullptr);
  EXPECT_EQ(pool.Metrics().completed, 0u);
}

// I6: tokio #2789, #3228. A task that blocks waits for one that another worker
// would cancel.
TEST(Shutdown, I6BlockedWorkersAreSetFreeByTheCancellation) {
  for (int blocked = 1; blocked <= 4; ++blocked) {
    Pool pool(Workers(4));
    Countdown inside(blocked);
    std::vector<JoinHandle<bool>> handles;
    for (int i = 0; i < blocked; ++i) {
      handles.push_back(pool.Spawn([&] {
        auto never = Spawn(Never([] {}));
        inside.Arrive();
        return std::move(never).Join().cancelled();
      }));
    }
    inside.Wait();
    EXPECT_TRUE(pool.Shutdown(kCancel).ok());
    for (auto& handle : handles) {
      auto outcome = std::move(handle).Join();
      EXPECT_TRUE(outcome.ok() && *outcome);
    }
  }
}

// I6. A blocked worker may block again, on what it spawns, which is refused,
// and on what was there.
TEST(Shutdown, I6BlockedWorkersMayBlockAgain) {
  Pool pool(Workers(2));
  auto [sender, receiver] = Oneshot<int>();
  auto first = pool.Spawn(Never([] {}));
  auto second = pool.Spawn(Receive(std::move(receiver)));
  Event inside;
  auto handle = pool.Spawn([&] {
    inside.Set();
    const bool a = std::move(first).Join().cancelled();
    const bool b = Spawn([] {}).Join().cancelled();
    const bool c = std::move(second).Join().cancelled();
    return a && b && c;
  });
  inside.Wait();
  EXPECT_TRUE(pool.Shutdown(kCancel).ok());
  EXPECT_TRUE(std::move(handle).Join().value());
}

// I5, I6. The destructor of a cancelled task joins one that is cancelled too.
TEST(Shutdown, I5I6DestructorsMayJoinOtherTasks) {
  for (int workers = 1; workers <= 3; ++workers) {
    constexpr int kTasks = 10;
    atomic<int> joined{0};
    {
      Pool pool(Workers(workers));
      JoinHandle<void> next = pool.Spawn(Never([] {}));
      for (int i = 0; i < kTasks; ++i) {
        next = pool.Spawn(Never(
            [] {}, OnDestroy([&joined, handle = std::move(next)]() mutable {
              if (std::move(handle).Join().cancelled()) joined.fetch_add(1);
            })));
      }
      testing::WaitUntilAsleep(pool);
    }
    EXPECT_EQ(joined.load(), kTasks);
  }
}

// I6. The destructor joins a task that is blocked inside another worker and
// goes on only once what it waits for is cancelled.
TEST(Shutdown, I6DestructorsMayJoinTasksThatBlock) {
  for (int round = 0; round < 20; ++round) {
    atomic<int> joined{0};
    {
      Pool pool(Workers(3));
      Countdown inside(2);
      for (int i = 0; i < 2; ++i) {
        auto blocked = pool.Spawn([&] {
          auto never = Spawn(Never([] {}));
          inside.Arrive();
          return std::move(never).Join().cancelled();
        });
        pool.SpawnDetached(Never(
            [] {}, OnDestroy([&joined, handle = std::move(blocked)]() mutable {
              auto outcome = std::move(handle).Join();
              if (outcome.ok() && *outcome) joined.fetch_add(1);
            })));
      }
      inside.Wait();
    }
    EXPECT_EQ(joined.load(), 2);
  }
}

// I20: folly e5bd0eb0b.
TEST(Shutdown, I20AsManyThreadsStopAsStart) {
  for (int how = 0; how < 4; ++how) {
    atomic<int> starts{0};
    atomic<int> stops{0};
    {
      Options options = Workers(4);
      options.on_thread_start = [&](int worker) {
        EXPECT_GE(worker, 0);
        EXPECT_LT(worker, 4);
        EXPECT_TRUE(OnWorker());
        starts.fetch_add(1);
      };
      options.on_thread_stop = [&](int) {
        EXPECT_TRUE(OnWorker());
        EXPECT_TRUE(Spawn([] {}).Join().cancelled());
        stops.fetch_add(1);
      };
      Pool pool(options);
      Event inside;
      pool.SpawnDetached([&] {
        auto never = Spawn(Never([] {}));
        inside.Set();
        if (how == 0) never.Abort();
        (void)std::move(never).Join();
      });
      inside.Wait();
      if (how == 0) {
        EXPECT_TRUE(pool.Shutdown().ok());
      }
      if (how == 1) {
        EXPECT_TRUE(pool.Shutdown(kCancel).ok());
      }
      if (how == 2) {
        pool.SpawnDetached([&] { (void)pool.Shutdown(kCancel); });
      }
    }
    EXPECT_EQ(starts.load(), 4);
    EXPECT_EQ(stops.load(), 4);
  }
}

TEST(Shutdown, AStopHookMayDestroyThePool) {
  auto pool = std::make_shared<std::optional<Pool>>();
  auto ended = std::make_shared<Countdown>(2);
  Options options = Workers(2);
  auto first = std::make_shared<atomic<bool>>(true);
  options.on_thread_stop = [pool, ended, first](int) {
    if (first->exchange(false)) pool->reset();
    ended->Arrive();
  };
  pool->emplace(std::move(options));
  (*pool)->SpawnDetached([pool] { (void)(*pool)->Shutdown(); });
  ended->Wait();
}

// I18: folly 99f7c27b2.
TEST(Shutdown, I18MetricsMayBeReadWhileOthersEndIt) {
  for (int round = 0; round < 30; ++round) {
    Pool pool(Workers(2));
    Event stop;
    Thread reader([&] {
      while (!stop.IsSet()) {
        const PoolMetrics metrics = pool.Metrics();
        EXPECT_EQ(metrics.workers.size(), 2u);
        EXPECT_LE(metrics.alive, 200u);
      }
    });
    for (int i = 0; i < 100; ++i) {
      pool.SpawnDetached([]() -> Task<> { co_await YieldNow(); });
      pool.SpawnDetached(Never([] {}));
    }
    EXPECT_TRUE(pool.Shutdown(kCancel).ok());
    stop.Set();
    reader.join();
  }
}

// A foreign thread that wakes is inside the pool for a moment longer than the
// task, and so the pool, may live.
TEST(Shutdown, AWakeFromOutsideMayCompleteTheTaskThatEndsThePool) {
  for (int round = 0; round < 200; ++round) {
    auto [sender, receiver] = Oneshot<int>();
    auto pool = std::make_unique<Pool>(Workers(1));
    auto handle = pool->Spawn(Receive(std::move(receiver)));
    Thread waker([sender = std::move(sender)]() mutable {
      (void)std::move(sender).Send(1);
    });
    EXPECT_EQ(std::move(handle).Join().value(), 1);
    pool = nullptr;
    waker.join();
  }
}

TEST(Shutdown, ASpawnFromOutsideMayCompleteTheTaskThatEndsThePool) {
  for (int round = 0; round < 200; ++round) {
    auto pool = std::make_unique<Pool>(Workers(1));
    auto done = std::make_shared<Event>();
    Thread spawner([&reference = *pool, done] {
      reference.SpawnDetached([done] { done->Set(); });
    });
    done->Wait();
    pool = nullptr;
    spawner.join();
  }
}

// I21: oneTBB #739, #762. Threads outside come and go, as pools do; what one
// left behind for its next visit is no use to a thread with the same identity.
TEST(Shutdown, I21ThreadsOutsideMayComeAndGo) {
  for (int round = 0; round < 20; ++round) {
    Pool pool(Workers(2));
    atomic<int> ran{0};
    for (int visit = 0; visit < 5; ++visit) {
      std::vector<Thread> visitors;
      for (int t = 0; t < 3; ++t) {
        visitors.emplace_back([&] {
          pool.SpawnDetached([&] { ran.fetch_add(1); });
          EXPECT_EQ(pool.BlockOn([] { return 1; }), 1);
        });
      }
      for (Thread& thread : visitors) thread.join();
    }
    EXPECT_TRUE(pool.Shutdown().ok());
    EXPECT_EQ(ran.load(), 15);
  }
}

}  // namespace
}  // namespace weft
