// ForkDeque: where a worker keeps the coroutines that have forked and can go on
// while it runs their children. The owner pushes and takes back at one end,
// last in, first out; thieves take the oldest from the other.
//
// It is the deque of Chase and Lev with the orders of Lê, Pop, Cohen and Zappa
// Nardelli ("Correct and efficient work-stealing for weak memory models",
// PPoPP 2013), with three changes that its use allows:
//   * it is bounded, and says so when it is full: whoever forks can as well
//     call, so nothing grows and nothing has to be reclaimed;
//   * the owner does not take what is newest but asks for one item that it
//     pushed. If something else is on top, that item was stolen, and the fence
//     is saved;
//   * the push says whether the deque looked empty, which is when somebody may
//     have to be woken, from the same look that finds it full.
//
// Cost, uncontended: a push is two stores and a load of a line that only
// thieves write; taking back is a store, a fence and the same load. A steal is
// a fence and a compare-and-swap.

#ifndef WEFT_QUEUE_FORK_DEQUE_H_
#define WEFT_QUEUE_FORK_DEQUE_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/fence.h"

namespace weft {

/// What became of a push.
enum class ForkPush : std::uint8_t {
  kPushed,  ///< and there were others
  kFirst,   ///< and the deque looked empty before: nobody was told of it yet
  kFull,    ///< nothing was pushed
};

/// A deque of `kCapacity` pointers. `Index` is the type of its two indices;
/// narrow ones exist for tests. An index would have to come round while a thief
/// is between its look and its claim for it to be fooled.
///
/// Does not own its items, and does not move. Use it through its two handles.
template <class T, std::uint32_t kCapacity = 1024, class Index = std::uint64_t>
class ForkDeque {
  static_assert(std::has_single_bit(kCapacity) && kCapacity >= 2,
                "ForkDeque: the capacity is a power of two, at least 2");
  static_assert(kCapacity <= std::numeric_limits<Index>::max() / 2,
                "ForkDeque: the index range must be twice the capacity");

 public:
  using value_type = T;
  using index_type = Index;

  /// The owner's side: one thread at a time.
  class Owner {
   public:
    /// Puts `item` on top. Publishes all that precedes the call to the thief
    /// that takes it.
    [[nodiscard]] ForkPush Push(T* item) { return deque_->Push(item); }

    /// Takes `item`, which this owner pushed, back if it is on top. False: it
    /// was stolen. (Or there is something above it, which a caller that takes
    /// back in the opposite order of its pushes knows not to be.)
    [[nodiscard]] bool TakeBack(T* item) { return deque_->TakeBack(item); }

   private:
    friend class ForkDeque;
    explicit Owner(ForkDeque* deque) : deque_(deque) {}
    ForkDeque* deque_;
  };

  /// Everybody's side, the owner's thread included.
  class Thief {
   public:
    /// Takes the oldest item; null if there is none, or if another thread was
    /// faster (`lost` is then set). Acquires what its pusher did before.
    [[nodiscard]] T* Steal(bool& lost) { return deque_->Steal(lost); }

    /// A hint, for the look before sleep: two loads. Does not miss an item
    /// whose push is ordered before the call by two sequentially consistent
    /// fences, and which is still there.
    [[nodiscard]] bool Empty() const { return deque_->LooksEmpty(); }

   private:
    friend class ForkDeque;
    explicit Thief(ForkDeque* deque) : deque_(deque) {}
    ForkDeque* deque_;
  };

  /// Empty, with both indices at `start` (for tests).
  explicit ForkDeque(Index start = 0) : top_(start), bottom_(start) {}
  ForkDeque(const ForkDeque&) = delete;
  ForkDeque& operator=(const ForkDeque&) = delete;

  Owner owner() { return Owner(this); }
  Thief thief() { return Thief(this); }
  static constexpr std::uint32_t capacity() { return kCapacity; }

 private:
  using Signed = std::make_signed_t<Index>;

  atomic<T*>& At(Index index) { return items_[index % kCapacity]; }

  ForkPush Push(T* item) {
    const Index bottom = bottom_.load(std::memory_order_relaxed);
    // ORDER(fork_deque.reuse): acquire. Pairs with the claim in Steal: a place
    // is written again after its thief has read it. (Thieves read relaxed
    // atomics before they claim: if a load could be put off until after a store
    // that depends on it, one could read the new item and claim the old.)
    const Index size = bottom - top_.load(std::memory_order_acquire);
    // One comparison for both ends, 0 and kCapacity.
    const bool ordinary = static_cast<Index>(size - 1) < kCapacity - 1;
    if (!ordinary && size != 0) return ForkPush::kFull;
    At(bottom).store(item, std::memory_order_relaxed);
    // ORDER(fork_deque.item): release. Pairs with the acquire of bottom_ in
    // Steal: publishes the item and what it points to.
    bottom_.store(bottom + 1, std::memory_order_release);
    return ordinary ? ForkPush::kPushed : ForkPush::kFirst;
  }

  bool TakeBack(T* item) {
    const Index bottom = bottom_.load(std::memory_order_relaxed) - 1;
    // What was stolen is still to be read here, or something else.
    if (At(bottom).load(std::memory_order_relaxed) != item) return false;
    // ORDER(fork_deque.item): release, as in Push, although nothing new is
    // published: since C++20 a plain relaxed store would end what the pushes
    // before it released, and a thief may read this value.
    bottom_.store(bottom, std::memory_order_release);
    // ORDER(fork_deque.take): sequentially consistent. Pairs with the fence in
    // Steal: of the owner that lowers bottom_ and the thief that has read an
    // old top_, at least one sees the other. Weaker, both take the item.
    FullFence();
    Index top = top_.load(std::memory_order_relaxed);
    const auto left = static_cast<Signed>(bottom - top);
    if (left > 0) [[likely]] {
      return true;
    }
    // The last item is whose compare-exchange on top_ succeeds; or it has gone.
    // Relaxed: there is nothing to learn from a thief, and what it learns it
    // has from bottom_.
    const bool mine =
        left == 0 && top_.compare_exchange_strong(
                         top, static_cast<Index>(top + 1),
                         std::memory_order_relaxed, std::memory_order_relaxed);
    // Relaxed: nothing is left that a thief could have from this value.
    bottom_.store(bottom + 1, std::memory_order_relaxed);
    return mine;
  }

  T* Steal(bool& lost) {
    // Relaxed: the fence orders it before the look at bottom_.
    Index top = top_.load(std::memory_order_relaxed);
    // ORDER(fork_deque.take): see TakeBack.
    FullFence();
    // ORDER(fork_deque.item): acquire. Pairs with Push.
    const Index bottom = bottom_.load(std::memory_order_acquire);
    if (static_cast<Signed>(bottom - top) <= 0) return nullptr;
    T* const item = At(top).load(std::memory_order_relaxed);
    // ORDER(fork_deque.reuse): release. Pairs with Push. The success is what
    // makes `item` ours; a failure is reported.
    if (!top_.compare_exchange_strong(top, static_cast<Index>(top + 1),
                                      std::memory_order_release,
                                      std::memory_order_relaxed)) {
      lost = true;
      return nullptr;
    }
    return item;
  }

  bool LooksEmpty() const {
    const Index top = top_.load(std::memory_order_relaxed);
    const Index bottom = bottom_.load(std::memory_order_relaxed);
    return static_cast<Signed>(bottom - top) <= 0;
  }

  // Written by thieves, and by the owner when it takes the last item.
  alignas(kFalseSharingRange) atomic<Index> top_;
  // Written by the owner.
  alignas(kFalseSharingRange) atomic<Index> bottom_;
  std::array<atomic<T*>, kCapacity> items_ = {};
};

}  // namespace weft

#endif  // WEFT_QUEUE_FORK_DEQUE_H_
