// LifoSlot: room for the one task its worker runs next. The task that a running
// task has just woken goes here, in front of the run queue: its data is warm,
// and a pair of tasks that wake each other never touches the queue. Others may
// empty the slot, late and by a rule of their own. Go's `runnext` and tokio's
// LIFO slot are the models; why others must be able to empty it, and why late,
// is in tokio #4941, #8065 and #8120.

#ifndef WEFT_QUEUE_LIFO_SLOT_H_
#define WEFT_QUEUE_LIFO_SLOT_H_

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/base/model_mode.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"

namespace weft {

/// One item pointer, written by its owner and emptied by anybody. Eight bytes,
/// not padded: place it on a line that its owner writes anyway. Must be empty
/// when it is destroyed.
///
/// Only the owner makes it non-null. So a slot the owner sees empty stays empty
/// until the owner fills it, and filling it is a plain store.
template <Linkable T>
class LifoSlot {
 public:
  using value_type = T;

  LifoSlot() = default;
  LifoSlot(const LifoSlot&) = delete;
  LifoSlot& operator=(const LifoSlot&) = delete;
  ~LifoSlot() {
    if constexpr (kDCheckEnabled) {
      Check(Peek() == nullptr, "LifoSlot: destroyed with an item in it");
    }
  }

  /// Owner only. Stores `item`; returns the item that was there, or null. A
  /// store when the slot is empty, an exchange when not. Publishes `item` and
  /// all that precedes the call to the thread that takes it.
  [[nodiscard]] T* Put(T* item) {
    DCheck(item != nullptr, "LifoSlot: null item");
    if (item_.load(std::memory_order_relaxed) == nullptr) {
      // ORDER(slot.put): release. Pairs with the acquire in TakeIf(); publishes
      // the item. Relaxed would give a thief an item it cannot see.
      item_.store(item, std::memory_order_release);
      return nullptr;
    }
    // ORDER(slot.put): release, as above. Acquire would add nothing: what comes
    // back is the owner's own.
    return item_.exchange(item, std::memory_order_release);
  }

  /// Owner only. Empties the slot and returns what was in it, or null. A load
  /// when the slot is empty, an exchange when not. Relaxed: the item is the
  /// owner's own, and an empty slot says nothing to anybody.
  [[nodiscard]] T* Take() {
    if (item_.load(std::memory_order_relaxed) == nullptr) return nullptr;
    return item_.exchange(nullptr, std::memory_order_relaxed);
  }

  /// Any thread. Empties the slot if it holds `seen`, which must not be null,
  /// and returns `seen`; else null and no change. One compare-and-swap. That
  /// `seen` may have left and come back does no harm: the pointer in the slot
  /// is the right to run the item, whenever it was put there. Acquires what the
  /// owner did before it put the item.
  [[nodiscard]] T* TakeIf(T* seen) {
    DCheck(seen != nullptr, "LifoSlot: TakeIf(null)");
    T* expected = seen;
    // ORDER(slot.take): acquire. Pairs with the releases in Put(); the item is
    // visible to the thread that takes it. Release would add nothing: the owner
    // reads null as a value only. On failure nothing is done with the value.
    const bool taken = item_.compare_exchange_strong(expected, nullptr,
                                                     std::memory_order_acquire,
                                                     std::memory_order_relaxed);
    return taken ? seen : nullptr;
  }

  /// Any thread. What is in the slot, perhaps no longer: compare it, hand it to
  /// TakeIf(), never dereference it. One relaxed load.
  T* Peek() const { return item_.load(std::memory_order_relaxed); }

 private:
  // Written by the owner (to an item or to null) and by thieves (to null only).
  atomic<T*> item_{nullptr};

  static_assert(kModelMode || sizeof(atomic<T*>) == sizeof(T*));
};

}  // namespace weft

#endif  // WEFT_QUEUE_LIFO_SLOT_H_
