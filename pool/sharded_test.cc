// What a sharded pool promises beyond the conformance suite (policies_test.cc).

#include "weft/pool/sharded.h"

#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/thread.h"
#include "weft/pool/options.h"
#include "weft/pool/testing/helpers.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

Options Workers(int workers) {
  Options options;
  options.workers = workers;
  return options;
}

// Whether the task was on one thread all the time: after a wake from outside,
// after one from a task of another worker, and after it gave way.
Task<bool> StaysAtHome(OneshotReceiver<int> outside) {
  const auto home = ThisThreadId();
  bool stayed = true;
  (void)co_await outside;
  stayed = stayed && ThisThreadId() == home;
  for (int i = 0; i < 3; ++i) {
    co_await YieldNow();
    stayed = stayed && ThisThreadId() == home;
  }
  // A child lives where it was spawned.
  stayed = stayed &&
           (co_await Spawn([home] { return ThisThreadId() == home; })).value();
  co_return stayed;
}

TEST(Sharded, ATaskNeverMoves) {
  ShardedPool pool(Workers(3));
  for (int round = 0; round < 20; ++round) {
    std::vector<JoinHandle<bool>> handles;
    std::vector<OneshotSender<int>> senders;
    for (int i = 0; i < 30; ++i) {
      auto [sender, receiver] = Oneshot<int>();
      handles.push_back(pool.Spawn(StaysAtHome(std::move(receiver))));
      senders.push_back(std::move(sender));
    }
    // By threads outside, and by tasks of all workers.
    for (std::size_t i = 0; i < senders.size(); ++i) {
      if (i % 2 == 0) {
        (void)std::move(senders[i]).Send(1);
      } else {
        pool.SpawnDetached([sender = std::move(senders[i])]() mutable {
          (void)std::move(sender).Send(1);
        });
      }
    }
    for (auto& handle : handles) EXPECT_TRUE(std::move(handle).Join().value());
  }
}

TEST(Sharded, DealsOutTasksFromOutsideInTurn) {
  ShardedPool pool(Workers(3));
  const auto where = [] { return ThisThreadId(); };
  auto handles = pool.SpawnBatch(std::vector(6, where));
  handles.push_back(pool.Spawn(where));
  std::vector<decltype(ThisThreadId())> ids;
  for (auto& handle : handles) ids.push_back(std::move(handle).Join().value());
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_NE(ids[1], ids[2]);
  EXPECT_NE(ids[0], ids[2]);
  for (std::size_t i = 3; i < ids.size(); ++i) EXPECT_EQ(ids[i], ids[i - 3]);
}

// Many tasks on one worker while all others are idle: nobody is woken.
TEST(Sharded, WakesNobodyForASurplus) {
  ShardedPool pool(Workers(3));
  testing::WaitUntilAsleep(pool);
  const auto before = pool.Metrics();
  pool.BlockOn([]() -> Task<> {
    for (int i = 0; i < 1000; ++i) SpawnDetached([] {});
    co_await YieldNow();
  });
  testing::WaitUntilAsleep(pool);
  const auto after = pool.Metrics();
  int ran = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    ran += after.workers[i].polls != before.workers[i].polls ? 1 : 0;
  }
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(after.Total(WorkerEvent::kWake), 0u);
  EXPECT_EQ(after.Total(WorkerEvent::kSteal), 0u);
  EXPECT_EQ(after.Total(WorkerEvent::kSearch), 0u);
}

TEST(Sharded, RunsTasksOfAWorkerInTheOrderOfTheirSpawns) {
  ShardedPool pool(Workers(1));
  std::vector<int> order;
  pool.BlockOn([&]() -> Task<> {
    for (int i = 0; i < 600; ++i) {
      SpawnDetached([&order, i] { order.push_back(i); });
    }
    co_return;
  });
  EXPECT_TRUE(pool.Shutdown().ok());
  ASSERT_EQ(order.size(), 600u);
  for (int i = 0; i < 600; ++i) {
    EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
  }
}

}  // namespace
}  // namespace weft
