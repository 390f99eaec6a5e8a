// The protocol of a oneshot channel, without the value: one state word and a
// slot for the receiver's waker. Each function is one step of oneshot_state.h,
// taken by one read-modify-write.
//
// The slot is written by the receiver's side only. The sender copies the two
// words of the waker *before* it announces that it is done, and the
// announcement succeeds only if the state word is the one that it saw before
// copying; no two wakers share such a word, so the copy is the waker, and the
// announcement takes it over. Therefore the sender touches nothing afterwards,
// and the receiver, once it sees the announcement, frees the channel without
// asking anybody. (The reader's half of a sequence lock: H.-J. Boehm, "Can
// seqlocks get along with programming language memory models?", MSPC 2012.)

#ifndef WEFT_SYNC_ONESHOT_CORE_H_
#define WEFT_SYNC_ONESHOT_CORE_H_

#include <utility>

#include "weft/base/atomic.h"
#include "weft/sync/oneshot_state.h"
#include "weft/waker/raw_waker.h"
#include "weft/waker/waker.h"

namespace weft::sync_internal {

/// What the two ends of a channel share, besides the value. Functions of the
/// receiver are called by one thread at a time, those of the sender likewise;
/// the two sides need not know each other. No function runs user code while
/// another could be disturbed by it: wakers are dropped and called last, from
/// local variables.
class OneshotCore {
 public:
  /// The state now, as either side sees it. A load.
  OneshotState Load() const noexcept {
    // Acquire: pairs with the release steps of the other side. A receiver that
    // reads `done` sees the value and every use the sender made of the channel;
    // a sender that reads `left` sees every use the receiver made of it: it
    // will free it.
    return OneshotState(state_.load(std::memory_order_acquire));
  }

  /// Receiver: has `waker` called when the sender is done. False, and `waker`
  /// is dropped, if there is nothing to wait for. Replaces a waker that is
  /// registered. After true, a sender may have called the waker, and the
  /// channel may be gone. One step, two if a waker is replaced.
  [[nodiscard]] bool Register(Waker waker) noexcept {
    OneshotState state = Load();
    Waker old;
    if (state.waiting() && Step(state, state.TakenBack())) {
      state = state.TakenBack();
      old = slot().Adopt();
    }
    if (state.settled()) return false;
    SetSlot(RawWaker::Release(std::move(waker)));
    if (Step(state, state.Waiting())) return true;
    (void)slot().Adopt();
    return false;
  }

  /// Receiver: whether a waker of the same target as `waker` is registered. The
  /// sender may be calling it by now, which is as good. A load.
  bool WaitsFor(const WakerRef& waker) const noexcept {
    return Load().waiting() && slot().WillWake(waker);
  }

  /// Whoever ends a wait early: takes the registered waker back and drops it.
  /// False if the sender was first or no waker is registered. One step.
  [[nodiscard]] bool TakeBack() noexcept {
    OneshotState state = Load();
    if (!state.waiting() || !Step(state, state.TakenBack())) return false;
    (void)slot().Adopt();
    return true;
  }

  /// Receiver: from now on nothing can be sent. No effect if the sender is
  /// done. Drops the registered waker. One step.
  void Close() noexcept {
    OneshotState state = Load();
    if (state.settled() || !Step(state, state.Closed())) return;
    if (state.waiting()) (void)slot().Adopt();
  }

  /// Receiver: the last thing it does. True: the caller owns the channel and
  /// deletes it. False: the sender will. Drops the registered waker. No step if
  /// the sender is done, else one.
  [[nodiscard]] bool Leave() noexcept {
    OneshotState state = Load();
    if (state.done()) return true;
    // Read first: after the step the channel may be gone.
    const RawWaker registered = slot();
    const bool waits = state.waiting();
    if (!Step(state, state.Left())) return true;
    if (waits) (void)registered.Adopt();
    return false;
  }

  /// Sender: announces the value, which is in place, and calls the receiver's
  /// waker. False if the receiver refuses. After true the channel may be gone.
  /// One step.
  [[nodiscard]] bool Send() noexcept {
    return Finish([](OneshotState s) { return !s.refuses(); },
                  [](OneshotState s) { return s.Sent(); });
  }

  /// Sender: announces that there will be no value. True: the receiver will
  /// delete the channel, and may have done so. False: the caller does. One
  /// step, none if the receiver has left.
  [[nodiscard]] bool HangUp() noexcept {
    return Finish([](OneshotState s) { return !s.left(); },
                  [](OneshotState s) { return s.HungUp(); });
  }

 private:
  /// Takes the state from `seen` to `next`. On failure `seen` is what is there
  /// instead.
  bool Step(OneshotState& seen, OneshotState next) noexcept {
    OneshotState::Word word = seen.word();
    // Release: pairs with the acquire in `Load` and below. Publishes the value,
    // the slot, and that this side is done with what it hands over. Acquire on
    // failure: pairs with the same; the caller goes on with what it finds. No
    // acquire on success: the state was read with acquire before, and nobody
    // has changed it since.
    if (state_.compare_exchange_strong(word, next.word(),
                                       std::memory_order_release,
                                       std::memory_order_acquire)) {
      return true;
    }
    seen = OneshotState(word);
    return false;
  }

  /// The sender's last step: retries while the receiver changes its mind.
  template <class Allowed, class Next>
  bool Finish(Allowed allowed, Next next) noexcept {
    OneshotState state = Load();
    RawWaker registered;
    do {
      if (!allowed(state)) return false;
      registered = state.waiting() ? slot() : RawWaker();
    } while (!Step(state, next(state)));
    registered.Adopt().Wake();
    return true;
  }

  RawWaker slot() const noexcept {
    // Relaxed: the state that was read before says that the slot is written. If
    // the sender reads a word that is newer than that state, then the receiver
    // has taken the older waker back in a step from it. Two steps cannot both
    // succeed from one state, and no state comes twice: the sender's step
    // fails, and what it read is thrown away.
    return RawWaker{vtable_.load(std::memory_order_relaxed),
                    data_.load(std::memory_order_relaxed)};
  }

  void SetSlot(RawWaker raw) noexcept {
    // Relaxed: the step to `Waiting` publishes both words, and the waker.
    vtable_.store(raw.vtable, std::memory_order_relaxed);
    data_.store(raw.data, std::memory_order_relaxed);
  }

  // Written by: both sides. Read by: both.
  atomic<OneshotState::Word> state_{OneshotState().word()};
  // Written by: the receiver, while not `waiting`. Read by: both sides. A waker
  // that was taken is left behind; the state says whether it is owned.
  atomic<const WakerVTable*> vtable_{nullptr};
  atomic<void*> data_{nullptr};
};

static_assert(sizeof(OneshotCore) == 8 + 2 * sizeof(void*));

}  // namespace weft::sync_internal

#endif  // WEFT_SYNC_ONESHOT_CORE_H_
