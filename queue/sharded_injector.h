// ShardedInjector: an injector in several independent parts, for many
// producers.
//
// One lock stops scaling at about eight producer threads: in tokio's benchmark
// on 64 cores eight shards turned 32.5 ms into 6.3 ms, and with one producer
// there was no difference (tokio #8483). A producer keeps to one shard;
// choosing a shard at random for each push was 20 to 33 % slower (tokio #7973).
// One word says which shards have something, so that looking for work, and the
// check before sleep, stay a single load.
//
// A shard has two ends with a lock each. A consumer that takes a part of what
// is there walks to the cut, from one cold item to the next: under its own
// lock, so that no producer waits for it. (With one lock for both,
// spawn_many_remote of tools/compare/run spent a third of its time in the
// kernel, asleep on that lock.)
//
// The price is order: first in, first out holds within a shard only. Use
// Injector where that matters or where producers are few.

#ifndef WEFT_QUEUE_SHARDED_INJECTOR_H_
#define WEFT_QUEUE_SHARDED_INJECTOR_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/check.h"
#include "weft/base/model_mode.h"
#include "weft/base/mutex.h"
#include "weft/base/thread_local.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"

namespace weft {

/// How many shards suit a pool of `workers`: one for every four, as a power of
/// two, at most 16.
constexpr uint32_t ShardsForWorkers(uint32_t workers) {
  return std::min(uint32_t{16},
                  std::bit_ceil(std::max(uint32_t{1}, workers / 4)));
}

namespace queue_internal {

/// Which shard a thread pushes to, in every sharded injector (each uses as many
/// low bits of `home` as it has shards). Homes are dealt out round robin, so
/// that the first producers do not meet. A thread keeps its home while it finds
/// the lock free there: it gets a new one only after kRehomeInterval pushes of
/// which one found the lock taken.
struct ProducerHome {
  /// Untuned: rare enough that moving costs nothing per push, and often enough
  /// that two producers part within microseconds. Compare with
  /// BM_ShardedInjector_Producers when changing it.
  static constexpr uint32_t kRehomeInterval = 1024;

  uint32_t home = 0;
  uint32_t pushes_left = 0;
  bool met_another = true;

  /// Counts one push and returns the home for it. A read-modify-write of a word
  /// shared by all threads when the home changes, else thread-local.
  uint32_t Next() {
    if (pushes_left == 0) {
      if (met_another) home = next_home.fetch_add(1, std::memory_order_relaxed);
      met_another = false;
      pushes_left = kRehomeInterval;
    }
    --pushes_left;
    return home;
  }

  /// Written by threads that get a home.
  static inline constinit atomic<uint32_t> next_home{0};
};

struct ProducerHomeTag;
using ThisProducer = ThreadLocal<ProducerHome, ProducerHomeTag>;

}  // namespace queue_internal

/// A closable queue of FIFO shards. Every function may be called from any
/// thread at any time; none throws or calls out, and only the constructor
/// allocates. Must be empty when it is destroyed.
///
/// What a thread does before it pushes an item is visible to the thread that
/// pops it. No caller's code runs under a lock.
template <Linkable T>
class ShardedInjector {
 public:
  using value_type = T;

  static constexpr uint32_t kMaxShards = 64;

  /// `shards` is a power of two from 1 to kMaxShards; see ShardsForWorkers().
  explicit ShardedInjector(uint32_t shards);
  ShardedInjector(const ShardedInjector&) = delete;
  ShardedInjector& operator=(const ShardedInjector&) = delete;

  /// Appends `item` to the calling thread's shard and returns true; or returns
  /// false if the injector is closed or being closed, and the caller still has
  /// the item. One lock, and one read-modify-write of the shared word if the
  /// shard was empty.
  [[nodiscard]] bool Push(T* item);

  /// The same, to the shard that `hint` names (modulo their number): for
  /// producers that know better, such as a worker with a number of its own.
  [[nodiscard]] bool Push(T* item, uint32_t hint);

  /// Appends the whole batch in order to one shard, in one splice, and returns
  /// an empty chain; or returns the whole batch if the injector is closed or
  /// being closed. One lock, and O(1) under it. An empty batch costs nothing.
  [[nodiscard]] Chain<T> PushBatch(Chain<T> batch);

  /// The same, to the shard that `hint` names (modulo their number).
  [[nodiscard]] Chain<T> PushBatch(Chain<T> batch, uint32_t hint);

  /// Removes and returns the oldest item of the first non-empty shard, counted
  /// around from `home` (modulo their number); null if there is none. Give each
  /// consumer a home of its own and they seldom meet. One load when empty, else
  /// one lock or two, and more only if other consumers are faster.
  [[nodiscard]] T* Pop(uint32_t home = 0);

  /// Removes the oldest max(n, 1) items of the first non-empty shard, counted
  /// around from `home`, or all of that shard if it has fewer. At least one
  /// item whenever there is one (tokio #5908). O(n) under the consumers' lock,
  /// O(1) under the producers'.
  [[nodiscard]] Chain<T> PopBatch(uint32_t n, uint32_t home = 0);

  /// Closes every shard; true for the one call that closed the first. What is
  /// queued stays and can be popped. When Close() has returned (to anybody) no
  /// item is added, so popping until null takes the last of them.
  bool Close();

  /// True only when every shard is closed: not yet while Close() is at it, so
  /// that who sees true and then finds the injector empty has seen the last
  /// item. Acquires what each closer did before Close(). One load.
  bool closed() const {
    // ORDER(sharded.closed): acquire. Pairs with the release in Close(): the
    // shards' own flags come before it, and so does what the closer did.
    return closed_.load(std::memory_order_acquire);
  }

  /// How many items are queued. Two loads per shard: exact when nobody else is
  /// using the injector, else a moment old. May count what is being moved or
  /// taken, but misses nothing: see Empty().
  std::size_t Size() const;

  /// True if no shard has an item. One relaxed load. Never misses an item whose
  /// push happens before the call (or is ordered before it by two sequentially
  /// consistent fences) and which is still there. The items themselves are
  /// published by the locks.
  bool Empty() const { return nonempty_.load(std::memory_order_relaxed) == 0; }

  uint32_t shards() const { return shard_mask_ + 1; }

 private:
  /// Items come in at one end and are moved to the other, all at once, when a
  /// consumer has taken what was there. Who holds both locks has taken the
  /// consumers' first.
  struct alignas(kFalseSharingRange) Shard {
    // Where producers push. Guarded by push_mutex.
    Mutex push_mutex;
    Chain<T> pushed;
    bool closed = false;
    // pushed.size(), for readers without the lock.
    atomic<std::size_t> pushed_size{0};

    // What consumers take; older than all in `pushed`. Guarded by take_mutex.
    alignas(kFalseSharingRange) Mutex take_mutex;
    Chain<T> ready;
    // ready.size(), for readers without the lock.
    atomic<std::size_t> ready_size{0};
  };
  static_assert(kModelMode || sizeof(Shard) == 2 * kFalseSharingRange);

  /// A shard and the lock on its producers' end.
  struct Locked {
    uint32_t index;
    MutexLock lock;
  };

  static uint64_t Bit(uint32_t index) { return uint64_t{1} << index; }

  Locked LockShard(uint32_t hint);
  Locked LockHomeOfThisThread();
  void Splice(const Locked& locked, Chain<T> batch);
  Chain<T> SpliceUnlessClosed(const Locked& locked, Chain<T> batch);
  bool PushUnlessClosed(const Locked& locked, T* item);
  /// Removes up to n items of the first non-empty shard, from `home` on.
  Chain<T> Remove(std::size_t n, uint32_t home);
  Chain<T> RemoveFrom(uint32_t index, std::size_t n);

  // Written by the constructor, and the flag by Close(); read by all.
  const uint32_t shard_mask_;
  const std::unique_ptr<Shard[]> shards_;
  atomic<bool> closed_{false};

  // INVARIANT(sharded.bit): bit i is set exactly if shard i has items, whenever
  // both locks of shard i are free. Written with the producers' lock held; read
  // by all.
  alignas(kFalseSharingRange) atomic<uint64_t> nonempty_{0};
};

template <Linkable T>
ShardedInjector<T>::ShardedInjector(uint32_t shards)
    : shard_mask_(shards - 1), shards_(std::make_unique<Shard[]>(shards)) {
  Check(std::has_single_bit(shards) && shards <= kMaxShards,
        "ShardedInjector: the number of shards is a power of two, 1 to 64");
}

template <Linkable T>
auto ShardedInjector<T>::LockShard(uint32_t hint) -> Locked {
  const uint32_t index = hint & shard_mask_;
  return {index, MutexLock(shards_[index].push_mutex)};
}

template <Linkable T>
auto ShardedInjector<T>::LockHomeOfThisThread() -> Locked {
  queue_internal::ProducerHome& producer = queue_internal::ThisProducer::Get();
  const uint32_t index = producer.Next() & shard_mask_;
  MutexLock lock(shards_[index].push_mutex, std::try_to_lock);
  if (!lock.owns_lock()) {
    producer.met_another = true;
    lock.lock();
  }
  return {index, std::move(lock)};
}

template <Linkable T>
void ShardedInjector<T>::Splice(const Locked& locked, Chain<T> batch) {
  Shard& shard = shards_[locked.index];
  const bool was_empty = shard.pushed.empty();
  shard.pushed.Append(std::move(batch));
  shard.pushed_size.store(shard.pushed.size(), std::memory_order_relaxed);
  // Relaxed: the bit says where to look; the lock publishes the items. It may
  // be set already, because of what is ready.
  if (was_empty) {
    nonempty_.fetch_or(Bit(locked.index), std::memory_order_relaxed);
  }
}

template <Linkable T>
bool ShardedInjector<T>::PushUnlessClosed(const Locked& locked, T* item) {
  if (shards_[locked.index].closed) return false;
  Splice(locked, Chain<T>(item));
  return true;
}

template <Linkable T>
Chain<T> ShardedInjector<T>::SpliceUnlessClosed(const Locked& locked,
                                                Chain<T> batch) {
  if (shards_[locked.index].closed) return batch;
  Splice(locked, std::move(batch));
  return Chain<T>();
}

template <Linkable T>
bool ShardedInjector<T>::Push(T* item) {
  return PushUnlessClosed(LockHomeOfThisThread(), item);
}

template <Linkable T>
bool ShardedInjector<T>::Push(T* item, uint32_t hint) {
  return PushUnlessClosed(LockShard(hint), item);
}

template <Linkable T>
Chain<T> ShardedInjector<T>::PushBatch(Chain<T> batch) {
  if (batch.empty()) return batch;
  return SpliceUnlessClosed(LockHomeOfThisThread(), std::move(batch));
}

template <Linkable T>
Chain<T> ShardedInjector<T>::PushBatch(Chain<T> batch, uint32_t hint) {
  if (batch.empty()) return batch;
  return SpliceUnlessClosed(LockShard(hint), std::move(batch));
}

template <Linkable T>
Chain<T> ShardedInjector<T>::Remove(std::size_t n, uint32_t home) {
  const uint32_t first = home & shard_mask_;
  uint64_t candidates = nonempty_.load(std::memory_order_relaxed);
  while (candidates != 0) {
    // The lowest bit at or above `first`, else the lowest of all.
    const int ahead =
        std::countr_zero(std::rotr(candidates, static_cast<int>(first)));
    const uint32_t index =
        (first + static_cast<uint32_t>(ahead)) % 64 & shard_mask_;
    candidates &= ~Bit(index);
    Chain<T> taken = RemoveFrom(index, n);
    if (!taken.empty()) return taken;  // Else another consumer was faster.
  }
  return Chain<T>();
}

template <Linkable T>
Chain<T> ShardedInjector<T>::RemoveFrom(uint32_t index, std::size_t n) {
  Shard& shard = shards_[index];
  const MutexLock taking(shard.take_mutex);
  if (shard.ready.size() <= n) {
    const Locked locked = LockShard(index);
    shard.ready.Append(std::move(shard.pushed));
    shard.ready_size.store(shard.ready.size(), std::memory_order_relaxed);
    // ORDER(sharded.size): release. Pairs with the acquire in Size(): who sees
    // that nothing is left at this end sees it at the other. Relaxed would let
    // it miss items that are only moved.
    shard.pushed_size.store(0, std::memory_order_release);
    if (!shard.ready.empty() && shard.ready.size() <= n) {
      // Relaxed: the bit says where not to look; it publishes nothing.
      nonempty_.fetch_and(~Bit(index), std::memory_order_relaxed);
    }
  }
  Chain<T> taken = shard.ready.TakeFront(n);
  shard.ready_size.store(shard.ready.size(), std::memory_order_relaxed);
  return taken;
}

template <Linkable T>
T* ShardedInjector<T>::Pop(uint32_t home) {
  return Remove(1, home).PopFront();
}

template <Linkable T>
Chain<T> ShardedInjector<T>::PopBatch(uint32_t n, uint32_t home) {
  return Remove(std::max(n, uint32_t{1}), home);
}

template <Linkable T>
bool ShardedInjector<T>::Close() {
  bool first = false;
  for (uint32_t index = 0; index <= shard_mask_; ++index) {
    const Locked locked = LockShard(index);
    const bool was_closed = std::exchange(shards_[index].closed, true);
    if (index == 0) first = !was_closed;
  }
  // ORDER(sharded.closed): release. Pairs with the acquire in closed(): who
  // sees the flag finds every shard closed. Relaxed would show the flag to a
  // consumer that still misses an item pushed before its shard closed.
  closed_.store(true, std::memory_order_release);
  return first;
}

template <Linkable T>
std::size_t ShardedInjector<T>::Size() const {
  std::size_t size = 0;
  for (uint32_t index = 0; index <= shard_mask_; ++index) {
    // ORDER(sharded.size): acquire, and this end first. See RemoveFrom.
    size += shards_[index].pushed_size.load(std::memory_order_acquire);
    size += shards_[index].ready_size.load(std::memory_order_relaxed);
  }
  return size;
}

}  // namespace weft

#endif  // WEFT_QUEUE_SHARDED_INJECTOR_H_
