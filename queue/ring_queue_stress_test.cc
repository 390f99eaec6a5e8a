// RingQueue under threads: the default ring, rings so small that overflow and
// theft meet all the time, and rings whose indices wrap every few hundred items
// (known bugs Q4 and Q10 under contention: tokio #2361, TMC #243).

#include <cstdint>

#include "gtest/gtest.h"
#include "weft/queue/ring_queue.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/local_queue_stress.h"
#include "weft/queue/testing/ring_queue_at_wrap.h"

namespace weft::queue_testing {
namespace {

using Queues =
    ::testing::Types<RingQueue<Item>, RingQueue<Item, 2>, RingQueue<Item, 8>,
                     RingQueueAtWrap<256, uint32_t, 10'000>,
                     RingQueue<Item, 256, uint16_t>,
                     RingQueue<Item, 4, uint8_t>, RingQueue<Item, 16, uint8_t>,
                     RingQueue<Item, 64, uint8_t>>;
INSTANTIATE_TYPED_TEST_SUITE_P(RingQueue, LocalQueueStress, Queues);

}  // namespace
}  // namespace weft::queue_testing
