// What it costs to bring work in from outside: by batch size on one thread, and
// by number of threads for the plain and the sharded injector.

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "weft/base/thread.h"
#include "weft/queue/chain.h"
#include "weft/queue/injector.h"
#include "weft/queue/sharded_injector.h"
#include "weft/queue/testing/deque_injector.h"

namespace weft {
namespace {

struct Item {
  Item* next = nullptr;
};

/// A batch is linked, pushed, popped as a batch and taken apart. Time is per
/// item; what falls with the batch size is the lock.
void BM_Injector_Batch(benchmark::State& state) {
  const int64_t size = state.range(0);
  std::vector<Item> items(static_cast<size_t>(size));
  Injector<Item> injector;
  for (auto _ : state) {
    Chain<Item> batch;
    for (Item& item : items) batch.PushBack(&item);
    batch = injector.PushBatch(std::move(batch));
    batch.Append(injector.PopBatch(static_cast<uint32_t>(size)));
    while (Item* item = batch.PopFront()) benchmark::DoNotOptimize(item);
  }
  state.SetItemsProcessed(state.iterations() * size);
}
BENCHMARK(BM_Injector_Batch)
    ->ArgName("size")
    ->RangeMultiplier(4)
    ->Range(1, 256);

/// What a worker pays to look into an empty injector.
void BM_Injector_PopEmpty(benchmark::State& state) {
  Injector<Item> injector;
  for (auto _ : state) benchmark::DoNotOptimize(injector.Pop());
}
BENCHMARK(BM_Injector_PopEmpty);

void BM_ShardedInjector_PopEmpty(benchmark::State& state) {
  ShardedInjector<Item> injector(16);
  for (auto _ : state) benchmark::DoNotOptimize(injector.Pop());
}
BENCHMARK(BM_ShardedInjector_PopEmpty);

/// Each thread pushes an item and pops one, its own or another's, over and
/// over. Time is per push and pop. The item in hand goes round, so that no item
/// is pushed twice and the injector is empty at the end.
template <class Queue>
void Producers(benchmark::State& state, Queue& injector) {
  static std::vector<std::unique_ptr<Item>> pool;
  const auto home = static_cast<uint32_t>(state.thread_index());
  if (home == 0) {
    pool.clear();
    for (int i = 0; i < state.threads(); ++i) {
      pool.push_back(std::make_unique<Item>());
    }
  }
  Item* hand = nullptr;
  for (auto _ : state) {
    if (hand == nullptr) hand = pool[home].get();
    benchmark::DoNotOptimize(injector.Push(hand));
    while ((hand = injector.Pop(home)) == nullptr) YieldThread();
  }
  state.SetItemsProcessed(state.iterations());
}

void BM_Injector_Producers(benchmark::State& state) {
  static Injector<Item> injector;
  Producers(state, injector);
}
BENCHMARK(BM_Injector_Producers)->ThreadRange(1, 8)->UseRealTime();

void BM_ShardedInjector_Producers(benchmark::State& state) {
  // At least as many shards as threads, so that each can have its own.
  static ShardedInjector<Item> injector(8);
  Producers(state, injector);
}
BENCHMARK(BM_ShardedInjector_Producers)->ThreadRange(1, 8)->UseRealTime();

void BM_ShardedInjectorOfOne_Producers(benchmark::State& state) {
  static ShardedInjector<Item> injector(1);
  Producers(state, injector);
}
BENCHMARK(BM_ShardedInjectorOfOne_Producers)->ThreadRange(1, 8)->UseRealTime();

void BM_DequeInjector_Producers(benchmark::State& state) {
  static DequeInjector<Item> injector;
  Producers(state, injector);
}
BENCHMARK(BM_DequeInjector_Producers)->ThreadRange(1, 8)->UseRealTime();

}  // namespace
}  // namespace weft
