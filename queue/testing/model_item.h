// What the model tests of this folder queue: a few items whose contents the
// checker watches, and the claim that each was run once.

#ifndef WEFT_QUEUE_TESTING_MODEL_ITEM_H_
#define WEFT_QUEUE_TESTING_MODEL_ITEM_H_

#include <array>
#include <cstddef>
#include <utility>

#include "weft/base/cell.h"
#include "weft/model/check.h"
#include "weft/queue/chain.h"

namespace weft::queue_testing {

/// A queue item. `runs` is plain memory: written before the item is queued and
/// by whoever takes it, so a queue that does not publish it, or gives it to two
/// threads, is a data race.
struct ModelItem {
  ModelItem* next = nullptr;
  Cell<int> runs{-1};
};

/// The items of one execution. Make on the thread that queues them, Run on the
/// one that took them, ExpectEachRanOnce after all threads were joined.
template <std::size_t n>
class ModelItems {
 public:
  ModelItem* Make(std::size_t i) {
    items_[i].runs.Set(0);
    return &items_[i];
  }

  static void Run(ModelItem* item) {
    item->runs.WithMut([](int& runs) {
      model::Assert(runs == 0, "an item is taken once, with its contents");
      ++runs;
    });
  }

  static void RunAll(Chain<ModelItem> chain) {
    while (ModelItem* item = chain.PopFront()) Run(item);
  }

  void ExpectEachRanOnce() const {
    for (const ModelItem& item : items_) {
      model::Assert(item.runs.Get() == 1, "no item is lost");
    }
  }

 private:
  std::array<ModelItem, n> items_;
};

/// An overflow sink that keeps what it is given, for its own thread.
struct ModelSink {
  void PushBatch(Chain<ModelItem> chain) { items.Append(std::move(chain)); }
  Chain<ModelItem> items;
};

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_MODEL_ITEM_H_
