// The assembled pool under the model checker: one and two workers, every way in
// and out. The scenarios are those of the loom tests that the Tokio article
// describes. A hang is a deadlock, a task that is lost shows as one or as a
// leak, and one that is run twice races with itself.
//
// Too big to be exhausted: each test explores every execution that deviates
// from the default schedule at most so often, and samples those that are far
// from it.

#include <chrono>
#include <cstdint>
#include <functional>
#include <tuple>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/fork/fork_site.h"
#include "weft/fork/fork_task.h"
#include "weft/pool/pool.h"
#include "weft/queue/injector.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/worker/fairness.h"
#include "weft/worker/no_forks.h"
#include "weft/worker/observer.h"
#include "weft/worker/victims.h"

namespace weft {
namespace {

// The parts that ship, as small as they get, and nothing that only measures.
struct SmallPolicies : DefaultPolicies {
  using Queue = RingQueue<TaskHeader, 2, std::uint8_t>;
  using Injector = weft::Injector<TaskHeader>;
  using Victims = NextVictims;
  using Fairness = FixedFairness;
  using Observer = NullObserver;
  using Forks = NoForks;
};
using SmallPool = BasicPool<SmallPolicies>;

Options Workers(int n) {
  Options options;
  options.workers = n;
  options.watchdog_period = std::chrono::nanoseconds(0);
  options.seed = 1;
  return options;
}

// Every execution that deviates from the default schedule up to five times (or
// as often as given), and two thousand that deviate at random.
void Explore(const std::function<void()>& body, int deviations = 5) {
  ModelCheck(body, {.max_deviations = deviations, .samples = true});
  if constexpr (!kModelMode) return;  // It was random already.
  for (const model::SearchKind search :
       {model::SearchKind::kPct, model::SearchKind::kPos}) {
    ModelCheck(body, {.search = search, .iterations = 1'000, .samples = true});
  }
}

class PoolModel : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, PoolModel, ::testing::Values(1, 2));

TEST_P(PoolModel, ATaskIsJoinedFromOutside) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
    Cell<int> done(0);
    auto handle = pool.Spawn([&] { done.Set(1); });
    model::Assert(std::move(handle).Join().ok());
    model::Assert(done.Get() == 1);
  });
}

// Tokio's pool_multi_spawn: a task that spawns others, which end it.
TEST_P(PoolModel, MultiSpawn) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
    auto root = pool.Spawn([]() -> Task<int> {
      auto first = weft::Spawn([] { return 1; });
      auto second = weft::Spawn([] { return 2; });
      co_return (co_await first).value() + (co_await second).value();
    });
    model::Assert(std::move(root).Join().value() == 3);
  });
}

// Tokio's racy_shutdown: tasks are spawned while the pool ends; each runs or is
// destroyed as cancelled, once.
TEST_P(PoolModel, RacyShutdown) {
  Explore([] {
    Cell<int> ended(0);
    {
      SmallPool pool(Workers(GetParam()));
      Thread spawner([&] {
        auto handle = pool.Spawn([] { return 1; });
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

TEST_P(PoolModel, ADrainWaitsForWhatWasSpawned) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
    Cell<int> runs(0);
    pool.SpawnDetached([&] {
      weft::SpawnDetached([&] { runs.WithMut([](int& n) { ++n; }); });
    });
    model::Assert(pool.Shutdown().ok());
    model::Assert(runs.Get() == 1);
  });
}

// T6: an abort against the completion.
TEST_P(PoolModel, T6AbortDuringCompletion) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
    auto handle = pool.Spawn([]() -> Task<> { co_await YieldNow(); });
    handle.Abort();
    const auto outcome = std::move(handle).Join();
    model::Assert(outcome.ok() || outcome.cancelled());
  });
}

// Tokio's complete_block_on_under_load: a thread outside waits for one task
// while another keeps a worker busy.
TEST_P(PoolModel, BlockOnUnderLoad) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
    pool.SpawnDetached([]() -> Task<> { co_await YieldNow(); });
    model::Assert(pool.BlockOn([] { return 7; }) == 7);
  });
}

TEST_P(PoolModel, TwoTasksAndAChannel) {
  Explore([] {
    SmallPool pool(Workers(GetParam()));
    auto [sender, receiver] = Oneshot<int>();
    pool.SpawnDetached([sender = std::move(sender)]() mutable {
      (void)std::move(sender).Send(7);
    });
    auto receiving =
        pool.Spawn([receiver = std::move(receiver)]() mutable -> Task<int> {
          co_return (co_await receiver).value_or(0);
        });
    model::Assert(std::move(receiving).Join().value() == 7);
  });
}

// Tasks that wait for something that never comes go with the pool.
TEST_P(PoolModel, APoolGoesWithATaskPending) {
  Explore([] {
    auto [sender, receiver] = Oneshot<int>();
    SmallPool pool(Workers(GetParam()));
    pool.SpawnDetached([receiver = std::move(receiver)]() mutable -> Task<> {
      std::ignore = co_await receiver;
    });
  });
}

// A thread outside hands a task over; with that task the pool's last reason to
// be may be gone, and the pool with it, while that thread is still inside.
TEST_P(PoolModel, APoolGoesWhileAThreadOutsideWakesItsTask) {
  Explore([] {
    auto [sender, receiver] = Oneshot<int>();
    Thread outside;
    {
      SmallPool pool(Workers(GetParam()));
      auto receiving =
          pool.Spawn([receiver = std::move(receiver)]() mutable -> Task<int> {
            co_return (co_await receiver).value_or(0);
          });
      outside = Thread([sender = std::move(sender)]() mutable {
        (void)std::move(sender).Send(7);
      });
      model::Assert(std::move(receiving).Join().value() == 7);
    }
    outside.join();
  });
}

// ---- Fork coroutines. ----

struct ForkingPolicies : SmallPolicies {
  using Forks = ForkSite;
};
using ForkingPool = BasicPool<ForkingPolicies>;

ForkTask<int> Leaf(int n) {
  Cell<int> local(n);
  co_return local.Get();
}
ForkTask<int> Pair() {
  Cell<int> local(1);
  auto [a, b] = co_await ForkJoin(Leaf(10), Leaf(20));
  local.WithMut([](int& n) { ++n; });
  co_return local.Get() + a + b;
}

TEST_P(PoolModel, ATreeOfForks) {
  Explore(
      [] {
        ForkingPool pool(Workers(GetParam()));
        model::Assert(pool.BlockOn(Pair()) == 32);
      },
      4);
}

// It runs to its end, wherever its parts are.
TEST_P(PoolModel, APoolGoesWithATreeOfForks) {
  Explore(
      [] {
        ForkingPool pool(Workers(GetParam()));
        auto handle = pool.Spawn(Pair());
        model::Assert(pool.Shutdown({.mode = ShutdownMode::kCancel}).ok());
        const auto outcome = std::move(handle).Join();
        model::Assert(outcome.ok() || outcome.cancelled());
      },
      4);
}

}  // namespace
}  // namespace weft
