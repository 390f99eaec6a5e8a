// What the two pointers themselves cost: an indirect call each for clone and
// wake. What a real target adds (a task's read-modify-writes) is measured where
// the target is.

#include <utility>

#include "benchmark/benchmark.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/waker.h"

namespace weft {
namespace {

void BM_Waker_CloneAndWake(benchmark::State& state) {
  Waker waker = NoopWaker();
  benchmark::DoNotOptimize(waker);
  for (auto _ : state) waker.Clone().Wake();
}
BENCHMARK(BM_Waker_CloneAndWake);

void BM_Waker_WakeByRef(benchmark::State& state) {
  Waker waker = NoopWaker();
  benchmark::DoNotOptimize(waker);
  for (auto _ : state) waker.WakeByRef();
}
BENCHMARK(BM_Waker_WakeByRef);

}  // namespace
}  // namespace weft
