// What is special about ShardedInjector: which shard a push goes to, and where
// a pop looks first. The rest is in sharded_injector_conformance_test.cc.

#include "weft/queue/sharded_injector.h"

#include <cstdint>
#include <set>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/check.h"
#include "weft/base/thread.h"
#include "weft/queue/concepts.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {
namespace {

static_assert(InjectorQueue<ShardedInjector<Item>>);
static_assert(!std::is_default_constructible_v<ShardedInjector<Item>>);
static_assert(!OverflowSink<ShardedInjector<Item>, Item>);

static_assert(ShardsForWorkers(0) == 1);
static_assert(ShardsForWorkers(2) == 1);
static_assert(ShardsForWorkers(8) == 2);
static_assert(ShardsForWorkers(12) == 4);
static_assert(ShardsForWorkers(64) == 16);
static_assert(ShardsForWorkers(1'000) == 16);

TEST(ShardedInjector, PopLooksAtItsHomeFirstAndThenRound) {
  Ledger ledger(4);
  ShardedInjector<Item> injector(4);
  for (uint32_t shard = 0; shard < 4; ++shard) {
    ASSERT_TRUE(injector.Push(ledger.Make(shard), shard));
  }
  EXPECT_EQ(injector.Pop(2)->id, 2u);
  EXPECT_EQ(injector.Pop(2)->id, 3u);
  EXPECT_EQ(injector.Pop(2)->id, 0u);
  EXPECT_EQ(injector.Pop(2)->id, 1u);
  EXPECT_EQ(injector.Pop(2), nullptr);
}

TEST(ShardedInjector, HintsAndHomesCountModuloTheShards) {
  Ledger ledger(3);
  ShardedInjector<Item> injector(2);
  ASSERT_TRUE(injector.Push(ledger.Make(0), 6));
  ASSERT_TRUE(injector.PushBatch(ledger.MakeChain(1, 2), 7).empty());
  EXPECT_EQ(Ids(injector.PopBatch(9, 0xFFFFFFFF)), Range(1, 2));
  EXPECT_EQ(injector.Pop(1)->id, 0u);
}

TEST(ShardedInjector, ABatchIsTakenFromOneShardOnly) {
  Ledger ledger(4);
  ShardedInjector<Item> injector(2);
  ASSERT_TRUE(injector.PushBatch(ledger.MakeChain(0, 2), 0).empty());
  ASSERT_TRUE(injector.PushBatch(ledger.MakeChain(2, 2), 1).empty());
  EXPECT_EQ(injector.Size(), 4u);
  EXPECT_EQ(Ids(injector.PopBatch(4, 1)), Range(2, 2));
  EXPECT_EQ(Ids(injector.PopBatch(4, 1)), Range(0, 2));
}

TEST(ShardedInjector, TheLastOfSixtyFourShardsIsLikeTheOthers) {
  Ledger ledger(1);
  ShardedInjector<Item> injector(64);
  EXPECT_EQ(injector.shards(), 64u);
  ASSERT_TRUE(injector.Push(ledger.Make(0), 63));
  EXPECT_FALSE(injector.Empty());
  EXPECT_EQ(injector.Pop(0)->id, 0u);
  EXPECT_TRUE(injector.Empty());
}

TEST(ShardedInjector, CloseReachesEveryShard) {
  Ledger ledger(8);
  ShardedInjector<Item> injector(8);
  EXPECT_TRUE(injector.Close());
  for (uint32_t shard = 0; shard < 8; ++shard) {
    EXPECT_FALSE(injector.Push(ledger.Make(shard), shard));
  }
  EXPECT_TRUE(injector.Empty());
}

TEST(ShardedInjector, AThreadKeepsToItsShardAndThreadsSpreadOut) {
  constexpr uint32_t kShards = 4;
  Ledger ledger(kShards * 10);
  ShardedInjector<Item> injector(kShards);
  // One after the other: nobody finds a lock taken.
  for (uint32_t i = 0; i < kShards; ++i) {
    Thread([&] {
      for (uint32_t n = 0; n < 10; ++n) {
        Check(injector.Push(ledger.Make(i * 10 + n)), "it is not closed");
      }
    }).join();
  }
  // Each shard has the ten items of one thread.
  std::set<uint32_t> producers;
  for (uint32_t shard = 0; shard < kShards; ++shard) {
    const std::vector<uint32_t> ids = Ids(injector.PopBatch(40, shard));
    ASSERT_EQ(ids.size(), 10u);
    EXPECT_EQ(ids, Range(ids[0], 10));
    producers.insert(ids[0] / 10);
  }
  EXPECT_EQ(producers.size(), kShards);
}

TEST(ProducerHome, StaysWhileItMeetsNobody) {
  queue_internal::ProducerHome producer;
  const uint32_t home = producer.Next();
  for (uint32_t i = 0; i < 3 * producer.kRehomeInterval; ++i) {
    ASSERT_EQ(producer.Next(), home);
  }
}

TEST(ProducerHome, MovesOnAfterAnIntervalInWhichItMetAnother) {
  queue_internal::ProducerHome producer;
  const uint32_t home = producer.Next();
  producer.met_another = true;
  uint32_t pushes = 1;
  while (producer.Next() == home) ++pushes;
  EXPECT_EQ(pushes, producer.kRehomeInterval);
}

TEST(ShardedInjectorDeathTest, RefusesANumberOfShardsThatIsNoPowerOfTwo) {
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_DEATH(ShardedInjector<Item>(3), "power of two");
  EXPECT_DEATH(ShardedInjector<Item>(0), "power of two");
  EXPECT_DEATH(ShardedInjector<Item>(128), "power of two");
}

}  // namespace
}  // namespace weft::queue_testing
