#include "weft/pool/metrics.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/helpers.h"

namespace weft {
namespace {

TEST(Metrics, EachEventHasANameOfItsOwn) {
  std::set<std::string> names;
  for (std::size_t i = 0; i < kWorkerEvents; ++i) {
    const char* name = WorkerEventName(static_cast<WorkerEvent>(i));
    ASSERT_NE(name, nullptr);
    EXPECT_NE(std::string(name), "");
    names.insert(name);
  }
  EXPECT_EQ(names.size(), kWorkerEvents);
}

TEST(Metrics, TotalIsTheSumOverTheWorkers) {
  PoolMetrics metrics;
  EXPECT_EQ(metrics.Total(WorkerEvent::kPark), 0u);
  EXPECT_EQ(metrics.polls(), 0u);
  metrics.workers.resize(3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    metrics.workers[i].events[static_cast<std::size_t>(WorkerEvent::kSteal)] =
        i + 1;
    metrics.workers[i].polls = 10 * i;
  }
  EXPECT_EQ(metrics.Total(WorkerEvent::kSteal), 6u);
  EXPECT_EQ(metrics.workers[2][WorkerEvent::kSteal], 3u);
  EXPECT_EQ(metrics.Total(WorkerEvent::kPark), 0u);
  EXPECT_EQ(metrics.polls(), 30u);
}

TEST(Metrics, TheTextHasOneLineForEachNumber) {
  PoolMetrics metrics;
  metrics.workers.resize(2);
  metrics.alive = 17;
  metrics.completed = 4;
  metrics.workers[1].polls = 9;
  metrics.workers[1].events[static_cast<std::size_t>(WorkerEvent::kPark)] = 23;
  const std::string text = metrics.ToString();
  EXPECT_NE(text.find("workers: 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("tasks alive: 17\n"), std::string::npos) << text;
  EXPECT_NE(text.find("tasks complete: 4\n"), std::string::npos) << text;
  EXPECT_NE(text.find("polls: 9\n"), std::string::npos) << text;
  EXPECT_NE(text.find("park: 23\n"), std::string::npos) << text;
  for (std::size_t i = 0; i < kWorkerEvents; ++i) {
    EXPECT_NE(text.find(WorkerEventName(static_cast<WorkerEvent>(i))),
              std::string::npos);
  }
}

TEST(Metrics, CountWhatAPoolDid) {
  Options options;
  options.workers = 1;
  options.watchdog_period = std::chrono::nanoseconds::zero();
  Pool pool(options);
  auto handle = pool.Spawn([]() -> Task<> {
    auto child = Spawn([] {});
    (void)co_await child;
  });
  EXPECT_TRUE(std::move(handle).Join().ok());
  testing::WaitUntilAsleep(pool);
  const PoolMetrics metrics = pool.Metrics();
  ASSERT_EQ(metrics.workers.size(), 1u);
  EXPECT_EQ(metrics.spawned_outside, 1u);
  EXPECT_EQ(metrics.Total(WorkerEvent::kSpawn), 1u);
  EXPECT_EQ(metrics.completed, 2u);
  // The parent, the child, the parent again.
  EXPECT_EQ(metrics.polls(), 3u);
  EXPECT_EQ(metrics.Total(WorkerEvent::kInjectorPop), 1u);
  EXPECT_EQ(metrics.alive, 0u);
  EXPECT_EQ(metrics.injector_queued, 0u);
  EXPECT_EQ(metrics.workers[0].queued, 0u);
  EXPECT_TRUE(metrics.workers[0].asleep);
}

TEST(Metrics, CountTheAliveAndTheQueued) {
  Options options;
  options.workers = 1;
  Pool pool(options);
  testing::Event running;
  testing::Event go;
  pool.SpawnDetached([&] {
    for (int i = 0; i < 5; ++i) SpawnDetached([] {});
    running.Set();
    go.Wait();
  });
  running.Wait();
  for (int i = 0; i < 7; ++i) pool.SpawnDetached([] {});
  const PoolMetrics metrics = pool.Metrics();
  EXPECT_EQ(metrics.alive, 13u);
  EXPECT_EQ(metrics.completed, 0u);
  EXPECT_EQ(metrics.workers[0].queued, 5u);
  EXPECT_EQ(metrics.injector_queued, 7u);
  EXPECT_FALSE(metrics.workers[0].asleep);
  go.Set();
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_EQ(pool.Metrics().alive, 0u);
  EXPECT_EQ(pool.Metrics().completed, 13u);
}

}  // namespace
}  // namespace weft
