// What a fork costs: trees of calls, each call a coroutine, with one worker and
// with two. Items are calls.

#include <array>
#include <cstddef>
#include <cstdint>

#include "benchmark/benchmark.h"
#include "weft/fork/fork_task.h"
#include "weft/pool/pool.h"

namespace weft {
namespace {

Options Workers(const benchmark::State& state) {
  Options options;
  options.workers = static_cast<int>(state.range(0));
  return options;
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
  Pool pool(Workers(state));
  for (auto _ : state) benchmark::DoNotOptimize(pool.BlockOn(kFib(kN)));
  state.SetItemsProcessed(state.iterations() * Calls(kN));
}
BENCHMARK(BM_Fib<FibOfPairs>)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(BM_Fib<FibOfForks>)->Arg(1)->Arg(2)->UseRealTime();
BENCHMARK(BM_Fib<FibOfCalls>)->Arg(1)->UseRealTime();

ForkTask<std::int64_t> Sum(std::int64_t first, std::int64_t leaves) {
  if (leaves == 1) co_return first;
  std::array<Forked<std::int64_t>, 10> children;
  for (Forked<std::int64_t>& child : children) {
    child = co_await Fork(Sum(first, leaves / 10));
    first += leaves / 10;
  }
  co_await Join();
  std::int64_t sum = 0;
  for (const Forked<std::int64_t>& child : children) sum += *child;
  co_return sum;
}
void BM_Skynet(benchmark::State& state) {
  constexpr std::int64_t kLeaves = 100'000;
  Pool pool(Workers(state));
  for (auto _ : state) benchmark::DoNotOptimize(pool.BlockOn(Sum(0, kLeaves)));
  state.SetItemsProcessed(state.iterations() * kLeaves);
}
BENCHMARK(BM_Skynet)->Arg(1)->Arg(2)->UseRealTime();

// A tree of one: what it costs a task to await a ForkTask.
ForkTask<> Nothing() { co_return; }
void BM_Root(benchmark::State& state) {
  Pool pool(Workers(state));
  for (auto _ : state) {
    pool.BlockOn([]() -> Task<> {
      for (int i = 0; i < 1'000; ++i) co_await Nothing();
    });
  }
  state.SetItemsProcessed(state.iterations() * 1'000);
}
BENCHMARK(BM_Root)->Arg(1)->UseRealTime();

}  // namespace
}  // namespace weft
