#include "weft/worker/observer.h"

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/worker/concepts.h"

namespace weft {
namespace {

static_assert(ObserverPolicy<CountingObserver>);
static_assert(ObserverPolicy<NullObserver>);
static_assert(std::is_empty_v<NullObserver>);
static_assert(sizeof(CountingObserver) ==
              kWorkerEvents * sizeof(std::uint64_t));

TEST(CountingObserver, CountsEachKindByItself) {
  CountingObserver observer;
  for (std::size_t kind = 0; kind < kWorkerEvents; ++kind) {
    EXPECT_EQ(observer.Get(static_cast<WorkerEvent>(kind)), 0u);
  }
  for (std::size_t kind = 0; kind < kWorkerEvents; ++kind) {
    observer.Count(static_cast<WorkerEvent>(kind), kind);
    observer.Count(static_cast<WorkerEvent>(kind));
  }
  for (std::size_t kind = 0; kind < kWorkerEvents; ++kind) {
    EXPECT_EQ(observer.Get(static_cast<WorkerEvent>(kind)), kind + 1);
  }
}

TEST(CountingObserver, CanBeReadWhileItCounts) {
  CountingObserver observer;
  constexpr std::uint64_t kCounts = 10'000;
  Thread reader([&] {
    std::uint64_t last = 0;
    while (last != kCounts) {
      const std::uint64_t now = observer.Get(WorkerEvent::kSpawn);
      EXPECT_GE(now, last);
      last = now;
      YieldThread();
    }
  });
  for (std::uint64_t i = 0; i < kCounts; ++i) {
    observer.Count(WorkerEvent::kSpawn);
  }
  reader.join();
}

TEST(NullObserver, ReadsAsNothing) {
  NullObserver observer;
  observer.Count(WorkerEvent::kSpawn);
  observer.Count(WorkerEvent::kSteal, 7);
  EXPECT_EQ(observer.Get(WorkerEvent::kSpawn), 0u);
  EXPECT_EQ(observer.Get(WorkerEvent::kSteal), 0u);
}

}  // namespace
}  // namespace weft
