// The reference model passes the suite of its concept.

#include "weft/queue/testing/mutex_slot.h"

#include "gtest/gtest.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/slot_conformance.h"

namespace weft::queue_testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(MutexSlot, SlotConformance,
                               ::testing::Types<MutexSlot<Item>>);

}  // namespace
}  // namespace weft::queue_testing
