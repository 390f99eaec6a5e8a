// RingQueue passes the suite of its concept: at its default size, at sizes that
// overflow often, and with indices so narrow that they go round all the time.

#include <cstdint>

#include "gtest/gtest.h"
#include "weft/queue/ring_queue.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/local_queue_conformance.h"
#include "weft/queue/testing/ring_queue_at_wrap.h"

namespace weft::queue_testing {
namespace {

using Queues =
    ::testing::Types<RingQueue<Item>, RingQueue<Item, 2>, RingQueue<Item, 4>,
                     RingQueue<Item, 16, uint16_t>, RingQueue<Item, 4, uint8_t>,
                     RingQueue<Item, 64, uint8_t>,
                     RingQueue<Item, 128, uint8_t>>;
INSTANTIATE_TYPED_TEST_SUITE_P(RingQueue, LocalQueueConformance, Queues);

// Known bugs Q4, tokio #2361 and #2362: the same with the wrap in every place
// at which arithmetic can forget it.
using QueuesAtWrap = ::testing::Types<
    RingQueueAtWrap<4, uint8_t, 0>, RingQueueAtWrap<4, uint8_t, 1>,
    RingQueueAtWrap<4, uint8_t, 2>, RingQueueAtWrap<4, uint8_t, 3>,
    RingQueueAtWrap<16, uint16_t, 1>, RingQueueAtWrap<16, uint16_t, 11>,
    RingQueueAtWrap<256, uint32_t, 1>, RingQueueAtWrap<256, uint32_t, 200>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Q4RingQueueAtWrap, LocalQueueConformance,
                               QueuesAtWrap);

}  // namespace
}  // namespace weft::queue_testing
