#ifndef WEFT_TASK_STATE_WORD_H_
#define WEFT_TASK_STATE_WORD_H_

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/task/state.h"

namespace weft {

/// What the caller of a transition must do next.
enum class StartAction { kPoll, kCancel };
enum class IdleAction { kNothing, kRequeue, kCancel };
enum class WakeAction { kNothing, kSubmit, kDeallocate };

/// The transitions of `TaskState`, each one read-modify-write, so that all of
/// them have one order. Any thread that holds a reference may call those that
/// take or give one; the rest name their caller.
///
/// Every transition continues the release sequences of those before it, so an
/// acquire sees not only the last release but all of them. What pairs:
///   wake -> Start     the poll sees what was done before the wake, also when
///                     the task had been woken already (Tokio #7622);
///   Idle -> Start     a poll on another worker sees the previous poll's work;
///   Idle -> wake      the waker that submits may write the queue's link;
///   Publish -> Complete   the completer sees the join waker;
///   Complete -> join  the joiner sees the outcome;
///   DropReference -> the last one, who frees, sees everybody's accesses.
///
/// Source: Tokio's task/state.rs; the entry without a reference and the
/// add-only arithmetic (one `lock xadd`) are in algorithms 5.3(b).
class StateWord {
 public:
  explicit StateWord(TaskState initial) : word_(initial.word()) {}

  /// Begins anew. Only while nobody else knows the task.
  void Reset(TaskState initial) {
    word_.store(initial.word(), std::memory_order_relaxed);
  }

  TaskState Load() const {
    // ORDER: acquire. Pairs with Complete, for a joiner that goes on to read
    // the outcome, and with DropReference, for a completer that sees that it
    // is alone and frees.
    return TaskState(word_.load(std::memory_order_acquire));
  }

  /// The holder of the queue entry begins to poll. Cannot fail: nobody else
  /// ever sets `running`.
  /// Costs a load and a store if the task is unshared, else a
  /// read-modify-write.
  [[nodiscard, gnu::always_inline]] StartAction Start() {
    // The acquire of Load is that of the exchange below.
    TaskState old = Load();
    if (old.unshared()) [[likely]] {
      // Detached, and no waker was kept: nobody else knows the task, so no
      // read-modify-write is needed; that is most polls of most tasks. Relaxed,
      // though it ends the release sequences of all before: whoever acquires
      // this word from now on has learnt of the task from this poll. An Abort
      // without a reference (by a registry) must not come beside a Start: see
      // TaskRegistry::ForEach.
      word_.store(old.word() + kToStart, std::memory_order_relaxed);
    } else {
      old = StartShared();
    }
    DCheck(old.notified() && !old.running() && !old.complete(),
           "weft: Start without a queue entry");
    return old.cancelled() ? StartAction::kCancel : StartAction::kPoll;
  }

  /// The runner's poll said "not yet". kRequeue: it was woken meanwhile, the
  /// queue entry is the caller's. kNothing: the caller must not touch the task
  /// any more. kCancel: as kRequeue, and the body is to be destroyed.
  [[nodiscard]] IdleAction Idle() {
    // ORDER: release. Pairs with the next Start, and with the wake that submits
    // the task next: publishes this poll. No acquire: of a wake that only set
    // `notified` and left the rest to us, the next Start sees everything.
    TaskState old(
        word_.fetch_sub(TaskState::kRunning, std::memory_order_release));
    DCheck(old.running(), "weft: Idle of a task that does not run");
    if (!old.notified()) return IdleAction::kNothing;
    return old.cancelled() ? IdleAction::kCancel : IdleAction::kRequeue;
  }

  /// Wakes; the caller keeps its reference. kSubmit: the queue entry is the
  /// caller's.
  [[nodiscard]] WakeAction WakeByRef() {
    // ORDER: acq_rel. Release pairs with Start: publishes what the waker did,
    // also if the bit was set before. Acquire pairs with Idle: who submits
    // writes the link that the last run's worker read.
    TaskState old(
        word_.fetch_or(TaskState::kNotified, std::memory_order_acq_rel));
    return old.idle() ? WakeAction::kSubmit : WakeAction::kNothing;
  }

  /// Wakes and gives up the caller's reference in the same step.
  [[nodiscard]] WakeAction WakeByValue() {
    TaskState::Word old = word_.load(std::memory_order_relaxed);
    TaskState::Word next;
    do {
      next = (old | TaskState::kNotified) - TaskState::kReference;
      // ORDER: acq_rel. Pairs as in WakeByRef; acquire also with the other
      // DropReferences, since the last one frees. A failed exchange only
      // retries: relaxed.
    } while (!word_.compare_exchange_weak(old, next, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
    if (TaskState(old).idle()) return WakeAction::kSubmit;
    return TaskState(next).references() == 0 ? WakeAction::kDeallocate
                                             : WakeAction::kNothing;
  }

  /// Asks for the end of a poll-style task. The body is never destroyed here,
  /// only by the worker that runs it (Tokio #3934).
  [[nodiscard]] WakeAction Abort() {
    // ORDER: acq_rel. Pairs as in WakeByRef: an abort is a wake with a second
    // bit, and the body's destructors see what came before it.
    TaskState old(word_.fetch_or(TaskState::kCancelled | TaskState::kNotified,
                                 std::memory_order_acq_rel));
    return old.idle() ? WakeAction::kSubmit : WakeAction::kNothing;
  }

  /// Takes back a wait for a waker (task/await.h): true if the task was idle
  /// and now holds its queue entry, so that no waker will submit it.
  [[nodiscard]] bool ClaimIdle() {
    TaskState::Word old = word_.load(std::memory_order_relaxed);
    while (TaskState(old).idle()) {
      // Relaxed: only decides who submits. The canceller has synchronised with
      // the task by Suspension::Cancel, and the queue does with the next run.
      if (word_.compare_exchange_weak(old, old | TaskState::kNotified,
                                      std::memory_order_relaxed,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  /// The runner has destroyed the body and stored the outcome. Returns the
  /// state before: the join waker is the caller's if its bit was set, and the
  /// outcome is the caller's if there was no join interest.
  [[nodiscard]] TaskState Complete() {
    // ORDER: acq_rel. Release pairs with the joiner's Load, DropJoinInterest or
    // failed Publish: the outcome. Acquire pairs with PublishJoinWaker: the
    // slot is ours if its bit was set.
    TaskState old(word_.fetch_add(TaskState::kComplete - TaskState::kRunning,
                                  std::memory_order_acq_rel));
    DCheck(old.running() && !old.complete(), "weft: Complete twice");
    return old;
  }

  /// Complete and the owner's DropReference in one step, if the state is still
  /// `before`, in which nobody waits and the owner's is not the only reference.
  /// False: it has changed, and nothing is done.
  [[nodiscard]] bool CompleteUnawaited(TaskState before) {
    DCheck(before.running() && !before.join_waker() && before.references() > 1,
           "weft: not a task that ends unawaited");
    TaskState::Word word = before.word();
    const TaskState::Word ended = word + TaskState::kComplete -
                                  TaskState::kRunning - TaskState::kReference;
    // ORDER: release. Pairs with the joiner's Load or DropJoinInterest, which
    // go on to read the outcome, and with the last DropReference. No acquire:
    // the slot is empty, and the block is not ours to free.
    return word_.compare_exchange_strong(word, ended, std::memory_order_release,
                                         std::memory_order_relaxed);
  }

  /// The joiner has filled the join-waker slot. False: the task is complete,
  /// the slot is still the joiner's.
  [[nodiscard]] bool PublishJoinWaker() {
    return Change([](TaskState::Word w) { return w | TaskState::kJoinWaker; });
  }

  /// The joiner wants its slot back. False: the task is complete, the slot
  /// belongs to the completer.
  [[nodiscard]] bool RetractJoinWaker() {
    return Change([](TaskState::Word w) { return w & ~TaskState::kJoinWaker; });
  }

  /// The JoinHandle goes. Returns the state before: if it was complete, the
  /// outcome is the caller's to drop, and the join-waker slot the completer's;
  /// else the other way round.
  [[nodiscard]] TaskState DropJoinInterest() {
    TaskState::Word old = word_.load(std::memory_order_relaxed);
    TaskState::Word next;
    do {
      next = old & ~TaskState::kJoinInterest;
      if (!TaskState(old).complete()) next &= ~TaskState::kJoinWaker;
      // ORDER: acquire. Pairs with Complete: the outcome may be ours. No
      // release: a completer that sees the bits gone touches neither slot nor
      // handle. A failed exchange only retries: relaxed.
    } while (!word_.compare_exchange_weak(old, next, std::memory_order_acquire,
                                          std::memory_order_relaxed));
    return TaskState(old);
  }

  /// Another reference, by somebody who holds one. Relaxed: nothing is learnt
  /// by it, and the object is handed on by other means.
  void AddReference() {
    word_.fetch_add(TaskState::kReference, std::memory_order_relaxed);
  }

  /// Gives up a reference that is not the last. False: it is, and is still the
  /// caller's.
  [[nodiscard]] bool DropUnlessLast() {
    // ORDER: acquire, here and on failure. Pairs with the release below and in
    // DropReference: the last holder goes on to free, or to hand it over.
    TaskState::Word old = word_.load(std::memory_order_acquire);
    do {
      if (TaskState(old).references() == 1) return false;
      // ORDER: release. Pairs with the acquires of the last one: publishes our
      // accesses.
    } while (!word_.compare_exchange_weak(old, old - TaskState::kReference,
                                          std::memory_order_release,
                                          std::memory_order_acquire));
    return true;
  }

  /// Gives up a reference. True: it was the last, the caller frees the task.
  [[nodiscard]] bool DropReference() {
    // A holder who is alone stays alone: references are made from references.
    // So the last one, which most often is a JoinHandle's, needs no step.
    if (Load().references() == 1) return true;
    // ORDER: acq_rel. Pairs with itself: release publishes our accesses to the
    // last dropper, acquire makes everybody's visible before it frees.
    TaskState old(
        word_.fetch_sub(TaskState::kReference, std::memory_order_acq_rel));
    DCheck(old.references() > 0, "weft: reference count underflow");
    return old.references() == 1;
  }

 private:
  static constexpr TaskState::Word kToStart =
      TaskState::kRunning - TaskState::kNotified;

  // Out of line, so that the way beside it saves no registers for it.
  [[gnu::noinline]] TaskState StartShared() {
    // ORDER: acquire. Pairs with the release in the wakes, in Abort and in
    // Idle: the poll sees what their callers did. No release: a poll publishes
    // by Idle or Complete.
    return TaskState(word_.fetch_add(kToStart, std::memory_order_acquire));
  }

  template <class F>
  bool Change(F&& change) {
    // ORDER: acquire. Pairs with Complete: if the task is complete we go on to
    // read the outcome.
    TaskState::Word old = word_.load(std::memory_order_acquire);
    do {
      if (TaskState(old).complete()) return false;
      // ORDER: release. Pairs with Complete: hands the join-waker slot over. No
      // acquire to take it back: only the joiner has written it. On failure
      // acquire, for the same reason as the load.
    } while (!word_.compare_exchange_weak(old, change(old),
                                          std::memory_order_release,
                                          std::memory_order_acquire));
    return true;
  }

  atomic<TaskState::Word> word_;
};

}  // namespace weft

#endif  // WEFT_TASK_STATE_WORD_H_
