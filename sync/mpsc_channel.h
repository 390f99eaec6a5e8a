// The protocol of an mpsc channel: a ring of slots, each with a word that says
// whose it is, and a lock for those who wait.
//
// A sender draws a ticket from the tail, fills the ticket's slot and says so in
// the slot's word; the receiver empties the slots in turn. Three
// read-modify-writes for a message, two by its sender, one by the receiver.
// (Per-slot sequence numbers are D. Vyukov's, "Bounded MPMC queue", 2010.)
//
// Who has to wait takes the lock, leaves its waker, and *marks* the slot that
// it waits for. All three parties meet at one slot then, the receiver's next:
// the receiver waits for its message, senders wait for its room, because the
// ring is drawn all around. A step from an unmarked word fails if the slot is
// marked, and is done again under the lock. So a wake-up needs no fence on the
// fast path, and while somebody waits, the lock guards that slot.
//
// Room that a sender waits for is never free for others: the receiver moves the
// longest waiting sender's value into the slot that it has just emptied. So
// waiting senders are served in their order and nobody overtakes them.

#ifndef WEFT_SYNC_MPSC_CHANNEL_H_
#define WEFT_SYNC_MPSC_CHANNEL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/cell.h"
#include "weft/base/intrusive_list.h"
#include "weft/base/mutex.h"
#include "weft/sync/mpsc_state.h"
#include "weft/waker/waker.h"

namespace weft::sync_internal {

/// What became of a value.
enum class MpscSent {
  kYes,
  kNoRoom,  // It waits, or is still with the caller.
  kClosed,  // It is still with the caller.
};

/// A sender that waits for room; lies in the sender's frame.
template <class T>
struct MpscWaiter : IntrusiveListNode<MpscWaiter<T>> {
  explicit MpscWaiter(T& v) noexcept : value(v) {}

  // While the waiter is linked, all is guarded by the channel's lock; then it
  // is the sender's.
  T& value;
  Waker waker;
  // Why it is not linked any more: the value was sent, or the channel closed.
  bool sent = false;
};

/// What the two sides share. Functions of senders may be called by any number
/// of threads at once, those of the receiver by one at a time. No waker is
/// called, cloned or dropped under the lock (those that leave are declared
/// before it, and so outlive it); a `T` may be moved under it.
template <class T>
class MpscChannel {
 public:
  /// Room for one message, and its word.
  struct Slot {
    MpscSlotState Load() const noexcept {
      // Acquire: pairs with `Publish` and `Release`: who may use the slot sees
      // what was done to it before. Also, who finds its ticket drawn by others
      // will see a newer tail.
      return MpscSlotState(word.load(std::memory_order_acquire));
    }
    void Fill(T& value) noexcept {
      place.WithMut([&](Place& p) { ::new (&p.value) T(std::move(value)); });
    }
    T Empty() noexcept {
      return place.WithMut([](Place& p) {
        T value(std::move(p.value));
        p.value.~T();
        return value;
      });
    }
    void Destroy() noexcept {
      place.WithMut([](Place& p) { p.value.~T(); });
    }

    // Room for a value: the word says whether there is one.
    union Place {
      Place() noexcept {}
      ~Place() {}
      T value;
    };

    // Written by: the sender with the ticket; the receiver while it is full;
    // whoever holds the lock, to mark it. Read by: all.
    atomic<MpscSlotState::Word> word{0};
    // Written by: the sender with the ticket, then the receiver.
    Cell<Place> place;
  };

  /// `capacity` is 1 at least.
  explicit MpscChannel(std::size_t capacity)
      : ring_(capacity), slots_(new Slot[capacity]) {
    for (std::size_t i = 0; i < capacity; ++i) {
      // Relaxed: whoever hands the channel on publishes it.
      slots_[i].word.store(MpscSlotState::Free(MpscRing::First(i)).word(),
                           std::memory_order_relaxed);
    }
  }
  MpscChannel(const MpscChannel&) = delete;
  MpscChannel& operator=(const MpscChannel&) = delete;

  /// Destroys what was not received.
  ~MpscChannel() {
    while (Slot* slot = Next()) {
      slot->Destroy();
      head_ = ring_.Next(head_);
    }
  }

  // --- Senders. ---

  /// Sends `value` if there is room, and wakes the receiver if it waits. The
  /// receiver may run in here. Two read-modify-writes; the lock if it waits.
  [[nodiscard]] MpscSent TrySend(T& value) noexcept {
    for (;;) {
      // Acquire: pairs with SetClosed: who is refused sees what came before.
      const MpscTail tail(tail_.load(std::memory_order_acquire));
      if (tail.closed()) return MpscSent::kClosed;
      const MpscTicket ticket = tail.ticket();
      Slot& slot = At(ticket);
      const MpscSlotState state = slot.Load();
      if (state.IsFreeFor(ticket)) {
        MpscTail::Word word = tail.word();
        // Relaxed: the tail says who gets the ticket, the slots' words publish.
        if (tail_.compare_exchange_strong(
                word, MpscTail::Open(ring_.Next(ticket)).word(),
                std::memory_order_relaxed, std::memory_order_relaxed)) {
          slot.Fill(value);
          Publish(slot, ticket);
          return MpscSent::kYes;
        }
      } else if (state.IsBefore(ticket)) {
        return MpscSent::kNoRoom;
      }
      // Others drew this ticket before.
    }
  }

  /// Sends the waiter's value, or has it wait if there is no room: `waker` is
  /// then called when it is not linked any more. After kNoRoom the waiter may
  /// be gone.
  [[nodiscard]] MpscSent Enrol(MpscWaiter<T>& waiter, Waker waker) noexcept {
    for (;;) {
      {
        MutexLock lock(mutex_);
        // Relaxed: closing takes the lock, too.
        if (MpscTail(tail_.load(std::memory_order_relaxed)).closed()) {
          return MpscSent::kClosed;
        }
        if (!senders_.empty() || MarkIfFull()) {
          waiter.waker = std::move(waker);
          senders_.PushBack(&waiter);
          return MpscSent::kNoRoom;
        }
      }
      const MpscSent sent = TrySend(waiter.value);
      if (sent != MpscSent::kNoRoom) return sent;
    }
  }

  /// Whether the waiter is still linked; if so, `waker` is called from now on.
  [[nodiscard]] bool KeepWaiting(MpscWaiter<T>& waiter, const WakerRef& waker) {
    {
      MutexLock lock(mutex_);
      if (!waiter.linked()) return false;
      if (waker.WillWake(waiter.waker)) return true;
    }
    Waker mine = waker.Clone();
    MutexLock lock(mutex_);
    if (!waiter.linked()) return false;
    std::swap(waiter.waker, mine);
    return true;
  }

  /// Ends a wait early. False if the waiter is not linked any more.
  [[nodiscard]] bool Withdraw(MpscWaiter<T>& waiter) noexcept {
    Waker waker;
    MutexLock lock(mutex_);
    if (!waiter.linked()) return false;
    senders_.Remove(&waiter);
    waker = std::move(waiter.waker);
    return true;
  }

  /// The last sender is gone, and every send is over: what was sent can still
  /// be received. The receiver may run in here.
  void HangUp() noexcept {
    Waker receiver;
    MutexLock lock(mutex_);
    SetClosed();
    receiver = std::move(receiver_);
    lock.unlock();
    std::move(receiver).Wake();
  }

  /// Either side. Acquire: as in TrySend.
  bool IsClosed() const noexcept {
    return MpscTail(tail_.load(std::memory_order_acquire)).closed();
  }

  // --- The receiver. ---

  /// Where the next message is, if it is there. A load.
  Slot* Next() const noexcept {
    Slot& slot = At(head_);
    return slot.Load().IsFullFor(head_) ? &slot : nullptr;
  }

  /// Whether nothing is left and nothing will come.
  bool IsEnded() const noexcept {
    // Acquire: pairs with HangUp: who learns of the end sees what the senders
    // did.
    const MpscTail tail(tail_.load(std::memory_order_acquire));
    return tail.closed() && tail.ticket() == head_;
  }

  /// Takes the next message out of `slot`, where it is. Makes room, and wakes
  /// the sender that gets it; that sender may run in here. One
  /// read-modify-write; the lock if a sender waits.
  std::optional<T> Take(Slot& slot) noexcept {
    std::optional<T> value(slot.Empty());
    const MpscTicket ticket = head_;
    head_ = ring_.Next(ticket);
    Release(slot, ticket);
    return value;
  }

  /// Has `waker` called when the next message is there, or none will come.
  /// False if that is so by now. Replaces a waker that is registered.
  [[nodiscard]] bool Register(Waker waker) noexcept {
    MutexLock lock(mutex_);
    if (Next() != nullptr || IsEnded()) return false;
    MpscSlotState::Word word = MpscSlotState::Free(head_).word();
    // Relaxed: the mark only sends the next one to the lock.
    if (!At(head_).word.compare_exchange_strong(
            word, MpscSlotState(word).Marked().word(),
            std::memory_order_relaxed, std::memory_order_relaxed) &&
        MpscSlotState(word).full()) {
      return false;
    }
    std::swap(receiver_, waker);
    return true;
  }

  /// Whether a waker of the same target is registered.
  bool WaitsFor(const WakerRef& waker) noexcept {
    MutexLock lock(mutex_);
    return receiver_ && waker.WillWake(receiver_);
  }

  /// Ends a wait early, any thread: drops the registered waker. False if there
  /// is none (any more).
  [[nodiscard]] bool Unregister() noexcept {
    Waker waker;
    MutexLock lock(mutex_);
    waker = std::move(receiver_);
    return static_cast<bool>(waker);
  }

  /// From now on nothing can be sent; waiting senders are told, and a receiver
  /// that waits, unless a message is still being put there. Those may run in
  /// here. What was sent can still be received.
  void Close() noexcept {
    Waker receiver;
    MutexLock lock(mutex_);
    SetClosed();
    // If a ticket is drawn, its sender finds the mark, and wakes.
    if (IsEnded()) receiver = std::move(receiver_);
    // One at a time: a waiter that was let go may be destroyed, one that was
    // not may withdraw. No new ones come.
    while (MpscWaiter<T>* waiter = senders_.PopFront()) {
      Waker sender = std::move(waiter->waker);
      lock.unlock();
      std::move(sender).Wake();
      lock.lock();
    }
    lock.unlock();
    std::move(receiver).Wake();
  }

 private:
  Slot& At(MpscTicket ticket) const noexcept {
    return slots_[ring_.Index(ticket)];
  }
  /// The sender with the ticket: the message is there.
  void Publish(Slot& slot, MpscTicket ticket) noexcept {
    MpscSlotState::Word word = MpscSlotState::Free(ticket).word();
    // Release: pairs with `Load`; publishes the value. Relaxed on failure: the
    // lock orders the rest.
    if (!slot.word.compare_exchange_strong(
            word, MpscSlotState::Full(ticket).word(), std::memory_order_release,
            std::memory_order_relaxed)) [[unlikely]] {
      PublishMarked(slot, ticket);
    }
  }
  [[gnu::noinline]] void PublishMarked(Slot& slot, MpscTicket ticket) noexcept {
    Waker receiver;
    MutexLock lock(mutex_);
    // One store: from the first on, the receiver may take the message.
    const MpscSlotState full = MpscSlotState::Full(ticket);
    Set(slot, senders_.empty() ? full : full.Marked());
    receiver = std::move(receiver_);
    lock.unlock();
    std::move(receiver).Wake();
  }

  /// The receiver: the slot of `ticket` is empty.
  void Release(Slot& slot, MpscTicket ticket) noexcept {
    MpscSlotState::Word word = MpscSlotState::Full(ticket).word();
    // Release: pairs with `Load`; the value was moved out. Relaxed on failure:
    // the lock orders the rest.
    if (!slot.word.compare_exchange_strong(
            word, MpscSlotState::Free(ring_.NextLap(ticket)).word(),
            std::memory_order_release, std::memory_order_relaxed))
        [[unlikely]] {
      ReleaseMarked(slot, ticket);
    }
  }
  [[gnu::noinline]] void ReleaseMarked(Slot& slot, MpscTicket ticket) noexcept {
    const MpscTicket next = ring_.NextLap(ticket);
    Waker sender;
    MutexLock lock(mutex_);
    // Relaxed: closing takes the lock. Who waits then is told by Close.
    const bool closed =
        MpscTail(tail_.load(std::memory_order_relaxed)).closed();
    if (MpscWaiter<T>* waiter = closed ? nullptr : senders_.PopFront()) {
      // The ring is drawn all around, so the next ticket is for this slot. It
      // is drawn first: others who look now find no room.
      // Relaxed: the tail says who gets the ticket. A store: nobody else can
      // draw this ticket, and closing takes the lock.
      tail_.store(MpscTail::Open(ring_.Next(next)).word(),
                  std::memory_order_relaxed);
      slot.Fill(waiter->value);
      waiter->sent = true;
      sender = std::move(waiter->waker);
      Set(slot, MpscSlotState::Full(next));
      if (!senders_.empty()) Mark(At(head_));
    } else {
      Set(slot, MpscSlotState::Free(next));
    }
    lock.unlock();
    std::move(sender).Wake();
  }

  /// Under the lock: if there is no room for another message, marks the slot
  /// that has to become free, and returns true.
  bool MarkIfFull() noexcept {
    for (;;) {
      // Relaxed: a ticket that is drawn by now shows in the slot.
      const MpscTicket ticket =
          MpscTail(tail_.load(std::memory_order_relaxed)).ticket();
      Slot& slot = At(ticket);
      const MpscSlotState state = slot.Load();
      if (state.IsFreeFor(ticket)) return false;
      if (!state.IsBefore(ticket)) continue;
      if (state.marked()) return true;
      MpscSlotState::Word word = state.word();
      // Relaxed: the mark only sends the next one to the lock. If it succeeds,
      // then the slot is not free yet, so the ticket is not drawn yet.
      if (slot.word.compare_exchange_strong(word, state.Marked().word(),
                                            std::memory_order_relaxed,
                                            std::memory_order_relaxed)) {
        return true;
      }
    }
  }

  /// Under the lock, for a slot that nobody else may change: it was marked.
  void Set(Slot& slot, MpscSlotState state) noexcept {
    // Release: pairs with `Load`.
    slot.word.store(state.word(), std::memory_order_release);
  }
  /// Under the lock.
  void Mark(Slot& slot) noexcept {
    // Relaxed: the mark only sends the next one to the lock.
    slot.word.fetch_or(MpscSlotState::kMarked, std::memory_order_relaxed);
  }
  /// Under the lock.
  void SetClosed() noexcept {
    // Release: pairs with the loads of the tail: who learns that the channel is
    // closed sees what came before.
    tail_.fetch_or(MpscTail::kClosed, std::memory_order_release);
  }

  // Constant.
  const MpscRing ring_;
  const std::unique_ptr<Slot[]> slots_;

  // Written by: senders; the receiver on behalf of one. Read by: all.
  alignas(kFalseSharingRange) atomic<MpscTail::Word> tail_{
      MpscTail::Open(0).word()};

  // The ticket of the next message. The receiver's.
  alignas(kFalseSharingRange) MpscTicket head_ = 0;

  // While `senders_` is not empty, all tickets around the ring are drawn and
  // the slot of `head_` is marked. While `receiver_` is not empty, the slot of
  // `head_` is marked.
  alignas(kFalseSharingRange) Mutex mutex_;
  // Guarded by: mutex_.
  IntrusiveList<MpscWaiter<T>> senders_;
  Waker receiver_;
};

}  // namespace weft::sync_internal

#endif  // WEFT_SYNC_MPSC_CHANNEL_H_
