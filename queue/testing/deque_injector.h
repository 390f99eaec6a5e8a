// DequeInjector: the reference model of the InjectorQueue concept. Everything
// is read and written under one lock, emptiness too.

#ifndef WEFT_QUEUE_TESTING_DEQUE_INJECTOR_H_
#define WEFT_QUEUE_TESTING_DEQUE_INJECTOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "weft/base/check.h"
#include "weft/base/mutex.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"

namespace weft {

/// An InjectorQueue that is a deque under a lock; the contract is the
/// concept's. Every operation costs the lock, and Push may allocate.
template <Linkable T>
class DequeInjector {
 public:
  using value_type = T;

  DequeInjector() = default;
  DequeInjector(const DequeInjector&) = delete;
  DequeInjector& operator=(const DequeInjector&) = delete;
  ~DequeInjector() {
    DCheck(items_.empty(), "DequeInjector: destroyed with items in it");
  }

  [[nodiscard]] bool Push(T* item) {
    const MutexLock lock(mutex_);
    if (closed_) return false;
    items_.push_back(item);
    return true;
  }

  [[nodiscard]] Chain<T> PushBatch(Chain<T> batch) {
    const MutexLock lock(mutex_);
    if (closed_) return batch;
    while (T* item = batch.PopFront()) items_.push_back(item);
    return batch;
  }

  [[nodiscard]] T* Pop([[maybe_unused]] uint32_t home = 0) {
    const MutexLock lock(mutex_);
    return PopLocked();
  }

  [[nodiscard]] Chain<T> PopBatch(uint32_t n,
                                  [[maybe_unused]] uint32_t home = 0) {
    const MutexLock lock(mutex_);
    Chain<T> batch;
    while (batch.empty() || batch.size() < n) {
      T* const item = PopLocked();
      if (item == nullptr) break;
      batch.PushBack(item);
    }
    return batch;
  }

  bool Close() {
    const MutexLock lock(mutex_);
    return !std::exchange(closed_, true);
  }

  bool closed() const {
    const MutexLock lock(mutex_);
    return closed_;
  }

  std::size_t Size() const {
    const MutexLock lock(mutex_);
    return items_.size();
  }

  bool Empty() const { return Size() == 0; }

 private:
  T* PopLocked() {
    if (items_.empty()) return nullptr;
    T* const item = items_.front();
    items_.pop_front();
    return item;
  }

  mutable Mutex mutex_;
  // Guarded by mutex_. Oldest in front.
  std::deque<T*> items_;
  bool closed_ = false;
};

}  // namespace weft

#endif  // WEFT_QUEUE_TESTING_DEQUE_INJECTOR_H_
