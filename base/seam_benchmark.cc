// The seam's small parts, one call each. In the ordinary build every row is the
// price of the standard type or of nothing at all; a difference between a pair
// of rows means that the seam costs something.

#include <mutex>
#include <thread>

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/check.h"
#include "weft/base/exception.h"
#include "weft/base/mutex.h"
#include "weft/base/spin.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

void BM_Cell_SetGet(benchmark::State& state) {
  Cell<int> cell(0);
  for (auto _ : state) {
    cell.Set(cell.Get() + 1);
    benchmark::DoNotOptimize(cell);
  }
}
BENCHMARK(BM_Cell_SetGet);

void BM_PlainVariable(benchmark::State& state) {
  int variable = 0;
  for (auto _ : state) {
    ++variable;
    benchmark::DoNotOptimize(variable);
  }
}
BENCHMARK(BM_PlainVariable);

template <class Atomic>
void BM_FetchAdd(benchmark::State& state) {
  Atomic word{0};
  for (auto _ : state) {
    benchmark::DoNotOptimize(word.fetch_add(1, std::memory_order_relaxed));
  }
}
BENCHMARK(BM_FetchAdd<atomic<uint64_t>>);

template <class AnyMutex>
void BM_LockUnlock(benchmark::State& state) {
  AnyMutex mutex;
  for (auto _ : state) {
    const std::unique_lock<AnyMutex> lock(mutex);
    benchmark::DoNotOptimize(&lock);
  }
}
BENCHMARK(BM_LockUnlock<Mutex>);

void BM_Check(benchmark::State& state) {
  int n = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(n);
    Check(n == 0, "n stays 0");
  }
}
BENCHMARK(BM_Check);

// A body that does not throw: the try block must be free.
void BM_CatchAll(benchmark::State& state) {
  int n = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(CatchAll([&] { benchmark::DoNotOptimize(++n); }));
  }
}
BENCHMARK(BM_CatchAll);

void BM_CpuRelax(benchmark::State& state) {
  for (auto _ : state) CpuRelax();
}
BENCHMARK(BM_CpuRelax);

void BM_YieldThread(benchmark::State& state) {
  for (auto _ : state) YieldThread();
}
BENCHMARK(BM_YieldThread);

void BM_ThisThreadId(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(ThisThreadId());
}
BENCHMARK(BM_ThisThreadId);

void BM_ThreadStartJoin(benchmark::State& state) {
  for (auto _ : state) {
    Thread thread([] {});
    thread.join();
  }
}
BENCHMARK(BM_ThreadStartJoin)->UseRealTime();

}  // namespace
}  // namespace weft
