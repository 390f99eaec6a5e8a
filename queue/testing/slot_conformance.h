// The suite that every NextSlot passes, with and without threads. Instantiated
// like local_queue_conformance.h.

#ifndef WEFT_QUEUE_TESTING_SLOT_CONFORMANCE_H_
#define WEFT_QUEUE_TESTING_SLOT_CONFORMANCE_H_

#include <cstdint>
#include <cstdio>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/queue/concepts.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {

/// `Slot` is a NextSlot of Item.
template <class Slot>
class SlotConformance : public ::testing::Test {
  static_assert(NextSlot<Slot>);

 protected:
  Ledger ledger{4};
  Item* const a = ledger.Make(0);
  Item* const b = ledger.Make(1);
  Slot slot;
};

TYPED_TEST_SUITE_P(SlotConformance);

TYPED_TEST_P(SlotConformance, StartsEmpty) {
  EXPECT_EQ(this->slot.Peek(), nullptr);
  EXPECT_EQ(this->slot.Take(), nullptr);
  EXPECT_EQ(this->slot.TakeIf(this->a), nullptr);
}

TYPED_TEST_P(SlotConformance, FillingAnEmptySlotDisplacesNothing) {
  EXPECT_EQ(this->slot.Put(this->a), nullptr);
  EXPECT_EQ(this->slot.Peek(), this->a);
  EXPECT_EQ(this->slot.Take(), this->a);
  EXPECT_EQ(this->slot.Peek(), nullptr);
  EXPECT_EQ(this->slot.Take(), nullptr);
}

TYPED_TEST_P(SlotConformance, PuttingAgainGivesBackWhatWasThere) {
  EXPECT_EQ(this->slot.Put(this->a), nullptr);
  EXPECT_EQ(this->slot.Put(this->b), this->a);
  EXPECT_EQ(this->slot.Put(this->a), this->b);
  EXPECT_EQ(this->slot.Take(), this->a);
}

TYPED_TEST_P(SlotConformance, TakeIfTakesOnlyWhatItWasShown) {
  EXPECT_EQ(this->slot.Put(this->a), nullptr);
  EXPECT_EQ(this->slot.TakeIf(this->b), nullptr);
  EXPECT_EQ(this->slot.Peek(), this->a);
  EXPECT_EQ(this->slot.TakeIf(this->a), this->a);
  EXPECT_EQ(this->slot.Peek(), nullptr);
  EXPECT_EQ(this->slot.TakeIf(this->a), nullptr);
}

// An item that left and came back is in the slot, and may be taken.
TYPED_TEST_P(SlotConformance, AnItemThatCameBackCanBeTaken) {
  EXPECT_EQ(this->slot.Put(this->a), nullptr);
  Item* const seen = this->slot.Peek();
  EXPECT_EQ(this->slot.Take(), this->a);
  EXPECT_EQ(this->slot.Put(this->b), nullptr);
  EXPECT_EQ(this->slot.Put(this->a), this->b);
  EXPECT_EQ(this->slot.TakeIf(seen), this->a);
}

// An owner that fills, replaces and empties its slot, and two thieves that take
// whatever they see.
TYPED_TEST_P(SlotConformance, OwnerAndThievesTakeEachItemOnce) {
  constexpr uint32_t kThieves = 2;
  const uint64_t seed = TestSeed();
  const auto items = static_cast<uint32_t>(StressIterations(1'000'000));
  Ledger ledger(items);
  atomic<uint32_t> stolen{0};
  std::vector<Thread> thieves;
  for (uint32_t i = 0; i < kThieves; ++i) {
    thieves.emplace_back([&] {
      uint32_t spins = 0;
      while (ledger.done() < items) {
        Item* const seen = this->slot.Peek();
        if (seen != nullptr && this->slot.TakeIf(seen) != nullptr) {
          ledger.Run(seen);
          stolen.fetch_add(1, std::memory_order_relaxed);
        }
        if (++spins % 64 == 0) YieldThread();
      }
    });
  }
  XorShift64 random(seed);
  for (uint32_t id = 0; id < items; ++id) {
    if (Item* displaced = this->slot.Put(ledger.Make(id))) {
      ledger.Run(displaced);
    }
    if (random.Below(4) == 0) {
      if (Item* item = this->slot.Take()) ledger.Run(item);
    }
    if (random.Below(64) == 0) YieldThread();
  }
  if (Item* item = this->slot.Take()) ledger.Run(item);
  for (Thread& thief : thieves) thief.join();
  ledger.ExpectEachRanOnce();
  std::printf("%u of %u items were stolen\n",
              stolen.load(std::memory_order_relaxed), items);
}

REGISTER_TYPED_TEST_SUITE_P(SlotConformance, StartsEmpty,
                            FillingAnEmptySlotDisplacesNothing,
                            PuttingAgainGivesBackWhatWasThere,
                            TakeIfTakesOnlyWhatItWasShown,
                            AnItemThatCameBackCanBeTaken,
                            OwnerAndThievesTakeEachItemOnce);

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_SLOT_CONFORMANCE_H_
