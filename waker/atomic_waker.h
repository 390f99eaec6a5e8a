// A slot for one waker that is registered by one thread and called by others,
// for resources with one waiting task: a timer, a readiness flag, the consumer
// end of a channel.
//
// The protocol is tokio's `AtomicWaker` (and futures-rs before it) with two
// differences: user code (clone, wake, drop) never runs while the slot is held,
// so a callback may re-enter the slot and `clone` may throw; and registering
// the waker that is there already costs a load instead of two
// read-modify-writes.

#ifndef WEFT_WAKER_ATOMIC_WAKER_H_
#define WEFT_WAKER_ATOMIC_WAKER_H_

#include <cstdint>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/waker/raw_waker.h"
#include "weft/waker/waker.h"

namespace weft {

/// Holds at most one waker. The consumer registers; producers wake.
///
///     consumer                          producer
///       if (flag) return ready;           flag = true;
///       slot.Register(context.waker());   slot.Wake();
///       return flag ? ready : kPending;
///
/// The consumer must look at its condition again after `Register`. Then no wake
/// is lost: `Wake` either finds the waker, or comes first and makes what its
/// caller wrote before visible to that second look. (For a `flag` that is read
/// and written relaxed, too.)
///
/// Threads: `Register` by one thread at a time; `Wake` and `Take` by any number
/// at any time, also from within callbacks of the waker. Destroyed when nobody
/// uses it.
class AtomicWaker {
 public:
  AtomicWaker() = default;
  AtomicWaker(const AtomicWaker&) = delete;
  AtomicWaker& operator=(const AtomicWaker&) = delete;
  /// Drops the waker.
  ~AtomicWaker() {
    // Relaxed: whoever destroys this has synchronised with all its users.
    if (state_.load(std::memory_order_relaxed) == kFull) {
      (void)slot_.Get().Adopt();
    }
  }

  /// Puts a clone of `waker` in the slot and drops the one that was there. If
  /// that one wakes the same task, only looks: a load, no clone. Otherwise a
  /// clone and two read-modify-writes. If a `Wake` comes at the same time, the
  /// new waker is called.
  ///
  /// If `clone` throws, so does this, and the slot is as before (tokio #3689).
  void Register(const WakerRef& waker) {
    // Relaxed: if this reads kFull, then our side wrote that. A `Wake` that has
    // emptied the slot since calls this same task, which will be polled again
    // and see everything then.
    if (state_.load(std::memory_order_relaxed) == kFull &&
        slot_.Get().WillWake(waker)) {
      return;
    }
    // User code before the slot is held, so that it may throw or re-enter.
    Waker fresh = waker.Clone();
    // Acquire, here and when the exchange below fails: if a `Take` holds the
    // slot we pass its wake on, and with it what its caller did before.
    std::uint32_t state = state_.load(std::memory_order_acquire);
    do {
      if ((state & (kRegistering | kWaking)) != 0) {
        // Perhaps for a waker that is no longer ours: ours is woken too.
        std::move(fresh).Wake();
        return;
      }
      // Acquire: pairs with the exchange in `Take`, which published what every
      // waking thread did before; our caller looks at it again after this call.
      // Also orders our write to the slot after that thread's read of it. No
      // release: the slot is written after this step.
    } while (!state_.compare_exchange_weak(state, state | kRegistering,
                                           std::memory_order_acquire,
                                           std::memory_order_acquire));
    Waker old = (state & kFull) != 0 ? slot_.Get().Adopt() : Waker();
    slot_.Set(RawWaker::Release(std::move(fresh)));
    state |= kRegistering;
    // Release: publishes the slot to the fetch_or in `Take`. Nothing is read
    // after success that another thread wrote, so no acquire there.
    if (state_.compare_exchange_strong(state, kFull, std::memory_order_release,
                                       std::memory_order_relaxed)) {
      return;
    }
    // A `Wake` came meanwhile and left it to us. The slot is still ours.
    fresh = slot_.Get().Adopt();
    // Acquire: pairs with the fetch_or of those that came. An exchange, not a
    // store: a store would cut off what they published from the next
    // `Register`. No release: whoever registers next has synchronised with us.
    state_.exchange(kEmpty, std::memory_order_acquire);
    std::move(fresh).Wake();
  }

  /// Calls the registered waker, if there is one, and empties the slot. One
  /// read-modify-write if there is none, else two and the wake.
  ///
  /// Memory ordering: what happened before this call is visible to the woken
  /// task's next poll, or else after the next `Register`.
  void Wake() noexcept { Take().Wake(); }

  /// Empties the slot and returns what was in it: for callers that hold a lock
  /// of their own and wake after its release. Orders memory as `Wake` does.
  [[nodiscard]] Waker Take() noexcept {
    std::uint32_t nobody = kEmpty;
    // Relaxed: a guess that the exchange checks. It writes what is there, with
    // release: pairs with the acquire in `Register`, so that a consumer who
    // comes later sees what we did before. Relaxed on failure: the next step
    // looks again.
    if (state_.load(std::memory_order_relaxed) == kEmpty &&
        state_.compare_exchange_strong(nobody, kEmpty,
                                       std::memory_order_release,
                                       std::memory_order_relaxed)) {
      return Waker();
    }
    // Acquire: pairs with the release in `Register` that published the slot.
    // Release: if a `Register` or another `Take` holds the slot, it does our
    // work, and its exchange or the next `Register` acquires our writes here.
    // Not skipped when the bit is set already: then they would not be passed
    // on (tokio #7622).
    const std::uint32_t state =
        state_.fetch_or(kWaking, std::memory_order_acq_rel);
    if ((state & (kRegistering | kWaking)) != 0) return Waker();
    Waker waker = (state & kFull) != 0 ? slot_.Get().Adopt() : Waker();
    // Release: our read of the slot precedes the next `Register`'s write.
    // Acquire: takes over what other threads published by the fetch_or above
    // while we held the slot, since we wake for them. An exchange, not a store:
    // a store would cut off their writes from the next `Register`.
    state_.exchange(kEmpty, std::memory_order_acq_rel);
    return waker;
  }

 private:
  // Nobody uses the slot unless kRegistering or kWaking is set.
  static constexpr std::uint32_t kEmpty = 0;
  // The slot owns a waker. Set by `Register`, cleared by either side.
  static constexpr std::uint32_t kFull = 1;
  // `Register` owns the slot.
  static constexpr std::uint32_t kRegistering = 2;
  // A wake has come. Whoever set it first, without kRegistering, owns the slot;
  // with kRegistering, it is a message to `Register`.
  static constexpr std::uint32_t kWaking = 4;

  // Written by: both sides. Read by: both.
  atomic<std::uint32_t> state_{kEmpty};
  // Written by: `Register`, while kRegistering. Read by: the registering thread
  // at any time (it is the only writer), `Take` while it owns kWaking. Kept
  // after the waker was taken: kFull says whether it is owned.
  Cell<RawWaker> slot_;
};

static_assert(sizeof(AtomicWaker) == 3 * sizeof(void*));

}  // namespace weft

#endif  // WEFT_WAKER_ATOMIC_WAKER_H_
