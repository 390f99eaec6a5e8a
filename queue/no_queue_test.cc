#include "weft/queue/no_queue.h"

#include <utility>

#include "gtest/gtest.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"

namespace weft {
namespace {

struct Item {
  Item* next = nullptr;
};

static_assert(LocalQueue<NoLocalQueue<Item>>);
static_assert(NextSlot<NoSlot<Item>>);

struct Sink {
  Chain<Item> items;
  int batches = 0;
  void PushBatch(Chain<Item> batch) {
    ++batches;
    while (Item* item = batch.PopFront()) items.PushBack(item);
  }
};

TEST(NoLocalQueue, SendsEverythingOnInOrder) {
  NoLocalQueue<Item> queue;
  auto owner = queue.owner();
  Sink sink;
  Item a, b, c;
  owner.Push(&a, sink);
  Chain<Item> batch;
  batch.PushBack(&b);
  batch.PushBack(&c);
  owner.PushBatch(std::move(batch), sink);
  owner.PushBatch(Chain<Item>(), sink);
  EXPECT_EQ(sink.batches, 2);
  EXPECT_EQ(sink.items.PopFront(), &a);
  EXPECT_EQ(sink.items.PopFront(), &b);
  EXPECT_EQ(sink.items.PopFront(), &c);
  EXPECT_EQ(sink.items.PopFront(), nullptr);
}

TEST(NoLocalQueue, HasNothingAndNoRoom) {
  NoLocalQueue<Item> queue;
  NoLocalQueue<Item> other;
  auto owner = queue.owner();
  auto thief_of_other = other.thief();
  EXPECT_EQ(owner.Pop(), nullptr);
  EXPECT_EQ(owner.Size(), 0u);
  EXPECT_EQ(owner.Free(), 0u);
  EXPECT_EQ(thief_of_other.Size(), 0u);
  EXPECT_EQ(thief_of_other.StealInto(owner, 8).status, StealStatus::kEmpty);
}

TEST(NoSlot, DisplacesWhatIsPut) {
  NoSlot<Item> slot;
  Item item;
  EXPECT_EQ(slot.Put(&item), &item);
  EXPECT_EQ(slot.Peek(), nullptr);
  EXPECT_EQ(slot.Take(), nullptr);
  EXPECT_EQ(slot.TakeIf(&item), nullptr);
}

}  // namespace
}  // namespace weft
