// What kFalseSharingRange buys: two threads each count in their own word, at
// the given distance in bytes. The price must have fallen at 64 (another line)
// and must not fall further after 128 (another pair of lines).

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"

namespace weft {
namespace {

alignas(kFalseSharingRange) atomic<uint64_t> words[256 / sizeof(uint64_t)];

void BM_TwoCounters(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  const auto thread = static_cast<std::size_t>(state.thread_index());
  atomic<uint64_t>& mine = words[thread * bytes / sizeof(uint64_t)];
  for (auto _ : state) mine.fetch_add(1, std::memory_order_relaxed);
}
BENCHMARK(BM_TwoCounters)
    ->ArgName("distance")
    ->Arg(8)
    ->Arg(kCacheLine)
    ->Arg(kFalseSharingRange)
    ->Threads(2)
    ->UseRealTime();

}  // namespace
}  // namespace weft
