// A sharded pool under the model checker: no look before sleep, only the token
// that comes with what is put into an inbox. A wake that is lost is a deadlock.

#include <utility>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/pool/sharded.h"
#include "weft/pool/testing/model_scenarios.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

using testing::ExploreSet;
using testing::ModelWorkers;

using SmallPool = BasicPool<testing::SmallParts<ShardedPolicies>>;

class ShardedModel : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, ShardedModel, ::testing::Values(1, 2));

TEST_P(ShardedModel, TasksFromOutsideAreJoined) {
  ExploreSet([] { testing::JoinFromOutside<SmallPool>(GetParam()); });
}

// With two workers, the tasks live on different ones and wake each other.
TEST_P(ShardedModel, TasksOfDifferentWorkersWakeEachOther) {
  ExploreSet([] { testing::PingPong<SmallPool>(GetParam()); });
}

TEST_P(ShardedModel, ADrainWaitsForWhatWasSpawned) {
  ExploreSet([] {
    SmallPool pool(ModelWorkers(GetParam()));
    Cell<int> runs(0);
    pool.SpawnDetached([&] {
      weft::SpawnDetached([&] { runs.WithMut([](int& n) { ++n; }); });
    });
    model::Assert(pool.Shutdown().ok());
    model::Assert(runs.Get() == 1);
  });
}

// Tokio's racy_shutdown.
TEST_P(ShardedModel, RacyShutdown) {
  ExploreSet([] {
    Cell<int> ended(0);
    {
      SmallPool pool(ModelWorkers(GetParam()));
      Thread spawner([&] {
        auto handle = pool.Spawn([]() -> Task<> { co_await YieldNow(); });
        const auto outcome = std::move(handle).Join();
        model::Assert(outcome.ok() || outcome.cancelled());
        ended.Set(1);
      });
      model::Assert(pool.Shutdown({.mode = ShutdownMode::kCancel}).ok());
      spawner.join();
    }
    model::Assert(ended.Get() == 1);
  });
}

}  // namespace
}  // namespace weft
