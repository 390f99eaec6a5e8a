#ifndef WEFT_TASK_REGISTRY_H_
#define WEFT_TASK_REGISTRY_H_

#include <array>
#include <cstddef>

#include "weft/base/atomic.h"
#include "weft/base/model_mode.h"
#include "weft/task/header.h"

namespace weft {

/// The tasks that one worker has spawned and that are not complete, so that a
/// shutdown can find them: a table of pointers.
///
/// Insert is the owner's: it takes the next empty entry behind a hand that goes
/// round, one plain store. Remove is anybody's: the completing worker clears
/// the entry, one plain store, no lock and no message to the owner, and the
/// block can be freed at once. So a spawn and its completion on two workers
/// share nothing but that entry.
///
/// The table doubles when a lap of the hand found less than half of it empty,
/// which keeps an insert at two entries looked at on average. It never shrinks:
/// at most 32 bytes per task at the highest number alive at once (each of the
/// more than n/2 entries found full held a task when the lap began), but not
/// less than 64 entries once there was one.
///
/// Outlives the completion of every task in it: `Remove` writes to it.
///
/// Rejected: a list per worker with a mutex (10 to 12 ns for each spawn), a
/// list per worker with remote removal through a queue (a sleeping owner would
/// keep blocks alive), one list (contended).
class TaskRegistry {
 public:
  TaskRegistry() = default;
  TaskRegistry(const TaskRegistry&) = delete;
  TaskRegistry& operator=(const TaskRegistry&) = delete;
  ~TaskRegistry();

  /// Enters `task`, which leaves by `Remove`. Owner only, or under the owner's
  /// lock. Throws what allocating a larger table throws; then nothing changed.
  void Insert(TaskHeader* task) {
    // ORDER(registry.entry): acquire. Pairs with LeaveRegistry: the task that
    // had this entry before. Our store below would else hide from Empty() what
    // that task did.
    Entry* entry = hand_;
    while (entry == end_ || entry->load(std::memory_order_acquire) != nullptr)
      [[unlikely]] { entry = Advance(); }
    hand_ = entry + 1;
    ++inserted_this_lap_;
    task->set_registry_entry(entry);
    // ORDER(registry.entry): release. Pairs with the acquire in ForEach() and
    // Empty(), which go on to read the task.
    entry->store(task, std::memory_order_release);
  }

  /// `task` leaves the registry it was entered into, if any. Any thread; the
  /// caller has run the task to its end.
  static void Remove(TaskHeader* task) { (void)task->LeaveRegistry(); }

  /// Calls `visit(TaskHeader*)` for each task in the table, until it returns
  /// false; returns whether it never did. Any thread, also while the owner
  /// inserts (which it may miss); a visitor that uses the task needs to know
  /// that no task is run meanwhile.
  template <class Visitor>
  bool ForEach(Visitor&& visit) const {
    for (std::size_t i = 0; i < kMaxChunks; ++i) {
      // ORDER(registry.chunk): acquire. Pairs with the release in Grow();
      // publishes the cleared entries.
      const Entry* chunk = chunks_[i].load(std::memory_order_acquire);
      if (chunk == nullptr) break;
      for (std::size_t j = 0; j < ChunkSize(i); ++j) {
        // ORDER(registry.entry): acquire. See Insert and Remove.
        TaskHeader* task = chunk[j].load(std::memory_order_acquire);
        if (task != nullptr && !visit(task)) return false;
      }
    }
    return true;
  }

  /// How many entries the table has, full or empty. Owner only.
  std::size_t capacity() const {
    return count_ == 0 ? 0 : kFirstChunk << (count_ - 1);
  }

  /// Whether no task is in the table. Exact only while nobody inserts. If so,
  /// what the bodies of all former tasks did is visible to the caller.
  bool Empty() const {
    return ForEach([](TaskHeader*) { return false; });
  }

 private:
  using Entry = atomic<TaskHeader*>;
  // Few under the model checker, so that tables grow within a test.
  static constexpr std::size_t kFirstChunk = kModelMode ? 2 : 64;
  // 2^31 * 64 entries: with their tasks more than 16 TiB.
  static constexpr std::size_t kMaxChunks = 32;

  // Each chunk is as large as all before it together.
  static constexpr std::size_t ChunkSize(std::size_t i) {
    return i == 0 ? kFirstChunk : kFirstChunk << (i - 1);
  }

  // Moves the hand to the next entry, at the end of the table back to its
  // beginning, or to a new chunk if the lap found little. Returns the hand.
  Entry* Advance();
  void Grow();
  void MoveTo(std::size_t chunk);

  // Written by the owner, read by all.
  std::array<atomic<Entry*>, kMaxChunks> chunks_ = {};

  // Owner only.
  std::size_t count_ = 0;
  std::size_t chunk_ = 0;
  Entry* hand_ = nullptr;
  Entry* end_ = nullptr;
  std::size_t inserted_this_lap_ = 0;
};

}  // namespace weft

#endif  // WEFT_TASK_REGISTRY_H_
