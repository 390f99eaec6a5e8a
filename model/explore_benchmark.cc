// How fast programs are explored. Counters: executions of the program, runs of
// its body per execution, runs per second of processor time.

#include <benchmark/benchmark.h>

#include <functional>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/classic_structures.h"
#include "weft/model/mutex.h"
#include "weft/model/thread.h"

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

// Two threads that write and read two words in turns: 19 events.
void BM_WritesAndReads(benchmark::State& state) {
  ExploreAgain(state, [] {
    Atomic<int> x(0), y(0);
    const auto turns = [](Atomic<int>& mine, Atomic<int>& other) {
      for (int i = 1; i <= 4; ++i) {
        mine.store(i, std::memory_order_relaxed);
        other.load(std::memory_order_relaxed);
      }
    };
    Thread t([&] { turns(x, y); });
    turns(y, x);
    t.join();
  });
}
BENCHMARK(BM_WritesAndReads);

// The same with seq_cst fences: 27 events.
void BM_WritesFencesAndReads(benchmark::State& state) {
  ExploreAgain(state, [] {
    Atomic<int> x(0), y(0);
    const auto turns = [](Atomic<int>& mine, Atomic<int>& other) {
      for (int i = 1; i <= 4; ++i) {
        mine.store(i, std::memory_order_relaxed);
        AtomicThreadFence(std::memory_order_seq_cst);
        other.load(std::memory_order_relaxed);
      }
    };
    Thread t([&] { turns(x, y); });
    turns(y, x);
    t.join();
  });
}
BENCHMARK(BM_WritesFencesAndReads);

void BM_Increments(benchmark::State& state) {
  ExploreAgain(state, [n = static_cast<int>(state.range(0))] {
    Atomic<int> x(0);
    Thread threads[8];
    for (int i = 0; i < n; ++i) {
      threads[i] = Thread([&] { x.fetch_add(1, std::memory_order_relaxed); });
    }
    for (int i = 0; i < n; ++i) threads[i].join();
  });
}
BENCHMARK(BM_Increments)->DenseRange(4, 7);

void BM_CriticalSections(benchmark::State& state) {
  ExploreAgain(state, [n = static_cast<int>(state.range(0))] {
    Mutex mutex;
    Cell<int> count(0);
    Thread threads[8];
    for (int i = 0; i < n; ++i) {
      threads[i] = Thread([&] {
        MutexLock lock(mutex);
        count.Set(count.Get() + 1);
      });
    }
    for (int i = 0; i < n; ++i) threads[i].join();
  });
}
BENCHMARK(BM_CriticalSections)->DenseRange(3, 5);

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
