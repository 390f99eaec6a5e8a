// What the old scheduler does beyond the conformance suite (policies_test.cc).

#include "weft/pool/tokio01.h"

#include <chrono>
#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/pool/options.h"
#include "weft/pool/testing/helpers.h"

namespace weft {
namespace {

Options Workers(int workers) {
  Options options;
  options.workers = workers;
  options.watchdog_period = std::chrono::nanoseconds(0);
  return options;
}

// A default pool without a watchdog would wait for ever.
TEST(Tokio01, ALoneTaskWakesAnotherWorker) {
  Tokio01Pool pool(Workers(2));
  for (int round = 0; round < 30; ++round) {
    testing::WaitUntilAsleep(pool);
    testing::Event ran;
    testing::Event over;
    pool.SpawnDetached([&] {
      SpawnDetached([&] { ran.Set(); });
      ran.Wait();
      over.Set();
    });
    over.Wait();
  }
  EXPECT_GT(pool.Metrics().Total(WorkerEvent::kWake), 0u);
}

// More than a ring has room for, and nothing goes to the injector.
TEST(Tokio01, AQueueGrowsInsteadOfOverflowing) {
  Tokio01Pool pool(Workers(1));
  atomic<std::uint32_t> ran{0};
  pool.BlockOn([&] {
    for (int i = 0; i < 5000; ++i) SpawnDetached([&] { ran.fetch_add(1); });
  });
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_EQ(ran.load(), 5000u);
  EXPECT_EQ(pool.Metrics().Total(WorkerEvent::kOverflow), 0u);
}

}  // namespace
}  // namespace weft
