// The suite that every LocalQueue passes, on one thread. A model instantiates
// it in a small .cc file of its own:
//
//     INSTANTIATE_TYPED_TEST_SUITE_P(MyQueue, LocalQueueConformance,
//                                    ::testing::Types<MyQueue<Item>>);
//
// local_queue_stress.h is the part with threads.

#ifndef WEFT_QUEUE_TESTING_LOCAL_QUEUE_CONFORMANCE_H_
#define WEFT_QUEUE_TESTING_LOCAL_QUEUE_CONFORMANCE_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {

/// `Queue` is a LocalQueue of Item with a capacity of at most 1024.
template <class Queue>
class LocalQueueConformance : public ::testing::Test {
  static_assert(LocalQueue<Queue>);

 protected:
  static constexpr uint32_t kCapacity = Queue::capacity();

  ~LocalQueueConformance() override {
    while (owner.Pop() != nullptr) {
    }
    while (other.Pop() != nullptr) {
    }
  }

  /// Pushes the next `n` items that have not been queued yet, one at a time.
  void Push(uint32_t n) {
    NoOverflow sink;
    for (uint32_t i = 0; i < n; ++i) owner.Push(ledger.Make(next_id++), sink);
  }

  /// Fills the thief's own queue with other items until `room` is left.
  void FillOther(uint32_t room) {
    NoOverflow sink;
    for (uint32_t i = room; i < kCapacity; ++i) {
      other.Push(ledger.Make(next_id++), sink);
    }
  }

  /// The ids that popping until null gives.
  static std::vector<uint32_t> Drain(typename Queue::Owner from) {
    std::vector<uint32_t> ids;
    while (Item* item = from.Pop()) ids.push_back(item->id);
    return ids;
  }

  Ledger ledger{8 * 1024};
  uint32_t next_id = 0;

  Queue queue;
  Queue other_queue;
  typename Queue::Owner owner = queue.owner();
  typename Queue::Thief thief = queue.thief();
  // The queue of the worker that robs `queue`.
  typename Queue::Owner other = other_queue.owner();
};

TYPED_TEST_SUITE_P(LocalQueueConformance);

TYPED_TEST_P(LocalQueueConformance, AnEmptyQueuePopsNull) {
  EXPECT_EQ(this->owner.Pop(), nullptr);
  EXPECT_EQ(this->owner.Size(), 0u);
  EXPECT_EQ(this->owner.Free(), TestFixture::kCapacity);
  EXPECT_EQ(this->thief.Size(), 0u);
}

TYPED_TEST_P(LocalQueueConformance, PopsInTheOrderOfPushes) {
  this->Push(TestFixture::kCapacity);
  EXPECT_EQ(this->Drain(this->owner), Range(0, TestFixture::kCapacity));
}

TYPED_TEST_P(LocalQueueConformance, SizeAndFreeAddUpToTheCapacity) {
  for (uint32_t size = 0; size < TestFixture::kCapacity; ++size) {
    EXPECT_EQ(this->owner.Size(), size);
    EXPECT_EQ(this->thief.Size(), size);
    EXPECT_EQ(this->owner.Free(), TestFixture::kCapacity - size);
    this->Push(1);
  }
  EXPECT_EQ(this->owner.Size(), TestFixture::kCapacity);
  EXPECT_EQ(this->owner.Free(), 0u);
}

// Known bugs Q2: tokio #2387 (58ba45a38), first half. An index type with as
// many values as the ring has slots cannot tell full from empty, and the queue
// spilt one item early.
TYPED_TEST_P(LocalQueueConformance, Q2FitsItsCapacityOneAtATime) {
  this->Push(TestFixture::kCapacity);
  RecordingSink sink;
  this->owner.Push(this->ledger.Make(this->next_id++), sink);
  EXPECT_EQ(sink.calls.size(), 1u) << "the first item too many overflows";
}

TYPED_TEST_P(LocalQueueConformance, Q2FitsItsCapacityAllAtOnce) {
  NoOverflow sink;
  this->owner.PushBatch(this->ledger.MakeChain(0, TestFixture::kCapacity),
                        sink);
  EXPECT_EQ(this->owner.Free(), 0u);
  EXPECT_EQ(this->Drain(this->owner), Range(0, TestFixture::kCapacity));
}

TYPED_TEST_P(LocalQueueConformance, Q2FitsItsCapacityInChunks) {
  NoOverflow sink;
  uint32_t first = 0;
  for (uint32_t chunk = 1; first < TestFixture::kCapacity; ++chunk) {
    const uint32_t n = std::min(chunk, TestFixture::kCapacity - first);
    this->owner.PushBatch(this->ledger.MakeChain(first, n), sink);
    first += n;
  }
  EXPECT_EQ(this->Drain(this->owner), Range(0, TestFixture::kCapacity));
}

// Known bugs Q5: tokio #8029. The newer half leaves, so that what has waited
// longest is run next; with the older half leaving, a stream of new tasks
// starved the old ones.
TYPED_TEST_P(LocalQueueConformance, Q5OverflowMovesTheNewerHalfInOneChain) {
  constexpr uint32_t kHalf = TestFixture::kCapacity / 2;
  this->Push(TestFixture::kCapacity);
  RecordingSink sink;
  this->owner.Push(this->ledger.Make(TestFixture::kCapacity), sink);
  ASSERT_EQ(sink.calls.size(), 1u);
  EXPECT_EQ(sink.calls[0], Range(kHalf, TestFixture::kCapacity - kHalf + 1));
  EXPECT_EQ(this->owner.Size(), kHalf);
  EXPECT_EQ(this->owner.Free(), TestFixture::kCapacity - kHalf);
  EXPECT_EQ(this->Drain(this->owner), Range(0, kHalf));
}

// Known bugs Q5, its consequence: with more pushes than pops for ever, no item
// that stays in the queue is overtaken by more than a queue's worth of others.
TYPED_TEST_P(LocalQueueConformance, Q5AnOldItemIsRunInBoundedTime) {
  RecordingSink sink;
  const uint32_t pushes = 7 * 1024;
  for (uint32_t pushed = 0; pushed < pushes; ++pushed) {
    this->owner.Push(this->ledger.Make(pushed), sink);
    if (pushed % 3 != 0) continue;
    Item* const oldest = this->owner.Pop();
    ASSERT_NE(oldest, nullptr);
    // At the latest every third push pops: capacity pops, three pushes each.
    EXPECT_LE(pushed - oldest->id, 3 * TestFixture::kCapacity + 3);
  }
}

TYPED_TEST_P(LocalQueueConformance, OverflowsAgainAndAgain) {
  RecordingSink sink;
  const uint32_t pushes = std::min(8 * TestFixture::kCapacity, 8u * 1024u);
  std::vector<uint32_t> seen;
  for (uint32_t id = 0; id < pushes; ++id) {
    this->owner.Push(this->ledger.Make(id), sink);
  }
  for (const std::vector<uint32_t>& call : sink.calls) {
    EXPECT_EQ(call.size(), TestFixture::kCapacity / 2 + 1);
    seen.insert(seen.end(), call.begin(), call.end());
  }
  for (uint32_t id : this->Drain(this->owner)) seen.push_back(id);
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, Range(0, pushes));
}

TYPED_TEST_P(LocalQueueConformance, PushBatchFillsTheRoomAndSpillsTheRest) {
  const uint32_t room = TestFixture::kCapacity / 2;
  this->Push(TestFixture::kCapacity - room);
  RecordingSink sink;
  this->owner.PushBatch(
      this->ledger.MakeChain(TestFixture::kCapacity - room, room + 3), sink);
  ASSERT_EQ(sink.calls.size(), 1u);
  EXPECT_EQ(sink.calls[0], Range(TestFixture::kCapacity, 3));
  EXPECT_EQ(this->Drain(this->owner), Range(0, TestFixture::kCapacity));
}

TYPED_TEST_P(LocalQueueConformance, PushBatchIntoAFullQueueSpillsAllOfIt) {
  this->Push(TestFixture::kCapacity);
  RecordingSink sink;
  this->owner.PushBatch(this->ledger.MakeChain(TestFixture::kCapacity, 2),
                        sink);
  ASSERT_EQ(sink.calls.size(), 1u);
  EXPECT_EQ(sink.calls[0], Range(TestFixture::kCapacity, 2));
  EXPECT_EQ(this->owner.Size(), TestFixture::kCapacity);
}

TYPED_TEST_P(LocalQueueConformance, AnEmptyBatchDoesNothing) {
  NoOverflow sink;
  this->owner.PushBatch(Chain<Item>(), sink);
  EXPECT_EQ(this->owner.Size(), 0u);
}

TYPED_TEST_P(LocalQueueConformance, AStealFromAnEmptyQueueIsEmpty) {
  const Steal<Item> steal = this->thief.StealInto(this->other, 32);
  EXPECT_EQ(steal.status, StealStatus::kEmpty);
  EXPECT_EQ(steal.item, nullptr);
  EXPECT_EQ(steal.count, 0u);
  EXPECT_FALSE(steal.took());
}

TYPED_TEST_P(LocalQueueConformance, ThiefTakesTheOlderHalfAndLeavesTheRest) {
  for (uint32_t n = 1; n <= TestFixture::kCapacity; ++n) {
    const uint32_t first = this->next_id = 0;
    this->Push(n);
    const Steal<Item> steal = this->thief.StealInto(this->other, 1024);
    const uint32_t half = n - n / 2;
    ASSERT_EQ(steal.status, StealStatus::kTook);
    EXPECT_EQ(steal.count, half);
    EXPECT_EQ(steal.item->id, first) << "the oldest is run first";
    EXPECT_EQ(this->Drain(this->other), Range(first + 1, half - 1));
    EXPECT_EQ(this->owner.Size(), n - half);
    EXPECT_EQ(this->Drain(this->owner), Range(first + half, n - half));
  }
}

TYPED_TEST_P(LocalQueueConformance, ThiefTakesNoMoreThanAsked) {
  this->Push(TestFixture::kCapacity);
  const Steal<Item> one = this->thief.StealInto(this->other, 1);
  EXPECT_EQ(one.count, 1u);
  EXPECT_EQ(one.item->id, 0u);
  EXPECT_EQ(this->other.Size(), 0u);
  if (TestFixture::kCapacity < 8) return;
  const Steal<Item> three = this->thief.StealInto(this->other, 3);
  EXPECT_EQ(three.count, 3u);
  EXPECT_EQ(three.item->id, 1u);
  EXPECT_EQ(this->Drain(this->other), Range(2, 2));
}

// The surplus rule: a single item belongs to its owner, who is about to run it.
TYPED_TEST_P(LocalQueueConformance, ThiefLeavesWhatItIsToldToLeave) {
  this->Push(1);
  EXPECT_EQ(this->thief.StealInto(this->other, 32, 1).status,
            StealStatus::kEmpty);
  EXPECT_EQ(this->owner.Size(), 1u);
  this->Push(1);
  const Steal<Item> steal = this->thief.StealInto(this->other, 32, 1);
  EXPECT_EQ(steal.status, StealStatus::kTook);
  EXPECT_EQ(steal.count, 1u);
  EXPECT_EQ(this->owner.Size(), 1u);
  EXPECT_EQ(
      this->thief.StealInto(this->other, 32, TestFixture::kCapacity).status,
      StealStatus::kEmpty);
}

// Known bugs Q2, second half of tokio #2387: the thief must look at the room in
// its own queue before it copies.
TYPED_TEST_P(LocalQueueConformance, Q2ThiefTakesOneIntoAFullQueue) {
  this->Push(TestFixture::kCapacity);
  this->FillOther(0);
  const Steal<Item> steal = this->thief.StealInto(this->other, 1024);
  EXPECT_EQ(steal.count, 1u);
  EXPECT_EQ(steal.item->id, 0u);
  EXPECT_EQ(this->other.Size(), TestFixture::kCapacity);
  EXPECT_EQ(this->Drain(this->other),
            Range(TestFixture::kCapacity, TestFixture::kCapacity));
}

TYPED_TEST_P(LocalQueueConformance, Q2ThiefTakesNoMoreThanFits) {
  this->Push(TestFixture::kCapacity);
  this->FillOther(1);
  const Steal<Item> steal = this->thief.StealInto(this->other, 1024);
  EXPECT_EQ(steal.count, std::min(2u, TestFixture::kCapacity / 2));
  EXPECT_EQ(steal.item->id, 0u);
  EXPECT_EQ(this->other.Free(), 2u - steal.count);
}

TYPED_TEST_P(LocalQueueConformance, OwnerUsesTheRoomThatThievesMade) {
  this->Push(TestFixture::kCapacity);
  const Steal<Item> steal = this->thief.StealInto(this->other, 1024);
  EXPECT_EQ(this->owner.Free(), steal.count);
  this->Push(steal.count);
  EXPECT_EQ(this->Drain(this->owner),
            Range(steal.count, TestFixture::kCapacity));
}

TYPED_TEST_P(LocalQueueConformance, StolenItemsCanBeStolenAgain) {
  this->Push(TestFixture::kCapacity);
  const Steal<Item> first = this->thief.StealInto(this->other, 1024);
  const uint32_t moved = first.count - 1;
  const Steal<Item> back =
      this->other_queue.thief().StealInto(this->owner, 1024);
  EXPECT_EQ(back.count, moved - moved / 2);
  EXPECT_EQ(back.took(), moved > 0);
}

// Known bugs Q9: TMC #175. An owner that remembered "empty" did not look again.
TYPED_TEST_P(LocalQueueConformance, Q9OwnerLooksAgainAfterItSawEmpty) {
  this->Push(2);
  EXPECT_EQ(this->thief.StealInto(this->other, 1).count, 1u);
  EXPECT_EQ(this->thief.StealInto(this->other, 1).count, 1u);
  EXPECT_EQ(this->owner.Pop(), nullptr);
  EXPECT_EQ(this->owner.Pop(), nullptr);
  this->Push(1);
  EXPECT_EQ(this->Drain(this->owner), Range(2, 1));
  EXPECT_EQ(this->owner.Pop(), nullptr);
  NoOverflow sink;
  this->owner.PushBatch(this->ledger.MakeChain(3, 2), sink);
  EXPECT_EQ(this->Drain(this->owner), Range(3, 2));
}

// Any sequence of operations gives what a plain deque gives, for long enough
// that a narrow index goes round many times.
TYPED_TEST_P(LocalQueueConformance, DoesWhatADequeDoes) {
  constexpr uint32_t kCapacity = TestFixture::kCapacity;
  XorShift64 random(TestSeed());
  std::deque<uint32_t> mine;
  std::deque<uint32_t> others;
  RecordingSink sink;
  const auto pop = [](std::deque<uint32_t>& from) {
    const uint32_t id = from.front();
    from.pop_front();
    return id;
  };
  for (uint64_t step = 0; step < StressIterations(200'000); ++step) {
    // Ids are used again long after they have left both queues.
    const uint32_t id = this->next_id;
    std::vector<uint32_t> spilt;
    sink.calls.clear();
    switch (random.Below(8)) {
      case 0:
      case 1:
      case 2: {
        this->owner.Push(this->ledger.Make(id), sink);
        this->next_id = (id + 1) % this->ledger.size();
        if (mine.size() == kCapacity) {
          spilt.assign(mine.begin() + kCapacity / 2, mine.end());
          mine.resize(kCapacity / 2);
          spilt.push_back(id);
        } else {
          mine.push_back(id);
        }
        break;
      }
      case 3: {
        const uint32_t n =
            std::min(random.Below(kCapacity + 2), this->ledger.size() - id);
        this->owner.PushBatch(this->ledger.MakeChain(id, n), sink);
        this->next_id = (id + n) % this->ledger.size();
        for (uint32_t i = id; i < id + n; ++i) {
          (mine.size() < kCapacity ? static_cast<void>(mine.push_back(i))
                                   : spilt.push_back(i));
        }
        break;
      }
      case 4:
      case 5: {
        const Item* const item = this->owner.Pop();
        ASSERT_EQ(item == nullptr, mine.empty());
        if (item != nullptr) {
          ASSERT_EQ(item->id, pop(mine));
        }
        break;
      }
      case 6: {
        const Item* const item = this->other.Pop();
        ASSERT_EQ(item == nullptr, others.empty());
        if (item != nullptr) {
          ASSERT_EQ(item->id, pop(others));
        }
        break;
      }
      default: {
        const uint32_t max_take = 1 + random.Below(kCapacity);
        const uint32_t leave = random.Below(3);
        const Steal<Item> steal =
            this->thief.StealInto(this->other, max_take, leave);
        const uint32_t n = static_cast<uint32_t>(mine.size());
        ASSERT_EQ(steal.took(), n > leave);
        if (!steal.took()) break;
        const uint32_t room = kCapacity - static_cast<uint32_t>(others.size());
        ASSERT_EQ(steal.count, std::min({n - n / 2, max_take, room + 1}));
        ASSERT_EQ(steal.item->id, pop(mine));
        for (uint32_t i = 1; i < steal.count; ++i) others.push_back(pop(mine));
        break;
      }
    }
    if (spilt.empty()) {
      ASSERT_TRUE(sink.calls.empty());
    } else {
      ASSERT_EQ(sink.calls.size(), 1u);
      ASSERT_EQ(sink.calls[0], spilt);
    }
    ASSERT_EQ(this->owner.Size(), mine.size());
    ASSERT_EQ(this->thief.Size(), mine.size());
    ASSERT_EQ(this->owner.Free(), kCapacity - mine.size());
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    LocalQueueConformance, AnEmptyQueuePopsNull, PopsInTheOrderOfPushes,
    SizeAndFreeAddUpToTheCapacity, Q2FitsItsCapacityOneAtATime,
    Q2FitsItsCapacityAllAtOnce, Q2FitsItsCapacityInChunks,
    Q5OverflowMovesTheNewerHalfInOneChain, Q5AnOldItemIsRunInBoundedTime,
    OverflowsAgainAndAgain, PushBatchFillsTheRoomAndSpillsTheRest,
    PushBatchIntoAFullQueueSpillsAllOfIt, AnEmptyBatchDoesNothing,
    AStealFromAnEmptyQueueIsEmpty, ThiefTakesTheOlderHalfAndLeavesTheRest,
    ThiefTakesNoMoreThanAsked, ThiefLeavesWhatItIsToldToLeave,
    Q2ThiefTakesOneIntoAFullQueue, Q2ThiefTakesNoMoreThanFits,
    OwnerUsesTheRoomThatThievesMade, StolenItemsCanBeStolenAgain,
    Q9OwnerLooksAgainAfterItSawEmpty, DoesWhatADequeDoes);

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_LOCAL_QUEUE_CONFORMANCE_H_
