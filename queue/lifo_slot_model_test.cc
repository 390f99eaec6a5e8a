// LifoSlot under the model checker: an owner that puts and takes, thieves that
// take what they have seen.

#include "gtest/gtest.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/queue/lifo_slot.h"
#include "weft/queue/testing/model_item.h"

namespace weft::queue_testing {
namespace {

void TakeOnce(LifoSlot<ModelItem>& slot) {
  ModelItem* const seen = slot.Peek();
  if (seen == nullptr) return;
  if (ModelItem* item = slot.TakeIf(seen)) ModelItems<0>::Run(item);
}

void PutOrRun(LifoSlot<ModelItem>& slot, ModelItem* item) {
  if (ModelItem* old = slot.Put(item)) ModelItems<0>::Run(old);
}

// The item of the slot goes to one of them, with its contents; an item that is
// put over another one gives that back.
void PutWhileOthersTake(int thieves) {
  LifoSlot<ModelItem> slot;
  ModelItems<2> items;
  Thread first([&] { TakeOnce(slot); });
  Thread second;
  if (thieves == 2) second = Thread([&] { TakeOnce(slot); });
  PutOrRun(slot, items.Make(0));
  PutOrRun(slot, items.Make(1));
  if (ModelItem* item = slot.Take()) ModelItems<0>::Run(item);
  first.join();
  if (thieves == 2) second.join();
  if (ModelItem* item = slot.Take()) ModelItems<0>::Run(item);
  items.ExpectEachRanOnce();
}

TEST(LifoSlotModel, OneThief) {
  ModelCheck([] { PutWhileOthersTake(1); });
}

TEST(LifoSlotModel, TwoThieves) {
  ModelCheck([] { PutWhileOthersTake(2); });
}

// The same item comes again (a task that wakes itself): a thief that saw it the
// first time may take it the second time, and must then see what was done to it
// meanwhile.
TEST(LifoSlotModel, TheSameItemComesAgain) {
  ModelCheck([] {
    LifoSlot<ModelItem> slot;
    ModelItems<1> items;
    Thread thief([&] { TakeOnce(slot); });
    ModelItem* const item = items.Make(0);
    PutOrRun(slot, item);
    if (slot.Take() != nullptr) PutOrRun(slot, items.Make(0));
    thief.join();
    if (ModelItem* left = slot.Take()) ModelItems<0>::Run(left);
    items.ExpectEachRanOnce();
  });
}

}  // namespace
}  // namespace weft::queue_testing
