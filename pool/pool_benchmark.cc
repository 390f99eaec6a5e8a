// What a pool's functions cost. The larger programs are in tools/bench.

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/pool/pool.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

Options Workers(std::int64_t workers) {
  Options options;
  options.workers = static_cast<int>(workers);
  return options;
}

constexpr int kBatch = 100;

Task<> Nothing() { co_return; }

// One task that spawns a hundred and waits until they have run, so that spawn,
// run and end are counted, and the queue stays short.
Task<> SpawnDetachedHere(int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < kBatch; ++i) SpawnDetached(Nothing());
    co_await YieldNow();
  }
}
void BM_Pool_SpawnDetachedOnWorker(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  for (auto _ : state) pool.BlockOn(SpawnDetachedHere(100));
  state.SetItemsProcessed(state.iterations() * 100 * kBatch);
}
BENCHMARK(BM_Pool_SpawnDetachedOnWorker)->Arg(1)->Arg(2)->UseRealTime();

Task<> SpawnCallablesHere(int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (int i = 0; i < kBatch; ++i) SpawnDetached([] {});
    co_await YieldNow();
  }
}
void BM_Pool_SpawnCallableOnWorker(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  for (auto _ : state) pool.BlockOn(SpawnCallablesHere(100));
  state.SetItemsProcessed(state.iterations() * 100 * kBatch);
}
BENCHMARK(BM_Pool_SpawnCallableOnWorker)->Arg(1)->Arg(2)->UseRealTime();

Task<> SpawnAndJoinHere(int rounds) {
  for (int i = 0; i < rounds; ++i) {
    auto handle = Spawn(Nothing());
    (void)co_await handle;
  }
}
void BM_Pool_SpawnAndJoinOnWorker(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  for (auto _ : state) pool.BlockOn(SpawnAndJoinHere(1000));
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_Pool_SpawnAndJoinOnWorker)->Arg(1)->Arg(2)->UseRealTime();

Task<> SpawnBatchesHere(int rounds) {
  std::vector<Task<>> bodies;
  for (int round = 0; round < rounds; ++round) {
    bodies.clear();
    for (int i = 0; i < kBatch; ++i) bodies.push_back(Nothing());
    SpawnDetachedBatch(bodies);
    co_await YieldNow();
  }
}
void BM_Pool_SpawnBatchOnWorker(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  for (auto _ : state) pool.BlockOn(SpawnBatchesHere(100));
  state.SetItemsProcessed(state.iterations() * 100 * kBatch);
}
BENCHMARK(BM_Pool_SpawnBatchOnWorker)->Arg(1)->Arg(2)->UseRealTime();

// From a thread that is no worker: ten thousand tasks, until all have run.
constexpr int kOutside = 10'000;

void WaitForZero(const atomic<int>& left) {
  // Acquire: pairs with the tasks' decrement.
  while (left.load(std::memory_order_acquire) != 0) YieldThread();
}

void BM_Pool_SpawnDetachedOutside(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  atomic<int> left{0};
  for (auto _ : state) {
    left.store(kOutside, std::memory_order_relaxed);
    for (int i = 0; i < kOutside; ++i) {
      pool.SpawnDetached([&left] {
        // Release: pairs with WaitForZero.
        left.fetch_sub(1, std::memory_order_release);
      });
    }
    WaitForZero(left);
  }
  state.SetItemsProcessed(state.iterations() * kOutside);
}
BENCHMARK(BM_Pool_SpawnDetachedOutside)->Arg(1)->Arg(2)->UseRealTime();

void BM_Pool_SpawnAndJoinOutside(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  std::vector<JoinHandle<void>> handles;
  for (auto _ : state) {
    for (int i = 0; i < kOutside; ++i) handles.push_back(pool.Spawn(Nothing()));
    for (auto& handle : handles) (void)std::move(handle).Join();
    handles.clear();
  }
  state.SetItemsProcessed(state.iterations() * kOutside);
}
BENCHMARK(BM_Pool_SpawnAndJoinOutside)->Arg(1)->Arg(2)->UseRealTime();

void BM_Pool_SpawnBatchOutside(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  atomic<int> left{0};
  const auto body = [&left] {
    // Release: pairs with WaitForZero.
    left.fetch_sub(1, std::memory_order_release);
  };
  for (auto _ : state) {
    left.store(kOutside, std::memory_order_relaxed);
    for (int i = 0; i < kOutside; i += kBatch) {
      pool.SpawnDetachedBatch(std::vector(kBatch, body));
    }
    WaitForZero(left);
  }
  state.SetItemsProcessed(state.iterations() * kOutside);
}
BENCHMARK(BM_Pool_SpawnBatchOutside)->Arg(1)->Arg(2)->UseRealTime();

Task<> YieldHere(int times) {
  for (int i = 0; i < times; ++i) co_await YieldNow();
}
void BM_Pool_Yield(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  for (auto _ : state) pool.BlockOn(YieldHere(1000));
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_Pool_Yield)->Arg(1)->Arg(2)->UseRealTime();

// To a sleeping worker and back: two system calls on each side.
void BM_Pool_BlockOnRoundTrip(benchmark::State& state) {
  Pool pool(Workers(state.range(0)));
  for (auto _ : state) pool.BlockOn(Nothing());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Pool_BlockOnRoundTrip)->Arg(1)->Arg(2)->UseRealTime();

// On a worker, which runs the body itself.
void BM_Pool_BlockOnOnWorker(benchmark::State& state) {
  Pool pool(Workers(1));
  for (auto _ : state) {
    pool.BlockOn([&pool] {
      for (int i = 0; i < 1000; ++i) pool.BlockOn(Nothing());
    });
  }
  state.SetItemsProcessed(state.iterations() * 1000);
}
BENCHMARK(BM_Pool_BlockOnOnWorker)->UseRealTime();

void BM_Pool_CreateAndDestroy(benchmark::State& state) {
  Options options = Workers(state.range(0));
  if (state.range(1) == 0) {
    options.watchdog_period = std::chrono::nanoseconds::zero();
  }
  for (auto _ : state) Pool pool(options);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Pool_CreateAndDestroy)
    ->ArgNames({"workers", "watchdog"})
    ->Args({1, 0})
    ->Args({1, 1})
    ->Args({2, 0})
    ->Args({16, 0})
    ->UseRealTime();

}  // namespace
}  // namespace weft
