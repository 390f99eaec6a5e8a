// The words of an mpsc channel, as values: where in the ring a message goes,
// what the tail says, what a slot says. No atomics here; mpsc_channel.h takes
// the steps.

#ifndef WEFT_SYNC_MPSC_STATE_H_
#define WEFT_SYNC_MPSC_STATE_H_

#include <bit>
#include <cstddef>
#include <cstdint>

namespace weft::sync_internal {

/// The number of a message in the order of all messages: which lap around the
/// ring, and which slot. Counts in fours, so that the words below have two bits
/// for flags. Does not come again within 2^61 messages.
using MpscTicket = std::uint64_t;
inline constexpr MpscTicket kMpscTicketStep = 4;

/// How tickets follow each other around a ring of any size, without a division.
class MpscRing {
 public:
  constexpr explicit MpscRing(std::size_t capacity)
      : lap_(std::bit_ceil(capacity) * kMpscTicketStep),
        mask_(lap_ - kMpscTicketStep),
        end_(capacity * kMpscTicketStep & mask_),
        gap_(lap_ - capacity * kMpscTicketStep) {}

  /// The first ticket of a slot.
  constexpr static MpscTicket First(std::size_t index) {
    return index * kMpscTicketStep;
  }

  /// The slot of a ticket.
  constexpr std::size_t Index(MpscTicket ticket) const {
    return (ticket & mask_) / kMpscTicketStep;
  }
  /// The ticket after this one.
  constexpr MpscTicket Next(MpscTicket ticket) const {
    const MpscTicket next = ticket + kMpscTicketStep;
    return next + ((next & mask_) == end_ ? gap_ : 0);
  }
  /// The next ticket of the same slot.
  constexpr MpscTicket NextLap(MpscTicket ticket) const {
    return ticket + lap_;
  }

 private:
  // The distance of two tickets of one slot: a power of two, so that slot and
  // lap have bits of their own. The bits of the slot.
  MpscTicket lap_;
  MpscTicket mask_;
  // Where no slot is left in a lap, and how far it is from there to the next
  // lap. If a lap has as many slots as tickets: 0 and 0.
  MpscTicket end_;
  MpscTicket gap_;
};

/// The tail: the ticket that the next sender gets, unless the channel is
/// closed. Closed and no message left is the end.
class MpscTail {
 public:
  using Word = std::uint64_t;
  static constexpr Word kClosed = 1;

  static constexpr MpscTail Open(MpscTicket ticket) { return MpscTail(ticket); }
  constexpr explicit MpscTail(Word word) : word_(word) {}
  constexpr Word word() const { return word_; }

  constexpr MpscTicket ticket() const { return word_ & ~kClosed; }
  constexpr bool closed() const { return (word_ & kClosed) != 0; }

  friend constexpr bool operator==(MpscTail, MpscTail) = default;

 private:
  Word word_;
};

/// One slot: the ticket that it serves, whether that ticket's message is there,
/// and whether somebody waits for the slot to change.
///
///     free    to whoever draws the ticket; or drawn, and the message is not
///             there yet
///     full    the message is there; the slot is the receiver's
///     marked  the next one to change the slot has to take the lock: the
///             receiver waits for this message, or senders for this room
///
/// A slot's life: Free(t), Full(t), Free(t one lap on), ... with marks between.
class MpscSlotState {
 public:
  using Word = std::uint64_t;
  static constexpr Word kMarked = 1;

  static constexpr MpscSlotState Free(MpscTicket ticket) {
    return MpscSlotState(ticket);
  }
  static constexpr MpscSlotState Full(MpscTicket ticket) {
    return MpscSlotState(ticket | kFull);
  }
  constexpr explicit MpscSlotState(Word word) : word_(word) {}
  constexpr Word word() const { return word_; }

  constexpr MpscTicket ticket() const { return word_ & ~(kMarked | kFull); }
  constexpr bool full() const { return (word_ & kFull) != 0; }
  constexpr bool marked() const { return (word_ & kMarked) != 0; }

  constexpr MpscSlotState Marked() const {
    return MpscSlotState(word_ | kMarked);
  }

  /// Whether the sender that draws `ticket` may use the slot.
  constexpr bool IsFreeFor(MpscTicket ticket) const {
    return (word_ & ~kMarked) == Free(ticket).word_;
  }
  /// Whether the message of `ticket` is there.
  constexpr bool IsFullFor(MpscTicket ticket) const {
    return (word_ & ~kMarked) == Full(ticket).word_;
  }
  /// Whether the slot still serves an earlier ticket: there is no room for
  /// `ticket`.
  constexpr bool IsBefore(MpscTicket ticket) const {
    return this->ticket() < ticket;
  }

  friend constexpr bool operator==(MpscSlotState, MpscSlotState) = default;

 private:
  static constexpr Word kFull = 2;

  Word word_;
};

}  // namespace weft::sync_internal

#endif  // WEFT_SYNC_MPSC_STATE_H_
