// ChaseLevDeque passes the suites of its concept, with and without threads,
// where it may not grow, and where it must; and what it does beyond them.

#include "weft/queue/chase_lev_deque.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/local_queue_conformance.h"
#include "weft/queue/testing/local_queue_stress.h"

namespace weft::queue_testing {
namespace {

using Queues =
    ::testing::Types<ChaseLevDeque<Item, 2, 2>, ChaseLevDeque<Item, 2, 4>,
                     ChaseLevDeque<Item, 2, 256>, ChaseLevDeque<Item, 64, 64>,
                     ChaseLevDeque<Item, 4, 1024>>;
INSTANTIATE_TYPED_TEST_SUITE_P(ChaseLevDeque, LocalQueueConformance, Queues);
INSTANTIATE_TYPED_TEST_SUITE_P(ChaseLevDeque, LocalQueueStress, Queues);

static_assert(LocalQueue<ChaseLevDeque<Item>>);

TEST(ChaseLevDeque, GrowsAndKeepsTheOrder) {
  ChaseLevDeque<Item, 2> deque;
  Ledger ledger(5000);
  NoOverflow sink;
  auto owner = deque.owner();
  std::vector<std::uint32_t> ids;
  // Not from index 0, so that what is copied lies around the end.
  for (std::uint32_t id = 0; id < 5000; ++id) {
    owner.Push(ledger.Make(id), sink);
    if (id % 3 == 0) ids.push_back(owner.Pop()->id);
  }
  while (Item* item = owner.Pop()) ids.push_back(item->id);
  EXPECT_EQ(ids, Range(0, 5000));
}

TEST(ChaseLevDeque, ABatchGrowsByMoreThanOneStep) {
  ChaseLevDeque<Item, 2> deque;
  Ledger ledger(1000);
  NoOverflow sink;
  auto owner = deque.owner();
  owner.PushBatch(ledger.MakeChain(0, 1000), sink);
  EXPECT_EQ(owner.Size(), 1000u);
  for (std::uint32_t id = 0; id < 1000; ++id) EXPECT_EQ(owner.Pop()->id, id);
}

TEST(ChaseLevDeque, AThiefGrowsItsOwn) {
  ChaseLevDeque<Item, 2> deque;
  ChaseLevDeque<Item, 2> other;
  Ledger ledger(1000);
  NoOverflow sink;
  auto owner = deque.owner();
  auto mine = other.owner();
  owner.PushBatch(ledger.MakeChain(0, 1000), sink);
  const Steal<Item> steal = deque.thief().StealInto(mine, 1000);
  ASSERT_TRUE(steal.took());
  EXPECT_EQ(steal.count, 500u);
  EXPECT_EQ(steal.item->id, 0u);
  for (std::uint32_t id = 1; id < 500; ++id) EXPECT_EQ(mine.Pop()->id, id);
  for (std::uint32_t id = 500; id < 1000; ++id) EXPECT_EQ(owner.Pop()->id, id);
}

}  // namespace
}  // namespace weft::queue_testing
