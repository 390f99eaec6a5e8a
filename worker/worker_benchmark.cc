// What a worker adds to a task: the ways from "runnable" to "running", without
// tasks that do anything. The parts of a poll are below them.

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "weft/base/thread.h"
#include "weft/worker/fairness.h"
#include "weft/worker/observer.h"
#include "weft/worker/testing/test_task.h"
#include "weft/worker/testing/thread_crew.h"
#include "weft/worker/victims.h"

namespace weft::worker_testing {
namespace {

// Workers on the benchmark's thread, of which the first is at work and the
// others are awake: the fences are paid, and nobody is there to be woken.
class Alone : private WorkerDelegate {
 public:
  explicit Alone(std::uint32_t workers)
      : shared(workers, *this, 1), me(shared, 0, 1) {}

  void Run(std::int64_t tasks) {
    me.RunWhile([&] { return tasks-- > 0; });
  }

  WorkerShared<RealPolicies> shared;
  Worker<RealPolicies> me;

 private:
  void BeforePark(std::uint32_t) override {}
  bool Drained() override { return false; }
  void AfterPark(std::uint32_t) override {}
};

constexpr std::int64_t kTasks = 1000;

void PerTask(benchmark::State& state, std::int64_t tasks = kTasks) {
  state.SetItemsProcessed(state.iterations() * tasks);
}

// A task that makes another runnable, in turns: the slot, and every fourth time
// the queue. No fence, since there never is a surplus.
void BM_Worker_PingPong(benchmark::State& state) {
  Alone alone(static_cast<std::uint32_t>(state.range(0)));
  TestTask *ping = nullptr, *pong = nullptr;
  TestTask a([&] { alone.me.Schedule(pong); });
  TestTask b([&] { alone.me.Schedule(ping); });
  ping = &a;
  pong = &b;
  alone.me.Schedule(ping);
  for (auto _ : state) alone.Run(kTasks);
  PerTask(state);
  while (alone.me.TakeAny() != nullptr) {
  }
}
BENCHMARK(BM_Worker_PingPong)->ArgName("workers")->Arg(1)->Arg(2);

// The same beside tasks that wait in the queue: a private fence for each wake
// if there are others to be told.
void BM_Worker_PingPongBesideOthers(benchmark::State& state) {
  Alone alone(static_cast<std::uint32_t>(state.range(0)));
  TestTask *ping = nullptr, *pong = nullptr, *yields = nullptr;
  TestTask a([&] { alone.me.Schedule(pong); });
  TestTask b([&] { alone.me.Schedule(ping); });
  TestTask c([&] { alone.me.Enqueue(yields); });
  ping = &a;
  pong = &b;
  yields = &c;
  alone.me.Enqueue(yields);
  alone.me.Schedule(ping);
  for (auto _ : state) alone.Run(kTasks);
  PerTask(state);
  while (alone.me.TakeAny() != nullptr) {
  }
}
BENCHMARK(BM_Worker_PingPongBesideOthers)->ArgName("workers")->Arg(1)->Arg(2);

// A task that yields: through the queue, no surplus.
void BM_Worker_Yield(benchmark::State& state) {
  Alone alone(2);
  TestTask* self = nullptr;
  TestTask task([&] { alone.me.Enqueue(self); });
  self = &task;
  alone.me.Enqueue(self);
  for (auto _ : state) alone.Run(kTasks);
  PerTask(state);
  while (alone.me.TakeAny() != nullptr) {
  }
}
BENCHMARK(BM_Worker_Yield);

// The same among many: each push is a surplus.
void BM_Worker_YieldAmongMany(benchmark::State& state) {
  Alone alone(static_cast<std::uint32_t>(state.range(0)));
  std::vector<std::unique_ptr<TestTask>> tasks(100);
  for (auto& task : tasks) {
    task = std::make_unique<TestTask>(
        [&alone, &task] { alone.me.Enqueue(task.get()); });
    alone.me.Enqueue(task.get());
  }
  for (auto _ : state) alone.Run(kTasks);
  PerTask(state);
  while (alone.me.TakeAny() != nullptr) {
  }
}
BENCHMARK(BM_Worker_YieldAmongMany)->ArgName("workers")->Arg(1)->Arg(2);

// Tasks from outside, one by one, and their way through the injector.
void BM_Worker_Inject(benchmark::State& state) {
  Alone alone(2);
  std::vector<std::unique_ptr<TestTask>> tasks(kTasks);
  for (auto& task : tasks) task = std::make_unique<TestTask>();
  for (auto _ : state) {
    for (auto& task : tasks) alone.shared.Inject(task.get());
    alone.Run(kTasks);
  }
  PerTask(state);
}
BENCHMARK(BM_Worker_Inject);

// What a worker steals of a sibling that is busy elsewhere.
void BM_Worker_Steal(benchmark::State& state) {
  Alone alone(2);
  Worker<RealPolicies> victim(alone.shared, 1, 1);
  constexpr std::int64_t kBatch = 64;
  std::vector<std::unique_ptr<TestTask>> tasks(kBatch);
  for (auto& task : tasks) task = std::make_unique<TestTask>();
  for (auto _ : state) {
    for (auto& task : tasks) victim.Enqueue(task.get());
    // The last task stays: it is no surplus.
    alone.Run(kBatch - 1);
    victim.RunWhile(
        [once = true]() mutable { return std::exchange(once, false); });
  }
  PerTask(state, kBatch);
}
BENCHMARK(BM_Worker_Steal);

// From outside into a scheduler in which all sleep, until the task runs: claim,
// system call, context switch, search.
void BM_WakeUp(benchmark::State& state) {
  ThreadCrew<> crew(2, 1);
  int rounds = 0;
  TestTask task;
  for (auto _ : state) {
    while (!crew.shared.idle().AllAsleep()) YieldThread();
    crew.shared.Inject(&task);
    ++rounds;
    while (task.runs() != rounds) YieldThread();
  }
}
BENCHMARK(BM_WakeUp)->UseRealTime();

// ---- The parts of a poll. ----

void BM_TunedFairness_Tick(benchmark::State& state) {
  TunedFairness<> fairness;
  for (auto _ : state) benchmark::DoNotOptimize(fairness.Tick());
}
BENCHMARK(BM_TunedFairness_Tick);

void BM_CountingObserver_Count(benchmark::State& state) {
  CountingObserver observer;
  for (auto _ : state) {
    observer.Count(WorkerEvent::kSpawn);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_CountingObserver_Count);

void BM_RandomVictims_ForEach(benchmark::State& state) {
  RandomVictims victims(0, static_cast<std::uint32_t>(state.range(0)), 1);
  for (auto _ : state) {
    victims.ForEach([](std::uint32_t victim) {
      benchmark::DoNotOptimize(victim);
      return false;
    });
  }
}
BENCHMARK(BM_RandomVictims_ForEach)
    ->ArgName("workers")
    ->Arg(2)
    ->Arg(8)
    ->Arg(64);

}  // namespace
}  // namespace weft::worker_testing
