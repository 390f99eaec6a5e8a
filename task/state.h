#ifndef WEFT_TASK_STATE_H_
#define WEFT_TASK_STATE_H_

#include <cstdint>

namespace weft {

/// The state of a task as a value: which flags are set, how many references
/// there are. No atomics here; the transitions are in state_word.h.
///
///     bit  0  running        somebody polls the body, and only he
///     bit  1  complete       the body is destroyed, the outcome is stored
///     bit  2  notified       the task is in a queue, or will be put into one
///                            by whoever is running it
///     bit  3  join interest  a JoinHandle will take (or drop) the outcome
///     bit  4  join waker     the join-waker slot is filled
///     bit  5  cancelled      the body is to be destroyed instead of polled
///     bits 8+ references     wakers + JoinHandle + AbortHandles + one owner
///                            reference, held from spawn to completion
///
/// A queue entry and a running poll own no reference: both exist only while
/// the task is not complete, and until then the owner reference lives.
class TaskState {
 public:
  using Word = std::uint64_t;
  static constexpr Word kRunning = 1;
  static constexpr Word kComplete = 2;
  static constexpr Word kNotified = 4;
  static constexpr Word kJoinInterest = 8;
  static constexpr Word kJoinWaker = 16;
  static constexpr Word kCancelled = 32;
  static constexpr Word kFlags = 63;
  static constexpr Word kReference = 1 << 8;

  /// A new poll-style task: queued at once.
  static constexpr TaskState Queued(bool joinable) {
    return TaskState(kNotified | Handles(joinable));
  }
  /// A new coroutine task. It counts as running except while it waits for a
  /// waker (task/await.h); suspension.h has the state of its other waits.
  static constexpr TaskState Coroutine(bool joinable) {
    return TaskState(kRunning | Handles(joinable));
  }

  constexpr explicit TaskState(Word word) : word_(word) {}
  constexpr Word word() const { return word_; }

  constexpr bool running() const { return word_ & kRunning; }
  constexpr bool complete() const { return word_ & kComplete; }
  constexpr bool notified() const { return word_ & kNotified; }
  constexpr bool join_interest() const { return word_ & kJoinInterest; }
  constexpr bool join_waker() const { return word_ & kJoinWaker; }
  constexpr bool cancelled() const { return word_ & kCancelled; }
  constexpr std::uint64_t references() const { return word_ >> 8; }

  /// Whether nobody polls it, nobody will, and it is not over: the one state
  /// in which a wake has to queue it.
  constexpr bool idle() const {
    return (word_ & (kRunning | kComplete | kNotified)) == 0;
  }
  /// Whether only the owner reference is left, so that no handle or waker can
  /// appear: the completing worker is alone with the task.
  constexpr bool unshared() const {
    return (word_ & ~(kRunning | kNotified | kCancelled)) == kReference;
  }

  constexpr bool operator==(const TaskState&) const = default;

 private:
  // The owner reference, and a JoinHandle's.
  static constexpr Word Handles(bool joinable) {
    return joinable ? kJoinInterest + 2 * kReference : kReference;
  }

  Word word_;
};

}  // namespace weft

#endif  // WEFT_TASK_STATE_H_
