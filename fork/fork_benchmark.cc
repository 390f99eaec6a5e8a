// What a fork costs: trees of calls, each call a coroutine, on one thread and
// with a thief. Items are calls.

#include <array>
#include <cstddef>
#include <cstdint>

#include "benchmark/benchmark.h"
#include "weft/fork/fork_task.h"
#include "weft/fork/testing/fork_crew.h"

namespace weft {
namespace {

using fork_testing::ForkCrew;

// The calling thread and so many thieves.
int Thieves(const benchmark::State& state) {
  return static_cast<int>(state.range(0));
}

constexpr std::int64_t kN = 27;

std::int64_t Calls(std::int64_t n) {
  return n < 2 ? 1 : 1 + Calls(n - 1) + Calls(n - 2);
}

// ForkJoin: the quickest way for two children.
ForkTask<std::int64_t> FibOfPairs(std::int64_t n) {
  if (n < 2) co_return n;
  auto [a, b] = co_await ForkJoin(FibOfPairs(n - 1), FibOfPairs(n - 2));
  co_return a + b;
}
// Fork, a call, Join.
ForkTask<std::int64_t> FibOfForks(std::int64_t n) {
  if (n < 2) co_return n;
  Forked<std::int64_t> a = co_await Fork(FibOfForks(n - 1));
  const std::int64_t b = co_await FibOfForks(n - 2);
  co_await Join();
  co_return *a + b;
}
// Calls alone: what the coroutines cost.
ForkTask<std::int64_t> FibOfCalls(std::int64_t n) {
  if (n < 2) co_return n;
  const std::int64_t a = co_await FibOfCalls(n - 1);
  co_return a + co_await FibOfCalls(n - 2);
}

template <ForkTask<std::int64_t> (*kFib)(std::int64_t)>
void BM_Fib(benchmark::State& state) {
  ForkCrew crew(Thieves(state));
  for (auto _ : state) benchmark::DoNotOptimize(crew.Run(kFib(kN)));
  state.SetItemsProcessed(state.iterations() * Calls(kN));
}
BENCHMARK(BM_Fib<FibOfPairs>)->Arg(0)->Arg(1)->UseRealTime();
BENCHMARK(BM_Fib<FibOfForks>)->Arg(0)->Arg(1)->UseRealTime();
BENCHMARK(BM_Fib<FibOfCalls>)->Arg(0)->UseRealTime();

ForkTask<std::int64_t> Sum(std::int64_t first, std::int64_t leaves) {
  if (leaves == 1) co_return first;
  std::array<Forked<std::int64_t>, 10> children;
  for (Forked<std::int64_t>& child : children) {
    child = co_await Fork(Sum(first, leaves / 10));
    first += leaves / 10;
  }
  co_await Join();
  std::int64_t sum = 0;
  for (Forked<std::int64_t>& child : children) sum += *child;
  co_return sum;
}
void BM_Skynet(benchmark::State& state) {
  constexpr std::int64_t kLeaves = 100'000;
  ForkCrew crew(Thieves(state));
  for (auto _ : state) benchmark::DoNotOptimize(crew.Run(Sum(0, kLeaves)));
  state.SetItemsProcessed(state.iterations() * kLeaves);
}
BENCHMARK(BM_Skynet)->Arg(0)->Arg(1)->UseRealTime();

// A tree of one.
ForkTask<int> Nothing() { co_return 0; }
void BM_Root(benchmark::State& state) {
  ForkCrew crew;
  for (auto _ : state) benchmark::DoNotOptimize(crew.Run(Nothing()));
}
BENCHMARK(BM_Root);

}  // namespace
}  // namespace weft
