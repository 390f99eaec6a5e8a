// The reference model passes the suite of its concept.

#include "weft/queue/testing/deque_injector.h"

#include "gtest/gtest.h"
#include "weft/queue/testing/injector_conformance.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(
    DequeInjector, InjectorConformance,
    ::testing::Types<DefaultFactory<DequeInjector<Item>>>);

}  // namespace
}  // namespace weft::queue_testing
