// Injector passes the suite of its concept.

#include "weft/queue/testing/injector_conformance.h"

#include "gtest/gtest.h"
#include "weft/queue/injector.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {
namespace {

INSTANTIATE_TYPED_TEST_SUITE_P(
    Injector, InjectorConformance,
    ::testing::Types<DefaultFactory<Injector<Item>>>);

}  // namespace
}  // namespace weft::queue_testing
