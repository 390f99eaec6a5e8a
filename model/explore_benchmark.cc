// How fast programs are explored. Counters: executions of the program, runs of
// its body per execution, runs per second of processor time.

#include <benchmark/benchmark.h>

#include <functional>

#include "weft/model/check.h"
#include "weft/model/classic_programs.h"
#include "weft/model/classic_structures.h"

namespace weft::model {
namespace {

void ExploreAgain(benchmark::State& state, const std::function<void()>& body) {
  Result result;
  double runs = 0;
  for (auto _ : state) {
    result = Explore(body);
    if (result.verdict != Verdict::kPassed) state.SkipWithError("failed");
    runs += static_cast<double>(result.runs);
  }
  const auto complete = static_cast<double>(result.complete);
  state.counters["executions"] = complete;
  state.counters["ratio"] = static_cast<double>(result.runs) / complete;
  state.counters["runs/s"] =
      benchmark::Counter(runs, benchmark::Counter::kIsRate);
}

void BM_WritesAndReads(benchmark::State& state) {
  ExploreAgain(state, [] { TurnsProgram(/*fences=*/false); });
}
BENCHMARK(BM_WritesAndReads);

void BM_WritesFencesAndReads(benchmark::State& state) {
  ExploreAgain(state, [] { TurnsProgram(/*fences=*/true); });
}
BENCHMARK(BM_WritesFencesAndReads);

void BM_Increments(benchmark::State& state) {
  ExploreAgain(
      state, [n = static_cast<int>(state.range(0))] { IncrementsProgram(n); });
}
BENCHMARK(BM_Increments)->DenseRange(4, 7);

void BM_CriticalSections(benchmark::State& state) {
  ExploreAgain(state, [n = static_cast<int>(state.range(0))] {
    CriticalSectionsProgram(n);
  });
}
BENCHMARK(BM_CriticalSections)->DenseRange(3, 6);

void BM_ChaseLev(benchmark::State& state) {
  ExploreAgain(state, [thieves = static_cast<int>(state.range(0))] {
    ChaseLevProgram(thieves);
  });
}
BENCHMARK(BM_ChaseLev)->Arg(1)->Arg(2);

void BM_Mpmc(benchmark::State& state) {
  ExploreAgain(state, [consumers = static_cast<int>(state.range(0))] {
    MpmcProgram(consumers);
  });
}
BENCHMARK(BM_Mpmc)->Arg(1)->Arg(2);

}  // namespace
}  // namespace weft::model
