// What the tests of this folder queue: items that know who they are, a ledger
// that finds items lost or run twice, and sinks that remember.

#ifndef WEFT_QUEUE_TESTING_ITEM_H_
#define WEFT_QUEUE_TESTING_ITEM_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/queue/chain.h"

namespace weft::queue_testing {

/// A queue item. `payload` is plain memory, written before the item is queued
/// and read by whoever takes it: if the queue does not publish it, a test under
/// ThreadSanitizer fails, and on a weakly ordered processor any test may.
struct Item {
  Item* next = nullptr;
  uint32_t id = 0;
  uint64_t payload = 0;
  atomic<uint32_t> runs{0};
};

/// Items 0 to n - 1 and the count of how often each was run.
class Ledger {
 public:
  explicit Ledger(uint32_t n) : items_(n) {
    for (uint32_t id = 0; id < n; ++id) items_[id].id = id;
  }

  uint32_t size() const { return static_cast<uint32_t>(items_.size()); }

  /// The item, ready to be queued. The thread that queues it.
  Item* Make(uint32_t id) {
    items_[id].payload = PayloadOf(id);
    return &items_[id];
  }

  /// Items [first, first + n) as a chain, in order.
  Chain<Item> MakeChain(uint32_t first, uint32_t n) {
    Chain<Item> chain;
    for (uint32_t i = 0; i < n; ++i) chain.PushBack(Make(first + i));
    return chain;
  }

  /// Runs `item`: any thread that took it from a queue.
  void Run(Item* item) {
    Check(item->payload == PayloadOf(item->id),
          "an item was taken whose contents are not visible");
    item->runs.fetch_add(1, std::memory_order_relaxed);
    done_.fetch_add(1, std::memory_order_relaxed);
  }

  void RunAll(Chain<Item> chain) {
    while (Item* item = chain.PopFront()) Run(item);
  }

  /// How many runs there were. Any thread.
  uint32_t done() const { return done_.load(std::memory_order_relaxed); }

  /// After all threads have been joined.
  void ExpectEachRanOnce() const {
    uint32_t lost = 0;
    uint32_t doubled = 0;
    for (const Item& item : items_) {
      const uint32_t runs = item.runs.load(std::memory_order_relaxed);
      lost += runs == 0 ? 1 : 0;
      doubled += runs > 1 ? 1 : 0;
    }
    EXPECT_EQ(lost, 0u) << "of " << items_.size() << " items";
    EXPECT_EQ(doubled, 0u) << "of " << items_.size() << " items";
  }

 private:
  static uint64_t PayloadOf(uint32_t id) {
    return id * uint64_t{0x9E3779B97F4A7C15} + 1;
  }

  std::vector<Item> items_;
  atomic<uint32_t> done_{0};
};

/// The ids of the items in `chain`, in order; empties it.
inline std::vector<uint32_t> Ids(Chain<Item> chain) {
  std::vector<uint32_t> ids;
  while (Item* item = chain.PopFront()) ids.push_back(item->id);
  return ids;
}

/// first, first + 1, ..., first + n - 1.
inline std::vector<uint32_t> Range(uint32_t first, uint32_t n) {
  std::vector<uint32_t> ids;
  for (uint32_t i = 0; i < n; ++i) ids.push_back(first + i);
  return ids;
}

/// An overflow sink that remembers what each call brought.
struct RecordingSink {
  void PushBatch(Chain<Item> chain) { calls.push_back(Ids(std::move(chain))); }

  std::vector<std::vector<uint32_t>> calls;
};

/// An overflow sink for tests in which nothing may overflow.
struct NoOverflow {
  void PushBatch(Chain<Item> chain) {
    ADD_FAILURE() << chain.size() << " items overflowed";
    while (chain.PopFront() != nullptr) {
    }
  }
};

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_ITEM_H_
