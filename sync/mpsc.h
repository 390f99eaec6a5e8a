// A bounded channel from many tasks to one: work to be done, events, answers.
//
//     auto [sender, receiver] = weft::Mpsc<Job>(1024);
//     ... in some tasks, each with a copy of the sender:
//         co_await sender.Send(job);            // waits while it is full
//     ... in one task:
//         while (std::optional<Job> job = co_await receiver.Receive()) ...
//
// Messages of one sender arrive in order. When all senders are gone, the
// receiver gets what is left, and then nullopt. When the receiver is gone or
// has closed, senders get their values back.
//
// Works under any executor, and outside of all (wait.h). The ends are cheap to
// move and may be used and destroyed on different threads at the same time.
//
// Costs: two allocations for a channel, none for a message. Sending is two
// read-modify-writes and receiving is one; who has to wait, or has to wake
// somebody, takes a lock for a moment besides (mpsc_channel.h).

#ifndef WEFT_SYNC_MPSC_H_
#define WEFT_SYNC_MPSC_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/sync/mpsc_channel.h"
#include "weft/waker/budget.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/suspend.h"
#include "weft/waker/waker.h"

namespace weft {

template <class T>
class MpscSender;
template <class T>
class MpscReceiver;

/// Makes a channel that holds up to `capacity` messages, from 1 to 2^48. `T`
/// needs to be movable only; its moves must not throw, and must not use the
/// channel. Two allocations; any thread.
template <class T>
std::pair<MpscSender<T>, MpscReceiver<T>> Mpsc(std::size_t capacity);

namespace sync_internal {

/// A channel and who holds it: each of the senders, and the receiver.
template <class T>
struct MpscShared : MpscChannel<T> {
  using MpscChannel<T>::MpscChannel;

  /// Keeps the channel until another Leave, for one who is a side of it.
  void Hold() noexcept {
    // Relaxed: the count is not about to be 0.
    sides.fetch_add(1, std::memory_order_relaxed);
  }
  /// One of the two sides is gone.
  void Leave() noexcept {
    // Release and acquire: the side that leaves last, and frees the channel,
    // sees every use that the other made of it.
    if (sides.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }
  /// A sender is gone.
  void LeaveAsSender() noexcept {
    // Release and acquire: what any sender did comes before the end of the
    // channel, which the last of them announces.
    if (senders.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    this->HangUp();
    Leave();
  }

  // Written by: senders, when copied or dropped.
  atomic<std::size_t> senders{1};
  // Written by: each side, when it leaves; the receiver, while it closes.
  atomic<int> sides{2};
};

}  // namespace sync_internal

/// One `Send`, to be awaited once or polled until ready. Lies where it was
/// made; the sender must outlive it.
///
/// If it is destroyed, or its task aborted, while it waits, then the value goes
/// with it, and nothing is left in the channel.
template <class T>
class [[nodiscard]] MpscSend final : public SuspendedOperation {
 public:
  MpscSend(const MpscSend&) = delete;
  MpscSend& operator=(const MpscSend&) = delete;
  ~MpscSend() {
    if (waiter_) (void)channel_->Withdraw(*waiter_);
  }

  /// Sends, in turn. "Not yet" keeps a clone of the context's waker. Ready:
  /// nullopt, or the value if the receiver is gone or has closed.
  ///
  /// A ready answer spends one unit of the budget; without any left this wakes
  /// its task and says "not yet", although the value may have been sent. If
  /// cloning the waker throws, so does this, and nothing has changed.
  weft::Poll<std::optional<T>> Poll(Context& context) {
    if (waiter_) {
      if (channel_->KeepWaiting(*waiter_, context.waker())) return kPending;
      EndWait();
    } else if (Attempt() == Sent::kNoRoom) {
      Waker mine = context.waker().Clone();
      if (Enrol(std::move(mine))) return kPending;
    }
    if (!Budget::Spend()) {
      context.waker().WakeByRef();
      return kPending;
    }
    return Result();
  }

  bool await_ready() noexcept {
    return Attempt() != Sent::kNoRoom && Budget::Spend();
  }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    if (sent_ == Sent::kNoRoom) {
      if (SuspendIn(handle, *this,
                    [this](Waker waker) { return Enrol(std::move(waker)); })) {
        return true;
      }
      // Perhaps the wait ended between enrolment and suspension.
      if (waiter_) EndWait();
    }
    return !Budget::Spend() && YieldIn(handle);
  }

  /// What `Poll` would give.
  std::optional<T> await_resume() noexcept {
    if (waiter_) EndWait();
    return Result();
  }

  /// Takes the lock. Any thread.
  bool TryCancel() noexcept override { return channel_->Withdraw(*waiter_); }

 private:
  using Sent = sync_internal::MpscSent;
  using Channel = sync_internal::MpscChannel<T>;
  friend class MpscSender<T>;

  MpscSend(Channel* channel, T&& value) noexcept
      : channel_(channel), value_(std::move(value)) {
    if (channel == nullptr) sent_ = Sent::kClosed;
  }

  /// Sends if that was not done yet and there is room.
  Sent Attempt() noexcept {
    if (sent_ == Sent::kNoRoom) sent_ = channel_->TrySend(value_);
    return sent_;
  }
  /// True: the waiter waits, and this may be gone.
  bool Enrol(Waker waker) noexcept {
    waiter_.emplace(value_);
    const Sent sent = channel_->Enrol(*waiter_, std::move(waker));
    if (sent == Sent::kNoRoom) return true;
    waiter_.reset();
    sent_ = sent;
    return false;
  }
  /// The waiter was woken.
  void EndWait() noexcept {
    sent_ = waiter_->sent ? Sent::kYes : Sent::kClosed;
    waiter_.reset();
  }
  std::optional<T> Result() noexcept {
    if (sent_ == Sent::kYes) return std::nullopt;
    return std::optional<T>(std::move(value_));
  }

  Channel* const channel_;
  // Written by: the receiver, under the lock, while a waiter is linked; else
  // the sender's.
  T value_;
  // There while it may be linked.
  std::optional<sync_internal::MpscWaiter<T>> waiter_;
  Sent sent_ = Sent::kNoRoom;
};

/// An end that sends. A copy is another sender of the same channel; copying is
/// one relaxed read-modify-write. Each is used by one thread at a time. When
/// the last is dropped the receiver learns that no more will come.
template <class T>
class [[nodiscard]] MpscSender {
 public:
  MpscSender(const MpscSender& other) noexcept : channel_(other.channel_) {
    // Relaxed: `other` is there, so the count is not about to be 0.
    if (channel_) channel_->senders.fetch_add(1, std::memory_order_relaxed);
  }
  MpscSender(MpscSender&& other) noexcept
      : channel_(std::exchange(other.channel_, nullptr)) {}
  MpscSender& operator=(MpscSender other) noexcept {
    std::swap(channel_, other.channel_);
    return *this;
  }
  ~MpscSender() {
    if (channel_) channel_->LeaveAsSender();
  }

  /// `co_await` it: sends `value` as soon as there is room, senders that wait
  /// taking turns in order. Gives nullopt, or the value back if the receiver is
  /// gone or has closed. Two read-modify-writes if there is room.
  ///
  /// The receiver may run, and even destroy this object, before this is done:
  /// a coroutine of a foreign executor is resumed in here (suspend.h).
  ///
  /// Memory ordering: what happened before is visible to the receiver when it
  /// has the value.
  MpscSend<T> Send(T value) & noexcept {
    return MpscSend<T>(channel_, std::move(value));
  }

  /// Sends `value` if there is room now. Returns nullopt, or the value if there
  /// is no room or the receiver is gone or has closed; `IsClosed` tells which.
  /// Neither waits nor spends budget. Otherwise as `Send`.
  std::optional<T> TrySend(T value) noexcept {
    if (channel_ && channel_->TrySend(value) == sync_internal::MpscSent::kYes) {
      return std::nullopt;
    }
    return std::optional<T>(std::move(value));
  }

  /// Whether a value could not be delivered any more: the receiver has closed
  /// or is gone. A hint if false: that may happen the next moment. A load.
  bool IsClosed() const noexcept { return !channel_ || channel_->IsClosed(); }

 private:
  friend std::pair<MpscSender<T>, MpscReceiver<T>> Mpsc<T>(std::size_t);

  explicit MpscSender(sync_internal::MpscShared<T>* channel) noexcept
      : channel_(channel) {}

  sync_internal::MpscShared<T>* channel_;
};

/// One `Receive`, to be awaited once or polled until ready. Lies where it was
/// made; the receiver must outlive it. If it is destroyed, or its task aborted,
/// before it gave an answer, then no message is lost.
template <class T>
class [[nodiscard]] MpscReceive final : public SuspendedOperation {
 public:
  MpscReceive(const MpscReceive&) = delete;
  MpscReceive& operator=(const MpscReceive&) = delete;
  ~MpscReceive() {
    if (enrolled_) (void)channel_->Unregister();
  }

  /// The next message; nullopt if there will be none. "Not yet" keeps a clone
  /// of the context's waker. Budget and exceptions: see `MpscSend::Poll`, but
  /// nothing is received before it is handed out.
  weft::Poll<std::optional<T>> Poll(Context& context) {
    if (!Look() && Register(context.waker())) {
      enrolled_ = true;
      return kPending;
    }
    if (!Budget::Spend()) {
      context.waker().WakeByRef();
      return kPending;
    }
    return await_resume();
  }

  bool await_ready() noexcept { return Look() && Budget::Spend(); }

  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    if (!Look()) {
      enrolled_ = true;
      if (SuspendIn(handle, *this, [this](Waker waker) {
            return channel_->Register(std::move(waker));
          })) {
        return true;
      }
      enrolled_ = false;
    }
    // Whatever it is, it is looked for again afterwards.
    next_ = nullptr;
    return !Budget::Spend() && YieldIn(handle);
  }

  /// What `Poll` would give.
  std::optional<T> await_resume() noexcept {
    enrolled_ = false;
    if (next_ == nullptr) {
      Check(Look(),
            "a message was taken from a receiver while a Receive waited for "
            "it");
      if (next_ == nullptr) return std::nullopt;
    }
    return channel_->Take(*next_);
  }

  /// Takes the lock. Any thread.
  bool TryCancel() noexcept override { return channel_->Unregister(); }

 private:
  using Channel = sync_internal::MpscChannel<T>;
  friend class MpscReceiver<T>;

  explicit MpscReceive(Channel* channel) noexcept : channel_(channel) {}

  /// Whether there is nothing to wait for: the next message is there, or there
  /// will be none.
  bool Look() noexcept {
    if (channel_ == nullptr) return true;
    next_ = channel_->Next();
    return next_ != nullptr || channel_->IsEnded();
  }
  bool Register(const WakerRef& waker) {
    if (enrolled_ && channel_->WaitsFor(waker)) return true;
    return channel_->Register(waker.Clone());
  }

  Channel* const channel_;
  // The next message, once it was seen.
  typename Channel::Slot* next_ = nullptr;
  // Written by: the thread that runs the task. True while a waker of ours may
  // be registered.
  bool enrolled_ = false;
};

/// The end that receives. Move-only; used by one thread at a time, one
/// `Receive` at a time, and no `TryReceive` while a `Receive` is under way,
/// unless that one is then dropped: the message is promised to it. Dropping the
/// receiver closes the channel and destroys what was not received.
template <class T>
class [[nodiscard]] MpscReceiver {
 public:
  MpscReceiver(MpscReceiver&& other) noexcept
      : channel_(std::exchange(other.channel_, nullptr)) {}
  MpscReceiver& operator=(MpscReceiver other) noexcept {
    std::swap(channel_, other.channel_);
    return *this;
  }
  ~MpscReceiver() {
    if (!channel_) return;
    channel_->Close();
    while (TryReceive()) {
    }
    // A value that a sender is just putting there goes with the channel.
    channel_->Leave();
  }

  /// `co_await` it: the next message, as soon as there is one; nullopt when
  /// there will be none any more, because all senders are gone or this receiver
  /// has closed. One read-modify-write if a message is there.
  ///
  /// A sender may run, and even destroy this object, before this is done.
  MpscReceive<T> Receive() & noexcept { return MpscReceive<T>(channel_); }

  /// The next message if it is there, else nullopt. Neither waits nor spends
  /// budget. A message is there when its sender and those of all messages
  /// before it have put theirs in place; of two who send at once, the one
  /// whose message comes later may be done earlier.
  std::optional<T> TryReceive() noexcept {
    auto* next = channel_ ? channel_->Next() : nullptr;
    return next ? channel_->Take(*next) : std::nullopt;
  }

  /// Whether nothing is left and nothing will come. Two loads at most.
  bool IsEnded() const noexcept { return !channel_ || channel_->IsEnded(); }

  /// Refuses values from now on; senders that wait get theirs back. What was
  /// sent before can still be received; a `Receive` that waits is woken, if
  /// there is nothing. Takes the lock.
  ///
  /// Those who waited may run, and even destroy this object, before this is
  /// done.
  void Close() noexcept {
    sync_internal::MpscShared<T>* const channel = channel_;
    if (channel == nullptr) return;
    channel->Hold();
    channel->Close();
    channel->Leave();
  }

 private:
  friend std::pair<MpscSender<T>, MpscReceiver<T>> Mpsc<T>(std::size_t);

  explicit MpscReceiver(sync_internal::MpscShared<T>* channel) noexcept
      : channel_(channel) {}

  sync_internal::MpscShared<T>* channel_;
};

template <class T>
std::pair<MpscSender<T>, MpscReceiver<T>> Mpsc(std::size_t capacity) {
  static_assert(
      std::is_object_v<T> && std::is_nothrow_move_constructible_v<T>,
      "an mpsc channel moves its values, and a move that throws would "
      "lose one");
  Check(capacity > 0, "a channel holds one message at least");
  Check(capacity <= std::size_t{1} << 48, "a channel's capacity is too large");
  auto* channel = new sync_internal::MpscShared<T>(capacity);
  return {MpscSender<T>(channel), MpscReceiver<T>(channel)};
}

}  // namespace weft

#endif  // WEFT_SYNC_MPSC_H_
