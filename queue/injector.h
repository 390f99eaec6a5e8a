// Injector: the queue through which work enters a scheduler from outside, and
// where local queues spill. First in, first out, unbounded, any thread.
//
// An intrusive list under one mutex, as tokio's: popping from a lock-free list
// needs more than the lock costs, and the lock is what makes batches one
// splice and closing exact. What is read often is readable without the lock.

#ifndef WEFT_QUEUE_INJECTOR_H_
#define WEFT_QUEUE_INJECTOR_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/mutex.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"

namespace weft {

/// A closable FIFO. Every function may be called from any thread at any time,
/// and none allocates, throws or calls out. Must be empty when it is destroyed.
///
/// What a thread does before it pushes an item is visible to the thread that
/// pops it. Linking an item takes the injector's lock for a few stores; no
/// caller's code ever runs under it.
template <Linkable T>
class alignas(kFalseSharingRange) Injector {
 public:
  using value_type = T;

  Injector() = default;
  Injector(const Injector&) = delete;
  Injector& operator=(const Injector&) = delete;

  /// Appends `item` and returns true; or returns false if the injector is
  /// closed, and the caller still has the item. One lock.
  [[nodiscard]] bool Push(T* item) {
    const MutexLock lock(mutex_);
    if (IsClosed()) return false;
    items_.PushBack(item);
    PublishSize();
    return true;
  }

  /// Appends the whole batch in order, in one splice, and returns an empty
  /// chain; or returns the whole batch if the injector is closed. One lock, and
  /// O(1) under it. An empty batch costs nothing.
  [[nodiscard]] Chain<T> PushBatch(Chain<T> batch) {
    if (batch.empty()) return batch;
    const MutexLock lock(mutex_);
    if (IsClosed()) return batch;
    items_.Append(std::move(batch));
    PublishSize();
    return Chain<T>();
  }

  /// Removes and returns the oldest item; null if there is none. One relaxed
  /// load when empty, else one lock. `home` is for sharded injectors; here it
  /// has no effect.
  [[nodiscard]] T* Pop([[maybe_unused]] uint32_t home = 0) {
    if (Empty()) return nullptr;
    const MutexLock lock(mutex_);
    T* const item = items_.PopFront();
    PublishSize();
    return item;
  }

  /// Removes the oldest min(max(n, 1), Size()) items, in order. At least one
  /// item whenever there is one: a caller computes n as a share of Size(), and
  /// a share that rounds to zero would leave it believing in work it never
  /// gets (tokio #5908). One lock, O(n) under it.
  [[nodiscard]] Chain<T> PopBatch(uint32_t n,
                                  [[maybe_unused]] uint32_t home = 0) {
    if (Empty()) return Chain<T>();
    const MutexLock lock(mutex_);
    Chain<T> batch = items_.TakeFront(std::max(n, uint32_t{1}));
    PublishSize();
    return batch;
  }

  /// Refuses every push from now on; true for the one call that closed it. What
  /// is queued stays and can be popped. After Close() has returned (to anybody)
  /// no item is added, so popping until null takes the last of them.
  bool Close() {
    const MutexLock lock(mutex_);
    if (IsClosed()) return false;
    // ORDER(injector.closed): release. Pairs with the acquire in closed();
    // what the closer did before Close() is visible to who sees it closed.
    closed_.store(true, std::memory_order_release);
    return true;
  }

  /// True if Close() has been called: every later push is refused. Acquires
  /// what the closer did before Close(). One load.
  bool closed() const {
    // ORDER(injector.closed): acquire. Pairs with the release in Close().
    // Relaxed would be enough for the flag alone, not for the promise above.
    return closed_.load(std::memory_order_acquire);
  }

  /// How many items are queued. One relaxed load: exact when nobody else is
  /// using the injector, else a moment old. Never misses an item whose push
  /// happens before the call (or is ordered before it by two sequentially
  /// consistent fences) and which is still there. The items themselves are
  /// published by the lock.
  std::size_t Size() const { return size_.load(std::memory_order_relaxed); }

  /// Size() == 0.
  bool Empty() const { return Size() == 0; }

 private:
  // With the lock held.
  bool IsClosed() const { return closed_.load(std::memory_order_relaxed); }
  void PublishSize() { size_.store(items_.size(), std::memory_order_relaxed); }

  // All on one range: whoever writes one of them writes most of them.
  // Written with mutex_ held; read by any thread without it.
  atomic<std::size_t> size_{0};
  atomic<bool> closed_{false};
  Mutex mutex_;
  // Guarded by mutex_.
  Chain<T> items_;
};

}  // namespace weft

#endif  // WEFT_QUEUE_INJECTOR_H_
