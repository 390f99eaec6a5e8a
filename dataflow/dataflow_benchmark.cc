// What a node of a graph costs, beside the spawn of a plain task. All times are
// for each node.

#include <cstddef>
#include <cstdint>
#include <ranges>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "weft/dataflow/dataflow.h"
#include "weft/pool/pool.h"

namespace weft {
namespace {

constexpr int kNodes = 10000;

Pool MakePool(benchmark::State& state) {
  Options options;
  options.workers = static_cast<std::uint32_t>(state.range(0));
  return Pool(options);
}

void CountNodes(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * kNodes);
}

// ---- A chain: each node waits for the one before. ----

void SpawnNext(int left, FlowPromise<void> done) {
  if (left == 0) return done.Resolve();
  SpawnDetached([left, done = std::move(done)]() mutable {
    SpawnNext(left - 1, std::move(done));
  });
}

// The measure: a task that spawns the next and ends.
void BM_ChainOfSpawns(benchmark::State& state) {
  Pool pool = MakePool(state);
  for (auto _ : state) {
    FlowPromise<void> done;
    Flow<void> flow = done.flow();
    pool.BlockOn([&]() -> Task<> {
      SpawnNext(kNodes, std::move(done));
      co_await flow;
    });
  }
  CountNodes(state);
}
BENCHMARK(BM_ChainOfSpawns)->Arg(1)->Arg(2)->UseRealTime();

// Plain spawns with a handle each, by one task, which waits for the last. As
// many blocks are alive at once as in the chain of flows below.
void BM_SpawnsWithHandles(benchmark::State& state) {
  Pool pool = MakePool(state);
  for (auto _ : state) {
    pool.BlockOn([]() -> Task<int> {
      std::vector<JoinHandle<int>> handles;
      handles.reserve(kNodes);
      for (int i = 0; i < kNodes; ++i) {
        handles.push_back(Spawn([i] { return i; }));
      }
      int sum = 0;
      for (auto& handle : handles) sum += (co_await handle).value();
      co_return sum;
    });
  }
  CountNodes(state);
}
BENCHMARK(BM_SpawnsWithHandles)->Arg(1)->Arg(2)->UseRealTime();

// A chain by JoinHandles, each of which the next one awaits.
void BM_ChainOfJoins(benchmark::State& state) {
  Pool pool = MakePool(state);
  for (auto _ : state) {
    pool.BlockOn([]() -> Task<int> {
      JoinHandle<int> last = Spawn([] { return 0; });
      for (int i = 0; i < kNodes; ++i) {
        last = Spawn([](JoinHandle<int> before) -> Task<int> {
          co_return (co_await before).value() + 1;
        }(std::move(last)));
      }
      co_return (co_await last).value();
    });
  }
  CountNodes(state);
}
BENCHMARK(BM_ChainOfJoins)->Arg(1)->Arg(2)->UseRealTime();

void BM_ChainOfFlows(benchmark::State& state) {
  Pool pool = MakePool(state);
  for (auto _ : state) {
    pool.BlockOn([]() -> Task<int> {
      Flow<int> last = Async([] { return 0; });
      for (int i = 0; i < kNodes; ++i) {
        last = Async([](int a) { return a + 1; }, std::move(last));
      }
      co_return co_await last;
    });
  }
  CountNodes(state);
}
BENCHMARK(BM_ChainOfFlows)->Arg(1)->Arg(2)->UseRealTime();

// ---- A wide graph: all wait for one, and one for all. ----

int Work(int seed) {
  std::uint32_t x = static_cast<std::uint32_t>(seed) | 1;
  for (int i = 0; i < 500; ++i) x = x * 1664525 + 1013904223;
  return static_cast<int>(x >> 16);
}

void BM_WideOfSpawns(benchmark::State& state) {
  Pool pool = MakePool(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(pool.BlockOn([]() -> Task<int> {
      std::vector<JoinHandle<int>> handles;
      for (int i = 0; i < kNodes; ++i) {
        handles.push_back(Spawn([i] { return Work(i); }));
      }
      int sum = 0;
      for (auto& handle : handles) sum += (co_await handle).value();
      co_return sum;
    }));
  }
  CountNodes(state);
}
BENCHMARK(BM_WideOfSpawns)->Arg(1)->Arg(2)->UseRealTime();

void BM_WideOfFlows(benchmark::State& state) {
  Pool pool = MakePool(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(pool.BlockOn([]() -> Task<int> {
      Flow<int> first = Async([] { return 1; });
      std::vector<Flow<int>> flows;
      for (int i = 0; i < kNodes; ++i) {
        flows.push_back(Async([i](int a) { return Work(i * a); }, first));
      }
      co_return co_await Async(
          [](const std::vector<Flow<int>>& all) {
            int sum = 0;
            for (const auto& flow : all) sum += flow.value();
            return sum;
          },
          std::move(flows));
    }));
  }
  CountNodes(state);
}
BENCHMARK(BM_WideOfFlows)->Arg(1)->Arg(2)->UseRealTime();

// ---- A wavefront: each cell of a square waits for two. ----

void BM_Wavefront(benchmark::State& state) {
  constexpr std::size_t kSide = 100;
  static_assert(kSide * kSide == kNodes);
  Pool pool = MakePool(state);
  for (auto _ : state) {
    benchmark::DoNotOptimize(pool.BlockOn([]() -> Task<int> {
      std::vector<Flow<int>> row(kSide, MakeFlow(1));
      for (std::size_t y = 0; y < kSide; ++y) {
        Flow<int> left = MakeFlow(1);
        for (std::size_t x = 0; x < kSide; ++x) {
          row[x] = left = Async([](int a, int b) { return Work(a + b); },
                                std::move(left), std::move(row[x]));
        }
      }
      co_return co_await row.back();
    }));
  }
  CountNodes(state);
}
BENCHMARK(BM_Wavefront)->Arg(1)->Arg(2)->UseRealTime();

// ---- A graph larger than memory should be. ----

void BM_MapOfManyNodes(benchmark::State& state) {
  Pool pool = MakePool(state);
  for (auto _ : state) {
    pool.BlockOn([] {
          return Map(std::views::iota(0, kNodes), 256,
                     [](int i) { benchmark::DoNotOptimize(i); });
        })
        .Get();
  }
  CountNodes(state);
}
BENCHMARK(BM_MapOfManyNodes)->Arg(1)->Arg(2)->UseRealTime();

}  // namespace
}  // namespace weft
