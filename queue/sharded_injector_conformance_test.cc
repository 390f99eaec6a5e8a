// ShardedInjector passes the suite of its concept, with every number of shards
// that takes another path.

#include <cstdint>
#include <memory>

#include "gtest/gtest.h"
#include "weft/queue/sharded_injector.h"
#include "weft/queue/testing/injector_conformance.h"
#include "weft/queue/testing/item.h"

namespace weft::queue_testing {
namespace {

template <uint32_t kShards>
struct ShardedFactory {
  using Queue = ShardedInjector<Item>;
  static std::unique_ptr<Queue> Make() {
    return std::make_unique<Queue>(kShards);
  }
};

using Factories =
    ::testing::Types<ShardedFactory<1>, ShardedFactory<4>, ShardedFactory<64>>;
INSTANTIATE_TYPED_TEST_SUITE_P(ShardedInjector, InjectorConformance, Factories);

}  // namespace
}  // namespace weft::queue_testing
