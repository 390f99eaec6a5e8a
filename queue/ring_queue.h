// RingQueue: the bounded run queue of one worker. One owner pushes and pops,
// any number of other workers steal. First in, first out.
//
// It is Tokio's local queue as of 2026 (two indices packed into the head word,
// one thief at a time, a thief claims before it reads, the newer half goes on
// overflow) with the changes of st3 and our own: head and tail on lines of
// their own, an owner that remembers how far thieves had got and so does not
// look at the head when it pushes, a bounded batch, "busy" told from "empty".
// The protocol, with every ordering and the interleavings that need it, is on
// the page ring_queue.md.
//
// Cost, uncontended: Push stores twice, with no locked instruction and no
// access to a line that thieves write; Pop is one compare-and-swap; a steal is
// two, whatever it takes. Memory: two 128-byte ranges plus the slots.

#ifndef WEFT_QUEUE_RING_QUEUE_H_
#define WEFT_QUEUE_RING_QUEUE_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/cell.h"
#include "weft/base/check.h"
#include "weft/base/model_mode.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/ring_head.h"
#include "weft/queue/steal.h"

namespace weft {

namespace queue_internal {
struct RingQueuePeer;  // Puts a ring into states that tests need.
}

/// A ring of `kCapacity` item pointers. `Index` is the type of its two indices;
/// both fit in one atomic word of twice that width. Narrow indices exist for
/// tests: a thief that sleeps between reading the head and claiming is fooled
/// if exactly a multiple of the index range went by meanwhile, which takes 2^32
/// items with the default and 256 with uint8_t (tokio #5041).
///
/// The queue does not move and does not own its items. It must be empty when it
/// is destroyed. Use it through its two handles.
template <Linkable T, uint32_t kCapacity = 256, class Index = uint32_t>
class RingQueue {
  static_assert(std::has_single_bit(kCapacity) && kCapacity >= 2,
                "RingQueue: the capacity is a power of two, at least 2");
  // Else a full ring could not be told from an empty one (tokio #2387).
  static_assert(kCapacity <= std::numeric_limits<Index>::max(),
                "RingQueue: the index range must exceed the capacity");

 public:
  using value_type = T;
  using index_type = Index;

  /// The owner's side. All copies of it together belong to one thread at a
  /// time; to hand them to another thread, synchronise (as joining or locking
  /// does).
  class Owner {
   public:
    /// Appends `item`. If the ring is full, the newer half of it and then
    /// `item` go to `sink` in one chain; if it is full and a thief is about to
    /// make room, only `item` does.
    ///
    /// Two stores when there is room. Publishes `item` and all that precedes
    /// the call to the thief that takes it. While it overflows, other threads
    /// may see the queue empty for a moment: whoever must wake a thief does so
    /// after Push has returned.
    template <OverflowSink<T> Sink>
    void Push(T* item, Sink&& sink) {
      ring_->Push(item, sink);
    }

    /// Appends as much of `batch` as fits, in order and published by a single
    /// store; the rest, if any, goes to `sink` in one call. O(batch).
    template <OverflowSink<T> Sink>
    void PushBatch(Chain<T> batch, Sink&& sink) {
      ring_->PushBatch(std::move(batch), sink);
    }

    /// Removes and returns the oldest item; null if there is none. One
    /// compare-and-swap, repeated only if a thief took something meanwhile.
    /// Always looks at the shared head: it never answers "empty" from memory.
    [[nodiscard]] T* Pop() { return ring_->Pop(); }

    /// How many items Pop could return now. Exact but for thieves at work.
    uint32_t Size() const { return ring_->OwnerSize(); }

    /// How many items can be pushed before the sink is called. Never less until
    /// the owner itself pushes. Makes room that thieves have freed usable.
    uint32_t Free() const {
      ring_->RefreshSteal();
      return ring_->Room();
    }

   private:
    friend class RingQueue;
    explicit Owner(RingQueue* ring) : ring_(ring) {}
    RingQueue* ring_;
  };

  /// Everybody else's side. Any thread; the one that steals is the owner of
  /// the queue it steals into.
  class Thief {
   public:
    /// If more than `leave` items are queued, takes the oldest
    /// min(ceil(n/2), max_take) of those n: returns the first and appends the
    /// others to `mine`, which must be another queue of the calling thread.
    /// Takes less where `mine` lacks room, but at least one.
    ///
    /// `leave` = 1 is the surplus rule: a single item is about to be run by its
    /// owner, and taking it would tear apart a pair of tasks that wake each
    /// other. `max_take` is at least 1; kMaxStealBatch is the tuned bound.
    ///
    /// Two compare-and-swaps on the victim's head. Acquires what the pusher of
    /// each item did before it pushed.
    [[nodiscard]] Steal<T> StealInto(Owner& mine, uint32_t max_take,
                                     uint32_t leave = 0) {
      return ring_->StealInto(*mine.ring_, max_take, leave);
    }

    /// How many items are queued: a hint, for choosing victims and for the
    /// check before sleep. Does not miss an item whose push happens before the
    /// call (or is ordered before it by two sequentially consistent fences) and
    /// which is still there, except while the owner is inside a Push that
    /// overflows; may count items that have just gone. Two loads.
    uint32_t Size() const { return ring_->ThiefSize(); }

   private:
    friend class RingQueue;
    explicit Thief(RingQueue* ring) : ring_(ring) {}
    RingQueue* ring_;
  };

  /// An empty queue. `start` is the first index; tests start just before the
  /// wrap.
  explicit RingQueue(Index start = 0);
  RingQueue(const RingQueue&) = delete;
  RingQueue& operator=(const RingQueue&) = delete;
  ~RingQueue();

  Owner owner() { return Owner(this); }
  Thief thief() { return Thief(this); }

  static constexpr uint32_t capacity() { return kCapacity; }

 private:
  friend struct queue_internal::RingQueuePeer;

  using Head = queue_internal::RingHead<Index>;
  using Word = typename Head::Word;

  /// How much of a full ring stays in it on overflow.
  static constexpr uint32_t kHalf = kCapacity / 2;

  /// Written by thieves (claim, completion) and the owner (pop, overflow); read
  /// by all. Every write after construction is a read-modify-write, so that the
  /// release sequence of a completion runs through whatever follows it.
  struct alignas(kFalseSharingRange) HeadRange {
    atomic<Word> word;
  };

  /// Written by the owner. `shared_tail` is read by thieves, the rest by the
  /// owner alone.
  struct alignas(kFalseSharingRange) OwnerRange {
    atomic<Index> shared_tail;
    // The same value as shared_tail.
    Index tail;
    // A steal index the owner has acquired; the true one may be further on.
    Index steal;
  };

  static_assert(kModelMode || sizeof(HeadRange) == kFalseSharingRange);
  static_assert(kModelMode || sizeof(OwnerRange) == kFalseSharingRange);
  static_assert(kModelMode || atomic<Word>::is_always_lock_free);

  // Owner only.
  template <class Sink>
  void Push(T* item, Sink& sink);
  template <class Sink>
  void PushWithoutRoom(T* item, Sink& sink);
  template <class Sink>
  void PushBatch(Chain<T> batch, Sink& sink);
  template <class Sink>
  void SpillNewerHalf(Index first, T* item, Sink& sink);
  T* Pop();
  uint32_t OwnerSize() const;
  uint32_t Room() const;
  Head RefreshSteal();
  void SetTail(Index tail);

  // Any thread.
  Steal<T> StealInto(RingQueue& mine, uint32_t max_take, uint32_t leave);
  uint32_t ThiefSize() const;

  Cell<T*>& Slot(Index index) { return slots_[index & (kCapacity - 1)]; }

  // INVARIANT(ring.order): steal <= real <= tail <= steal + kCapacity, counted
  // around the wrap. [real, tail) are queued, [steal, real) are being read by
  // the one thief at work; the owner writes a slot only outside of both.
  HeadRange head_;
  OwnerRange own_;
  // A slot is written by the owner before it is queued, and read by whoever has
  // moved `real` past it.
  alignas(kFalseSharingRange) Cell<T*> slots_[kCapacity];
};

template <Linkable T, uint32_t kCapacity, class Index>
RingQueue<T, kCapacity, Index>::RingQueue(Index start)
    : head_{Head::At(start).Pack()}, own_{start, start, start} {}

template <Linkable T, uint32_t kCapacity, class Index>
RingQueue<T, kCapacity, Index>::~RingQueue() {
  if constexpr (kDCheckEnabled) {
    Check(OwnerSize() == 0, "RingQueue: destroyed with items in it");
  }
}

template <Linkable T, uint32_t kCapacity, class Index>
uint32_t RingQueue<T, kCapacity, Index>::Room() const {
  return kCapacity - queue_internal::Distance(own_.steal, own_.tail);
}

template <Linkable T, uint32_t kCapacity, class Index>
void RingQueue<T, kCapacity, Index>::SetTail(Index tail) {
  own_.tail = tail;
  // ORDER(ring.tail): release. Pairs with the acquire loads of shared_tail in
  // StealInto() and ThiefSize(); publishes the slots below `tail` and the items
  // in them. Relaxed would let a thief read what a slot held a lap ago.
  own_.shared_tail.store(tail, std::memory_order_release);
}

template <Linkable T, uint32_t kCapacity, class Index>
auto RingQueue<T, kCapacity, Index>::RefreshSteal() -> Head {
  // ORDER(ring.room): acquire. Pairs with the release of the completing
  // compare-and-swap in StealInto(), through the read-modify-writes that
  // follow it; a thief's reads of its slots happen before the owner writes them
  // again. Relaxed would let the owner overwrite a slot that is being read.
  const Head head = Head::Unpack(head_.word.load(std::memory_order_acquire));
  own_.steal = head.steal;
  return head;
}

template <Linkable T, uint32_t kCapacity, class Index>
template <class Sink>
void RingQueue<T, kCapacity, Index>::Push(T* item, Sink& sink) {
  DCheck(item != nullptr, "RingQueue: null item");
  if (Room() == 0) [[unlikely]] {
    PushWithoutRoom(item, sink);
    return;
  }
  Slot(own_.tail).Set(item);
  SetTail(queue_internal::Advance(own_.tail, 1));
}

template <Linkable T, uint32_t kCapacity, class Index>
template <class Sink>
[[gnu::noinline]] void RingQueue<T, kCapacity, Index>::PushWithoutRoom(
    T* item, Sink& sink) {
  for (;;) {
    const Head head = RefreshSteal();
    if (Room() > 0) {
      Push(item, sink);
      return;
    }
    if (head.busy()) {
      sink.PushBatch(Chain<T>(item));
      return;
    }
    // The ring is full and nobody is at it: take everything out, put the older
    // half back.
    Word expected = head.Pack();
    // ORDER(ring.overflow): release. Pairs with the acquire loads of the head
    // in StealInto() and ThiefSize(): whoever sees the new head also sees a
    // tail that is not behind it. Acquire would add nothing: RefreshSteal() has
    // acquired this very value, and the slots are the owner's own writes. On
    // failure the loop loads the head again.
    if (head_.word.compare_exchange_weak(expected, Head::At(own_.tail).Pack(),
                                         std::memory_order_release,
                                         std::memory_order_relaxed)) {
      SpillNewerHalf(head.real, item, sink);
      return;
    }
  }
}

// The owner has claimed all slots, [first, first + kCapacity), by moving the
// head to the tail. The indices from there on name the same slots again, so
// moving the tail puts the older half back without touching a slot.
template <Linkable T, uint32_t kCapacity, class Index>
template <class Sink>
void RingQueue<T, kCapacity, Index>::SpillNewerHalf(Index first, T* item,
                                                    Sink& sink) {
  own_.steal = own_.tail;
  SetTail(queue_internal::Advance(own_.tail, kHalf));
  Chain<T> spilled;
  for (uint32_t i = kHalf; i < kCapacity; ++i) {
    spilled.PushBack(Slot(queue_internal::Advance(first, i)).Get());
  }
  spilled.PushBack(item);
  sink.PushBatch(std::move(spilled));
}

template <Linkable T, uint32_t kCapacity, class Index>
template <class Sink>
void RingQueue<T, kCapacity, Index>::PushBatch(Chain<T> batch, Sink& sink) {
  if (batch.size() > Room()) RefreshSteal();
  const uint32_t fits =
      static_cast<uint32_t>(std::min<std::size_t>(batch.size(), Room()));
  for (uint32_t i = 0; i < fits; ++i) {
    Slot(queue_internal::Advance(own_.tail, i)).Set(batch.PopFront());
  }
  if (fits > 0) SetTail(queue_internal::Advance(own_.tail, fits));
  if (!batch.empty()) sink.PushBatch(std::move(batch));
}

template <Linkable T, uint32_t kCapacity, class Index>
T* RingQueue<T, kCapacity, Index>::Pop() {
  Word word = head_.word.load(std::memory_order_relaxed);
  for (;;) {
    const Head head = Head::Unpack(word);
    // An old head cannot look empty: `real` only grows, up to the tail.
    if (head.real == own_.tail) return nullptr;
    // ORDER(ring.pop): release. Pairs with the acquire loads of the head in
    // StealInto() and ThiefSize(): whoever sees the new head also sees a tail
    // that is not behind it; relaxed would let a thief count a negative number
    // of items. Acquire would add nothing, success or failure: the owner uses
    // the head for arithmetic only, and the slot is its own write.
    if (head_.word.compare_exchange_weak(word, head.AfterPop().Pack(),
                                         std::memory_order_release,
                                         std::memory_order_relaxed)) {
      return Slot(head.real).Get();
    }
  }
}

template <Linkable T, uint32_t kCapacity, class Index>
uint32_t RingQueue<T, kCapacity, Index>::OwnerSize() const {
  const Head head = Head::Unpack(head_.word.load(std::memory_order_relaxed));
  return queue_internal::Distance(head.real, own_.tail);
}

template <Linkable T, uint32_t kCapacity, class Index>
uint32_t RingQueue<T, kCapacity, Index>::ThiefSize() const {
  // ORDER(ring.size): acquire, both. The head pairs with the releases in Pop(),
  // PushWithoutRoom() and StealInto(), so that the tail read next is not behind
  // it; the tail pairs with SetTail(), so that "it has items" also means that
  // what the owner did before is visible. The head comes first: the answer may
  // then be too large, never too small.
  const Head head = Head::Unpack(head_.word.load(std::memory_order_acquire));
  const Index tail = own_.shared_tail.load(std::memory_order_acquire);
  return std::min(queue_internal::Distance(head.real, tail), kCapacity);
}

template <Linkable T, uint32_t kCapacity, class Index>
Steal<T> RingQueue<T, kCapacity, Index>::StealInto(RingQueue& mine,
                                                   uint32_t max_take,
                                                   uint32_t leave) {
  DCheck(this != &mine, "RingQueue: a queue cannot steal from itself");
  DCheck(max_take > 0, "RingQueue: a steal of nothing");
  // One of the items taken needs no room in `mine`. Thieves may be at work on
  // `mine` at the same time (tokio #2387), hence Free().
  const uint32_t limit = std::min(max_take, mine.owner().Free() + 1);

  Head head;
  uint32_t count;
  for (;;) {
    // ORDER(ring.look): acquire. Pairs with the releases in Pop(),
    // PushWithoutRoom() and below: the tail read next is not behind this head.
    // Relaxed would let the thief count a negative number of items.
    Word word = head_.word.load(std::memory_order_acquire);
    head = Head::Unpack(word);
    // ORDER(ring.take): acquire. Pairs with SetTail(); the slots up to this
    // tail and the items in them are visible. Relaxed would let the reads below
    // see older pointers, or newer pointers to unseen items.
    const Index tail = own_.shared_tail.load(std::memory_order_acquire);
    const uint32_t queued = queue_internal::Distance(head.real, tail);
    if (queued <= leave) return {StealStatus::kEmpty, nullptr, 0};
    if (head.busy()) return {StealStatus::kBusy, nullptr, 0};
    // A head a lap older than the tail: look again. The next head is newer,
    // because the owner had moved it before it stored this tail.
    if (queued > kCapacity) continue;
    count = std::min(queued - queued / 2, limit);
    // Relaxed, both: a claim publishes nothing, and the value that it replaces
    // has been acquired above.
    if (head_.word.compare_exchange_weak(word, head.AfterClaim(count).Pack(),
                                         std::memory_order_relaxed,
                                         std::memory_order_relaxed)) {
      break;
    }
  }

  // Nobody else writes or takes the claimed slots before the completion below.
  T* const first = Slot(head.real).Get();
  Index tail = mine.own_.tail;
  for (uint32_t i = 1; i < count; ++i) {
    mine.Slot(tail).Set(Slot(queue_internal::Advance(head.real, i)).Get());
    tail = queue_internal::Advance(tail, 1);
  }

  Word word = head.AfterClaim(count).Pack();
  // ORDER(ring.done): release. Pairs with the acquire in RefreshSteal(): our
  // reads of the slots happen before the owner writes them again. Relaxed would
  // let it overwrite a slot that we still read. On failure only arithmetic is
  // done with the value read: the owner has popped.
  while (!head_.word.compare_exchange_weak(
      word, Head::Unpack(word).AfterCompletion().Pack(),
      std::memory_order_release, std::memory_order_relaxed)) {
  }
  if (count > 1) mine.SetTail(tail);
  return {StealStatus::kTook, first, count};
}

}  // namespace weft

#endif  // WEFT_QUEUE_RING_QUEUE_H_
