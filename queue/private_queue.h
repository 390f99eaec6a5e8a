// PrivateQueue: the run queue of a worker from which nobody steals. A linked
// list of its owner's, with no synchronisation at all: what "Making the Tokio
// scheduler 10x faster" says a scheduler with pinned tasks saves.

#ifndef WEFT_QUEUE_PRIVATE_QUEUE_H_
#define WEFT_QUEUE_PRIVATE_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"

namespace weft {

/// An unbounded FIFO LocalQueue of one thread. It never overflows. Must be
/// empty when it is destroyed.
///
/// StealInto may be called only while the owner does not use the queue, and
/// what it did before is visible: as at the end of a pool. Size may be called
/// by any thread at any time.
///
/// Use when: tasks are pinned to their worker. Costs: some plain loads and
/// stores, and one relaxed store for whoever looks on.
template <Linkable T>
class PrivateQueue {
 public:
  using value_type = T;

  /// The owner's side; see LocalQueueOwner. The sinks are never called.
  class Owner {
   public:
    template <OverflowSink<T> Sink>
    void Push(T* item, Sink&&) {
      queue_->items_.PushBack(item);
      queue_->TellSize();
    }
    /// O(1).
    template <OverflowSink<T> Sink>
    void PushBatch(Chain<T> batch, Sink&&) {
      queue_->items_.Append(std::move(batch));
      queue_->TellSize();
    }
    [[nodiscard]] T* Pop() {
      T* const item = queue_->items_.PopFront();
      if (item != nullptr) queue_->TellSize();
      return item;
    }
    std::uint32_t Size() const { return queue_->Count(); }
    std::uint32_t Free() const { return capacity() - queue_->Count(); }

   private:
    friend class PrivateQueue;
    explicit Owner(PrivateQueue* queue) : queue_(queue) {}
    PrivateQueue* queue_;
  };

  /// Everybody else's side; see LocalQueueThief, and the class for when.
  class Thief {
   public:
    [[nodiscard]] Steal<T> StealInto(Owner& mine, std::uint32_t max_take,
                                     std::uint32_t leave = 0) {
      const std::uint32_t queued = queue_->Count();
      if (queued <= leave) return {};
      const std::uint32_t count = std::min(queued - queued / 2, max_take);
      Chain<T> taken = queue_->items_.TakeFront(count);
      queue_->TellSize();
      T* const first = taken.PopFront();
      mine.queue_->items_.Append(std::move(taken));
      mine.queue_->TellSize();
      return {StealStatus::kTook, first, count};
    }
    /// A hint. One load.
    std::uint32_t Size() const {
      return queue_->size_.load(std::memory_order_relaxed);
    }

   private:
    friend class PrivateQueue;
    explicit Thief(PrivateQueue* queue) : queue_(queue) {}
    PrivateQueue* queue_;
  };

  PrivateQueue() = default;
  PrivateQueue(const PrivateQueue&) = delete;
  PrivateQueue& operator=(const PrivateQueue&) = delete;

  Owner owner() { return Owner(this); }
  Thief thief() { return Thief(this); }

  static constexpr std::uint32_t capacity() {
    return std::numeric_limits<std::uint32_t>::max();
  }

 private:
  std::uint32_t Count() const {
    return static_cast<std::uint32_t>(items_.size());
  }
  // Relaxed: a hint, which publishes nothing.
  void TellSize() { size_.store(Count(), std::memory_order_relaxed); }

  // The owner's. Checks when it is destroyed that it is empty.
  Chain<T> items_;
  // items_.size(). Written by the owner, read by all.
  atomic<std::uint32_t> size_{0};
};

}  // namespace weft

#endif  // WEFT_QUEUE_PRIVATE_QUEUE_H_
