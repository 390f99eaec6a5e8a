// The old scheduler under the model checker: its deque, which grows, and its
// wake-ups. A wake that is lost is a deadlock.

#include <chrono>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/mutex.h"
#include "weft/base/thread.h"
#include "weft/pool/testing/model_scenarios.h"
#include "weft/pool/tokio01.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

using testing::ExploreSet;
using testing::ModelWorkers;

struct SmallPolicies : testing::SmallParts<Tokio01Policies> {
  using Queue = ChaseLevDeque<TaskHeader, 2>;
};
using SmallPool = BasicPool<SmallPolicies>;

class Tokio01Model : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, Tokio01Model, ::testing::Values(1, 2));

TEST_P(Tokio01Model, TasksFromOutsideAreJoined) {
  ExploreSet([] { testing::JoinFromOutside<SmallPool>(GetParam()); });
}

TEST_P(Tokio01Model, TasksWakeEachOther) {
  ExploreSet([] { testing::PingPong<SmallPool>(GetParam()); });
}

TEST_P(Tokio01Model, ADrainWaitsForWhatWasSpawned) {
  ExploreSet([] {
    SmallPool pool(ModelWorkers(GetParam()));
    Cell<int> runs(0);
    pool.SpawnDetached([&] {
      for (int i = 0; i < 3; ++i) weft::SpawnDetached([] {});
      weft::SpawnDetached([&] { runs.WithMut([](int& n) { ++n; }); });
    });
    model::Assert(pool.Shutdown().ok());
    model::Assert(runs.Get() == 1);
  });
}

struct HastyPolicies : SmallPolicies {
  static constexpr std::chrono::nanoseconds kIdleThreadTimeout =
      std::chrono::microseconds(10);
};

class Signal {
 public:
  void Set() {
    MutexLock lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  void Wait() {
    MutexLock lock(mutex_);
    changed_.wait(lock, [this] { return set_; });
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool set_ = false;
};

// Worker 1 is gone, or (`races`) about to go: then there is work, and then the
// end.
void ExploreRetirement(bool races) {
  ExploreSet([races] {
    Signal signal;
    atomic<int> starts{0};
    atomic<int> stops{0};
    {
      Options options = ModelWorkers(2);
      options.on_thread_start = [&](int) { starts.fetch_add(1); };
      options.on_thread_stop = [&](int worker) {
        stops.fetch_add(1);
        if (worker == 1) signal.Set();
      };
      if (races) {
        options.before_park = [&](int worker) {
          if (worker == 1) signal.Set();
        };
      }
      BasicPool<HastyPolicies> pool(std::move(options));
      signal.Wait();
      model::Assert(pool.BlockOn([] { return 1; }) == 1);
    }
    model::Assert(starts.load() == stops.load());
    model::Assert(races || starts.load() > 2);
  });
}

TEST(Tokio01ThreadsModel, AThreadThatHasGoneIsReplaced) {
  ExploreRetirement(/*races=*/false);
}
TEST(Tokio01ThreadsModel, ATimeoutAgainstWorkAndTheEnd) {
  ExploreRetirement(/*races=*/true);
}

// Tokio's racy_shutdown.
TEST_P(Tokio01Model, RacyShutdown) {
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
