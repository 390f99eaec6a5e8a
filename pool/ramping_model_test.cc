// The second text's sleeping rule in a pool, under the model checker. A wake
// that is lost is a deadlock.

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/pool/ramping.h"
#include "weft/pool/testing/model_scenarios.h"
#include "weft/queue/ring_queue.h"
#include "weft/worker/no_forks.h"

namespace weft {
namespace {

using testing::ExploreSet;
using testing::ModelWorkers;

struct SmallPolicies : testing::SmallParts<RampingPolicies> {
  using Queue = RingQueue<TaskHeader, 2>;
  using Forks = NoForks;
};
using SmallPool = BasicPool<SmallPolicies>;

class RampingModel : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, RampingModel, ::testing::Values(1, 2));

TEST_P(RampingModel, TasksFromOutsideAreJoined) {
  ExploreSet([] { testing::JoinFromOutside<SmallPool>(GetParam()); });
}

TEST_P(RampingModel, TasksWakeEachOther) {
  ExploreSet([] { testing::PingPong<SmallPool>(GetParam()); });
}

TEST_P(RampingModel, ADrainWaitsForWhatWasSpawned) {
  ExploreSet([] {
    SmallPool pool(ModelWorkers(GetParam()));
    atomic<int> runs{0};
    pool.SpawnDetached([&] {
      for (int i = 0; i < 4; ++i) {
        weft::SpawnDetached(
            [&] { runs.fetch_add(1, std::memory_order_relaxed); });
      }
    });
    model::Assert(pool.Shutdown().ok());
    model::Assert(runs.load(std::memory_order_relaxed) == 4);
  });
}

}  // namespace
}  // namespace weft
