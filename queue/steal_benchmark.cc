// What stealing costs: the thief, per item and per steal, by batch size (chose
// kMaxStealBatch), and the owner who is being robbed.

#include <cstdint>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/thread.h"
#include "weft/queue/chain.h"
#include "weft/queue/ring_queue.h"
#include "weft/queue/steal.h"
#include "weft/queue/testing/mutex_local_queue.h"

namespace weft {
namespace {

struct Item {
  Item* next = nullptr;
};

struct Sink {
  void PushBatch(Chain<Item> chain) { all.Append(std::move(chain)); }
  Chain<Item> all;
};

/// Robs a full ring of 256, `max_take` items at a time, until it is empty; all
/// on one thread, so this is the work without the cache misses. Time is per
/// item; steal_ns is how long one steal keeps other thieves off.
void BM_RingQueue_StealBatch(benchmark::State& state) {
  const auto max_take = static_cast<uint32_t>(state.range(0));
  std::vector<Item> items(256);
  RingQueue<Item> victim;
  RingQueue<Item> mine;
  auto owner = victim.owner();
  auto thief = victim.thief();
  auto my_owner = mine.owner();
  Sink sink;
  int64_t steals = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (Item& item : items) owner.Push(&item, sink);
    while (my_owner.Pop() != nullptr) {
    }
    state.ResumeTiming();
    while (thief.StealInto(my_owner, max_take).took()) ++steals;
  }
  while (my_owner.Pop() != nullptr) {
  }
  state.SetItemsProcessed(state.iterations() * 256);
  state.counters["steal_ns"] = benchmark::Counter(
      static_cast<double>(steals) * 1e-9,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_RingQueue_StealBatch)
    ->ArgName("max_take")
    ->RangeMultiplier(2)
    ->Range(1, 128);

/// Two workers on two threads. The owner keeps its ring about half full; the
/// thief, whose time this is, robs it `max_take` at a time and pops what it
/// got. Time is per item that the thief ran: the cost of living by theft.
void BM_RingQueue_StealBatchFromAnotherThread(benchmark::State& state) {
  const auto max_take = static_cast<uint32_t>(state.range(0));
  RingQueue<Item> victim;
  RingQueue<Item> mine;
  auto thief = victim.thief();
  auto my_owner = mine.owner();
  CacheAligned<atomic<bool>> stop{false};
  Thread worker([&] {
    std::vector<Item> items(4096);
    auto owner = victim.owner();
    Sink sink;
    // Items are used in turn, long after the thief has dropped them.
    for (size_t i = 0; !stop->load(std::memory_order_relaxed);
         i = (i + 1) % items.size()) {
      if (owner.Free() > 128) owner.Push(&items[i], sink);
    }
    while (owner.Pop() != nullptr) {
    }
  });
  int64_t ran = 0;
  int64_t steals = 0;
  int64_t in_vain = 0;
  for (auto _ : state) {
    for (;;) {
      const Steal<Item> steal = thief.StealInto(my_owner, max_take);
      if (!steal.took()) {
        ++in_vain;
        continue;
      }
      ++steals;
      ran += steal.count;
      while (Item* item = my_owner.Pop()) benchmark::DoNotOptimize(item);
      break;
    }
  }
  stop->store(true, std::memory_order_relaxed);
  worker.join();
  state.SetItemsProcessed(ran);
  state.counters["per_steal"] =
      static_cast<double>(ran) / static_cast<double>(steals);
  state.counters["in_vain"] = benchmark::Counter(
      static_cast<double>(in_vain), benchmark::Counter::kAvgIterations);
}
BENCHMARK(BM_RingQueue_StealBatchFromAnotherThread)
    ->ArgName("max_take")
    ->RangeMultiplier(2)
    ->Range(1, 128)
    ->UseRealTime();

/// The owner pushes and pops 16 items at a time while a thief on another thread
/// takes what it can. Time is per item pushed: compare with PushPop/depth:16.
template <class Queue>
void PushPopWhileRobbed(benchmark::State& state) {
  Queue victim;
  Queue mine;
  auto owner = victim.owner();
  CacheAligned<atomic<bool>> stop{false};
  CacheAligned<atomic<int64_t>> stolen{0};
  Thread robber([&] {
    auto thief = victim.thief();
    auto my_owner = mine.owner();
    int64_t count = 0;
    while (!stop->load(std::memory_order_relaxed)) {
      count += thief.StealInto(my_owner, kMaxStealBatch, 1).count;
      while (Item* item = my_owner.Pop()) benchmark::DoNotOptimize(item);
    }
    stolen->store(count, std::memory_order_relaxed);
  });
  // Items are used in turn, long after the thief has dropped them.
  std::vector<Item> items(4096);
  size_t next = 0;
  Sink sink;
  for (auto _ : state) {
    for (int i = 0; i < 16; ++i) {
      owner.Push(&items[next], sink);
      next = (next + 1) % items.size();
    }
    while (Item* item = owner.Pop()) benchmark::DoNotOptimize(item);
  }
  stop->store(true, std::memory_order_relaxed);
  robber.join();
  state.SetItemsProcessed(state.iterations() * 16);
  state.counters["stolen"] =
      static_cast<double>(stolen->load(std::memory_order_relaxed)) /
      static_cast<double>(state.iterations() * 16);
}

void BM_RingQueue_PushPopWhileRobbed(benchmark::State& state) {
  PushPopWhileRobbed<RingQueue<Item>>(state);
}
BENCHMARK(BM_RingQueue_PushPopWhileRobbed)->UseRealTime();

void BM_MutexLocalQueue_PushPopWhileRobbed(benchmark::State& state) {
  PushPopWhileRobbed<MutexLocalQueue<Item>>(state);
}
BENCHMARK(BM_MutexLocalQueue_PushPopWhileRobbed)->UseRealTime();

}  // namespace
}  // namespace weft
