// MutexSlot: the reference model of the NextSlot concept.

#ifndef WEFT_QUEUE_TESTING_MUTEX_SLOT_H_
#define WEFT_QUEUE_TESTING_MUTEX_SLOT_H_

#include <utility>

#include "weft/base/check.h"
#include "weft/base/mutex.h"
#include "weft/queue/chain.h"
#include "weft/queue/concepts.h"

namespace weft {

/// A NextSlot that is a pointer under a lock; the contract is the concept's.
template <Linkable T>
class MutexSlot {
 public:
  using value_type = T;

  MutexSlot() = default;
  MutexSlot(const MutexSlot&) = delete;
  MutexSlot& operator=(const MutexSlot&) = delete;
  ~MutexSlot() {
    DCheck(item_ == nullptr, "MutexSlot: destroyed with an item in it");
  }

  [[nodiscard]] T* Put(T* item) {
    DCheck(item != nullptr, "MutexSlot: null item");
    const MutexLock lock(mutex_);
    return std::exchange(item_, item);
  }

  [[nodiscard]] T* Take() {
    const MutexLock lock(mutex_);
    return std::exchange(item_, nullptr);
  }

  [[nodiscard]] T* TakeIf(T* seen) {
    DCheck(seen != nullptr, "MutexSlot: TakeIf(null)");
    const MutexLock lock(mutex_);
    return item_ == seen ? std::exchange(item_, nullptr) : nullptr;
  }

  T* Peek() const {
    const MutexLock lock(mutex_);
    return item_;
  }

 private:
  mutable Mutex mutex_;
  // Guarded by mutex_.
  T* item_ = nullptr;
};

}  // namespace weft

#endif  // WEFT_QUEUE_TESTING_MUTEX_SLOT_H_
