// The price of a random victim. Below must stay far below the price of a
// division, or the choice would cost more than the look into the queue.

#include "benchmark/benchmark.h"
#include "weft/base/xorshift.h"

namespace weft {
namespace {

void BM_XorShift64_Next(benchmark::State& state) {
  XorShift64 random(1);
  for (auto _ : state) benchmark::DoNotOptimize(random.Next());
}
BENCHMARK(BM_XorShift64_Next);

void BM_XorShift64_Below(benchmark::State& state) {
  XorShift64 random(1);
  auto n = static_cast<uint32_t>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(n);
    benchmark::DoNotOptimize(random.Below(n));
  }
}
BENCHMARK(BM_XorShift64_Below)->ArgName("victims")->Arg(3)->Arg(64);

// What Below avoids.
void BM_XorShift64_Remainder(benchmark::State& state) {
  XorShift64 random(1);
  auto n = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(n);
    benchmark::DoNotOptimize(random.Next() % n);
  }
}
BENCHMARK(BM_XorShift64_Remainder)->ArgName("victims")->Arg(3)->Arg(64);

}  // namespace
}  // namespace weft
