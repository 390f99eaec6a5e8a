// What a leaf resource pays per operation for fairness.

#include "benchmark/benchmark.h"
#include "weft/waker/budget.h"

namespace weft {
namespace {

void BM_Budget_Spend(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Budget::Spend());
}
BENCHMARK(BM_Budget_Spend);

}  // namespace
}  // namespace weft
