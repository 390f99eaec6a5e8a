// Stops a thief between its claim and its completion: a state that lasts some
// nanoseconds in life, and that tests of one thread want to stand still in.

#ifndef WEFT_QUEUE_TESTING_RING_QUEUE_PEER_H_
#define WEFT_QUEUE_TESTING_RING_QUEUE_PEER_H_

#include <cstdint>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/queue/ring_queue.h"

namespace weft::queue_internal {

/// The first and the last step of RingQueue's StealInto(), one at a time. For
/// tests in which no other thread is at work.
struct RingQueuePeer {
  /// Claims the `n` oldest items, which must be there, and no thief at work.
  template <class Ring>
  static void Claim(Ring& ring, uint32_t n) {
    const auto head = HeadOf(ring);
    Check(!head.busy() && n <= ring.owner().Size(), "nothing to claim");
    ring.head_.word.store(head.AfterClaim(n).Pack(), std::memory_order_relaxed);
  }

  /// Completes the claim, and returns the ids of the items claimed.
  template <class Ring>
  static std::vector<uint32_t> Complete(Ring& ring, uint32_t n) {
    const auto head = HeadOf(ring);
    std::vector<uint32_t> ids;
    for (uint32_t i = 0; i < n; ++i) {
      ids.push_back(ring.Slot(Advance(head.steal, i)).Get()->id);
    }
    ring.head_.word.store(head.AfterCompletion().Pack(),
                          std::memory_order_relaxed);
    return ids;
  }

  /// The head as it is.
  template <class Ring>
  static auto HeadOf(const Ring& ring) {
    return Ring::Head::Unpack(ring.head_.word.load(std::memory_order_relaxed));
  }
};

}  // namespace weft::queue_internal

#endif  // WEFT_QUEUE_TESTING_RING_QUEUE_PEER_H_
