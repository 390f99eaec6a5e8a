// Who is woken when, and what a pool that is idle does: nothing. The names in
// comments are those of docs/known-bugs.md.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/helpers.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using testing::Countdown;
using testing::Event;
using testing::Never;

Options Workers(int workers) {
  Options options;
  options.workers = workers;
  return options;
}

// Wakes nobody that the rules do not.
Options WithoutWatchdog(int workers) {
  Options options = Workers(workers);
  options.watchdog_period = nanoseconds::zero();
  return options;
}

// W4: Go #45867, stdexec #1305, marl 535d491. As many tasks as workers meet: so
// none of them waits beside a worker that sleeps.
TEST(Wakeups, W4TasksThatWaitForEachOtherAllRun) {
  for (int workers : {2, 3, 8, 40}) {
    Pool pool(WithoutWatchdog(workers));
    const std::uint64_t rounds =
        StressIterations(4000) / static_cast<std::uint64_t>(workers);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      Countdown meeting(workers);
      Countdown gone(workers);
      for (int i = 0; i < workers; ++i) {
        pool.SpawnDetached([&] {
          meeting.ArriveAndWait();
          gone.Arrive();
        });
      }
      gone.Wait();
    }
  }
}

// W4. The same, spawned by a worker: the last one, alone in its queue, is for
// the watchdog to find.
TEST(Wakeups, W4TasksSpawnedByOneOfThemAllRun) {
  for (int batch = 0; batch < 2; ++batch) {
    Options options = Workers(4);
    options.watchdog_period = milliseconds(1);
    Pool pool(options);
    for (std::uint64_t round = 0; round < StressIterations(200); ++round) {
      Countdown meeting(4);
      Countdown gone(4);
      const auto body = [&] {
        return [&] {
          meeting.ArriveAndWait();
          gone.Arrive();
        };
      };
      pool.SpawnDetached([&] {
        if (batch == 1) {
          SpawnDetachedBatch(std::vector{body(), body(), body()});
        } else {
          for (int i = 0; i < 3; ++i) SpawnDetached(body());
        }
        meeting.ArriveAndWait();
        gone.Arrive();
      });
      gone.Wait();
    }
  }
}

// A pool that counts how often a worker is about to sleep, before that worker
// says that it sleeps. (The metrics count it afterwards.)
class CountedPool {
 public:
  explicit CountedPool(Options options)
      : pool_([&] {
          options.before_park = [this](int) { parks_.fetch_add(1); };
          return std::move(options);
        }()) {}

  Pool& operator*() { return pool_; }
  Pool* operator->() { return &pool_; }

  /// So far, once all sleep.
  std::uint64_t Parks() {
    testing::WaitUntilAsleep(pool_);
    return parks_.load();
  }

  /// How many workers `action` wakes, by how many go to sleep again.
  std::uint64_t WokenBy(const std::function<void()>& action,
                        const std::function<bool()>& over) {
    const std::uint64_t before = Parks();
    action();
    testing::WaitUntil(over);
    return Parks() - before;
  }

 private:
  atomic<std::uint64_t> parks_{0};
  Pool pool_;
};

// W8: brpc #3423; W9: rayon be12615b. Each way by which one task becomes
// runnable while all sleep wakes one worker.
TEST(Wakeups, W8W9OneTaskWakesOneWorkerWhicheverWayItComes) {
  CountedPool pool(WithoutWatchdog(4));
  for (int round = 0; round < 20; ++round) {
    atomic<int> ran{0};
    const auto over = [&] { return ran.load() != 0; };
    const auto run = [&] { ran.fetch_add(1); };

    EXPECT_EQ(pool.WokenBy([&] { pool->SpawnDetached(run); }, over), 1u)
        << "a spawn";

    ran.store(0);
    EXPECT_EQ(
        pool.WokenBy([&] { pool->SpawnDetachedBatch(std::vector{run}); }, over),
        1u)
        << "a batch of one";

    ran.store(0);
    auto [sender, receiver] = Oneshot<int>();
    pool->SpawnDetached(
        [&, receiver = std::move(receiver)]() mutable -> Task<> {
          (void)co_await receiver;
          run();
        });
    EXPECT_EQ(pool.WokenBy([&] { (void)std::move(sender).Send(1); }, over), 1u)
        << "a coroutine's operation";

    ran.store(0);
    auto [to_future, future] = Oneshot<int>();
    auto polled = pool->Spawn(std::move(future));
    EXPECT_EQ(pool.WokenBy([&] { (void)std::move(to_future).Send(1); },
                           [&] { return polled.Done(); }),
              1u)
        << "a future's waker";

    auto aborted = pool->Spawn(Never([] {}));
    EXPECT_EQ(
        pool.WokenBy([&] { aborted.Abort(); }, [&] { return aborted.Done(); }),
        1u)
        << "an abort";
  }
}

// They could not meet otherwise. One more may come: the first to find work
// calls another while the rest of the batch is still being announced.
TEST(Wakeups, W8ABatchWakesAsManyAsItHasTasks) {
  CountedPool pool(WithoutWatchdog(4));
  for (int round = 0; round < 20; ++round) {
    Countdown meeting(3);
    Countdown gone(3);
    const auto body = [&] {
      meeting.ArriveAndWait();
      gone.Arrive();
    };
    const std::uint64_t woken = pool.WokenBy(
        [&] {
          pool->SpawnDetachedBatch(std::vector{body, body, body});
        },
        [&] { return gone.Over(); });
    EXPECT_GE(woken, 3u);
  }
}

// W8. A surplus on one worker wakes another; what overflows its queue, too.
TEST(Wakeups, W8ASurplusIsTakenByAnotherWorker) {
  for (int tasks : {2, 1000}) {
    Pool pool(WithoutWatchdog(2));
    Event helped;
    Countdown gone(tasks);
    pool.SpawnDetached([&] {
      const ThreadId here = ThisThreadId();
      for (int i = 0; i < tasks; ++i) {
        SpawnDetached([&, here] {
          if (ThisThreadId() != here) helped.Set();
          gone.Arrive();
        });
      }
      helped.Wait();
    });
    gone.Wait();
  }
}

// W13, L4: tokio #4941, #7431. A task in the next-task slot, behind a poll
// that goes on until that task has run.
TEST(Wakeups, L4W13ATaskBehindALongPollIsTakenByAnotherWorker) {
  for (int how = 0; how < 3; ++how) {
    Options options = Workers(2);
    options.watchdog_period = milliseconds(1);
    Pool pool(options);
    for (int round = 0; round < 10; ++round) {
      Event ran;
      auto [sender, receiver] = Oneshot<int>();
      auto woken =
          pool.Spawn([&, receiver = std::move(receiver)]() mutable -> Task<> {
            (void)co_await receiver;
            ran.Set();
          });
      testing::WaitUntilAsleep(pool);
      Event over;
      pool.SpawnDetached([&, sender = std::move(sender)]() mutable {
        if (how == 0) (void)std::move(sender).Send(1);
        if (how == 1) SpawnDetached([&] { ran.Set(); });
        if (how == 2) pool.SpawnDetachedBatch(std::vector{[&] { ran.Set(); }});
        ran.Wait();
        over.Set();
      });
      over.Wait();
      woken.Abort();
      (void)std::move(woken).Join();
    }
  }
}

// W15: tokio #7834, #7835, #8222. A hook that schedules: the worker runs that
// instead of sleeping, and wakes nobody for it.
TEST(Wakeups, W15ABeforeParkHookMaySchedule) {
  atomic<int> left{10};
  atomic<int> ran{0};
  Options options = WithoutWatchdog(1);
  options.before_park = [&](int) {
    if (left.fetch_sub(1) > 0) SpawnDetached([&] { ran.fetch_add(1); });
  };
  Pool pool(options);
  testing::WaitUntilAsleep(pool);
  EXPECT_EQ(ran.load(), 10);
  // It has slept once.
  EXPECT_EQ(left.load(), -1);
  EXPECT_EQ(pool.Metrics().Total(WorkerEvent::kWake), 0u);
}

TEST(Wakeups, W15ABeforeParkHookMayWakeATask) {
  struct Channel {
    std::optional<OneshotSender<int>> sender;
  };
  auto channel = std::make_shared<Channel>();
  auto [sender, receiver] = Oneshot<int>();
  channel->sender.emplace(std::move(sender));
  atomic<bool> waits{false};
  Options options = WithoutWatchdog(1);
  options.before_park = [channel, &waits](int) {
    if (waits.exchange(false)) (void)std::move(*channel->sender).Send(4);
  };
  Pool pool(options);
  EXPECT_EQ(
      pool.BlockOn([&, receiver = std::move(receiver)]() mutable -> Task<int> {
        waits.store(true);
        co_return (co_await receiver).value_or(-1);
      }),
      4);
}

// W18: Go #13527. Yields in a loop beside idle workers.
TEST(Wakeups, W18AYieldWakesNobody) {
  CountedPool pool(WithoutWatchdog(4));
  const std::uint64_t parks = pool.Parks();
  const PoolMetrics before = pool->Metrics();
  pool->BlockOn([]() -> Task<> {
    for (int i = 0; i < 10'000; ++i) co_await YieldNow();
  });
  EXPECT_EQ(pool.Parks() - parks, 1u);
  const PoolMetrics after = pool->Metrics();
  const auto grew = [&](WorkerEvent event) {
    return after.Total(event) - before.Total(event);
  };
  EXPECT_GE(after.polls() - before.polls(), 10'000u);
  EXPECT_EQ(grew(WorkerEvent::kWake), 0u);
  EXPECT_EQ(grew(WorkerEvent::kUselessWake), 0u);
}

// W14 in spirit: a pair that wakes each other on one worker wakes no other.
TEST(Wakeups, W14APingPongWakesNobody) {
  Pool pool(WithoutWatchdog(4));
  testing::WaitUntilAsleep(pool);
  const PoolMetrics before = pool.Metrics();
  pool.BlockOn([]() -> Task<> {
    for (int i = 0; i < 1000; ++i) {
      auto [ping, gets_ping] = Oneshot<int>();
      auto [pong, gets_pong] = Oneshot<int>();
      auto other = Spawn([gets_ping = std::move(gets_ping),
                          pong = std::move(pong)]() mutable -> Task<> {
        (void)co_await gets_ping;
        (void)std::move(pong).Send(1);
      });
      (void)std::move(ping).Send(1);
      (void)co_await gets_pong;
      (void)co_await other;
    }
  });
  testing::WaitUntilAsleep(pool);
  EXPECT_EQ(pool.Metrics().Total(WorkerEvent::kWake) -
                before.Total(WorkerEvent::kWake),
            0u);
}

// W20: seastar #2790. A pool that is idle, watchdog and all, does nothing.
TEST(Wakeups, W20AnIdlePoolDoesNothing) {
  Options options = Workers(4);
  options.watchdog_period = milliseconds(1);
  Pool pool(options);
  auto suspended = pool.Spawn(Never([] {}));
  pool.BlockOn([] {});
  // Sooner or later there is a while in which no counter moves; if one always
  // did, this would not end.
  testing::WaitUntil([&] {
    const std::string before = pool.Metrics().ToString();
    SleepFor(milliseconds(50));
    return pool.Metrics().ToString() == before;
  });
  for (const auto& worker : pool.Metrics().workers) EXPECT_TRUE(worker.asleep);
}

// L3: tokio #5686, #5712, #2349. A pair that wakes each other in the slot does
// not keep a third, queued task waiting.
TEST(Wakeups, L3APairInTheSlotDoesNotStarveTheQueue) {
  Pool pool(WithoutWatchdog(1));
  struct Pair {
    // Each is ready when it is its turn, passes the turn and wakes the other.
    std::optional<Waker> wakers[2];
    int turn = 0;
    int rounds = 0;
    bool third_ran = false;
  };
  struct Player {
    Pair* pair;
    int me;
    weft::Poll<void> Poll(Context& context) {
      if (pair->third_ran) {
        if (pair->wakers[1 - me]) pair->wakers[1 - me]->WakeByRef();
        return kReady;
      }
      pair->wakers[me].emplace(context.waker().Clone());
      if (pair->turn == me) {
        ++pair->rounds;
        pair->turn = 1 - me;
        if (pair->wakers[1 - me]) pair->wakers[1 - me]->WakeByRef();
      }
      return kPending;
    }
  };
  Pair pair;
  auto rounds = pool.BlockOn([&pair]() -> Task<int> {
    auto a = Spawn(Player{&pair, 0});
    auto b = Spawn(Player{&pair, 1});
    // They play; this one, behind them in the queue, is the third.
    co_await YieldNow();
    const int before = pair.rounds;
    co_await YieldNow();
    const int waited = pair.rounds - before;
    pair.third_ran = true;
    pair.wakers[0]->WakeByRef();
    pair.wakers[1]->WakeByRef();
    (void)co_await a;
    (void)co_await b;
    pair.wakers[0].reset();
    pair.wakers[1].reset();
    co_return waited;
  });
  EXPECT_LE(rounds,
            static_cast<int>(2 * Worker<DefaultPolicies>::kMaxSlotStreak));
}

}  // namespace
}  // namespace weft
