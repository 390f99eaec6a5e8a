// LifoSlot passes the suite of its concept.

#include "weft/queue/lifo_slot.h"

#include <type_traits>

#include "gtest/gtest.h"
#include "weft/base/model_mode.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/slot_conformance.h"

namespace weft::queue_testing {
namespace {

static_assert(kModelMode || sizeof(LifoSlot<Item>) == sizeof(Item*));
static_assert(!std::is_copy_constructible_v<LifoSlot<Item>>);

INSTANTIATE_TYPED_TEST_SUITE_P(LifoSlot, SlotConformance,
                               ::testing::Types<LifoSlot<Item>>);

}  // namespace
}  // namespace weft::queue_testing
