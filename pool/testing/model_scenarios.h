#ifndef WEFT_POOL_TESTING_MODEL_SCENARIOS_H_
#define WEFT_POOL_TESTING_MODEL_SCENARIOS_H_

// What the model tests of the policy sets share: small parts, and scenarios
// that every set must pass.

#include <chrono>
#include <functional>
#include <utility>

#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/pool/options.h"
#include "weft/pool/pool.h"
#include "weft/sync/oneshot.h"
#include "weft/worker/fairness.h"
#include "weft/worker/observer.h"
#include "weft/worker/victims.h"

namespace weft::testing {

/// `Policies` with nothing that is random, reads a clock, or only measures.
template <class Policies>
struct SmallParts : Policies {
  using Victims = NextVictims;
  using Fairness = FixedFairness;
  using Observer = NullObserver;
};

/// `n` workers without a watchdog, always with the same seed.
inline Options ModelWorkers(int n) {
  Options options;
  options.workers = n;
  options.watchdog_period = std::chrono::nanoseconds(0);
  options.seed = 1;
  return options;
}

/// Every execution of `body` that deviates from the default schedule up to four
/// times, and some that deviate at random.
inline void ExploreSet(const std::function<void()>& body) {
  ModelCheck(body, {.max_deviations = 4, .samples = true});
}

template <class Pool>
void JoinFromOutside(int workers) {
  Pool pool(ModelWorkers(workers));
  Cell<int> done(0);
  auto first = pool.Spawn([&] { done.Set(1); });
  model::Assert(std::move(first).Join().ok());
  model::Assert(done.Get() == 1);
  model::Assert(pool.BlockOn([] { return 2; }) == 2);
}

/// Two tasks that wake each other.
template <class Pool>
void PingPong(int workers) {
  Pool pool(ModelWorkers(workers));
  auto [ping, pinged] = Oneshot<int>();
  auto [pong, ponged] = Oneshot<int>();
  pool.SpawnDetached(
      [pinged = std::move(pinged), pong = std::move(pong)]() mutable -> Task<> {
        const auto value = co_await pinged;
        (void)std::move(pong).Send(*value + 1);
      });
  auto other = pool.Spawn([ping = std::move(ping),
                           ponged = std::move(ponged)]() mutable -> Task<int> {
    (void)std::move(ping).Send(1);
    const auto value = co_await ponged;
    co_return *value;
  });
  model::Assert(std::move(other).Join().value() == 2);
}

}  // namespace weft::testing

#endif  // WEFT_POOL_TESTING_MODEL_SCENARIOS_H_
