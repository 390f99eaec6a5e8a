// The benchmarks with tasks that are coroutines. What they do: workload.h.

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/pool/spawn.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/tools/bench/countdown.h"
#include "weft/tools/bench/workload.h"

namespace weft::bench {
namespace {

// ---- chained_spawn ----

// One task runs at a time, so a plain count will do.
struct Chain {
  std::int64_t spawned = 0;
  Countdown end{1};
};

Task<> Link(Chain* chain, int left) {
  ++chain->spawned;
  if (left > 1) {
    SpawnDetached(Link(chain, left - 1));
  } else {
    chain->end.Done();
  }
  co_return;
}

std::int64_t RunChain(Executor& executor, int links) {
  Chain chain;
  SpawnDetachedOn(executor, Link(&chain, links));
  chain.end.Wait();
  return chain.spawned;
}

Task<std::int64_t> JoinedLink(int left) {
  if (left == 1) co_return 1;
  JoinHandle<std::int64_t> next = Spawn(JoinedLink(left - 1));
  Outcome<std::int64_t> outcome = co_await next;
  co_return 1 + std::move(outcome).value();
}

std::int64_t ChainedSpawn(Executor& executor, const Sizes& sizes) {
  return RunChain(executor, sizes.chain);
}
std::int64_t ChainedSpawnJoined(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, JoinedLink(sizes.chain));
}
std::int64_t ChainedSpawnDeep(Executor& executor, const Sizes& sizes) {
  return RunChain(executor, sizes.deep_chain);
}
std::int64_t ChainedSpawnDeepJoined(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, JoinedLink(sizes.deep_chain));
}

// ---- ping_pong ----

// What came over the channels is added up: each Pong sends a one.
struct Match {
  explicit Match(int pairs) : end(pairs) {}

  atomic<std::int64_t> received{0};
  Countdown end;
};

Task<> Pong(OneshotSender<int> sender) {
  std::move(sender).Send(1);
  co_return;
}

Task<> Ping(Match* match) {
  auto [sender, receiver] = Oneshot<int>();
  SpawnDetached(Pong(std::move(sender)));
  const std::optional<int> value = co_await receiver;
  match->received.fetch_add(value.value_or(0), std::memory_order_relaxed);
  match->end.Done();
}

Task<> PingAll(Match* match, int pairs) {
  for (int i = 0; i < pairs; ++i) SpawnDetached(Ping(match));
  co_return;
}

std::int64_t PingPong(Executor& executor, const Sizes& sizes) {
  Match match(sizes.pairs);
  SpawnDetachedOn(executor, PingAll(&match, sizes.pairs));
  match.end.Wait();
  return match.received.load(std::memory_order_relaxed);
}

Task<int> JoinedPing() {
  auto [sender, receiver] = Oneshot<int>();
  JoinHandle<void> pong = Spawn(Pong(std::move(sender)));
  const std::optional<int> value = co_await receiver;
  Outcome<void> outcome = co_await pong;
  std::move(outcome).value();
  co_return value.value_or(0);
}

Task<std::int64_t> JoinedPingAll(int pairs) {
  std::vector<JoinHandle<int>> pings;
  pings.reserve(pairs);
  for (int i = 0; i < pairs; ++i) pings.push_back(Spawn(JoinedPing()));
  std::int64_t received = 0;
  for (JoinHandle<int>& ping : pings) {
    Outcome<int> outcome = co_await ping;
    received += std::move(outcome).value();
  }
  co_return received;
}

std::int64_t PingPongJoined(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, JoinedPingAll(sizes.pairs));
}

// ---- spawn_many ----

Task<> CountDown(Countdown* end) {
  end->Done();
  co_return;
}

Task<int> CountOne() { co_return 1; }

std::int64_t SpawnManyOutside(Executor& executor, const Sizes& sizes) {
  Countdown end(sizes.spawns);
  for (int i = 0; i < sizes.spawns; ++i)
    SpawnDetachedOn(executor, CountDown(&end));
  return sizes.spawns - end.Wait();
}

std::int64_t SpawnManyOutsideJoined(Executor& executor, const Sizes& sizes) {
  std::vector<JoinHandle<int>> tasks;
  tasks.reserve(sizes.spawns);
  for (int i = 0; i < sizes.spawns; ++i) {
    tasks.push_back(SpawnOn(executor, CountOne()));
  }
  std::int64_t count = 0;
  for (JoinHandle<int>& task : tasks) count += std::move(task).Join().value();
  return count;
}

Task<> SpawnAll(Countdown* end, int spawns) {
  for (int i = 0; i < spawns; ++i) SpawnDetached(CountDown(end));
  co_return;
}

std::int64_t SpawnManyWorker(Executor& executor, const Sizes& sizes) {
  Countdown end(sizes.spawns);
  SpawnDetachedOn(executor, SpawnAll(&end, sizes.spawns));
  return sizes.spawns - end.Wait();
}

Task<std::int64_t> SpawnAndJoinAll(int spawns) {
  std::vector<JoinHandle<int>> tasks;
  tasks.reserve(spawns);
  for (int i = 0; i < spawns; ++i) tasks.push_back(Spawn(CountOne()));
  std::int64_t count = 0;
  for (JoinHandle<int>& task : tasks) {
    Outcome<int> outcome = co_await task;
    count += std::move(outcome).value();
  }
  co_return count;
}

std::int64_t SpawnManyWorkerJoined(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, SpawnAndJoinAll(sizes.spawns));
}

// ---- yield_many ----

struct Yields {
  explicit Yields(int yielders) : end(yielders) {}

  atomic<std::int64_t> count{0};
  Countdown end;
};

Task<> Yielder(Yields* all, int yields) {
  int mine = 0;
  for (; mine < yields; ++mine) co_await YieldNow();
  all->count.fetch_add(mine, std::memory_order_relaxed);
  all->end.Done();
}

std::int64_t YieldMany(Executor& executor, const Sizes& sizes) {
  Yields all(sizes.yielders);
  for (int i = 0; i < sizes.yielders; ++i) {
    SpawnDetachedOn(executor, Yielder(&all, sizes.yields));
  }
  all.end.Wait();
  return all.count.load(std::memory_order_relaxed);
}

constexpr Workload kWorkloads[] = {
    {kChainedSpawn, kCoroutine, kDetached, ChainSize, ChainedSpawn},
    {kChainedSpawn, kCoroutine, kJoined, ChainSize, ChainedSpawnJoined},
    {kChainedSpawnDeep, kCoroutine, kDetached, DeepSize, ChainedSpawnDeep},
    {kChainedSpawnDeep, kCoroutine, kJoined, DeepSize, ChainedSpawnDeepJoined},
    {kPingPong, kCoroutine, kDetached, PairCount, PingPong},
    {kPingPong, kCoroutine, kJoined, PairCount, PingPongJoined},
    {kSpawnManyOutside, kCoroutine, kDetached, SpawnCount, SpawnManyOutside},
    {kSpawnManyOutside, kCoroutine, kJoined, SpawnCount,
     SpawnManyOutsideJoined},
    {kSpawnManyWorker, kCoroutine, kDetached, SpawnCount, SpawnManyWorker},
    {kSpawnManyWorker, kCoroutine, kJoined, SpawnCount, SpawnManyWorkerJoined},
    {kYieldMany, kCoroutine, kDetached, YieldCount, YieldMany},
};

}  // namespace

std::span<const Workload> CoroutineWorkloads() { return kWorkloads; }

}  // namespace weft::bench
