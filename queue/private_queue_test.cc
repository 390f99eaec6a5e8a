#include "weft/queue/private_queue.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {
namespace {

using Queue = PrivateQueue<Item>;
static_assert(LocalQueue<Queue>);

std::vector<std::uint32_t> Drain(Queue& queue) {
  std::vector<std::uint32_t> ids;
  auto owner = queue.owner();
  while (const Item* item = owner.Pop()) ids.push_back(item->id);
  return ids;
}

TEST(PrivateQueue, PopsInTheOrderOfPushesAndNeverOverflows) {
  Queue queue;
  Ledger ledger(5000);
  NoOverflow sink;
  auto owner = queue.owner();
  EXPECT_EQ(owner.Pop(), nullptr);
  for (std::uint32_t id = 0; id < 3000; ++id) {
    owner.Push(ledger.Make(id), sink);
  }
  owner.PushBatch(ledger.MakeChain(3000, 2000), sink);
  EXPECT_EQ(owner.Size(), 5000u);
  EXPECT_EQ(queue.thief().Size(), 5000u);
  EXPECT_EQ(owner.Free(), Queue::capacity() - 5000u);
  EXPECT_EQ(Drain(queue), Range(0, 5000));
  EXPECT_EQ(owner.Size(), 0u);
  EXPECT_EQ(queue.thief().Size(), 0u);
}

TEST(PrivateQueue, AStealTakesTheOlderHalf) {
  Queue queue;
  Queue other;
  Ledger ledger(9);
  NoOverflow sink;
  auto owner = queue.owner();
  auto mine = other.owner();
  owner.PushBatch(ledger.MakeChain(0, 9), sink);
  const Steal<Item> steal = queue.thief().StealInto(mine, 1024);
  ASSERT_TRUE(steal.took());
  EXPECT_EQ(steal.count, 5u);
  EXPECT_EQ(steal.item->id, 0u);
  EXPECT_EQ(queue.thief().Size(), 4u);
  EXPECT_EQ(other.thief().Size(), 4u);
  EXPECT_EQ(Drain(other), Range(1, 4));
  EXPECT_EQ(Drain(queue), Range(5, 4));
}

TEST(PrivateQueue, AStealTakesNoMoreThanAskedAndLeavesWhatItIsTold) {
  Queue queue;
  Queue other;
  Ledger ledger(4);
  NoOverflow sink;
  auto owner = queue.owner();
  auto mine = other.owner();
  EXPECT_FALSE(queue.thief().StealInto(mine, 8).took());
  owner.PushBatch(ledger.MakeChain(0, 4), sink);
  EXPECT_FALSE(queue.thief().StealInto(mine, 8, 4).took());
  EXPECT_EQ(queue.thief().StealInto(mine, 1, 3).count, 1u);
  EXPECT_EQ(Drain(queue), Range(1, 3));
}

}  // namespace
}  // namespace weft::queue_testing
