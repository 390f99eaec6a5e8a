// What `Wait` adds to the polls: a waker made and dropped, the budget set and
// put back.

#include "benchmark/benchmark.h"
#include "weft/waker/wait.h"

namespace weft {
namespace {

struct ReadyAtOnce {
  weft::Poll<int> Poll(Context&) { return 1; }
};

void BM_Wait_ForWhatIsReady(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Wait(ReadyAtOnce()));
}
BENCHMARK(BM_Wait_ForWhatIsReady);

// One poll that is not ready and has woken its waiter already: no sleep.
struct ReadySecondTime {
  weft::Poll<int> Poll(Context& context) {
    if (again) return 1;
    again = true;
    context.waker().WakeByRef();
    return kPending;
  }
  bool again = false;
};

void BM_Wait_ForWhatWakesAtOnce(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(Wait(ReadySecondTime()));
}
BENCHMARK(BM_Wait_ForWhatWakesAtOnce);

}  // namespace
}  // namespace weft
