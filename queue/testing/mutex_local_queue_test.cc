// The reference model passes the suite of its concept.

#include "weft/queue/testing/mutex_local_queue.h"

#include "gtest/gtest.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/local_queue_conformance.h"

namespace weft::queue_testing {
namespace {

using Queues = ::testing::Types<MutexLocalQueue<Item>, MutexLocalQueue<Item, 2>,
                                MutexLocalQueue<Item, 16>>;
INSTANTIATE_TYPED_TEST_SUITE_P(MutexLocalQueue, LocalQueueConformance, Queues);

}  // namespace
}  // namespace weft::queue_testing
