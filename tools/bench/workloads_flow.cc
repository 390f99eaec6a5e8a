// The benchmarks of dataflow. What they do: workload.h.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "weft/dataflow/dataflow.h"
#include "weft/tools/bench/workload.h"

namespace weft::bench {
namespace {

using Count = std::int64_t;

Count SumOf(const std::vector<Flow<Count>>& counts) {
  Count sum = 0;
  for (const Flow<Count>& count : counts) sum += count.value();
  return sum;
}

Task<Count> ChainOfFlows(int flows) {
  Flow<Count> last = MakeFlow(Count{0});
  for (int i = 0; i < flows; ++i) {
    last = Async([](Count before) { return before + 1; }, std::move(last));
  }
  co_return co_await last;
}

Task<Count> WideGraph(int flows) {
  const Flow<Count> first = Async([] { return Count{1}; });
  std::vector<Flow<Count>> all;
  all.reserve(static_cast<std::size_t>(flows));
  for (int i = 0; i < flows; ++i) {
    all.push_back(Async([](Count one) { return one; }, first));
  }
  co_return co_await Async(SumOf, std::move(all));
}

// Each cell adds one to what its column has, and only waits for its row.
Task<Count> Wavefront(int side) {
  std::vector<Flow<Count>> row(static_cast<std::size_t>(side),
                               MakeFlow(Count{0}));
  for (int y = 0; y < side; ++y) {
    Flow<Count> left = MakeFlow(Count{0});
    for (Flow<Count>& cell : row) {
      cell = left = Async([](Count above, Count) { return above + 1; },
                          std::move(cell), std::move(left));
    }
  }
  co_return co_await Async(SumOf, std::move(row));
}

// The leaves below.
Flow<Count> Tree(int depth) {
  if (depth == 0) return MakeFlow(Count{1});
  return Async([](Count left, Count right) { return left + right; },
               Async(Tree, depth - 1), Async(Tree, depth - 1));
}

// Makes the next, and is resolved with it.
Flow<Count> Descend(int left) {
  if (left == 0) return MakeFlow(Count{1});
  return Async(Descend, left - 1);
}

Task<Count> ManyForALateOne(int flows) {
  const Flow<Count> late = Async(Descend, flows);
  std::vector<Flow<Count>> all;
  all.reserve(static_cast<std::size_t>(flows));
  for (int i = 0; i < flows; ++i) {
    all.push_back(Async([](Count one) { return one; }, late));
  }
  co_return co_await Async(SumOf, std::move(all));
}

std::int64_t FlowTree(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, [&] {
    return Tree(static_cast<int>(std::bit_width(
                    static_cast<std::uint64_t>(LeafCount(sizes)))) -
                1)
        .Get();
  });
}
std::int64_t FlowLate(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, ManyForALateOne(sizes.flows));
}
std::int64_t FlowChain(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, ChainOfFlows(sizes.flows));
}
std::int64_t FlowWide(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, WideGraph(sizes.flows));
}
std::int64_t FlowWavefront(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, Wavefront(sizes.side));
}

constexpr Workload kWorkloads[] = {
    {kFlowChain, kFlow, kJoined, FlowCount, FlowChain},
    {kFlowWide, kFlow, kJoined, FlowCount, FlowWide},
    {kFlowWavefront, kFlow, kJoined, CellCount, FlowWavefront},
    {kFlowTree, kFlow, kJoined, LeafCount, FlowTree},
    {kFlowLate, kFlow, kJoined, FlowCount, FlowLate},
};

}  // namespace

std::span<const Workload> FlowWorkloads() { return kWorkloads; }

}  // namespace weft::bench
