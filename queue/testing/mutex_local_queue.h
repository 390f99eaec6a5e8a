// MutexLocalQueue: the reference model of the LocalQueue concept. A deque, a
// lock, and the contract of queue/concepts.h written down as plainly as it can
// be. Slow and obviously right: the oracle of the conformance suite, the
// baseline of the benchmarks, and a queue with which a pool can be assembled
// when the question is whether a bug is in the ring.

#ifndef WEFT_QUEUE_TESTING_MUTEX_LOCAL_QUEUE_H_
#define WEFT_QUEUE_TESTING_MUTEX_LOCAL_QUEUE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "weft/base/check.h"
#include "weft/base/mutex.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"
#include "weft/queue/steal.h"

namespace weft {

/// A LocalQueue of at most `kCapacity` items under one lock. Handles, contract
/// and lifetime are RingQueue's; every operation costs a lock, and a steal
/// costs two, one after the other.
template <Linkable T, uint32_t kCapacity = 256>
class MutexLocalQueue {
  static_assert(kCapacity >= 2 && kCapacity % 2 == 0);

 public:
  using value_type = T;

  /// The owner's side; see LocalQueueOwner.
  class Owner {
   public:
    template <OverflowSink<T> Sink>
    void Push(T* item, Sink&& sink) {
      queue_->Push(item, sink);
    }
    template <OverflowSink<T> Sink>
    void PushBatch(Chain<T> batch, Sink&& sink) {
      queue_->PushBatch(std::move(batch), sink);
    }
    [[nodiscard]] T* Pop() { return queue_->Pop(); }
    uint32_t Size() const { return queue_->Size(); }
    uint32_t Free() const { return kCapacity - queue_->Size(); }

   private:
    friend class MutexLocalQueue;
    explicit Owner(MutexLocalQueue* queue) : queue_(queue) {}
    MutexLocalQueue* queue_;
  };

  /// Everybody else's side; see LocalQueueThief. Never answers kBusy.
  class Thief {
   public:
    [[nodiscard]] Steal<T> StealInto(Owner& mine, uint32_t max_take,
                                     uint32_t leave = 0) {
      return queue_->StealInto(*mine.queue_, max_take, leave);
    }
    uint32_t Size() const { return queue_->Size(); }

   private:
    friend class MutexLocalQueue;
    explicit Thief(MutexLocalQueue* queue) : queue_(queue) {}
    MutexLocalQueue* queue_;
  };

  MutexLocalQueue() = default;
  MutexLocalQueue(const MutexLocalQueue&) = delete;
  MutexLocalQueue& operator=(const MutexLocalQueue&) = delete;
  ~MutexLocalQueue() {
    DCheck(items_.empty(), "MutexLocalQueue: destroyed with items in it");
  }

  Owner owner() { return Owner(this); }
  Thief thief() { return Thief(this); }

  static constexpr uint32_t capacity() { return kCapacity; }

 private:
  template <class Sink>
  void Push(T* item, Sink& sink) {
    Chain<T> spilled;
    {
      const MutexLock lock(mutex_);
      if (items_.size() < kCapacity) {
        items_.push_back(item);
        return;
      }
      for (uint32_t i = kCapacity / 2; i < kCapacity; ++i) {
        spilled.PushBack(items_[i]);
      }
      items_.resize(kCapacity / 2);
    }
    spilled.PushBack(item);
    sink.PushBatch(std::move(spilled));
  }

  template <class Sink>
  void PushBatch(Chain<T> batch, Sink& sink) {
    {
      const MutexLock lock(mutex_);
      while (!batch.empty() && items_.size() < kCapacity) {
        items_.push_back(batch.PopFront());
      }
    }
    if (!batch.empty()) sink.PushBatch(std::move(batch));
  }

  T* Pop() {
    const MutexLock lock(mutex_);
    return PopLocked();
  }

  T* PopLocked() {
    if (items_.empty()) return nullptr;
    T* const item = items_.front();
    items_.pop_front();
    return item;
  }

  uint32_t Size() const {
    const MutexLock lock(mutex_);
    return static_cast<uint32_t>(items_.size());
  }

  Steal<T> StealInto(MutexLocalQueue& mine, uint32_t max_take, uint32_t leave) {
    DCheck(this != &mine, "MutexLocalQueue: a queue cannot steal from itself");
    DCheck(max_take > 0, "MutexLocalQueue: a steal of nothing");
    // Only the owner adds to `mine`, and that is the caller: the room is still
    // there when it is used below. Two threads that rob each other must not
    // hold both locks.
    const uint32_t limit = std::min(max_take, mine.owner().Free() + 1);
    Chain<T> taken;
    {
      const MutexLock lock(mutex_);
      const uint32_t queued = static_cast<uint32_t>(items_.size());
      if (queued <= leave) return {StealStatus::kEmpty, nullptr, 0};
      const uint32_t count = std::min(queued - queued / 2, limit);
      for (uint32_t i = 0; i < count; ++i) taken.PushBack(PopLocked());
    }
    const uint32_t count = static_cast<uint32_t>(taken.size());
    T* const first = taken.PopFront();
    const MutexLock lock(mine.mutex_);
    while (T* item = taken.PopFront()) mine.items_.push_back(item);
    return {StealStatus::kTook, first, count};
  }

  mutable Mutex mutex_;
  // Guarded by mutex_. Oldest in front.
  std::deque<T*> items_;
};

}  // namespace weft

#endif  // WEFT_QUEUE_TESTING_MUTEX_LOCAL_QUEUE_H_
