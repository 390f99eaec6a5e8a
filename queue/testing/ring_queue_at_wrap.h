// A ring queue whose indices are about to wrap.

#ifndef WEFT_QUEUE_TESTING_RING_QUEUE_AT_WRAP_H_
#define WEFT_QUEUE_TESTING_RING_QUEUE_AT_WRAP_H_

#include <cstdint>
#include <limits>

#include "weft/queue/ring_queue.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {

/// A RingQueue that starts `kBefore` items before its indices wrap. (Known bugs
/// Q4: tokio #2361 and #2362; Q10: TMC #243.)
template <uint32_t kCapacity, class Index, uint32_t kBefore>
struct RingQueueAtWrap : RingQueue<Item, kCapacity, Index> {
  static_assert(kBefore <= std::numeric_limits<Index>::max());
  RingQueueAtWrap()
      : RingQueue<Item, kCapacity, Index>(
            static_cast<Index>(std::numeric_limits<Index>::max() - kBefore)) {}
};

}  // namespace weft::queue_testing

#endif  // WEFT_QUEUE_TESTING_RING_QUEUE_AT_WRAP_H_
