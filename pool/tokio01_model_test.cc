// The old scheduler under the model checker: its deque, which grows, and its
// wake-ups. A wake that is lost is a deadlock.

#include <chrono>
#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/mutex.h"
#include "weft/base/thread.h"
#include "weft/pool/options.h"
#include "weft/pool/tokio01.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/worker/fairness.h"
#include "weft/worker/observer.h"
#include "weft/worker/victims.h"

namespace weft {
namespace {

struct SmallPolicies : Tokio01Policies {
  using Queue = ChaseLevDeque<TaskHeader, 2>;
  using Victims = NextVictims;
  using Fairness = FixedFairness;
  using Observer = NullObserver;
};
using SmallPool = BasicPool<SmallPolicies>;

Options Workers(int n) {
  Options options;
  options.workers = n;
  options.watchdog_period = std::chrono::nanoseconds(0);
  options.seed = 1;
  return options;
}

void Explore(const std::function<void()>& body) {
  ModelCheck(body, {.max_deviations = 4, .samples = true});
}

class Tokio01Model : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, Tokio01Model, ::testing::Values(1, 2));

TEST_P(Tokio01Model, TasksFromOutsideAreJoined) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
    Cell<int> done(0);
    auto first = pool.Spawn([&] { done.Set(1); });
    model::Assert(std::move(first).Join().ok());
    model::Assert(done.Get() == 1);
    model::Assert(pool.BlockOn([] { return 2; }) == 2);
  });
}

TEST_P(Tokio01Model, TasksWakeEachOther) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
    auto [ping, pinged] = Oneshot<int>();
    auto [pong, ponged] = Oneshot<int>();
    pool.SpawnDetached([pinged = std::move(pinged),
                        pong = std::move(pong)]() mutable -> Task<> {
      const auto value = co_await pinged;
      (void)std::move(pong).Send(*value + 1);
    });
    auto other =
        pool.Spawn([ping = std::move(ping),
                    ponged = std::move(ponged)]() mutable -> Task<int> {
          (void)std::move(ping).Send(1);
          const auto value = co_await ponged;
          co_return *value;
        });
    model::Assert(std::move(other).Join().value() == 2);
  });
}

TEST_P(Tokio01Model, ADrainWaitsForWhatWasSpawned) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
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
  Explore([races] {
    Signal signal;
    atomic<int> starts{0};
    atomic<int> stops{0};
    {
      Options options = Workers(2);
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
  Explore([] {
    Cell<int> ended(0);
    {
      SmallPool pool(Workers(GetParam()));
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
