// What is special about RingQueue: its layout, its indices, and how it behaves
// while a thief is at work. What it shares with every local queue is in
// ring_queue_conformance_test.cc.

#include "weft/queue/ring_queue.h"

#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/cache_line.h"
#include "weft/base/model_mode.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/ring_queue_peer.h"

namespace weft::queue_testing {
namespace {

using ::weft::queue_internal::RingQueuePeer;

static_assert(LocalQueue<RingQueue<Item>>);
static_assert(LocalQueue<RingQueue<Item, 2, uint8_t>>);
static_assert(kModelMode || sizeof(RingQueue<Item>) ==
                                2 * kFalseSharingRange + 256 * sizeof(Item*));
static_assert(alignof(RingQueue<Item>) == kFalseSharingRange);

// The handles are addresses; nobody can make one without the queue, and one
// kind is not the other.
using Ring = RingQueue<Item, 8>;
static_assert(sizeof(Ring::Owner) == sizeof(void*));
static_assert(std::is_trivially_copyable_v<Ring::Owner>);
static_assert(std::is_trivially_copyable_v<Ring::Thief>);
static_assert(!std::is_default_constructible_v<Ring::Owner>);
static_assert(!std::is_constructible_v<Ring::Owner, Ring::Thief>);
static_assert(!std::is_constructible_v<Ring::Thief, Ring::Owner>);
static_assert(!std::is_constructible_v<Ring::Owner, Ring*>);
static_assert(!std::is_copy_constructible_v<Ring>);
static_assert(!std::is_move_constructible_v<Ring>);

class RingQueueTest : public ::testing::Test {
 protected:
  ~RingQueueTest() override {
    while (owner.Pop() != nullptr) {
    }
    while (other.Pop() != nullptr) {
    }
  }

  /// Pushes items [first, first + n) one by one.
  void Push(uint32_t first, uint32_t n) {
    for (uint32_t i = 0; i < n; ++i) owner.Push(ledger.Make(first + i), sink);
  }

  std::vector<uint32_t> Drain() {
    std::vector<uint32_t> ids;
    while (Item* item = owner.Pop()) ids.push_back(item->id);
    return ids;
  }

  Ledger ledger{64};
  RecordingSink sink;
  Ring ring;
  Ring other_ring;
  Ring::Owner owner = ring.owner();
  Ring::Thief thief = ring.thief();
  Ring::Owner other = other_ring.owner();
};

TEST_F(RingQueueTest, OwnerPopsPastAThiefAtWork) {
  Push(0, 6);
  RingQueuePeer::Claim(ring, 2);
  EXPECT_EQ(owner.Size(), 4u);
  EXPECT_EQ(owner.Pop()->id, 2u);
  EXPECT_EQ(owner.Pop()->id, 3u);
  EXPECT_TRUE(RingQueuePeer::HeadOf(ring).busy());
  EXPECT_EQ(owner.Free(), 8u - 6u) << "the thief's slots are not free yet";
  EXPECT_EQ(RingQueuePeer::Complete(ring, 2), Range(0, 2));
  EXPECT_FALSE(RingQueuePeer::HeadOf(ring).busy());
  EXPECT_EQ(owner.Free(), 8u - 2u);
  EXPECT_EQ(Drain(), Range(4, 2));
}

TEST_F(RingQueueTest, AFullRingSpillsOnlyTheNewItemWhileAThiefIsAtWork) {
  Push(0, 8);
  RingQueuePeer::Claim(ring, 4);
  Push(8, 1);
  ASSERT_EQ(sink.calls.size(), 1u);
  EXPECT_EQ(sink.calls[0], Range(8, 1));
  EXPECT_EQ(RingQueuePeer::Complete(ring, 4), Range(0, 4));
  Push(9, 4);
  EXPECT_EQ(sink.calls.size(), 1u) << "the thief has made room";
  EXPECT_EQ(Drain(), (std::vector<uint32_t>{4, 5, 6, 7, 9, 10, 11, 12}));
}

TEST_F(RingQueueTest, ABatchSpillsWhatAThiefAtWorkLeavesNoRoomFor) {
  Push(0, 8);
  RingQueuePeer::Claim(ring, 4);
  owner.PushBatch(ledger.MakeChain(8, 3), sink);
  ASSERT_EQ(sink.calls.size(), 1u);
  EXPECT_EQ(sink.calls[0], Range(8, 3));
  EXPECT_EQ(RingQueuePeer::Complete(ring, 4), Range(0, 4));
  owner.PushBatch(ledger.MakeChain(11, 5), sink);
  ASSERT_EQ(sink.calls.size(), 2u);
  EXPECT_EQ(sink.calls[1], Range(15, 1));
}

TEST_F(RingQueueTest, ASecondThiefIsToldBusyIfThereIsSomethingToTake) {
  Push(0, 4);
  RingQueuePeer::Claim(ring, 2);
  EXPECT_EQ(thief.StealInto(other, 32).status, StealStatus::kBusy);
  EXPECT_EQ(thief.StealInto(other, 32, 1).status, StealStatus::kBusy);
  EXPECT_EQ(thief.Size(), 2u);
  RingQueuePeer::Complete(ring, 2);
  EXPECT_EQ(thief.StealInto(other, 32).count, 1u);
}

TEST_F(RingQueueTest, ASecondThiefIsToldEmptyIfThereIsNothingToTake) {
  Push(0, 4);
  RingQueuePeer::Claim(ring, 2);
  EXPECT_EQ(thief.StealInto(other, 32, 2).status, StealStatus::kEmpty);
  EXPECT_EQ(owner.Pop()->id, 2u);
  EXPECT_EQ(owner.Pop()->id, 3u);
  EXPECT_EQ(owner.Pop(), nullptr);
  EXPECT_EQ(thief.StealInto(other, 32).status, StealStatus::kEmpty);
  EXPECT_EQ(thief.Size(), 0u);
  EXPECT_EQ(RingQueuePeer::Complete(ring, 2), Range(0, 2));
}

// Known bugs Q16: the review of tokio #8092. A loop that steals while the
// victim has something spins for as long as another thief is suspended in the
// middle of a steal. Here a steal says so and returns at once, and such a loop
// ends.
TEST_F(RingQueueTest, Q16ASearchEndsThoughAThiefStandsStill) {
  Push(0, 6);
  RingQueuePeer::Claim(ring, 2);
  uint32_t steals = 0;
  while (thief.Size() > 0) {
    ++steals;
    if (!thief.StealInto(other, 32).took()) break;
  }
  EXPECT_EQ(steals, 1u);
  RingQueuePeer::Complete(ring, 2);
}

// Known bugs Q9, TMC #175: items that a suspended thief has claimed are its own
// already. The owner sees an empty queue, and sees what comes after it.
TEST_F(RingQueueTest, Q9OwnerLooksAgainAfterItSawEmptyBehindAThief) {
  Push(0, 1);
  RingQueuePeer::Claim(ring, 1);
  EXPECT_EQ(owner.Pop(), nullptr);
  EXPECT_EQ(owner.Pop(), nullptr);
  Push(1, 1);
  EXPECT_EQ(thief.Size(), 1u);
  EXPECT_EQ(owner.Pop()->id, 1u);
  EXPECT_EQ(owner.Pop(), nullptr);
  EXPECT_EQ(RingQueuePeer::Complete(ring, 1), Range(0, 1));
  EXPECT_EQ(owner.Pop(), nullptr);
}

// Known bugs Q2, tokio #2387 second half: the victim of one thief may itself be
// stealing; what its thief still reads must not be overwritten.
TEST_F(RingQueueTest, Q2AThiefThatIsBeingRobbedTakesOnlyWhatFits) {
  Push(0, 8);
  NoOverflow none;
  other.PushBatch(ledger.MakeChain(16, 8), none);
  RingQueuePeer::Claim(other_ring, 4);
  for (uint32_t id = 20; id < 24; ++id) EXPECT_EQ(other.Pop()->id, id);
  EXPECT_EQ(other.Size(), 0u);
  EXPECT_EQ(other.Free(), 0u) << "four popped slots lie behind the claimed";
  const Steal<Item> steal = thief.StealInto(other, 32);
  EXPECT_EQ(steal.count, 1u);
  EXPECT_EQ(RingQueuePeer::Complete(other_ring, 4), Range(16, 4));
}

TEST_F(RingQueueTest, AStealLeavesNoThiefAtWork) {
  Push(0, 8);
  EXPECT_EQ(thief.StealInto(other, 32).count, 4u);
  EXPECT_FALSE(RingQueuePeer::HeadOf(ring).busy());
  EXPECT_EQ(thief.StealInto(other, 32).count, 2u);
  EXPECT_EQ(RingQueuePeer::HeadOf(ring).steal, 6u);
}

template <class Index>
class RingQueueWrap : public ::testing::Test {};
using Indices = ::testing::Types<uint8_t, uint16_t, uint32_t>;
TYPED_TEST_SUITE(RingQueueWrap, Indices);

// Known bugs Q4, tokio #2361 and #2362: `+` on an index without wrapping.
TYPED_TEST(RingQueueWrap, Q4PushPopAndStealGoOnAcrossTheWrap) {
  constexpr TypeParam kMax = std::numeric_limits<TypeParam>::max();
  Ledger ledger(64);
  NoOverflow sink;
  RingQueue<Item, 4, TypeParam> ring(kMax - 1);
  RingQueue<Item, 4, TypeParam> other_ring(kMax);
  auto owner = ring.owner();
  auto other = other_ring.owner();
  uint32_t pushed = 0;
  uint32_t taken = 0;
  for (int round = 0; round < 10; ++round) {
    while (owner.Free() > 0) owner.Push(ledger.Make(pushed++), sink);
    EXPECT_EQ(owner.Size(), 4u);
    EXPECT_EQ(owner.Pop()->id, taken++);
    const Steal<Item> steal = ring.thief().StealInto(other, 32);
    ASSERT_EQ(steal.count, 2u);
    EXPECT_EQ(steal.item->id, taken++);
    EXPECT_EQ(other.Pop()->id, taken++);
    EXPECT_EQ(other.Pop(), nullptr);
  }
  while (Item* item = owner.Pop()) EXPECT_EQ(item->id, taken++);
  EXPECT_EQ(taken, pushed);
}

// Known bugs Q10, TMC #243: a bulk push that compares `i < start + count` does
// nothing, or never ends, if start + count wraps.
TYPED_TEST(RingQueueWrap, Q10ABatchIsPushedAcrossTheWrap) {
  constexpr TypeParam kMax = std::numeric_limits<TypeParam>::max();
  Ledger ledger(8);
  NoOverflow sink;
  RingQueue<Item, 8, TypeParam> ring(kMax - 2);
  ring.owner().PushBatch(ledger.MakeChain(0, 5), sink);
  EXPECT_EQ(ring.owner().Size(), 5u);
  EXPECT_EQ(ring.thief().Size(), 5u);
  for (uint32_t id = 0; id < 5; ++id) EXPECT_EQ(ring.owner().Pop()->id, id);
  EXPECT_EQ(ring.owner().Pop(), nullptr);
}

TYPED_TEST(RingQueueWrap, Q10ABatchIsStolenAcrossTheWrap) {
  constexpr TypeParam kMax = std::numeric_limits<TypeParam>::max();
  Ledger ledger(8);
  NoOverflow sink;
  RingQueue<Item, 8, TypeParam> ring(kMax - 2);
  RingQueue<Item, 8, TypeParam> other_ring(kMax - 1);
  auto other = other_ring.owner();
  ring.owner().PushBatch(ledger.MakeChain(0, 8), sink);
  EXPECT_EQ(ring.thief().StealInto(other, 32).count, 4u);
  for (uint32_t id = 1; id < 4; ++id) EXPECT_EQ(other.Pop()->id, id);
  for (uint32_t id = 4; id < 8; ++id) EXPECT_EQ(ring.owner().Pop()->id, id);
}

TYPED_TEST(RingQueueWrap, Q4OverflowsAcrossTheWrap) {
  constexpr TypeParam kMax = std::numeric_limits<TypeParam>::max();
  for (TypeParam before = 0; before < 6; ++before) {
    Ledger ledger(8);
    RecordingSink sink;
    RingQueue<Item, 4, TypeParam> ring(kMax - before);
    for (uint32_t id = 0; id < 5; ++id) {
      ring.owner().Push(ledger.Make(id), sink);
    }
    ASSERT_EQ(sink.calls.size(), 1u);
    EXPECT_EQ(sink.calls[0], Range(2, 3));
    EXPECT_EQ(ring.owner().Pop()->id, 0u);
    EXPECT_EQ(ring.owner().Pop()->id, 1u);
    EXPECT_EQ(ring.owner().Pop(), nullptr);
  }
}

}  // namespace
}  // namespace weft::queue_testing
