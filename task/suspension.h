#ifndef WEFT_TASK_SUSPENSION_H_
#define WEFT_TASK_SUSPENSION_H_

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/waker/suspend.h"

namespace weft {

/// Where a coroutine task stands between its operation, the completer of that
/// operation and a canceller, as a value: the operation it is suspended in (or
/// none) and three flags.
///
///     none                      running, queued, or about to suspend
///     operation                 suspended; the completer will say Ready
///     none + ready              completed before the task was fully suspended
///     none + cancelled          to be destroyed when it next stops or starts
///     operation + cancelled     abort lost to the completer; Ready will come
///     operation + cancelled + busy [+ ready]
///                               a canceller is talking to the operation
class SuspensionState {
 public:
  using Word = std::uintptr_t;
  static constexpr Word kReady = 1;
  static constexpr Word kCancelled = 2;
  static constexpr Word kBusy = 4;
  static constexpr Word kFlags = 7;
  static_assert(alignof(SuspendedOperation) > kFlags);

  constexpr explicit SuspensionState(Word word) : word_(word) {}
  constexpr Word word() const { return word_; }

  constexpr bool ready() const { return word_ & kReady; }
  constexpr bool cancelled() const { return word_ & kCancelled; }
  constexpr bool busy() const { return word_ & kBusy; }
  constexpr bool suspended() const { return (word_ & ~kFlags) != 0; }
  SuspendedOperation* operation() const {
    return reinterpret_cast<SuspendedOperation*>(word_ & ~kFlags);
  }

  constexpr bool operator==(const SuspensionState&) const = default;

 private:
  Word word_;
};

/// What the caller of a transition must do next.
enum class CommitAction { kStay, kResume, kCancelOperation, kSubmit };
enum class ReadyAction { kSubmit, kNothing };
enum class CancelAction { kNothing, kCancelOperation };

/// The transitions of `SuspensionState`. Three parties:
///
///   the task      Commit() once its operation is registered;
///                 Begin() when a worker starts or resumes it;
///   a completer   Ready(), once per registered operation, unless TryCancel()
///                 won;
///   cancellers    Cancel() from any thread that holds a reference; the one
///                 that is told so calls the operation's TryCancel() and then
///                 CancelWon() or CancelLost().
///
/// While a canceller talks to the operation (busy) a Ready only leaves a flag,
/// so the frame cannot be resumed under the canceller's feet: it submits the
/// task itself afterwards. Nobody waits for anybody.
class Suspension {
 public:
  /// Begins in the state of a task that is not suspended, or (for tests) in
  /// another.
  explicit Suspension(SuspensionState initial = SuspensionState(0))
      : word_(initial.word()) {}

  SuspensionState Load() const {
    // ORDER: acquire. Pairs with Cancel, for Begin: the destructors of a body
    // that was aborted in the queue see what came before the abort.
    return SuspensionState(word_.load(std::memory_order_acquire));
  }

  /// A worker is about to start or resume the task. True: it was cancelled,
  /// destroy it instead.
  [[nodiscard]] bool Begin() const { return Load().cancelled(); }

  /// The task has registered `operation`.
  ///   kStay             suspended; do not touch the frame any more.
  ///   kResume           already completed; go on.
  ///   kCancelOperation  abort came first; the caller acts as the canceller.
  ///   kSubmit           completed and aborted; put the task into a queue.
  [[nodiscard]] CommitAction Commit(SuspendedOperation& operation) {
    const auto address = reinterpret_cast<SuspensionState::Word>(&operation);
    SuspensionState::Word old = 0;
    SuspensionState::Word next;
    do {
      SuspensionState state(old);
      DCheck(!state.suspended() && !state.busy(), "weft: suspended twice");
      if (state.ready()) {
        next = old & SuspensionState::kCancelled;
      } else if (state.cancelled()) {
        next = address | SuspensionState::kCancelled | SuspensionState::kBusy;
      } else {
        next = address;
      }
      // ORDER: acq_rel. Release publishes the frame and the operation to the
      // completer's submit and to a canceller; acquire pairs with Ready, whose
      // result we go on to read. A failed exchange only retries: relaxed.
    } while (!word_.compare_exchange_weak(old, next, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
    SuspensionState state(old);
    if (state.ready()) {
      return state.cancelled() ? CommitAction::kSubmit : CommitAction::kResume;
    }
    return state.cancelled() ? CommitAction::kCancelOperation
                             : CommitAction::kStay;
  }

  /// The operation completed: its result is written. kSubmit: put the task
  /// into a queue. kNothing: the task or a canceller will see to it; the
  /// caller must not touch the task any more.
  [[nodiscard]] ReadyAction Ready() {
    SuspensionState::Word old = word_.load(std::memory_order_relaxed);
    SuspensionState::Word next;
    ReadyAction action;
    do {
      SuspensionState state(old);
      if (state.suspended() && !state.busy()) {
        next = old & SuspensionState::kCancelled;
        action = ReadyAction::kSubmit;
      } else {
        next = old | SuspensionState::kReady;
        action = ReadyAction::kNothing;
      }
      // ORDER: acq_rel. Acquire pairs with Commit: the submitter hands the
      // frame to a worker. Release pairs with the Commit or CancelLost that
      // finds the flag: the operation's result, and our last use of it. A
      // failed exchange only retries: relaxed.
    } while (!word_.compare_exchange_weak(old, next, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
    return action;
  }

  /// Asks for the end of the task. kCancelOperation: the caller must call
  /// `Load().operation()->TryCancel()`.
  [[nodiscard]] CancelAction Cancel() {
    SuspensionState::Word old = word_.load(std::memory_order_relaxed);
    SuspensionState::Word next;
    do {
      SuspensionState state(old);
      if (state.cancelled()) return CancelAction::kNothing;
      next = old | SuspensionState::kCancelled;
      if (state.suspended()) next |= SuspensionState::kBusy;
      // ORDER: acq_rel. Acquire pairs with Commit: we go on to use the
      // operation. Release pairs with Begin: what came before the abort is
      // visible to the body's destructors. A failed exchange only retries:
      // relaxed.
    } while (!word_.compare_exchange_weak(old, next, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
    return SuspensionState(old).suspended() ? CancelAction::kCancelOperation
                                            : CancelAction::kNothing;
  }

  /// TryCancel won: nobody will say Ready. The caller submits the task.
  void CancelWon() {
    // Relaxed: the caller submits the task, and the queue publishes that our
    // use of the operation is over. No read-modify-write is needed, since
    // nobody else changes a busy word once Ready cannot come.
    word_.store(SuspensionState::kCancelled, std::memory_order_relaxed);
  }

  /// TryCancel lost. kSubmit: Ready came meanwhile and left the task to us.
  [[nodiscard]] ReadyAction CancelLost() {
    SuspensionState::Word old = word_.load(std::memory_order_relaxed);
    SuspensionState::Word next;
    do {
      SuspensionState state(old);
      next = state.ready() ? SuspensionState::kCancelled
                           : (old & ~SuspensionState::kBusy);
      // ORDER: acq_rel. Pairs with Ready, which comes before or after us.
      // Release: our use of the operation is over before the frame goes on.
      // Acquire: so is the completer's, if we submit. A failed exchange only
      // retries: relaxed.
    } while (!word_.compare_exchange_weak(old, next, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
    return SuspensionState(old).ready() ? ReadyAction::kSubmit
                                        : ReadyAction::kNothing;
  }

 private:
  atomic<SuspensionState::Word> word_;
};

}  // namespace weft

#endif  // WEFT_TASK_SUSPENSION_H_
