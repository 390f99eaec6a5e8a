#ifndef WEFT_TASK_HEADER_H_
#define WEFT_TASK_HEADER_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/cell.h"
#include "weft/task/block.h"
#include "weft/task/scheduler.h"
#include "weft/task/stack_mark.h"
#include "weft/task/state_word.h"
#include "weft/task/suspension.h"
#include "weft/waker/waker.h"

namespace weft {

class TaskHeader;

/// What differs between kinds of task bodies. One constant per body type.
struct TaskVTable {
  /// Polls, resumes, or (if it was aborted) destroys the body. The caller
  /// holds the queue entry and must not touch the task afterwards.
  void (*run)(TaskHeader* task) noexcept;
  /// Asks for the end. Any thread that holds a reference.
  void (*abort)(TaskHeader* task) noexcept;
  /// A waker made the idle task notified: make it runnable.
  void (*submit)(TaskHeader* task) noexcept;
  /// Moves the outcome into `*static_cast<Outcome<T>*>(outcome)`, or drops it
  /// if null. The caller owns it by `StateWord`'s rules.
  void (*take_outcome)(TaskHeader* task, void* outcome);
  /// The stored outcome's exception, or null.
  std::exception_ptr (*exception)(TaskHeader* task) noexcept;
  /// Frees the block. Called once, by the last reference.
  void (*deallocate)(TaskHeader* task) noexcept;
};

/// The cold end of a task's block: touched at join, and once when freed.
struct TaskTrailer {
  /// Who waits for the outcome; empty unless the join-waker bit is set. Owned
  /// by the joiner while the bit is clear, else by the completer (see
  /// StateWord::Complete). Written by both, read by the completer.
  Cell<Waker> join_waker;
  /// Where the block came from. Written once.
  task_internal::BlockSource source = task_internal::BlockSource::PlainNew();
};

/// The hot first cache line of every task's single allocation:
///
///     [ TaskHeader | future, or coroutine frame | TaskTrailer, outcome ]
///
/// Queues link tasks through `next`; workers run them with `Run()`; everything
/// else goes through handles (JoinHandle, AbortHandle, Waker).
///
/// Source: "Reducing allocations" in the Tokio article.
class alignas(kCacheLine) TaskHeader {
 public:
  /// Link of the queue that holds the task. Written by the holder of the queue
  /// entry; published by the queue.
  TaskHeader* next = nullptr;

  TaskHeader(const TaskHeader&) = delete;
  TaskHeader& operator=(const TaskHeader&) = delete;

  /// Runs the task once. The caller holds its queue entry, which this uses up.
  /// Never throws. Called on a worker of the task's scheduler.
  void Run() noexcept { vtable_->run(this); }

  /// Asks for the end of the task: the body is destroyed by the worker that
  /// next runs it, never here. Any thread with a reference; harmless on a
  /// complete task. What the first caller did before is visible to the body's
  /// destructors. Costs one read-modify-write, and for a suspended coroutine
  /// those of its operation.
  void Abort() noexcept { vtable_->abort(this); }

  /// Binds the task to its scheduler. By the spawner, before the first
  /// `Schedule`.
  void Bind(TaskScheduler* scheduler) { scheduler_ = scheduler; }
  TaskScheduler* scheduler() const { return scheduler_; }

  /// The registry's entry for this task (task/registry.h).
  atomic<TaskHeader*>* registry_entry() const { return registry_entry_; }
  void set_registry_entry(atomic<TaskHeader*>* entry) {
    registry_entry_ = entry;
  }

  StateWord& state() { return state_; }
  const StateWord& state() const { return state_; }
  Suspension& suspension() { return suspension_; }
  task_internal::StackMark& stack_mark() { return stack_mark_; }
  const TaskVTable& vtable() const { return *vtable_; }
  TaskTrailer& trailer() {
    return *reinterpret_cast<TaskTrailer*>(reinterpret_cast<std::byte*>(this) +
                                           trailer_offset_);
  }

  /// Where a coroutine task goes on. Written by the task before it suspends,
  /// read by the worker that resumes it.
  std::coroutine_handle<> resume_point;

  /// Takes a reference away; frees the block with the last. Any thread that
  /// holds it.
  void DropReference() {
    if (state_.DropReference()) vtable_->deallocate(this);
  }

  /// The runner has destroyed the body and stored the outcome: drops the
  /// outcome if nobody wants it, leaves the scheduler, wakes the joiner, gives
  /// up the owner reference. The task must not be touched afterwards.
  void Complete() noexcept;

  /// Complete, where the block's type is known. Detached and with no waker that
  /// was kept, which is most tasks: no read-modify-write, and no indirect call
  /// but the scheduler's (tools/counts/run, chain-detached).
  template <class Block>
  static void EndTask(Block& block) noexcept {
    TaskHeader& task = block;
    if (!task.state_.Load().unshared() || block.outcome().failed()) {
      return task.Complete();
    }
    block.outcome().Clear();
    task.LeaveScheduler();
    block.FreeEnded();
  }

  /// The task, which has been run to its end, leaves the registry it was
  /// entered into; false if there is none. Any thread. One plain store.
  bool LeaveRegistry() noexcept {
    atomic<TaskHeader*>* const entry = registry_entry_;
    if (entry == nullptr) return false;
    // ORDER(registry.entry): release. Pairs with the acquire in Empty() and
    // Insert(): who sees every entry clear also sees what the tasks did.
    // Relaxed would let a drained shutdown miss a task's last writes.
    entry->store(nullptr, std::memory_order_release);
    return true;
  }

  /// An owned waker of this task; takes a reference.
  Waker NewWaker();
  /// A lent one, for the time of a poll.
  WakerRef LentWaker();

 protected:
  TaskHeader(TaskState initial, const TaskVTable* vtable)
      : state_(initial), vtable_(vtable) {}
  ~TaskHeader() = default;

  /// Other functions for a task that nobody else knows yet.
  void SetVTable(const TaskVTable* vtable) { vtable_ = vtable; }

  /// Says where in the block the trailer is.
  void SetTrailer(TaskTrailer* trailer) {
    trailer_offset_ =
        static_cast<std::uint32_t>(reinterpret_cast<std::byte*>(trailer) -
                                   reinterpret_cast<std::byte*>(this));
  }

 private:
  void DropUnclaimedOutcome() noexcept;
  void LeaveScheduler() noexcept {
    if (!LeaveRegistry()) [[unlikely]] {
      scheduler_->Release(this);
    }
  }

  // Written by everybody who wakes, joins or aborts.
  StateWord state_;
  // Written by the task, its completer and its canceller; coroutines only.
  Suspension suspension_;
  // Written once, before the task is first scheduled; read by all.
  const TaskVTable* vtable_;
  TaskScheduler* scheduler_ = nullptr;
  atomic<TaskHeader*>* registry_entry_ = nullptr;
  std::uint32_t trailer_offset_ = 0;
  // Written and read by whoever runs the task; coroutines only.
  task_internal::StackMark stack_mark_;

 protected:
  // Whether the block belongs to a task; else to a coroutine that is (still)
  // a plain awaited call. Written before the task is first scheduled.
  bool spawned_ = false;
};

static_assert(sizeof(TaskHeader) == kCacheLine,
              "the hot header is one cache line");

}  // namespace weft

#endif  // WEFT_TASK_HEADER_H_
