#ifndef WEFT_TOOLS_BENCH_WORKLOAD_H_
#define WEFT_TOOLS_BENCH_WORKLOAD_H_

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "weft/pool/executor.h"
#include "weft/pool/spawn.h"
#include "weft/tools/bench/names.h"

namespace weft::bench {

/// How much work one iteration of each benchmark is.
struct Sizes {
  int chain = 1'000;
  int deep_chain = 100'000;
  int pairs = 1'000;
  int spawns = 10'000;
  int yielders = 200;
  int yields = 1'000;
  int flows = 1'000;
  int side = 32;
};

/// One benchmark, with its tasks written in one way. What each must do is said
/// here once for both ways:
///
/// chained_spawn: a task spawns the next, `chain` deep; the last one wakes the
///   blocked caller. Joined: each awaits the one that it spawned, and the
///   caller the first. Per spawn. chained_spawn_deep is the same, longer.
/// ping_pong: a task on a worker spawns `pairs` tasks; each of these makes a
///   oneshot channel, spawns a second task that sends on it, and awaits it.
///   Joined: each task also joins those that it spawned. Per pair.
/// spawn_many: spawns `spawns` tasks, each of which counts down; the last one
///   wakes the blocked caller. Outside: the caller spawns them; worker: a task
///   does. Joined: whoever spawned them keeps the handles and joins them all.
///   Per spawn.
/// yield_many: the caller spawns `yielders` tasks, each of which yields
///   `yields` times; the last one wakes the caller. Per yield.
///
/// In each of dataflow a task on a worker makes all flows, and awaits the last;
/// per flow.
/// flow_chain: `flows`, each of which waits for the one before.
/// flow_wide: `flows` that all wait for the same one, and one that waits for
///   all of them.
/// flow_wavefront: a square of `side`; each cell waits for the one above and
///   the one to the left.
/// flow_tree: a function that calls itself twice, and adds up: the sums are
///   made before what they add. As many leaves as `flows`, rounded down to a
///   power of two; per leaf.
/// flow_late: `flows` that all wait for the last of as many, each of which is
///   made by the one before when it runs.
struct Workload {
  std::string_view benchmark;
  std::string_view style;
  std::string_view tasks;
  /// How many operations one iteration is.
  std::int64_t (*operations)(const Sizes& sizes);
  /// Does one iteration on any pool, called by a thread that is not its worker,
  /// which it blocks; returns how many operations it has found done. One code
  /// for all schedulers: a task does not know which it runs on.
  std::int64_t (*run)(Executor& executor, const Sizes& sizes);
};

/// BasicPool::BlockOn for whatever pool it is.
template <class B>
auto BlockOn(Executor& executor, B&& body) {
  return SpawnOn(executor, std::forward<B>(body)).Join().value();
}

/// All benchmarks, in the order of the table.
std::span<const Workload> CoroutineWorkloads();
std::span<const Workload> PollWorkloads();
std::span<const Workload> FlowWorkloads();

/// The numbers of operations, for the lists.
inline std::int64_t ChainSize(const Sizes& sizes) { return sizes.chain; }
inline std::int64_t DeepSize(const Sizes& sizes) { return sizes.deep_chain; }
inline std::int64_t PairCount(const Sizes& sizes) { return sizes.pairs; }
inline std::int64_t SpawnCount(const Sizes& sizes) { return sizes.spawns; }
inline std::int64_t YieldCount(const Sizes& sizes) {
  return std::int64_t{sizes.yielders} * sizes.yields;
}
inline std::int64_t FlowCount(const Sizes& sizes) { return sizes.flows; }
inline std::int64_t LeafCount(const Sizes& sizes) {
  return static_cast<std::int64_t>(
      std::bit_floor(static_cast<std::uint32_t>(sizes.flows)));
}
inline std::int64_t CellCount(const Sizes& sizes) {
  return std::int64_t{sizes.side} * sizes.side;
}

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_WORKLOAD_H_
