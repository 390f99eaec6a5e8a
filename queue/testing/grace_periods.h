// Grace periods: lets one thread of a stress test wait until every other thread
// has left whatever it was in the middle of.
//
// A ring with 8-bit indices is only right while no thief sleeps in the middle
// of a steal for as long as 256 items take (see RingQueue on narrow indices).
// On a machine with fewer cores than threads that happens all the time, and has
// nothing to do with the question whether wrapping works. So the owner of a
// narrow ring waits, before it has used up the range, until each thief has
// started anew.

#ifndef WEFT_QUEUE_TESTING_GRACE_PERIODS_H_
#define WEFT_QUEUE_TESTING_GRACE_PERIODS_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/thread.h"

namespace weft::queue_testing {

class GracePeriods {
 public:
  explicit GracePeriods(uint32_t threads) : seen_(threads) {}

  /// Thread `self` is in the middle of nothing now. Call it often.
  void Quiescent(uint32_t self) {
    // Acquire and release: pairs with the loads in Wait(), so that what this
    // thread did before happens before what the waiter does next.
    seen_[self]->store(period_->load(std::memory_order_acquire),
                       std::memory_order_release);
  }

  /// Thread `self` will not come back. It counts as quiescent from now on.
  void Leave(uint32_t self) {
    // Release: pairs with the load in Wait(), as above.
    seen_[self]->store(std::numeric_limits<uint64_t>::max(),
                       std::memory_order_release);
  }

  /// Waits until every other thread has been quiescent since the call began.
  /// Thread `self` is in the middle of nothing itself: two may wait at once.
  void Wait(uint32_t self) {
    // Acquire and release: a thread that reports this period or a later one has
    // seen what happened before it began.
    const uint64_t period =
        period_->fetch_add(1, std::memory_order_acq_rel) + 1;
    for (uint32_t other = 0; other < seen_.size(); ++other) {
      if (other == self) continue;
      // Acquire: pairs with the stores in Quiescent() and Leave().
      while (seen_[other]->load(std::memory_order_acquire) < period) {
        Quiescent(self);
        YieldThread();
      }
    }
  }

 private:
  // Written by whoever waits; read by all.
  CacheAligned<atomic<uint64_t>> period_;
  // Entry i is written by thread i and read by those that wait.
  std::vector<CacheAligned<atomic<uint64_t>>> seen_;
};

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_GRACE_PERIODS_H_
