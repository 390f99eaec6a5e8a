// What a single queue promises beyond the conformance suite (policies_test.cc).

#include "weft/pool/single_queue.h"

#include <vector>

#include "gtest/gtest.h"
#include "weft/pool/options.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

Options OneWorker() {
  Options options;
  options.workers = 1;
  return options;
}

// A default pool would run the last one first, from the slot.
TEST(SingleQueue, RunsTasksInTheOrderOfTheirSpawns) {
  SingleQueuePool pool(OneWorker());
  std::vector<int> order;
  pool.BlockOn([&]() -> Task<> {
    for (int i = 0; i < 600; ++i) {
      SpawnDetached([&order, i] { order.push_back(i); });
    }
    co_await YieldNow();
  });
  EXPECT_TRUE(pool.Shutdown().ok());
  ASSERT_EQ(order.size(), 600u);
  for (int i = 0; i < 600; ++i)
    EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

// Each goes to the back, and no task runs twice before all others have run.
TEST(SingleQueue, TasksThatYieldTakeTurns) {
  SingleQueuePool pool(OneWorker());
  std::vector<int> order;
  pool.BlockOn([&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      SpawnDetached([&order, i]() -> Task<> {
        for (int turn = 0; turn < 3; ++turn) {
          order.push_back(i);
          co_await YieldNow();
        }
      });
    }
    co_return;
  });
  EXPECT_TRUE(pool.Shutdown().ok());
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 0, 1, 2, 0, 1, 2}));
}

}  // namespace
}  // namespace weft
