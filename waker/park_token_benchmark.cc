// What it costs to block a thread on a waker. Without a sleep: some
// read-modify-writes and the hook's lock. The round trip of two threads is two
// sleeps and two wakes, so mostly the kernel's: compare with base's
// BM_FutexRoundTrip.

#include <utility>

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/waker/park_token.h"

namespace weft {
namespace {

void BM_ParkToken_WakeAndPark(benchmark::State& state) {
  ParkToken token;
  Waker waker = token.GetWaker();
  for (auto _ : state) {
    waker.WakeByRef();
    token.Park();
  }
}
BENCHMARK(BM_ParkToken_WakeAndPark);

void BM_ParkToken_WakeWithHookAndConsume(benchmark::State& state) {
  ParkToken token;
  Waker waker = token.GetWaker();
  int calls = 0;
  token.SetHook([](void* arg) noexcept { ++*static_cast<int*>(arg); }, &calls);
  for (auto _ : state) {
    waker.WakeByRef();
    benchmark::DoNotOptimize(token.Consume());
  }
}
BENCHMARK(BM_ParkToken_WakeWithHookAndConsume);

void BM_ParkToken_GetWaker(benchmark::State& state) {
  ParkToken token;
  for (auto _ : state) benchmark::DoNotOptimize(token.GetWaker());
}
BENCHMARK(BM_ParkToken_GetWaker);

void BM_ParkToken_RoundTrip(benchmark::State& state) {
  ParkToken mine;
  ParkToken others;
  atomic<bool> stop{false};
  Waker wakes_me = mine.GetWaker();
  Waker wakes_other = others.GetWaker();
  Thread other([&] {
    for (;;) {
      others.Park();
      if (stop.load(std::memory_order_relaxed)) return;
      wakes_me.WakeByRef();
    }
  });
  for (auto _ : state) {
    wakes_other.WakeByRef();
    mine.Park();
  }
  stop.store(true, std::memory_order_relaxed);
  wakes_other.WakeByRef();
  other.join();
}
BENCHMARK(BM_ParkToken_RoundTrip)->UseRealTime();

}  // namespace
}  // namespace weft
