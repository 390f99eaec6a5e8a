// The slot of a resource with one waiting task. Register and wake are four
// read-modify-writes in all; registering again what is there should cost a load
// and no more, and so makes spurious polls cheap.

#include "benchmark/benchmark.h"
#include "weft/waker/atomic_waker.h"
#include "weft/waker/noop_waker.h"

namespace weft {
namespace {

void BM_AtomicWaker_RegisterAndWake(benchmark::State& state) {
  Waker waker = NoopWaker();
  AtomicWaker slot;
  for (auto _ : state) {
    slot.Register(waker);
    slot.Wake();
  }
}
BENCHMARK(BM_AtomicWaker_RegisterAndWake);

void BM_AtomicWaker_RegisterAgain(benchmark::State& state) {
  Waker waker = NoopWaker();
  AtomicWaker slot;
  slot.Register(waker);
  for (auto _ : state) {
    slot.Register(waker);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_AtomicWaker_RegisterAgain);

void BM_AtomicWaker_WakeNobody(benchmark::State& state) {
  AtomicWaker slot;
  for (auto _ : state) slot.Wake();
}
BENCHMARK(BM_AtomicWaker_WakeNobody);

}  // namespace
}  // namespace weft
