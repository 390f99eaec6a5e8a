// The state word of a oneshot channel, as a value: what the bits mean, what can
// be asked, and what each step makes of it. No atomics here; oneshot_core.h
// applies the steps.

#ifndef WEFT_SYNC_ONESHOT_STATE_H_
#define WEFT_SYNC_ONESHOT_STATE_H_

#include <cstdint>

namespace weft::sync_internal {

/// Who has done what, and with it who owns what.
///
///   flag      set by     means
///   waiting   receiver   the slot holds a waker that the sender is to call
///   sent      sender     the value is there; the sender is done
///   hung up   sender     there will be no value; the sender is done
///   closed    receiver   no value is wanted; the receiver is still there
///   left      receiver   the receiver is gone
///
/// Ownership of the channel: once the sender is done, the receiver's alone;
/// once the receiver has left, the sender's alone; else shared.
/// Ownership of the waker in the slot: while `waiting`, it belongs to the step
/// that clears the flag (`Sent`, `HungUp`: the sender; else: the receiver).
///
/// The remaining bits count how often the receiver took its waker back, so that
/// no two wakers in the slot are ever announced by the same word. The sender
/// relies on that: it copies the slot first, and the step from the word it saw
/// before proves that the copy is right.
class OneshotState {
 public:
  using Word = std::uint64_t;

  /// Nothing has happened yet.
  constexpr OneshotState() = default;
  constexpr explicit OneshotState(Word word) : word_(word) {}
  constexpr Word word() const { return word_; }

  constexpr bool waiting() const { return Has(kWaiting); }
  constexpr bool sent() const { return Has(kSent); }
  constexpr bool closed() const { return Has(kClosed); }
  constexpr bool left() const { return Has(kLeft); }

  /// The sender is done and never touches the channel again.
  constexpr bool done() const { return Has(kSent | kHungUp); }
  /// The receiver need not wait: `done`, or it wants nothing more.
  constexpr bool settled() const { return Has(kSent | kHungUp | kClosed); }
  /// The sender cannot deliver any more.
  constexpr bool refuses() const { return Has(kClosed | kLeft); }

  /// Receiver: a waker was put in the slot. Not if `waiting`, `settled` or
  /// `left`.
  constexpr OneshotState Waiting() const { return With(kWaiting); }
  /// Receiver, or whoever cancels its wait: takes the waker back. Only while
  /// `waiting`.
  constexpr OneshotState TakenBack() const {
    return OneshotState((word_ & ~kWaiting) + kOneTakenBack);
  }
  /// Receiver: wants no value any more. Not if `done`, `closed` or `left`.
  constexpr OneshotState Closed() const { return Unwaiting().With(kClosed); }
  /// Receiver: goes away and leaves the channel to the sender. Not if `done` or
  /// `left`.
  constexpr OneshotState Left() const { return Unwaiting().With(kLeft); }
  /// Sender: the value is there. Not if `done` or `refuses`.
  constexpr OneshotState Sent() const { return Without(kWaiting).With(kSent); }
  /// Sender: goes away without. Not if `done` or `left`.
  constexpr OneshotState HungUp() const {
    return Without(kWaiting).With(kHungUp);
  }

  friend constexpr bool operator==(OneshotState, OneshotState) = default;

 private:
  static constexpr Word kWaiting = 1;
  static constexpr Word kSent = 2;
  static constexpr Word kHungUp = 4;
  static constexpr Word kClosed = 8;
  static constexpr Word kLeft = 16;
  static constexpr Word kOneTakenBack = 32;

  constexpr bool Has(Word any) const { return (word_ & any) != 0; }
  constexpr OneshotState With(Word flag) const {
    return OneshotState(word_ | flag);
  }
  constexpr OneshotState Without(Word flag) const {
    return OneshotState(word_ & ~flag);
  }
  constexpr OneshotState Unwaiting() const {
    return waiting() ? TakenBack() : *this;
  }

  Word word_ = 0;
};

}  // namespace weft::sync_internal

#endif  // WEFT_SYNC_ONESHOT_STATE_H_
