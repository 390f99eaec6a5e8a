// What the idle protocol costs. The first rows are the hot ones: a push with
// nobody to wake is a private fence and a load of a line that nobody writes, so
// a few nanoseconds, and the same with two threads. If the second grows, pushes
// have begun to write the word.

#include <cstdint>

#include "benchmark/benchmark.h"
#include "weft/worker/idle.h"
#include "weft/worker/testing/mutex_idle.h"

namespace weft {
namespace {

template <class IdleType>
IdleType& Awake() {
  static IdleType idle(8);
  return idle;
}

template <class IdleType>
void BM_Idle_ClaimNobodySleeps(benchmark::State& state) {
  IdleType& idle = Awake<IdleType>();
  for (auto _ : state) benchmark::DoNotOptimize(idle.Claim());
}
BENCHMARK_TEMPLATE(BM_Idle_ClaimNobodySleeps, Idle)->ThreadRange(1, 2);
BENCHMARK_TEMPLATE(BM_Idle_ClaimNobodySleeps, MutexIdle)->ThreadRange(1, 2);

// Work comes in while one searches: the other case in which nothing is done.
template <class IdleType>
void BM_Idle_ClaimWhileOneSearches(benchmark::State& state) {
  IdleType idle(8);
  (void)idle.Announce(1, false);
  (void)idle.StartSearching(0);
  for (auto _ : state) benchmark::DoNotOptimize(idle.Claim());
}
BENCHMARK_TEMPLATE(BM_Idle_ClaimWhileOneSearches, Idle);
BENCHMARK_TEMPLATE(BM_Idle_ClaimWhileOneSearches, MutexIdle);

// More than 32 workers have more than one word.
void BM_Idle_ClaimNobodySleepsOf(benchmark::State& state) {
  Idle idle(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(idle.Claim());
}
BENCHMARK(BM_Idle_ClaimNobodySleepsOf)->ArgName("workers")->Arg(64)->Arg(256);

// A sleep and a wake for a reason of the worker's own.
template <class IdleType>
void BM_Idle_AnnounceAndRetract(benchmark::State& state) {
  IdleType idle(8);
  for (auto _ : state) {
    benchmark::DoNotOptimize(idle.Announce(0, false));
    benchmark::DoNotOptimize(idle.Retract(0));
  }
}
BENCHMARK_TEMPLATE(BM_Idle_AnnounceAndRetract, Idle);
BENCHMARK_TEMPLATE(BM_Idle_AnnounceAndRetract, MutexIdle);

// The whole way of a wake: asleep, claimed, searching, running.
template <class IdleType>
void BM_Idle_AnnounceClaimAndStop(benchmark::State& state) {
  IdleType idle(8);
  for (auto _ : state) {
    benchmark::DoNotOptimize(idle.Announce(0, false));
    benchmark::DoNotOptimize(idle.Claim());
    benchmark::DoNotOptimize(idle.Retract(0));
    benchmark::DoNotOptimize(idle.StopSearching(0));
  }
}
BENCHMARK_TEMPLATE(BM_Idle_AnnounceClaimAndStop, Idle);
BENCHMARK_TEMPLATE(BM_Idle_AnnounceClaimAndStop, MutexIdle);

// A search that finds something.
template <class IdleType>
void BM_Idle_StartAndStopSearching(benchmark::State& state) {
  IdleType idle(8);
  for (auto _ : state) {
    benchmark::DoNotOptimize(idle.StartSearching(0));
    benchmark::DoNotOptimize(idle.StopSearching(0));
  }
}
BENCHMARK_TEMPLATE(BM_Idle_StartAndStopSearching, Idle);
BENCHMARK_TEMPLATE(BM_Idle_StartAndStopSearching, MutexIdle);

}  // namespace
}  // namespace weft
