#include "weft/queue/chain.h"

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/check.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {
namespace {

struct WithoutNext {};
struct WithForeignNext {
  Item* next;
};
static_assert(Linkable<Item>);
static_assert(!Linkable<WithoutNext>);
static_assert(!Linkable<WithForeignNext>);
static_assert(!std::is_copy_constructible_v<Chain<Item>>);
static_assert(std::is_nothrow_move_constructible_v<Chain<Item>>);

TEST(Chain, StartsEmpty) {
  Chain<Item> chain;
  EXPECT_TRUE(chain.empty());
  EXPECT_EQ(chain.size(), 0u);
  EXPECT_EQ(chain.PopFront(), nullptr);
}

TEST(Chain, KeepsOrder) {
  Ledger ledger(5);
  Chain<Item> chain;
  for (uint32_t id = 0; id < 5; ++id) {
    chain.PushBack(ledger.Make(id));
    EXPECT_EQ(chain.size(), id + 1);
  }
  EXPECT_EQ(Ids(std::move(chain)), Range(0, 5));
}

TEST(Chain, CanBeUsedAgainAfterItRanEmpty) {
  Ledger ledger(3);
  Chain<Item> chain(ledger.Make(0));
  EXPECT_EQ(chain.PopFront()->id, 0u);
  EXPECT_TRUE(chain.empty());
  chain.PushBack(ledger.Make(1));
  chain.PushBack(ledger.Make(2));
  EXPECT_EQ(Ids(std::move(chain)), Range(1, 2));
}

TEST(Chain, AnItemComesBackUnlinked) {
  Ledger ledger(2);
  Chain<Item> chain = ledger.MakeChain(0, 2);
  Item* const first = chain.PopFront();
  EXPECT_EQ(first->next, nullptr);
  EXPECT_EQ(chain.PopFront()->next, nullptr);
}

TEST(Chain, AnItemMayComeWithAStaleLink) {
  Ledger ledger(2);
  Item* const item = ledger.Make(0);
  item->next = ledger.Make(1);
  Chain<Item> chain(item);
  EXPECT_EQ(Ids(std::move(chain)), Range(0, 1));
}

TEST(Chain, AppendTakesAllAndLeavesNothing) {
  Ledger ledger(6);
  Chain<Item> chain;
  Chain<Item> more = ledger.MakeChain(0, 2);
  chain.Append(std::move(more));
  EXPECT_TRUE(more.empty());
  EXPECT_EQ(more.size(), 0u);
  chain.Append(Chain<Item>());
  chain.Append(ledger.MakeChain(2, 3));
  chain.PushBack(ledger.Make(5));
  EXPECT_EQ(chain.size(), 6u);
  EXPECT_EQ(Ids(std::move(chain)), Range(0, 6));
}

TEST(Chain, TakeFrontCutsAnywhere) {
  for (uint32_t n = 0; n <= 6; ++n) {
    Ledger ledger(5);
    Chain<Item> chain = ledger.MakeChain(0, 5);
    Chain<Item> front = chain.TakeFront(n);
    const uint32_t taken = n < 5 ? n : 5;
    EXPECT_EQ(front.size(), taken);
    EXPECT_EQ(chain.size(), 5 - taken);
    // Both halves are whole chains.
    EXPECT_EQ(Ids(std::move(front)), Range(0, taken));
    EXPECT_EQ(Ids(std::move(chain)), Range(taken, 5 - taken));
  }
}

TEST(Chain, TheRestOfACutChainGrowsOn) {
  Ledger ledger(4);
  Chain<Item> chain = ledger.MakeChain(0, 3);
  EXPECT_EQ(Ids(chain.TakeFront(2)), Range(0, 2));
  chain.PushBack(ledger.Make(3));
  EXPECT_EQ(Ids(std::move(chain)), Range(2, 2));
}

TEST(Chain, MovingLeavesTheSourceEmpty) {
  Ledger ledger(2);
  Chain<Item> from = ledger.MakeChain(0, 2);
  Chain<Item> to(std::move(from));
  EXPECT_TRUE(from.empty());
  from = std::move(to);
  EXPECT_TRUE(to.empty());
  EXPECT_EQ(Ids(std::move(from)), Range(0, 2));
}

TEST(ChainDeathTest, LosingItemsIsReported) {
  if (!kDCheckEnabled) return;
  ::testing::GTEST_FLAG(death_test_style) = "threadsafe";
  Ledger ledger(1);
  EXPECT_DEATH({ Chain<Item> chain(ledger.Make(0)); }, "with items in it");
}

}  // namespace
}  // namespace weft::queue_testing
