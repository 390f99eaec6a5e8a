// What sleeping and waking cost: the floor under every parker. A wake that
// finds nobody is what an unparker saves by looking at the word first; the
// round trip is two wakes and two sleeps between two threads.

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/futex.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

void BM_FutexWakeNobody(benchmark::State& state) {
  const atomic<uint32_t> word{0};
  for (auto _ : state) benchmark::DoNotOptimize(FutexWake(word, 1));
}
BENCHMARK(BM_FutexWakeNobody);

void BM_FutexWaitWordDiffers(benchmark::State& state) {
  const atomic<uint32_t> word{1};
  for (auto _ : state) FutexWait(word, 0);
}
BENCHMARK(BM_FutexWaitWordDiffers);

constexpr uint32_t kStop = 2;

void AwaitTurn(atomic<uint32_t>& turn, uint32_t mine) {
  for (;;) {
    // Acquire: pairs with the release in PassTurn.
    const uint32_t now = turn.load(std::memory_order_acquire);
    if (now == mine || now == kStop) return;
    FutexWait(turn, now);
  }
}

void PassTurn(atomic<uint32_t>& turn, uint32_t to) {
  // Release: pairs with the acquire in AwaitTurn.
  turn.store(to, std::memory_order_release);
  FutexWake(turn, 1);
}

void BM_FutexRoundTrip(benchmark::State& state) {
  atomic<uint32_t> turn{0};
  Thread other([&] {
    for (;;) {
      AwaitTurn(turn, 1);
      if (turn.load(std::memory_order_relaxed) == kStop) return;
      PassTurn(turn, 0);
    }
  });
  for (auto _ : state) {
    PassTurn(turn, 1);
    AwaitTurn(turn, 0);
  }
  PassTurn(turn, kStop);
  other.join();
}
BENCHMARK(BM_FutexRoundTrip)->UseRealTime();

}  // namespace
}  // namespace weft
