// What it costs an owner to queue an item and to get it back, with nobody else
// about. Slot and ring pay one locked instruction per item and lie close
// together; the injector and the reference pay a lock each way.

#include <cstdint>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "weft/queue/chain.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/queue/injector.h"
#include "weft/queue/lifo_slot.h"
#include "weft/queue/private_queue.h"
#include "weft/queue/ring_queue.h"
#include "weft/queue/testing/mutex_local_queue.h"

namespace weft {
namespace {

struct Item {
  Item* next = nullptr;
};

/// Keeps what overflows, to be used again.
struct Sink {
  void PushBatch(Chain<Item> chain) { all.Append(std::move(chain)); }
  Chain<Item> all;
};

/// One item goes in and comes out at a time.
void BM_LifoSlot_PutTake(benchmark::State& state) {
  Item item;
  LifoSlot<Item> slot;
  for (auto _ : state) {
    benchmark::DoNotOptimize(slot.Put(&item));
    benchmark::DoNotOptimize(slot.Take());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_LifoSlot_PutTake);

/// A task that wakes the next one each time it runs: the slot is never empty.
void BM_LifoSlot_Replace(benchmark::State& state) {
  Item items[2];
  LifoSlot<Item> slot;
  Item* item = slot.Put(&items[0]);
  item = &items[1];
  for (auto _ : state) item = slot.Put(item);
  benchmark::DoNotOptimize(slot.Take());
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_LifoSlot_Replace);

/// `depth` items go in, then `depth` come out; time is per item.
template <class Queue>
void PushPop(benchmark::State& state) {
  const int64_t depth = state.range(0);
  std::vector<Item> items(static_cast<size_t>(depth));
  Queue queue;
  auto owner = queue.owner();
  Sink sink;
  for (auto _ : state) {
    for (Item& item : items) owner.Push(&item, sink);
    while (Item* item = owner.Pop()) benchmark::DoNotOptimize(item);
  }
  state.SetItemsProcessed(state.iterations() * depth);
}

void BM_RingQueue_PushPop(benchmark::State& state) {
  PushPop<RingQueue<Item>>(state);
}
BENCHMARK(BM_RingQueue_PushPop)->ArgName("depth")->Arg(1)->Arg(16)->Arg(256);

void BM_ChaseLevDeque_PushPop(benchmark::State& state) {
  PushPop<ChaseLevDeque<Item>>(state);
}
BENCHMARK(BM_ChaseLevDeque_PushPop)
    ->ArgName("depth")
    ->Arg(1)
    ->Arg(16)
    ->Arg(256);

void BM_PrivateQueue_PushPop(benchmark::State& state) {
  PushPop<PrivateQueue<Item>>(state);
}
BENCHMARK(BM_PrivateQueue_PushPop)->ArgName("depth")->Arg(1)->Arg(16)->Arg(256);

void BM_MutexLocalQueue_PushPop(benchmark::State& state) {
  PushPop<MutexLocalQueue<Item>>(state);
}
BENCHMARK(BM_MutexLocalQueue_PushPop)
    ->ArgName("depth")
    ->Arg(1)
    ->Arg(16)
    ->Arg(256);

void BM_Injector_PushPop(benchmark::State& state) {
  const int64_t depth = state.range(0);
  std::vector<Item> items(static_cast<size_t>(depth));
  Injector<Item> injector;
  for (auto _ : state) {
    for (Item& item : items) benchmark::DoNotOptimize(injector.Push(&item));
    while (Item* item = injector.Pop()) benchmark::DoNotOptimize(item);
  }
  state.SetItemsProcessed(state.iterations() * depth);
}
BENCHMARK(BM_Injector_PushPop)->ArgName("depth")->Arg(1)->Arg(16)->Arg(256);

/// A batch goes in by one publication and is popped one by one.
void BM_RingQueue_PushBatchPop(benchmark::State& state) {
  const int64_t depth = state.range(0);
  std::vector<Item> items(static_cast<size_t>(depth));
  RingQueue<Item> ring;
  auto owner = ring.owner();
  Sink sink;
  for (auto _ : state) {
    Chain<Item> batch;
    for (Item& item : items) batch.PushBack(&item);
    owner.PushBatch(std::move(batch), sink);
    while (Item* item = owner.Pop()) benchmark::DoNotOptimize(item);
  }
  state.SetItemsProcessed(state.iterations() * depth);
}
BENCHMARK(BM_RingQueue_PushBatchPop)->ArgName("depth")->Arg(16)->Arg(256);

/// Pushes into a ring that is full: half of it leaves every 128 pushes. Time is
/// per push, with its share of the overflow.
void BM_RingQueue_PushOverflowing(benchmark::State& state) {
  std::vector<Item> items(1024);
  RingQueue<Item> ring;
  auto owner = ring.owner();
  Sink sink;
  for (Item& item : items) sink.all.PushBack(&item);
  for (auto _ : state) owner.Push(sink.all.PopFront(), sink);
  while (owner.Pop() != nullptr) {
  }
  while (sink.all.PopFront() != nullptr) {
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_RingQueue_PushOverflowing);

}  // namespace
}  // namespace weft
