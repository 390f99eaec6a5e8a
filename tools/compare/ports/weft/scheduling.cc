// The four scheduler benchmarks, as tools/compare/workloads.txt has them. As a
// user would write them: tasks that await something are coroutines, the others
// plain callables.

#include <atomic>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "weft/pool/pool.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/tools/compare/ports/weft/runtime.h"

namespace weft::compare {
namespace {

// ---- chained_spawn ----

void Link(std::int64_t* spawned, Countdown* end, std::int64_t left) {
  ++*spawned;
  if (left > 1) {
    SpawnDetached([=] { Link(spawned, end, left - 1); });
  } else {
    end->Done();
  }
}

Task<std::int64_t> JoinedLink(std::int64_t left) {
  if (left == 1) co_return 1;
  JoinHandle<std::int64_t> next = Spawn(JoinedLink(left - 1));
  Outcome<std::int64_t> outcome = co_await next;
  co_return 1 + std::move(outcome).value();
}

// ---- ping_pong ----

struct Match {
  std::atomic<std::int64_t> received{0};
  Countdown* end;
};

auto Pong(OneshotSender<int> sender) {
  return [sender = std::move(sender)]() mutable { std::move(sender).Send(1); };
}

Task<> Ping(Match* match) {
  auto [sender, receiver] = Oneshot<int>();
  SpawnDetached(Pong(std::move(sender)));
  const std::optional<int> value = co_await receiver;
  match->received.fetch_add(value.value_or(0), std::memory_order_relaxed);
  match->end->Done();
}

void PingAll(Match* match, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) SpawnDetached(Ping(match));
}

Task<int> JoinedPing() {
  auto [sender, receiver] = Oneshot<int>();
  JoinHandle<void> pong = Spawn(Pong(std::move(sender)));
  const std::optional<int> value = co_await receiver;
  Outcome<void> outcome = co_await pong;
  std::move(outcome).value();
  co_return value.value_or(0);
}

// ---- spawn_many ----

void SpawnAll(Countdown* end, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) SpawnDetached([end] { end->Done(); });
}

auto One() {
  return [] { return 1; };
}

// Spawns `n` of a task that returns a number, and adds up what it joins.
template <auto kTask>
Task<std::int64_t> JoinAll(std::int64_t n) {
  std::vector<JoinHandle<int>> handles;
  handles.reserve(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) handles.push_back(Spawn(kTask()));
  std::int64_t sum = 0;
  for (JoinHandle<int>& handle : handles) {
    Outcome<int> outcome = co_await handle;
    sum += std::move(outcome).value();
  }
  co_return sum;
}

// ---- yield_many ----

constexpr int kYielders = 200;

Task<> Yielder(std::atomic<std::int64_t>* yields, Countdown* end,
               std::int64_t n) {
  std::int64_t mine = 0;
  for (; mine < n; ++mine) co_await YieldNow();
  yields->fetch_add(mine, std::memory_order_relaxed);
  end->Done();
}

Task<> YieldUntil(const std::atomic<bool>* stop, Countdown* end) {
  while (!stop->load(std::memory_order_relaxed)) co_await YieldNow();
  end->Done();
}

}  // namespace

std::int64_t ChainedSpawn(Runtime& runtime, std::int64_t n, Recorder&) {
  std::int64_t spawned = 0;
  runtime.end.Reset(1);
  runtime.pool.SpawnDetached([&, n] { Link(&spawned, &runtime.end, n); });
  runtime.end.Wait();
  return spawned;
}

std::int64_t ChainedSpawnJoined(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(JoinedLink(n));
}

std::int64_t PingPong(Runtime& runtime, std::int64_t n, Recorder&) {
  Match match{.end = &runtime.end};
  runtime.end.Reset(n);
  runtime.pool.SpawnDetached([&match, n] { PingAll(&match, n); });
  runtime.end.Wait();
  return match.received.load(std::memory_order_relaxed);
}

std::int64_t PingPongJoined(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(JoinAll<JoinedPing>(n));
}

std::int64_t SpawnManyLocal(Runtime& runtime, std::int64_t n, Recorder&) {
  runtime.end.Reset(n);
  runtime.pool.SpawnDetached([&runtime, n] { SpawnAll(&runtime.end, n); });
  return n - runtime.end.Wait();
}

std::int64_t SpawnManyLocalJoined(Runtime& runtime, std::int64_t n, Recorder&) {
  return runtime.pool.BlockOn(JoinAll<One>(n));
}

std::int64_t SpawnManyRemote(Runtime& runtime, std::int64_t n, Recorder&) {
  runtime.end.Reset(n);
  for (std::int64_t i = 0; i < n; ++i) {
    runtime.pool.SpawnDetached([&runtime] { runtime.end.Done(); });
  }
  return n - runtime.end.Wait();
}

std::int64_t SpawnManyRemoteJoined(Runtime& runtime, std::int64_t n,
                                   Recorder&) {
  std::vector<JoinHandle<int>> handles;
  handles.reserve(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    handles.push_back(runtime.pool.Spawn(One()));
  }
  std::int64_t sum = 0;
  for (JoinHandle<int>& handle : handles) {
    sum += std::move(handle).Join().value();
  }
  return sum;
}

std::int64_t SpawnManyRemoteBusy(Runtime& runtime, std::int64_t n,
                                 Recorder& recorder) {
  std::atomic<bool> stop{false};
  Countdown busy;
  busy.Reset(runtime.pool.workers());
  for (int i = 0; i < runtime.pool.workers(); ++i) {
    runtime.pool.SpawnDetached(YieldUntil(&stop, &busy));
  }
  recorder.Start();
  const std::int64_t done = SpawnManyRemote(runtime, n, recorder);
  recorder.Stop();
  stop.store(true, std::memory_order_relaxed);
  busy.Wait();
  return done;
}

std::int64_t YieldMany(Runtime& runtime, std::int64_t n, Recorder&) {
  std::atomic<std::int64_t> yields{0};
  runtime.end.Reset(kYielders);
  for (int i = 0; i < kYielders; ++i) {
    runtime.pool.SpawnDetached(Yielder(&yields, &runtime.end, n));
  }
  runtime.end.Wait();
  return yields.load(std::memory_order_relaxed);
}

}  // namespace weft::compare
