// Graphs of nodes that wait for each other, as tools/compare/workloads.txt has
// them: with flows; and with tasks that await handles, for comparison.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "weft/dataflow/dataflow.h"
#include "weft/pool/pool.h"
#include "weft/tools/compare/ports/common/grain.h"
#include "weft/tools/compare/ports/weft/runtime.h"

namespace weft::compare {
namespace {

using Number = std::int64_t;

Task<Number> JoinedLink(JoinHandle<Number> before) {
  Outcome<Number> outcome = co_await before;
  co_return 1 + std::move(outcome).value();
}

template <bool kWorks>
Number Leaf(Number source, Number i) {
  if constexpr (kWorks) return source * Grain(i);
  return source;
}

Number Sum(const std::vector<Flow<Number>>& flows) {
  Number sum = 0;
  for (const Flow<Number>& flow : flows) sum += flow.value();
  return sum;
}

template <bool kWorks>
Task<Number> Wide(Number n) {
  Flow<Number> source = Async([] { return Number{1}; });
  std::vector<Flow<Number>> leaves;
  leaves.reserve(static_cast<std::size_t>(n));
  for (Number i = 0; i < n; ++i) {
    leaves.push_back(Async(Leaf<kWorks>, source, i));
  }
  co_return co_await Async(Sum, std::move(leaves));
}

template <bool kWorks>
Task<Number> WideJoined(Number n) {
  JoinHandle<Number> first = Spawn([] { return Number{1}; });
  Outcome<Number> source = co_await first;
  std::vector<JoinHandle<Number>> leaves;
  leaves.reserve(static_cast<std::size_t>(n));
  for (Number i = 0; i < n; ++i) {
    leaves.push_back(
        Spawn([value = *source, i] { return Leaf<kWorks>(value, i); }));
  }
  Number sum = 0;
  for (JoinHandle<Number>& leaf : leaves) {
    Outcome<Number> outcome = co_await leaf;
    sum += std::move(outcome).value();
  }
  co_return sum;
}

Number Cell(Number above, Number left) { return 1 + std::max(above, left); }

}  // namespace

Number FlowChain(Runtime& runtime, Number n, Recorder&) {
  return runtime.pool.BlockOn([n]() -> Task<Number> {
    Flow<Number> last = Async([] { return Number{1}; });
    for (Number i = 1; i < n; ++i) {
      last = Async([](Number before) { return 1 + before; }, std::move(last));
    }
    co_return co_await last;
  });
}

Number FlowChainJoined(Runtime& runtime, Number n, Recorder&) {
  return runtime.pool.BlockOn([n]() -> Task<Number> {
    JoinHandle<Number> last = Spawn([] { return Number{1}; });
    for (Number i = 1; i < n; ++i) last = Spawn(JoinedLink(std::move(last)));
    Outcome<Number> outcome = co_await last;
    co_return std::move(outcome).value();
  });
}

Number FlowWide(Runtime& runtime, Number n, Recorder&) {
  return runtime.pool.BlockOn(Wide<false>(n));
}
Number FlowWideJoined(Runtime& runtime, Number n, Recorder&) {
  return runtime.pool.BlockOn(WideJoined<false>(n));
}
Number FlowWideWork(Runtime& runtime, Number n, Recorder&) {
  return runtime.pool.BlockOn(Wide<true>(n));
}
Number FlowWideWorkJoined(Runtime& runtime, Number n, Recorder&) {
  return runtime.pool.BlockOn(WideJoined<true>(n));
}

Number FlowWavefront(Runtime& runtime, Number n, Recorder&) {
  return runtime.pool.BlockOn([n]() -> Task<Number> {
    const auto side = static_cast<std::size_t>(n);
    std::vector<Flow<Number>> above(side);
    for (std::size_t y = 0; y < side; ++y) {
      Flow<Number> left;
      for (std::size_t x = 0; x < side; ++x) {
        if (x > 0 && y > 0) {
          left = Async(Cell, std::move(above[x]), std::move(left));
        } else if (x > 0 || y > 0) {
          left = Async(Cell, Number{0},
                       x > 0 ? std::move(left) : std::move(above[x]));
        } else {
          left = Async(Cell, 0, 0);
        }
        above[x] = left;
      }
    }
    co_return co_await above.back();
  });
}

}  // namespace weft::compare
