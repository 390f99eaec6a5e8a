// What is special about the plain Injector: order across threads, and layout.
// The rest is in injector_conformance_test.cc.

#include "weft/queue/injector.h"

#include <cstdint>
#include <type_traits>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/check.h"
#include "weft/base/model_mode.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/queue/concepts.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/threads.h"

namespace weft::queue_testing {
namespace {

static_assert(InjectorQueue<Injector<Item>>);
static_assert(!std::is_move_constructible_v<Injector<Item>>);
static_assert(kModelMode || sizeof(Injector<Item>) == kFalseSharingRange);
// It can refuse items, so it is no overflow sink.
static_assert(!OverflowSink<Injector<Item>, Item>);

// Each consumer sees the items of each producer in the order of their pushes:
// the queue is one, and each pop takes its oldest.
TEST(Injector, KeepsTheOrderOfEachProducerForEachConsumer) {
  constexpr uint32_t kProducers = 2;
  constexpr uint32_t kConsumers = 2;
  const auto each = static_cast<uint32_t>(StressIterations(100'000));
  Ledger ledger(kProducers * each);
  Injector<Item> injector;
  atomic<uint32_t> out_of_order{0};
  RunTogether(kProducers + kConsumers, [&](uint32_t i) {
    if (i < kProducers) {
      for (uint32_t n = 0; n < each; ++n) {
        Check(injector.Push(ledger.Make(i * each + n)), "it is not closed");
      }
      return;
    }
    std::vector<uint32_t> next(kProducers, 0);
    while (ledger.done() < ledger.size()) {
      Item* const item = injector.Pop();
      if (item == nullptr) {
        YieldThread();
        continue;
      }
      const uint32_t producer = item->id / each;
      if (item->id % each < next[producer]) {
        out_of_order.fetch_add(1, std::memory_order_relaxed);
      }
      next[producer] = item->id % each + 1;
      ledger.Run(item);
    }
  });
  EXPECT_EQ(out_of_order.load(std::memory_order_relaxed), 0u);
  ledger.ExpectEachRanOnce();
}

}  // namespace
}  // namespace weft::queue_testing
