// What a store-load fence costs, and what the alternatives would. FullFence
// should stay a few nanoseconds in every row: if it rises to the standard
// fence's cost under clang, an `mfence` has come back. With two threads,
// the shared read-modify-write shows why the idiom fetch_add(0) is not a fence.

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/fence.h"

namespace weft {
namespace {

CacheAligned<atomic<uint64_t>> sleepers{0};

// The hot path's shape: publish privately, fence, look at a shared word.
template <class Fence>
void PublishAndLook(benchmark::State& state, Fence fence) {
  CacheAligned<atomic<uint64_t>> mine{0};
  uint64_t n = 0;
  for (auto _ : state) {
    mine->store(++n, std::memory_order_relaxed);
    fence();
    benchmark::DoNotOptimize(sleepers->load(std::memory_order_relaxed));
  }
}

void BM_FullFence(benchmark::State& state) {
  PublishAndLook(state, [] { FullFence(); });
}
BENCHMARK(BM_FullFence)->ThreadRange(1, 2);

void BM_StandardSeqCstFence(benchmark::State& state) {
  PublishAndLook(state, [] {
    // Pairs with nothing: only its cost is of interest.
    atomic_thread_fence(std::memory_order_seq_cst);
  });
}
BENCHMARK(BM_StandardSeqCstFence)->ThreadRange(1, 2);

void BM_SharedReadModifyWrite(benchmark::State& state) {
  PublishAndLook(state, [] {
    // Pairs with nothing: only its cost is of interest.
    sleepers->fetch_add(0, std::memory_order_seq_cst);
  });
}
BENCHMARK(BM_SharedReadModifyWrite)->ThreadRange(1, 2);

void BM_NoFence(benchmark::State& state) {
  PublishAndLook(state, [] {});
}
BENCHMARK(BM_NoFence);

}  // namespace
}  // namespace weft
