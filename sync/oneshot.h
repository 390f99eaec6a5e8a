// A channel for one value: the answer to a request, the result of a job.
//
//     auto [sender, receiver] = weft::Oneshot<int>();
//     ... in one task:     std::move(sender).Send(42);
//     ... in another:      std::optional<int> answer = co_await receiver;
//
// Works under any executor, and outside of all (wait.h). Both ends are cheap
// to move and may be used and destroyed on different threads at the same time.
//
// Costs: one allocation. Sending is one read-modify-write and the receiver's
// wake. Receiving is one to wait and none if the value is there; a receiver
// that has its answer frees the channel without another (oneshot_core.h).

#ifndef WEFT_SYNC_ONESHOT_H_
#define WEFT_SYNC_ONESHOT_H_

#include <coroutine>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "weft/base/cell.h"
#include "weft/base/check.h"
#include "weft/sync/oneshot_core.h"
#include "weft/waker/budget.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/suspend.h"
#include "weft/waker/waker.h"

namespace weft {

template <class T>
class OneshotSender;
template <class T>
class OneshotReceiver;

/// Makes a channel for one `T`. `T` needs to be movable only; for a signal
/// without a value use `std::monostate`. One allocation; any thread.
template <class T>
std::pair<OneshotSender<T>, OneshotReceiver<T>> Oneshot();

namespace sync_internal {

/// The shared part of a channel; freed by the end that leaves last.
template <class T>
struct OneshotChannel {
  OneshotCore core;
  // Written by: the sender, before `sent`. Read by: the receiver, after; the
  // sender, if it was refused.
  Cell<std::optional<T>> value;
};

/// The sender's share: hangs up unless the value was sent.
struct SenderLeaves {
  template <class T>
  void operator()(OneshotChannel<T>* channel) const noexcept {
    if (!channel->core.HangUp()) delete channel;
  }
};
/// The receiver's share.
struct ReceiverLeaves {
  template <class T>
  void operator()(OneshotChannel<T>* channel) const noexcept {
    if (channel->core.Leave()) delete channel;
  }
};

}  // namespace sync_internal

/// The end that sends. Move-only; one thread at a time. Dropping it tells the
/// receiver that nothing will come.
template <class T>
class [[nodiscard]] OneshotSender {
 public:
  OneshotSender(OneshotSender&&) noexcept = default;
  OneshotSender& operator=(OneshotSender&&) noexcept = default;

  /// Sends `value` and wakes the receiver. Returns nullopt, or the value if the
  /// receiver is gone or has closed. One read-modify-write and the wake.
  ///
  /// The receiver may run, and even destroy this object, before this returns:
  /// a coroutine of a foreign executor is resumed in here (suspend.h).
  ///
  /// Memory ordering: what happened before this call is visible to the receiver
  /// when it has the value. If a move of `T` throws, the exception passes
  /// through: before the sending, the sender is unchanged; on the way back from
  /// a refusal, the value is lost and the sender is used up.
  std::optional<T> Send(T value) && {
    if (channel_ == nullptr || channel_->core.Load().refuses()) {
      channel_.reset();
      return std::optional<T>(std::move(value));
    }
    channel_->value.WithMut(
        [&](std::optional<T>& place) { place.emplace(std::move(value)); });
    Share channel = std::move(channel_);
    if (channel->core.Send()) {
      // The channel is the receiver's now, and this object perhaps gone.
      (void)channel.release();
      return std::nullopt;
    }
    return channel->value.Take();
  }

  /// Whether a value could not be delivered any more: the receiver has closed
  /// or is gone. A hint if false: that may happen the next moment. A load.
  bool IsClosed() const noexcept {
    return channel_ == nullptr || channel_->core.Load().refuses();
  }

 private:
  using Channel = sync_internal::OneshotChannel<T>;
  using Share = std::unique_ptr<Channel, sync_internal::SenderLeaves>;
  friend std::pair<OneshotSender<T>, OneshotReceiver<T>> Oneshot<T>();

  explicit OneshotSender(Channel* channel) noexcept : channel_(channel) {}

  Share channel_;
};

/// The end that receives. Move-only; used by one thread at a time. A future
/// (`Poll`) and an awaitable (`co_await`), not both at once.
///
/// When the value, or word that none will come, has been handed out, the
/// receiver is empty: it answers nullopt from then on.
template <class T>
class [[nodiscard]] OneshotReceiver {
 public:
  OneshotReceiver(OneshotReceiver&&) noexcept = default;
  OneshotReceiver& operator=(OneshotReceiver&&) noexcept = default;

  /// The value; nullopt if the sender was dropped, or this receiver closed,
  /// before one was sent. "Not yet" keeps a clone of the context's waker, which
  /// replaces the one kept before unless both wake the same task.
  ///
  /// A ready answer spends one unit of the budget; without any left this wakes
  /// its task and says "not yet". If cloning the waker throws, so does this,
  /// and nothing has changed. If moving `T` throws, so does this; what is left
  /// of the value is still there.
  weft::Poll<std::optional<T>> Poll(Context& context) {
    if (!Settled() && Register(context.waker())) return kPending;
    if (!Budget::Spend()) {
      context.waker().WakeByRef();
      return kPending;
    }
    return Take();
  }

  /// The value if it is there, else nullopt. Neither waits nor spends budget.
  std::optional<T> TryReceive() {
    return Settled() ? Take() : std::optional<T>();
  }

  /// Refuses a value from now on. One that was sent before can still be
  /// received. Drops the waker of an earlier `Poll` without calling it. One
  /// read-modify-write.
  void Close() noexcept {
    if (channel_ != nullptr) channel_->core.Close();
  }

  /// Awaits what `Poll` would give, under any executor: see suspend.h. Of a
  /// temporary, the awaiter takes the receiver over.
  auto operator co_await() & noexcept {
    return Awaiter<OneshotReceiver&>(*this);
  }
  auto operator co_await() && noexcept {
    return Awaiter<OneshotReceiver>(std::move(*this));
  }

 private:
  using Channel = sync_internal::OneshotChannel<T>;
  friend std::pair<OneshotSender<T>, OneshotReceiver<T>> Oneshot<T>();

  /// One `co_await`, in the coroutine's frame. Holds the receiver or refers to
  /// it.
  template <class Receiver>
  class Awaiter final : public SuspendedOperation {
   public:
    explicit Awaiter(Receiver&& receiver) noexcept
        : receiver_(std::forward<Receiver>(receiver)) {}
    Awaiter(const Awaiter&) = delete;
    Awaiter& operator=(const Awaiter&) = delete;

    /// If the frame is destroyed while it waits, its waker leaves the slot.
    ~Awaiter() {
      if (enrolled_) TryCancel();
    }

    bool await_ready() const noexcept {
      return receiver_.Settled() && Budget::Spend();
    }

    template <class Promise>
    bool await_suspend(std::coroutine_handle<Promise> handle) {
      if (!receiver_.Settled()) {
        enrolled_ = true;
        // Looks at the state again in the same step that registers, so nothing
        // that happened since `await_ready` is missed (libcoro #120).
        if (SuspendIn(handle, *this, [this](Waker waker) {
              return receiver_.channel_->core.Register(std::move(waker));
            })) {
          return true;
        }
        enrolled_ = false;
      }
      return !Budget::Spend() && YieldIn(handle);
    }

    std::optional<T> await_resume() {
      enrolled_ = false;
      if constexpr (kDCheckEnabled) {
        Check(receiver_.Settled(), "only the sender resumes a receiver");
      }
      return receiver_.Take();
    }

    /// One read-modify-write. Any thread.
    bool TryCancel() noexcept override {
      return receiver_.channel_->core.TakeBack();
    }

   private:
    Receiver receiver_;
    // Written by: the thread that runs the coroutine. True while a waker of
    // ours may be in the slot.
    bool enrolled_ = false;
  };

  explicit OneshotReceiver(Channel* channel) noexcept : channel_(channel) {}

  /// Whether there is nothing to wait for.
  bool Settled() const noexcept {
    return channel_ == nullptr || channel_->core.Load().settled();
  }

  /// Makes sure that `waker` is called when the sender is done. False if there
  /// is nothing to wait for any more. Requires a channel.
  bool Register(const WakerRef& waker) {
    if (channel_->core.WaitsFor(waker)) return true;
    // User code; it may send, so the step after it looks at the state again.
    Waker mine = waker.Clone();
    return !Settled() && channel_->core.Register(std::move(mine));
  }

  /// What there is, after `Settled()`.
  std::optional<T> Take() {
    const sync_internal::OneshotState state =
        channel_ == nullptr ? sync_internal::OneshotState()
                            : channel_->core.Load();
    if (!state.done()) return std::nullopt;
    // Not sent does not mean that the place is empty: a sender that was refused
    // leaves a moved-from value there.
    std::optional<T> value =
        state.sent() ? channel_->value.Take() : std::optional<T>();
    // After `done` the channel is ours alone.
    delete channel_.release();
    return value;
  }

  std::unique_ptr<Channel, sync_internal::ReceiverLeaves> channel_;
};

template <class T>
std::pair<OneshotSender<T>, OneshotReceiver<T>> Oneshot() {
  static_assert(std::is_object_v<T> && std::is_move_constructible_v<T>,
                "a oneshot channel moves its value; use std::monostate for "
                "none");
  auto* channel = new sync_internal::OneshotChannel<T>;
  return {OneshotSender<T>(channel), OneshotReceiver<T>(channel)};
}

}  // namespace weft

#endif  // WEFT_SYNC_ONESHOT_H_
