// The price of reading a thread-local so that a coroutine which changes threads
// reads the right one. Get should cost about a call, 1 to 2 ns, in exchange for
// that; the plain variable is what it is compared with.

#include "benchmark/benchmark.h"
#include "weft/base/thread_local.h"

namespace weft {
namespace {

struct CounterTag;
using Counter = ThreadLocal<int, CounterTag>;

constinit thread_local int plain_counter = 0;

void BM_ThreadLocal_Get(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(++Counter::Get());
}
BENCHMARK(BM_ThreadLocal_Get);

void BM_PlainThreadLocal(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(++plain_counter);
}
BENCHMARK(BM_PlainThreadLocal);

}  // namespace
}  // namespace weft
