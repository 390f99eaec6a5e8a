// One suite for all assemblies: whatever parts a pool is made of, it does the
// same.

#include "weft/pool/policies.h"

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/pool/cycling.h"
#include "weft/pool/pool.h"
#include "weft/pool/ramping.h"
#include "weft/pool/sharded.h"
#include "weft/pool/single_queue.h"
#include "weft/pool/testing/any_pool.h"
#include "weft/pool/testing/helpers.h"
#include "weft/pool/tokio01.h"
#include "weft/queue/injector.h"
#include "weft/queue/testing/deque_injector.h"
#include "weft/queue/testing/mutex_local_queue.h"
#include "weft/queue/testing/mutex_slot.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/worker/testing/mutex_idle.h"

namespace weft {
namespace {

using testing::AnyPool;
using testing::Countdown;
using testing::Event;
using testing::MakeAnyPool;
using testing::Never;
using testing::OnDestroy;

Task<int> Increment(OneshotReceiver<int> receiver) {
  std::optional<int> value = co_await receiver;
  co_return value.value_or(-1) + 1;
}
Task<int> IncrementElsewhere(OneshotReceiver<int> receiver) {
  auto channel = Oneshot<int>();
  auto other = Spawn(Increment(std::move(channel.second)));
  std::optional<int> value = co_await receiver;
  (void)std::move(channel.first).Send(value.value_or(-1));
  Outcome<int> outcome = co_await other;
  co_return std::move(outcome).value();
}

struct WithCondvarParker : DefaultPolicies {
  using Parker = CondvarParker;
};
struct WithMutexLocalQueue : DefaultPolicies {
  using Queue = MutexLocalQueue<TaskHeader>;
};
struct WithTinyRing : DefaultPolicies {
  using Queue = RingQueue<TaskHeader, 4>;
};
struct WithMutexSlot : DefaultPolicies {
  using Slot = MutexSlot<TaskHeader>;
};
struct WithPlainInjector : DefaultPolicies {
  using Injector = weft::Injector<TaskHeader>;
};
struct WithDequeInjector : DefaultPolicies {
  using Injector = DequeInjector<TaskHeader>;
};
struct WithMutexIdle : DefaultPolicies {
  using Idle = MutexIdle;
};
struct WithNextVictims : DefaultPolicies {
  using Victims = NextVictims;
};
struct WithFixedFairness : DefaultPolicies {
  using Fairness = FixedFairness;
};
struct WithNullObserver : DefaultPolicies {
  using Observer = NullObserver;
};
struct WithThreadsThatEnd : Tokio01Policies {
  static constexpr std::chrono::nanoseconds kIdleThreadTimeout =
      std::chrono::microseconds(20);
};
struct AllReference {
  using Queue = MutexLocalQueue<TaskHeader>;
  using Slot = MutexSlot<TaskHeader>;
  using Injector = DequeInjector<TaskHeader>;
  using Idle = MutexIdle;
  using Parker = CondvarParker;
  using Victims = NextVictims;
  using Fairness = FixedFairness;
  using Observer = NullObserver;
};

struct Assembly {
  const char* name;
  std::unique_ptr<AnyPool> (*make)(Options options);
};
void PrintTo(const Assembly& assembly, std::ostream* out) {
  *out << assembly.name;
}

constexpr Assembly kAssemblies[] = {
    {"Default", MakeAnyPool<DefaultPolicies>},
    {"CondvarParker", MakeAnyPool<WithCondvarParker>},
    {"MutexLocalQueue", MakeAnyPool<WithMutexLocalQueue>},
    {"TinyRing", MakeAnyPool<WithTinyRing>},
    {"MutexSlot", MakeAnyPool<WithMutexSlot>},
    {"PlainInjector", MakeAnyPool<WithPlainInjector>},
    {"DequeInjector", MakeAnyPool<WithDequeInjector>},
    {"MutexIdle", MakeAnyPool<WithMutexIdle>},
    {"NextVictims", MakeAnyPool<WithNextVictims>},
    {"FixedFairness", MakeAnyPool<WithFixedFairness>},
    {"NullObserver", MakeAnyPool<WithNullObserver>},
    {"AllReference", MakeAnyPool<AllReference>},
    {"SingleQueue", MakeAnyPool<SingleQueuePolicies>},
    {"Sharded", MakeAnyPool<ShardedPolicies>},
    {"Tokio01", MakeAnyPool<Tokio01Policies>},
    {"ThreadsThatEnd", MakeAnyPool<WithThreadsThatEnd>},
    {"Ramping", MakeAnyPool<RampingPolicies>},
    {"Cycling", MakeAnyPool<CyclingPolicies>},
};

// The tasks are compiled once, for all pools.
class Assemblies : public ::testing::TestWithParam<Assembly> {
 protected:
  static std::unique_ptr<AnyPool> MakePool(int workers) {
    Options options;
    options.workers = workers;
    return GetParam().make(options);
  }
};
INSTANTIATE_TEST_SUITE_P(, Assemblies, ::testing::ValuesIn(kAssemblies),
                         [](const auto& info) {
                           return std::string(info.param.name);
                         });

TEST_P(Assemblies, RunsEveryTaskOnce) {
  for (int workers : {1, 3}) {
    const auto pool = MakePool(workers);
    constexpr int kTasks = 600;
    std::vector<atomic<int>> runs(2 * kTasks);
    for (int i = 0; i < kTasks; ++i) {
      pool->SpawnDetached([&runs, i]() -> Task<> {
        co_await YieldNow();
        runs[static_cast<std::size_t>(i)].fetch_add(1);
        SpawnDetached([&runs, i] {
          runs[static_cast<std::size_t>(i + kTasks)].fetch_add(1);
        });
      });
    }
    EXPECT_TRUE(pool->Shutdown().ok());
    for (const auto& run : runs) EXPECT_EQ(run.load(), 1);
  }
}

TEST_P(Assemblies, OverflowsItsQueueAndLosesNothing) {
  const auto pool = MakePool(2);
  atomic<int> ran{0};
  pool->BlockOn([&] {
    for (int i = 0; i < 3000; ++i) SpawnDetached([&] { ran.fetch_add(1); });
    std::vector<JoinHandle<void>> handles;
    const auto body = [&] { ran.fetch_add(1); };
    handles = SpawnBatch(std::vector(3000, body));
    for (auto& handle : handles) EXPECT_TRUE(std::move(handle).Join().ok());
  });
  EXPECT_TRUE(pool->Shutdown().ok());
  EXPECT_EQ(ran.load(), 6000);
}

TEST_P(Assemblies, PassesMessagesBetweenTasksAndThreads) {
  const auto pool = MakePool(2);
  std::vector<JoinHandle<int>> handles;
  std::vector<OneshotSender<int>> senders;
  for (int i = 0; i < 200; ++i) {
    auto [sender, receiver] = Oneshot<int>();
    handles.push_back(pool->Spawn(IncrementElsewhere(std::move(receiver))));
    senders.push_back(std::move(sender));
  }
  for (int i = 0; i < 200; ++i) {
    (void)std::move(senders[static_cast<std::size_t>(i)]).Send(i);
  }
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(std::move(handles[static_cast<std::size_t>(i)]).Join().value(),
              i + 1);
  }
}

TEST_P(Assemblies, WakesWhenWorkComesAndSleepsWhenThereIsNone) {
  const auto pool = MakePool(3);
  for (int round = 0; round < 30; ++round) {
    testing::WaitUntilAsleep(*pool);
    Countdown meeting(3);
    for (int i = 0; i < 3; ++i) {
      pool->SpawnDetached([&meeting] { meeting.Arrive(); });
    }
    meeting.Wait();
  }
  testing::WaitUntilAsleep(*pool);
}

// W4.
TEST_P(Assemblies, W4RunsTasksThatWaitForEachOtherAtOnce) {
  const auto pool = MakePool(3);
  for (int round = 0; round < 50; ++round) {
    Countdown meeting(3);
    Countdown gone(3);
    for (int i = 0; i < 3; ++i) {
      pool->SpawnDetached([&] {
        meeting.ArriveAndWait();
        gone.Arrive();
      });
    }
    gone.Wait();
  }
}

// L4.
TEST_P(Assemblies, L4TakesATaskFromBehindALongPoll) {
  const auto pool = MakePool(2);
  Event ran;
  Event over;
  if (pool->pinned()) {
    // It has to wait; nobody else may run it.
    pool->SpawnDetached([&] {
      SpawnDetached([&] { ran.Set(); });
      testing::WaitUntilAsleep(*pool, /*but=*/1);
      EXPECT_FALSE(ran.IsSet());
      over.Set();
    });
    over.Wait();
    ran.Wait();
    return;
  }
  pool->SpawnDetached([&] {
    SpawnDetached([&] { ran.Set(); });
    ran.Wait();
    over.Set();
  });
  over.Wait();
}

TEST_P(Assemblies, BlocksOnAWorkerAndNests) {
  const auto pool = MakePool(1);
  EXPECT_EQ(pool->BlockOn([&] {
    return 1 + pool->BlockOn([&]() -> Task<int> {
      co_await YieldNow();
      co_return 1 + pool->BlockOn([] { return 1; });
    });
  }),
            3);
}

TEST_P(Assemblies, CancelsWhatIsLeft) {
  for (int workers : {1, 3}) {
    atomic<int> destroyed{0};
    const auto count = [&] {
      return OnDestroy([&] { destroyed.fetch_add(1); });
    };
    auto [sender, receiver] = Oneshot<int>();
    {
      const auto pool = MakePool(workers);
      pool->SpawnDetached(
          [receiver = std::move(receiver),
           luggage = count()]() mutable -> Task<> { (void)co_await receiver; });
      for (int i = 0; i < 400; ++i) pool->SpawnDetached(Never([] {}, count()));
      for (int i = 0; i < 400; ++i) {
        pool->SpawnDetached([luggage = count()] {});
      }
      // Its destructor joins one that blocks.
      auto blocks = pool->Spawn([luggage = count()] {
        return Spawn(Never([] {})).Join().cancelled();
      });
      if (workers > 1) {
        pool->SpawnDetached(
            Never([] {}, OnDestroy([&, blocks = std::move(blocks)]() mutable {
                    (void)std::move(blocks).Join();
                    destroyed.fetch_add(1);
                  })));
      }
    }
    EXPECT_EQ(destroyed.load(), workers > 1 ? 803 : 802);
    EXPECT_TRUE(sender.IsClosed());
  }
}

}  // namespace
}  // namespace weft
