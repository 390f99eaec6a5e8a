// The reference model under threads: if this fails, the stress test is wrong.

#include "gtest/gtest.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/local_queue_stress.h"
#include "weft/queue/testing/mutex_local_queue.h"

namespace weft::queue_testing {
namespace {

using Queues =
    ::testing::Types<MutexLocalQueue<Item>, MutexLocalQueue<Item, 8>>;
INSTANTIATE_TYPED_TEST_SUITE_P(MutexLocalQueue, LocalQueueStress, Queues);

}  // namespace
}  // namespace weft::queue_testing
