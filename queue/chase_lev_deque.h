// ChaseLevDeque: the growable run queue of the first Tokio scheduler. One owner
// pushes, and pops from the other end, where thieves take, too: first in, first
// out, as crossbeam's deque was used there ("A better run queue" in "Making the
// Tokio scheduler 10x faster").
//
// It is the deque of Chase and Lev (SPAA 2005) with the orders of Lê, Pop,
// Cohen and Zappa Nardelli (PPoPP 2013). Since nobody ever lowers `bottom`, the
// owner's pop is a claim like a thief's, their two sequentially consistent
// fences fall away, and a thief may claim several items at once.
//
// Reclamation: a buffer that is outgrown may still be read by a thief that has
// its address, so it is kept until the deque dies. Each is half as large as the
// next, so that all old ones together are smaller than the newest: no more
// memory than twice what is needed, and no work at all on push, pop and steal.
// (Crossbeam frees them earlier, by epochs, for read-modify-writes in each
// operation.) What a thief reads in an old buffer is right: nothing is written
// there any more, and an item that was pushed later is not looked for there.

#ifndef WEFT_QUEUE_CHASE_LEV_DEQUE_H_
#define WEFT_QUEUE_CHASE_LEV_DEQUE_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/check.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"

namespace weft {

/// A LocalQueue that begins with room for `kInitial` items and grows to twice
/// as many, up to `kCapacity`. Only then, or when the system refuses memory,
/// does it overflow, like RingQueue.
///
/// The deque does not move and does not own its items. It must be empty when it
/// is destroyed. Use it through its two handles.
///
/// Cost, uncontended: a push two stores and a load of a line that thieves
/// write, and sometimes a copy; a pop and a steal one compare-and-swap each.
template <Linkable T, std::uint32_t kInitial = 64,
          std::uint32_t kCapacity = std::uint32_t{1} << 30>
class ChaseLevDeque {
  static_assert(std::has_single_bit(kInitial) && kInitial >= 2 &&
                    std::has_single_bit(kCapacity) && kCapacity >= kInitial,
                "ChaseLevDeque: sizes are powers of two, at least 2");

 public:
  using value_type = T;

  /// The owner's side: one thread at a time.
  class Owner {
   public:
    /// Appends `item`, and grows if it must. Publishes all that precedes the
    /// call to the thread that takes it. If it cannot grow, the newer half and
    /// then `item` go to `sink`.
    template <OverflowSink<T> Sink>
    void Push(T* item, Sink&& sink) {
      deque_->Push(item, sink);
    }
    /// Appends all that fits, published by a single store; the rest to `sink`.
    template <OverflowSink<T> Sink>
    void PushBatch(Chain<T> batch, Sink&& sink) {
      deque_->PushBatch(std::move(batch), sink);
    }
    /// Removes and returns the oldest item; null if there is none.
    [[nodiscard]] T* Pop() { return deque_->Pop(); }
    std::uint32_t Size() const { return deque_->Size(); }
    /// A lower bound only if the system has that much memory.
    std::uint32_t Free() const { return kCapacity - deque_->Size(); }

   private:
    friend class ChaseLevDeque;
    explicit Owner(ChaseLevDeque* deque) : deque_(deque) {}
    ChaseLevDeque* deque_;
  };

  /// Everybody else's side. Any thread; the one that steals is the owner of the
  /// deque it steals into.
  class Thief {
   public:
    /// As RingQueue::Thief::StealInto. kBusy: another thread claimed something
    /// meanwhile.
    [[nodiscard]] Steal<T> StealInto(Owner& mine, std::uint32_t max_take,
                                     std::uint32_t leave = 0) {
      return deque_->StealInto(*mine.deque_, max_take, leave);
    }
    /// As RingQueue::Thief::Size. Two loads.
    std::uint32_t Size() const { return deque_->Size(); }

   private:
    friend class ChaseLevDeque;
    explicit Thief(ChaseLevDeque* deque) : deque_(deque) {}
    ChaseLevDeque* deque_;
  };

  ChaseLevDeque() : newest_(std::make_unique<Buffer>(kInitial)) {
    newest_->items = std::make_unique<atomic<T*>[]>(kInitial);
    buffer_.store(newest_.get(), std::memory_order_relaxed);
  }
  ChaseLevDeque(const ChaseLevDeque&) = delete;
  ChaseLevDeque& operator=(const ChaseLevDeque&) = delete;
  ~ChaseLevDeque() {
    DCheck(Size() == 0, "ChaseLevDeque: destroyed with items in it");
  }

  Owner owner() { return Owner(this); }
  Thief thief() { return Thief(this); }
  static constexpr std::uint32_t capacity() { return kCapacity; }

 private:
  using Index = std::uint64_t;

  struct Buffer {
    explicit Buffer(std::uint32_t n) : size(n) {}
    atomic<T*>& At(Index index) { return items[index & (size - 1)]; }

    // Written before the buffer is published.
    const std::uint32_t size;
    std::unique_ptr<atomic<T*>[]> items;
    std::unique_ptr<Buffer> outgrown;
  };

  // Makes room for `n` items from bottom_ on, if need be and if it can be had;
  // returns for how many there is. The owner.
  std::uint32_t MakeRoom(std::uint32_t n) {
    const Index bottom = bottom_.load(std::memory_order_relaxed);
    // ORDER(chase_lev.reuse): acquire. Pairs with the claims: a place is
    // written again after its taker has read it. With relaxed a thief could
    // read the new item and claim the old.
    const Index top = top_.load(std::memory_order_acquire);
    const auto used = static_cast<std::uint32_t>(bottom - top);
    while (newest_->size - used < n && newest_->size < kCapacity) {
      if (!Grow(top, bottom)) break;
    }
    return newest_->size - used;
  }

  [[gnu::noinline]] bool Grow(Index top, Index bottom) {
    std::unique_ptr<Buffer> next(new (std::nothrow) Buffer(newest_->size * 2));
    if (next == nullptr) return false;
    next->items.reset(new (std::nothrow) atomic<T*>[next->size]);
    if (next->items == nullptr) return false;
    for (Index i = top; i != bottom; ++i) {
      T* const item = newest_->At(i).load(std::memory_order_relaxed);
      next->At(i).store(item, std::memory_order_relaxed);
    }
    next->outgrown = std::move(newest_);
    newest_ = std::move(next);
    // ORDER(chase_lev.buffer): release. Pairs with the acquire in StealInto:
    // publishes the buffer's size, its place and the items copied into it.
    buffer_.store(newest_.get(), std::memory_order_release);
    return true;
  }

  void SetBottom(Index bottom) {
    // ORDER(chase_lev.item): release. Pairs with the acquire of bottom_ in
    // StealInto() and Size(): publishes the items below, what they point to,
    // and the buffer they are in.
    bottom_.store(bottom, std::memory_order_release);
  }

  template <class Sink>
  void Push(T* item, Sink& sink) {
    while (MakeRoom(1) == 0) {
      if (Spill(item, sink)) return;
    }
    const Index bottom = bottom_.load(std::memory_order_relaxed);
    newest_->At(bottom).store(item, std::memory_order_relaxed);
    SetBottom(bottom + 1);
  }

  template <class Sink>
  void PushBatch(Chain<T> batch, Sink& sink) {
    const auto wanted = static_cast<std::uint32_t>(
        std::min<std::size_t>(batch.size(), kCapacity));
    const std::uint32_t fits = std::min(wanted, MakeRoom(wanted));
    const Index bottom = bottom_.load(std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < fits; ++i) {
      newest_->At(bottom + i)
          .store(batch.PopFront(), std::memory_order_relaxed);
    }
    if (fits != 0) SetBottom(bottom + fits);
    if (!batch.empty()) sink.PushBatch(std::move(batch));
  }

  // The buffer is full and cannot grow: takes everything out, and puts the
  // older half back. The indices from bottom_ on name the same places again, so
  // that takes no copy. False: something was taken meanwhile.
  template <class Sink>
  [[gnu::noinline]] bool Spill(T* item, Sink& sink) {
    const Index bottom = bottom_.load(std::memory_order_relaxed);
    Index top = bottom - newest_->size;
    // ORDER(chase_lev.claim): release. See Pop.
    if (!top_.compare_exchange_strong(top, bottom, std::memory_order_release,
                                      std::memory_order_relaxed)) {
      return false;
    }
    const std::uint32_t half = newest_->size / 2;
    Chain<T> spilled;
    for (Index i = bottom + half; i != bottom + newest_->size; ++i) {
      spilled.PushBack(newest_->At(i).load(std::memory_order_relaxed));
    }
    SetBottom(bottom + half);
    spilled.PushBack(item);
    sink.PushBatch(std::move(spilled));
    return true;
  }

  T* Pop() {
    const Index bottom = bottom_.load(std::memory_order_relaxed);
    // An old top cannot look empty: it only grows, up to the bottom.
    Index top = top_.load(std::memory_order_relaxed);
    while (top != bottom) {
      T* const item = newest_->At(top).load(std::memory_order_relaxed);
      // ORDER(chase_lev.claim): release. Pairs with the acquire of top_ in
      // StealInto() and Size(): the bottom read there is not behind the top.
      // Acquire would add nothing: the owner wrote the item itself.
      if (top_.compare_exchange_weak(top, top + 1, std::memory_order_release,
                                     std::memory_order_relaxed)) {
        return item;
      }
    }
    return nullptr;
  }

  Steal<T> StealInto(ChaseLevDeque& mine, std::uint32_t max_take,
                     std::uint32_t leave) {
    DCheck(this != &mine, "ChaseLevDeque: a deque cannot steal from itself");
    DCheck(max_take > 0, "ChaseLevDeque: a steal of nothing");
    // ORDER(chase_lev.claim): acquire. Pairs with the claims of others.
    Index top = top_.load(std::memory_order_acquire);
    // ORDER(chase_lev.item): acquire. Pairs with SetBottom.
    const Index bottom = bottom_.load(std::memory_order_acquire);
    const auto queued = static_cast<std::uint32_t>(bottom - top);
    if (queued <= leave) return {};
    std::uint32_t count = std::min(queued - queued / 2, max_take);
    if (count > 1) count = std::min(count, mine.MakeRoom(count - 1) + 1);
    // ORDER(chase_lev.buffer): acquire. Pairs with Grow; at least the buffer in
    // which the items below `bottom` are.
    Buffer& from = *buffer_.load(std::memory_order_acquire);
    T* const first = from.At(top).load(std::memory_order_relaxed);
    const Index my_bottom = mine.bottom_.load(std::memory_order_relaxed);
    for (std::uint32_t i = 1; i < count; ++i) {
      T* const item = from.At(top + i).load(std::memory_order_relaxed);
      mine.newest_->At(my_bottom + (i - 1))
          .store(item, std::memory_order_relaxed);
    }
    // ORDER(chase_lev.reuse): release. Pairs with MakeRoom, and as in Pop: our
    // reads come before the owner writes there again. Acquire was had above. A
    // failure is reported.
    if (!top_.compare_exchange_strong(top, top + count,
                                      std::memory_order_release,
                                      std::memory_order_relaxed)) {
      return {StealStatus::kBusy, nullptr, 0};
    }
    if (count > 1) mine.SetBottom(my_bottom + (count - 1));
    return {StealStatus::kTook, first, count};
  }

  std::uint32_t Size() const {
    // ORDER(chase_lev.claim): acquire, so that the bottom is not behind it.
    const Index top = top_.load(std::memory_order_acquire);
    // ORDER(chase_lev.item): acquire: who is told of an item sees what came
    // before its push.
    const Index bottom = bottom_.load(std::memory_order_acquire);
    return static_cast<std::uint32_t>(std::min<Index>(bottom - top, kCapacity));
  }

  // INVARIANT(chase_lev.order): top <= bottom <= top + the newest buffer's
  // size; both only grow. [top, bottom) are queued.

  // Written by whoever takes something.
  alignas(kFalseSharingRange) atomic<Index> top_{0};
  // Written by the owner, read by all.
  alignas(kFalseSharingRange) atomic<Index> bottom_{0};
  atomic<Buffer*> buffer_{nullptr};
  // The owner's: the same as buffer_, and by it the chain of the outgrown.
  std::unique_ptr<Buffer> newest_;
};

}  // namespace weft

#endif  // WEFT_QUEUE_CHASE_LEV_DEQUE_H_
