#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/exception.h"
#include "weft/base/thread.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/helpers.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

using testing::Countdown;
using testing::Event;
using testing::Never;

Options Workers(int workers) {
  Options options;
  options.workers = workers;
  return options;
}

Task<int> Receive(OneshotReceiver<int> receiver) {
  std::optional<int> value = co_await receiver;
  co_return value.value_or(-1);
}

Task<std::string> Twice(std::string text) { co_return text + text; }

TEST(BlockOn, ReturnsWhatEachKindOfBodyReturns) {
  Pool pool(Workers(2));
  EXPECT_EQ(pool.BlockOn(Twice("ab")), "abab");
  EXPECT_EQ(pool.BlockOn([] { return 7; }), 7);
  EXPECT_EQ(pool.BlockOn([]() -> Task<int> { co_return 8; }), 8);
  auto [sender, receiver] = Oneshot<int>();
  (void)std::move(sender).Send(9);
  EXPECT_EQ(pool.BlockOn(std::move(receiver)), std::optional<int>(9));
  int ran = 0;
  pool.BlockOn([&ran] { ran = 1; });
  EXPECT_EQ(ran, 1);
  auto owner = pool.BlockOn([] { return std::make_unique<int>(5); });
  EXPECT_EQ(*owner, 5);
}

TEST(BlockOn, MayBeCalledByManyThreadsAtOnce) {
  Pool pool(Workers(2));
  std::vector<Thread> threads;
  atomic<int> sum{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        sum.fetch_add(pool.BlockOn([t]() -> Task<int> {
          co_await YieldNow();
          co_return t;
        }));
      }
    });
  }
  for (Thread& thread : threads) thread.join();
  EXPECT_EQ(sum.load(), 2800);
}

// W17: oneTBB #2056. One thread submits, another waits, one worker.
TEST(BlockOn, W17OneWorkerIsEnoughWhoeverSubmitsAndWhoeverWaits) {
  Pool pool(Workers(1));
  auto [sender, receiver] = Oneshot<int>();
  JoinHandle<int> handle;
  Thread submitter([&, receiver = std::move(receiver),
                    sender = std::move(sender)]() mutable {
    handle = pool.Spawn(Receive(std::move(receiver)));
    pool.SpawnDetached([sender = std::move(sender)]() mutable {
      (void)std::move(sender).Send(3);
    });
  });
  submitter.join();
  int got = 0;
  Thread waiter([&] { got = std::move(handle).Join().value(); });
  waiter.join();
  EXPECT_EQ(got, 3);
}

TEST(BlockOn, OnTheOnlyWorkerRunsTheBodyThere) {
  Pool pool(Workers(1));
  EXPECT_EQ(pool.BlockOn([&] {
    const ThreadId outer = ThisThreadId();
    return pool.BlockOn([outer]() -> Task<int> {
      co_await YieldNow();
      EXPECT_EQ(ThisThreadId(), outer);
      co_return 4;
    });
  }),
            4);
}

TEST(BlockOn, NestsDeeply) {
  for (int workers = 1; workers <= 2; ++workers) {
    Pool pool(Workers(workers));
    struct Nest {
      static int Down(Pool& pool, int depth) {
        if (depth == 0) return 0;
        return 1 + pool.BlockOn([&pool, depth]() -> Task<int> {
          co_await YieldNow();
          co_return Down(pool, depth - 1);
        });
      }
    };
    EXPECT_EQ(Nest::Down(pool, 100), 100);
  }
}

// An inner wait may take the wake that was meant for the outer one.
TEST(BlockOn, AnInnerWaitDoesNotLoseTheOuterOnesWake) {
  for (int round = 0; round < 100; ++round) {
    Pool pool(Workers(1));
    auto [outer_sender, outer_receiver] = Oneshot<int>();
    auto [inner_sender, inner_receiver] = Oneshot<int>();
    Event inner_waits;
    pool.SpawnDetached([&, receiver = std::move(outer_receiver)]() mutable {
      // This task's wait runs the next one on its stack.
      SpawnDetached([&, receiver = std::move(inner_receiver)]() mutable {
        inner_waits.Set();
        EXPECT_EQ(Wait(receiver), std::optional<int>(2));
      });
      EXPECT_EQ(Wait(receiver), std::optional<int>(1));
    });
    inner_waits.Wait();
    (void)std::move(outer_sender).Send(1);
    if (round % 2 == 0) testing::WaitUntilAsleep(pool);
    (void)std::move(inner_sender).Send(2);
    EXPECT_TRUE(pool.Shutdown().ok());
  }
}

TEST(BlockOn, OnAWorkerLetsOtherTasksRunMeanwhile) {
  Pool pool(Workers(1));
  auto [sender, receiver] = Oneshot<int>();
  auto handle = pool.Spawn([&pool, receiver = std::move(receiver)]() mutable {
    return pool.BlockOn(Receive(std::move(receiver)));
  });
  testing::WaitUntilAsleep(pool);
  // The only worker is inside the first task.
  EXPECT_EQ(pool.BlockOn([] { return 5; }), 5);
  (void)std::move(sender).Send(6);
  EXPECT_EQ(std::move(handle).Join().value(), 6);
}

TEST(BlockOn, OnEveryWorkerAtOnceStillEnds) {
  Pool pool(Workers(3));
  std::vector<JoinHandle<int>> handles;
  for (int i = 0; i < 30; ++i) {
    handles.push_back(pool.Spawn([i] {
      return Spawn([i]() -> Task<int> {
               co_await YieldNow();
               co_return i;
             })
          .Join()
          .value();
    }));
  }
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(std::move(handles[static_cast<std::size_t>(i)]).Join().value(),
              i);
  }
}

// T10: tokio #1851, #1861. On a worker of another pool that one's tasks run
// meanwhile, and their spawns go to it.
TEST(BlockOn, T10OnAWorkerOfAnotherPoolServesThatOneMeanwhile) {
  Pool here(Workers(1));
  Pool there(Workers(1));
  Event go;
  Event inside;
  ThreadId there_id = there.BlockOn([] { return ThisThreadId(); });
  auto outer = here.Spawn([&] {
    const ThreadId here_id = ThisThreadId();
    SpawnDetached([&, here_id] {
      // Runs inside the BlockOn below.
      EXPECT_EQ(ThisThreadId(), here_id);
      EXPECT_EQ(Spawn([] { return ThisThreadId(); }).Join().value(), here_id);
      go.Set();
    });
    return there.BlockOn([&] {
      EXPECT_EQ(ThisThreadId(), there_id);
      inside.Set();
      go.Wait();
      EXPECT_EQ(Spawn([] { return ThisThreadId(); }).Join().value(), there_id);
      return 1;
    });
  });
  EXPECT_EQ(std::move(outer).Join().value(), 1);
}

// T10. Also while a refused task of the other pool is destroyed here.
TEST(BlockOn, T10InARefusedTasksDestructorServesTheThreadsPool) {
  Pool here(Workers(1));
  Pool there(Workers(1));
  EXPECT_TRUE(there.Shutdown().ok());
  here.BlockOn([&] {
    const ThreadId here_id = ThisThreadId();
    auto mine = Spawn([here_id] {
      return Spawn([] { return ThisThreadId(); }).Join().value() == here_id;
    });
    auto refused = there.Spawn(
        Never([] {}, testing::OnDestroy([handle = std::move(mine)]() mutable {
                EXPECT_FALSE(OnWorker());
                EXPECT_TRUE(std::move(handle).Join().value());
              })));
    EXPECT_TRUE(std::move(refused).Join().cancelled());
    EXPECT_TRUE(OnWorker());
  });
}

#if defined(__cpp_exceptions)

TEST(BlockOn, ThrowsWhatTheBodyThrows) {
  Pool pool(Workers(1));
  EXPECT_THROW(pool.BlockOn([]() -> Task<int> {
    throw std::string("coroutine");
    co_return 1;
  }),
               std::string);
  EXPECT_THROW(pool.BlockOn([] { throw 5; }), int);
  EXPECT_EQ(pool.BlockOn([] { return 1; }), 1);
}

TEST(BlockOn, AfterTheShutdownThrowsCancelled) {
  Pool pool(Workers(1));
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_THROW(pool.BlockOn([] { return 1; }), TaskCancelled);
}

// I12: tokio #4780. The exception of the outermost task does not wait for
// another task that never yields, and the shutdown's deadline holds.
TEST(BlockOn, I12ThrowsAlthoughAnotherTaskNeverYields) {
  auto go = std::make_shared<Event>();
  auto ended = std::make_shared<Countdown>(2);
  {
    Options options = Workers(2);
    options.on_thread_stop = [ended](int) { ended->Arrive(); };
    Pool pool(options);
    Event running;
    pool.SpawnDetached([&running, go] {
      running.Set();
      go->Wait();
    });
    running.Wait();
    EXPECT_THROW(pool.BlockOn([] { throw 1; }), int);
    EXPECT_EQ(pool.Shutdown({.timeout = std::chrono::nanoseconds(1)}).code(),
              absl::StatusCode::kDeadlineExceeded);
  }
  go->Set();
  ended->Wait();
}

// A hook's exception must not become that of the task in which a worker waits.
TEST(BlockOn, AHookThatThrowsEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Options options = Workers(1);
        options.before_park = [](int) {
          if (OnWorker()) throw 1;
        };
        Pool pool(options);
        (void)pool.Spawn([&] { (void)Spawn(Never([] {})).Join(); }).Join();
      },
      "");
}

#endif

}  // namespace
}  // namespace weft
