// RingQueue under the model checker. Small rings with 8-bit indices, so that
// overflow and the wrap are a few operations away; the orderings are the same.

#include <cstddef>
#include <cstdint>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/queue/ring_queue.h"
#include "weft/queue/testing/model_item.h"

namespace weft::queue_testing {
namespace {

template <std::uint32_t kCapacity>
using Ring = RingQueue<ModelItem, kCapacity, std::uint8_t>;

template <class Q>
void RunAllOf(Q& queue) {
  auto owner = queue.owner();
  while (ModelItem* item = owner.Pop()) ModelItems<0>::Run(item);
}

// Steals once, and runs what it got, by way of a queue of its own.
template <class Q>
void StealAndRun(Q& victim, std::uint32_t max_take = 4,
                 std::uint32_t leave = 0) {
  Q mine;
  auto owner = mine.owner();
  const auto steal = victim.thief().StealInto(owner, max_take, leave);
  if (steal.took()) ModelItems<0>::Run(steal.item);
  RunAllOf(mine);
}

// Pushes the items [0, n) while `thieves` threads steal once each, then runs
// what is left.
template <std::size_t kItems, std::uint32_t kCapacity>
void PushWhileOthersSteal(int thieves, std::uint8_t start = 0) {
  Ring<kCapacity> queue(start);
  ModelItems<kItems> items;
  ModelSink sink;
  Thread first([&] { StealAndRun(queue); });
  Thread second;
  if (thieves == 2) second = Thread([&] { StealAndRun(queue); });
  auto owner = queue.owner();
  for (std::size_t i = 0; i < kItems; ++i) owner.Push(items.Make(i), sink);
  RunAllOf(queue);
  ModelItems<0>::RunAll(std::move(sink.items));
  first.join();
  if (thieves == 2) second.join();
  items.ExpectEachRanOnce();
}

TEST(RingQueueModel, APopAgainstASteal) {
  ModelCheck([] { PushWhileOthersSteal<1, 2>(1); });
}

TEST(RingQueueModel, TwoItemsAgainstASteal) {
  ModelCheck([] { PushWhileOthersSteal<2, 4>(1); });
}

TEST(RingQueueModel, ThreeItemsAgainstASteal) {
  ModelCheck([] { PushWhileOthersSteal<3, 4>(1); });
}

TEST(RingQueueModel, TwoItemsAgainstTwoThieves) {
  ModelCheck([] { PushWhileOthersSteal<2, 4>(2); });
}

// Tokio's own scenario "steal_overflow".
TEST(RingQueueModel, Q6AnOverflowAgainstASteal) {
  ModelCheck([] { PushWhileOthersSteal<3, 2>(1); });
}

TEST(RingQueueModel, TwoOverflowsAgainstASteal) {
  ModelCheck([] { PushWhileOthersSteal<5, 2>(1); });
}

TEST(RingQueueModel, Q4TheIndicesWrap) {
  ModelCheck([] { PushWhileOthersSteal<3, 2>(1, 254); });
}

// Slots are used again after a thief has read them: two laps of a ring of two.
TEST(RingQueueModel, ASlotIsUsedAgainAfterASteal) {
  ModelCheck([] {
    Ring<2> queue;
    ModelItems<4> items;
    ModelSink sink;
    auto owner = queue.owner();
    owner.Push(items.Make(0), sink);
    owner.Push(items.Make(1), sink);
    Thread thief([&] { StealAndRun(queue); });
    if (ModelItem* item = owner.Pop()) ModelItems<0>::Run(item);
    owner.Push(items.Make(2), sink);
    owner.Push(items.Make(3), sink);
    RunAllOf(queue);
    ModelItems<0>::RunAll(std::move(sink.items));
    thief.join();
    items.ExpectEachRanOnce();
  });
}

// What a thief has stolen is stolen from it at once: its own queue publishes
// the items, which it did not make.
TEST(RingQueueModel, AThiefIsStolenFrom) {
  ModelCheck([] {
    Ring<4> queue;
    Ring<4> between;
    ModelItems<3> items;
    ModelSink sink;
    auto owner = queue.owner();
    for (std::size_t i = 0; i < 3; ++i) owner.Push(items.Make(i), sink);
    Thread first([&] {
      auto mine = between.owner();
      const auto steal = queue.thief().StealInto(mine, 4);
      if (steal.took()) ModelItems<0>::Run(steal.item);
      RunAllOf(between);
    });
    Thread second([&] { StealAndRun(between); });
    first.join();
    second.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

// Two thieves while the owner pops: one of them may find the other at work.
TEST(RingQueueModel, TwoThievesAndAPop) {
  ModelCheck([] {
    Ring<4> queue;
    ModelItems<2> items;
    ModelSink sink;
    auto owner = queue.owner();
    owner.Push(items.Make(0), sink);
    owner.Push(items.Make(1), sink);
    Thread first([&] { StealAndRun(queue, 1); });
    Thread second([&] { StealAndRun(queue, 1); });
    if (ModelItem* item = owner.Pop()) ModelItems<0>::Run(item);
    first.join();
    second.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

// The surplus rule: a single item is left to its owner.
TEST(RingQueueModel, AThiefThatLeavesOneTakesNoSingleItem) {
  ModelCheck([] {
    Ring<2> queue;
    ModelItems<1> items;
    ModelSink sink;
    Thread thief([&] {
      Ring<2> mine;
      auto into = mine.owner();
      const auto steal = queue.thief().StealInto(into, 4, 1);
      model::Assert(steal.status == StealStatus::kEmpty, "one is left alone");
    });
    auto owner = queue.owner();
    owner.Push(items.Make(0), sink);
    RunAllOf(queue);
    thief.join();
    items.ExpectEachRanOnce();
  });
}

// The look before sleep: an item whose push happens before it is not missed.
TEST(RingQueueModel, SizeDoesNotMissWhatWasPushedBefore) {
  ModelCheck([] {
    Ring<2> queue;
    ModelItems<1> items;
    atomic<bool> pushed(false);
    Thread looker([&] {
      if (pushed.load(std::memory_order_acquire)) {
        model::Assert(queue.thief().Size() == 1, "the item is counted");
      }
    });
    ModelSink sink;
    auto owner = queue.owner();
    owner.Push(items.Make(0), sink);
    pushed.store(true, std::memory_order_release);
    looker.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

// A look never counts what cannot be there: one item came and went.
TEST(RingQueueModel, SizeCountsNoItemThatNeverWas) {
  ModelCheck([] {
    Ring<4> queue(254);
    ModelItems<1> items;
    Thread looker([&] {
      model::Assert(queue.thief().Size() <= 1, "there is one at most");
    });
    ModelSink sink;
    auto owner = queue.owner();
    owner.Push(items.Make(0), sink);
    RunAllOf(queue);
    looker.join();
    items.ExpectEachRanOnce();
  });
}

// The same while the ring overflows.
TEST(RingQueueModel, SizeIsRightWhileItOverflows) {
  ModelCheck([] {
    Ring<4> queue(254);
    ModelItems<5> items;
    ModelSink sink;
    auto owner = queue.owner();
    for (std::size_t i = 0; i < 4; ++i) owner.Push(items.Make(i), sink);
    Thread looker([&] {
      const std::uint32_t size = queue.thief().Size();
      model::Assert(size == 0 || size == 2 || size == 4, "all, none or half");
    });
    owner.Push(items.Make(4), sink);
    looker.join();
    RunAllOf(queue);
    ModelItems<0>::RunAll(std::move(sink.items));
    items.ExpectEachRanOnce();
  });
}

// Who sees that there is something also sees what came before it was pushed.
TEST(RingQueueModel, SizeAcquiresWhatCameBeforeThePush) {
  ModelCheck([] {
    Ring<2> queue;
    ModelItems<1> items;
    Cell<int> before(0);
    Thread looker([&] {
      if (queue.thief().Size() != 0) model::Assert(before.Get() == 1);
    });
    ModelSink sink;
    auto owner = queue.owner();
    before.Set(1);
    owner.Push(items.Make(0), sink);
    looker.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

}  // namespace
}  // namespace weft::queue_testing
