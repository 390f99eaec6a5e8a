// What it costs to put a thread to sleep and to wake it. The rows without a
// sleeper are what every wake of an awake worker pays: some nanoseconds, one
// locked instruction. A rise there means that somebody makes system calls.

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/worker/parker.h"

namespace weft {
namespace {

template <class Parker>
void BM_Parker_UnparkNobodySleeps(benchmark::State& state) {
  Parker parker;
  for (auto _ : state) benchmark::DoNotOptimize(parker.Unpark());
}
BENCHMARK_TEMPLATE(BM_Parker_UnparkNobodySleeps, FutexParker);
BENCHMARK_TEMPLATE(BM_Parker_UnparkNobodySleeps, CondvarParker);

template <class Parker>
void BM_Parker_UnparkThenPark(benchmark::State& state) {
  Parker parker;
  for (auto _ : state) {
    parker.Unpark();
    parker.Park();
  }
}
BENCHMARK_TEMPLATE(BM_Parker_UnparkThenPark, FutexParker);
BENCHMARK_TEMPLATE(BM_Parker_UnparkThenPark, CondvarParker);

// There and back between two sleeping threads: two wake-ups.
template <class Parker>
void BM_Parker_RoundTrip(benchmark::State& state) {
  Parker here, there;
  atomic<bool> over{false};
  Thread echo([&] {
    for (;;) {
      there.Park();
      // Relaxed: the token publishes it.
      if (over.load(std::memory_order_relaxed)) return;
      here.Unpark();
    }
  });
  for (auto _ : state) {
    there.Unpark();
    here.Park();
  }
  over.store(true, std::memory_order_relaxed);
  there.Unpark();
  echo.join();
}
BENCHMARK_TEMPLATE(BM_Parker_RoundTrip, FutexParker)->UseRealTime();
BENCHMARK_TEMPLATE(BM_Parker_RoundTrip, CondvarParker)->UseRealTime();

}  // namespace
}  // namespace weft
