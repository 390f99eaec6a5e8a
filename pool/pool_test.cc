#include "weft/pool/pool.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/mutex.h"
#include "weft/base/thread.h"
#include "weft/pool/testing/helpers.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

using testing::Event;
using testing::Never;
using testing::OnDestroy;

Options Workers(int workers) {
  Options options;
  options.workers = workers;
  return options;
}

Task<int> Receive(OneshotReceiver<int> receiver) {
  std::optional<int> value = co_await receiver;
  co_return value.value_or(-1);
}

TEST(Pool, HasAWorkerForEachProcessorUnlessToldOtherwise) {
  EXPECT_EQ(Pool().workers(), AvailableCpus());
  EXPECT_EQ(Pool(Workers(3)).workers(), 3);
  EXPECT_EQ(Pool(Workers(70)).workers(), 70);
}

TEST(Pool, CreateReportsWhatIsWrong) {
  auto pool = Pool::Create(Workers(-4));
  EXPECT_EQ(pool.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(pool.status(), Workers(-4).Validate());
}

TEST(PoolDeathTest, ConstructingWithWrongOptionsSaysWhatIsWrong) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(Pool(Workers(-4)), "Options::workers is -4");
}

TEST(PoolDeathTest, UsingAPoolThatWasMovedFromSaysSo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Pool pool(Workers(1));
        Pool other = std::move(pool);
        pool.SpawnDetached([] {});
      },
      "moved from");
}

TEST(Pool, MovesWithItsTasks) {
  auto [sender, receiver] = Oneshot<int>();
  Pool first(Workers(1));
  auto handle = first.Spawn(Receive(std::move(receiver)));
  Pool second(std::move(first));
  auto cancelled = Pool(Workers(1));
  auto gone = cancelled.Spawn(Never([] {}));
  cancelled = std::move(second);
  EXPECT_TRUE(std::move(gone).Join().cancelled());
  (void)std::move(sender).Send(2);
  EXPECT_EQ(std::move(handle).Join().value(), 2);
  EXPECT_EQ(cancelled.BlockOn([] { return 3; }), 3);
  Pool& same = cancelled;
  cancelled = std::move(same);
  EXPECT_EQ(cancelled.BlockOn([] { return 4; }), 4);
}

TEST(Pool, CallsItsHooksOnItsThreads) {
  Mutex mutex;
  std::vector<int> started;
  std::vector<ThreadId> ids;
  Options options = Workers(3);
  options.name = "a-rather-long-name";
  options.on_thread_start = [&](int worker) {
    MutexLock lock(mutex);
    started.push_back(worker);
    ids.push_back(ThisThreadId());
  };
  atomic<int> parks{0};
  options.before_park = [&](int) { parks.fetch_add(1); };
  {
    Pool pool(options);
    EXPECT_EQ(pool.options().name, "a-rather-long-name");
    const ThreadId id = pool.BlockOn([] { return ThisThreadId(); });
    testing::WaitUntil([&] {
      MutexLock lock(mutex);
      return started.size() == 3;
    });
    EXPECT_NE(std::find(ids.begin(), ids.end(), id), ids.end());
    testing::WaitUntilAsleep(pool);
  }
  EXPECT_GE(parks.load(), 3);
  std::sort(started.begin(), started.end());
  EXPECT_EQ(started, (std::vector<int>{0, 1, 2}));
}

TEST(Pool, AStartHookMaySpawn) {
  Options options = Workers(2);
  atomic<int> ran{0};
  options.on_thread_start = [&](int) {
    SpawnDetached([&] { ran.fetch_add(1); });
  };
  Pool pool(options);
  testing::WaitUntil([&] { return ran.load() == 2; });
}

// T10: tokio #1851, #1861. A task is scheduled where it was spawned, whoever
// wakes it.
TEST(Pool, T10AWakeFromAnotherPoolReturnsTheTaskToItsOwn) {
  Pool a(Workers(1));
  Pool b(Workers(1));
  const ThreadId on_a = a.BlockOn([] { return ThisThreadId(); });
  const ThreadId on_b = b.BlockOn([] { return ThisThreadId(); });
  for (int i = 0; i < 100; ++i) {
    auto [to_b, from_a] = Oneshot<int>();
    auto [to_a, from_b] = Oneshot<int>();
    auto first = a.Spawn([&, to_b = std::move(to_b),
                          from_b = std::move(from_b)]() mutable -> Task<> {
      (void)std::move(to_b).Send(1);
      EXPECT_EQ(co_await from_b, std::optional<int>(2));
      EXPECT_EQ(ThisThreadId(), on_a);
      EXPECT_EQ((co_await Spawn([] { return ThisThreadId(); })).value(), on_a);
    });
    auto second = b.Spawn([&, to_a = std::move(to_a),
                           from_a = std::move(from_a)]() mutable -> Task<> {
      EXPECT_EQ(co_await from_a, std::optional<int>(1));
      EXPECT_EQ(ThisThreadId(), on_b);
      (void)std::move(to_a).Send(2);
      // Spawned by a worker of the one on the other.
      EXPECT_EQ((co_await a.Spawn([] { return ThisThreadId(); })).value(),
                on_a);
      EXPECT_EQ(ThisThreadId(), on_b);
    });
    EXPECT_TRUE(std::move(first).Join().ok());
    EXPECT_TRUE(std::move(second).Join().ok());
  }
}

TEST(Pool, MayLiveInATaskOfAnother) {
  Pool outer(Workers(1));
  EXPECT_EQ(outer.BlockOn([] {
    Pool inner(Workers(1));
    const ThreadId outer_id = ThisThreadId();
    auto cancelled = inner.Spawn(Never([] {}));
    EXPECT_NE(inner.BlockOn([] { return ThisThreadId(); }), outer_id);
    EXPECT_EQ(Spawn([] { return ThisThreadId(); }).Join().value(), outer_id);
    return inner.BlockOn([] { return 6; });
  }),
            6);
}

// T9: tokio #4213 (1f8105588). An aborted task is destroyed where it could
// have run.
TEST(Pool, T9ATasksDestructorMaySpawn) {
  Pool pool(Workers(1));
  Event spawned;
  auto handle = pool.Spawn(Never([] {}, OnDestroy([&] {
                                   EXPECT_TRUE(OnWorker());
                                   SpawnDetached([&] { spawned.Set(); });
                                 })));
  handle.Abort();
  EXPECT_TRUE(std::move(handle).Join().cancelled());
  spawned.Wait();
}

// T7: tokio #6986, #7886, #8095. Each of two tasks holds what the other waits
// for; when both are aborted, nothing is left. LeakSanitizer watches, too.
TEST(Pool, T7TasksThatJoinEachOtherDoNotLeak) {
  atomic<int> destroyed{0};
  for (int how = 0; how < 3; ++how) {
    Pool pool(Workers(2));
    auto [to_a, a_gets] = Oneshot<JoinHandle<void>>();
    auto [to_b, b_gets] = Oneshot<JoinHandle<void>>();
    const auto body = [&](OneshotReceiver<JoinHandle<void>> receiver) {
      return [receiver = std::move(receiver), count = OnDestroy([&destroyed] {
                                                destroyed.fetch_add(1);
                                              })]() mutable -> Task<> {
        std::optional<JoinHandle<void>> other = co_await receiver;
        (void)co_await *other;
      };
    };
    auto a = pool.Spawn(body(std::move(a_gets)));
    auto b = pool.Spawn(body(std::move(b_gets)));
    AbortHandle abort_a = a.GetAbortHandle();
    AbortHandle abort_b = b.GetAbortHandle();
    (void)std::move(to_a).Send(std::move(b));
    (void)std::move(to_b).Send(std::move(a));
    if (how > 0) testing::WaitUntilAsleep(pool);
    if (how < 2) {
      abort_a.Abort();
      abort_b.Abort();
      EXPECT_TRUE(pool.Shutdown().ok());
    }
  }
  EXPECT_EQ(destroyed.load(), 6);
}

TEST(Pool, T7AJoinerThatIsAbortedLetsGoOfWhatItJoined) {
  Pool pool(Workers(2));
  auto joined = pool.Spawn(Never([] {}));
  AbortHandle abort = joined.GetAbortHandle();
  auto joiner = pool.Spawn([joined = std::move(joined)]() mutable -> Task<> {
    std::ignore = co_await joined;
  });
  testing::WaitUntilAsleep(pool);
  joiner.Abort();
  EXPECT_TRUE(std::move(joiner).Join().cancelled());
  abort.Abort();
  EXPECT_TRUE(pool.Shutdown().ok());
}

// ---- Wakers that outlive what they wake. ----

// A future that shows its waker to the world and is ready once told so.
struct Shared {
  Mutex mutex;
  std::optional<Waker> waker;
  atomic<bool> ready{false};
  atomic<int> polls{0};

  Waker Take() {
    MutexLock lock(mutex);
    return std::move(*std::exchange(waker, std::nullopt));
  }
  bool Has() {
    MutexLock lock(mutex);
    return waker.has_value();
  }
};
struct ShowsItsWaker {
  std::shared_ptr<Shared> shared;
  weft::Poll<void> Poll(Context& context) {
    shared->polls.fetch_add(1);
    MutexLock lock(shared->mutex);
    if (shared->ready.load()) return kReady;
    shared->waker.emplace(context.waker().Clone());
    return kPending;
  }
};

// T8: tokio #6148. A thread-local's destructor wakes, on a thread that knows
// of no pool any more.
TEST(Pool, T8MayBeWokenByTheDestructorOfAThreadLocal) {
  struct WakesAtExit {
    std::optional<Waker> waker;
    std::optional<OneshotSender<int>> sender;
    bool by_ref = false;
    ~WakesAtExit() {
      if (sender) (void)std::move(*sender).Send(5);
      if (!waker) return;
      if (by_ref) {
        waker->WakeByRef();
      } else {
        std::move(*waker).Wake();
      }
    }
  };
  for (int by_ref = 0; by_ref < 2; ++by_ref) {
    Pool pool(Workers(1));
    auto shared = std::make_shared<Shared>();
    auto polled = pool.Spawn(ShowsItsWaker{shared});
    auto [sender, receiver] = Oneshot<int>();
    auto received = pool.Spawn(Receive(std::move(receiver)));
    testing::WaitUntil([&] { return shared->Has(); });
    shared->ready.store(true);
    Thread([&, sender = std::move(sender)]() mutable {
      static thread_local WakesAtExit at_exit;
      at_exit.waker.emplace(shared->Take());
      at_exit.sender.emplace(std::move(sender));
      at_exit.by_ref = by_ref == 1;
    }).join();
    EXPECT_TRUE(std::move(polled).Join().ok());
    EXPECT_EQ(std::move(received).Join().value(), 5);
  }
}

TEST(Pool, AWakerMayBeCalledAfterItsTaskAndItsPoolAreGone) {
  auto shared = std::make_shared<Shared>();
  Waker waker;
  {
    Pool pool(Workers(1));
    pool.SpawnDetached(ShowsItsWaker{shared});
    testing::WaitUntil([&] { return shared->Has(); });
    waker = shared->Take();
    waker.WakeByRef();
    testing::WaitUntil([&] { return shared->polls.load() == 2; });
  }
  waker.WakeByRef();
  Waker clone = waker.Clone();
  std::move(clone).Wake();
  std::move(waker).Wake();
}

TEST(Pool, ManyThreadsMayWakeATaskWhileThePoolIsDestroyed) {
  for (int round = 0; round < 50; ++round) {
    auto shared = std::make_shared<Shared>();
    std::vector<Thread> wakers;
    Event stop;
    {
      Pool pool(Workers(2));
      pool.SpawnDetached(ShowsItsWaker{shared});
      testing::WaitUntil([&] { return shared->Has(); });
      const auto first = std::make_shared<Waker>(shared->Take());
      for (int t = 0; t < 3; ++t) {
        wakers.emplace_back([&, waker = first->Clone()]() mutable {
          while (!stop.IsSet()) waker.WakeByRef();
        });
      }
      testing::WaitUntil([&] { return shared->polls.load() > 5; });
    }
    stop.Set();
    for (Thread& thread : wakers) thread.join();
  }
}

#if defined(__cpp_exceptions)

TEST(Pool, GivesATasksExceptionToItsJoiner) {
  Pool pool(Workers(2));
  auto handle = pool.Spawn([]() -> Task<int> {
    co_await YieldNow();
    throw std::string("thrown");
  });
  auto outcome = std::move(handle).Join();
  EXPECT_NE(outcome.exception(), nullptr);
  EXPECT_THROW((void)outcome.value(), std::string);
  // To one that is a task, too.
  EXPECT_EQ(pool.BlockOn([]() -> Task<int> {
    auto inner = Spawn([]() -> int { throw 17; });
    try {
      co_return (co_await inner).value();
    } catch (int thrown) {
      co_return thrown;
    }
  }),
            17);
}

TEST(Pool, GivesAnExceptionNobodyTakesToTheOption) {
  atomic<int> unhandled{0};
  Options options = Workers(2);
  options.on_unhandled_exception = [&](std::exception_ptr exception) {
    EXPECT_NE(exception, nullptr);
    EXPECT_TRUE(OnWorker());
    unhandled.fetch_add(1);
  };
  Pool pool(options);
  pool.SpawnDetached([] { throw 1; });
  pool.SpawnDetached([]() -> Task<> {
    co_await YieldNow();
    throw 2;
  });
  {
    auto dropped = pool.Spawn(Never([] { throw 3; }));
  }
  EXPECT_TRUE(pool.Shutdown().ok());
  // The third one's handle may have gone before or after it ended.
  EXPECT_GE(unhandled.load(), 2);
}

TEST(PoolDeathTest, AnExceptionNobodyTakesEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        Pool pool(Workers(1));
        pool.SpawnDetached([] { throw 1; });
        (void)pool.Shutdown();
      },
      "");
}

#endif

}  // namespace
}  // namespace weft
