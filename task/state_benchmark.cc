// The transitions of a task's two words and the registry, alone: each is one
// read-modify-write, or none.

#include <cstddef>
#include <vector>

#include "benchmark/benchmark.h"
#include "weft/task/registry.h"
#include "weft/task/state_word.h"
#include "weft/task/suspension.h"
#include "weft/task/testing/fake_task.h"

namespace weft {
namespace {

void BM_WakeStartIdle(benchmark::State& state) {
  StateWord word{TaskState(TaskState::kReference)};
  for (auto _ : state) {
    benchmark::DoNotOptimize(word.WakeByRef());
    benchmark::DoNotOptimize(word.Start());
    benchmark::DoNotOptimize(word.Idle());
  }
}
BENCHMARK(BM_WakeStartIdle);

void BM_CloneWakeByValueStartIdle(benchmark::State& state) {
  StateWord word{TaskState(TaskState::kReference)};
  for (auto _ : state) {
    word.AddReference();
    benchmark::DoNotOptimize(word.WakeByValue());
    benchmark::DoNotOptimize(word.Start());
    benchmark::DoNotOptimize(word.Idle());
  }
}
BENCHMARK(BM_CloneWakeByValueStartIdle);

void BM_PublishRetractJoinWaker(benchmark::State& state) {
  StateWord word(TaskState::Queued(/*joinable=*/true));
  for (auto _ : state) {
    benchmark::DoNotOptimize(word.PublishJoinWaker());
    benchmark::DoNotOptimize(word.RetractJoinWaker());
  }
}
BENCHMARK(BM_PublishRetractJoinWaker);

class Operation final : public SuspendedOperation {
 public:
  bool TryCancel() noexcept override { return false; }
};

void BM_CommitReady(benchmark::State& state) {
  Suspension suspension;
  Operation operation;
  for (auto _ : state) {
    benchmark::DoNotOptimize(suspension.Commit(operation));
    benchmark::DoNotOptimize(suspension.Ready());
    benchmark::DoNotOptimize(suspension.Begin());
  }
}
BENCHMARK(BM_CommitReady);

// With `range` tasks alive beside the one that comes and goes.
void BM_RegistryInsertRemove(benchmark::State& state) {
  TaskRegistry registry;
  std::vector<task_testing::FakeTask> alive(
      static_cast<std::size_t>(state.range(0)));
  for (auto& task : alive) registry.Insert(&task);
  task_testing::FakeTask task;
  for (auto _ : state) {
    registry.Insert(&task);
    TaskRegistry::Remove(&task);
  }
  state.counters["capacity"] = static_cast<double>(registry.capacity());
}
BENCHMARK(BM_RegistryInsertRemove)->Arg(0)->Arg(100)->Arg(10'000);

}  // namespace
}  // namespace weft
