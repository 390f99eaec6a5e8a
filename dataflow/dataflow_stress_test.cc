// Random graphs: functions, coroutines, flattened flows, failures, promises
// that threads outside resolve or drop, cancellations, handles that go. Each
// flow must end as its arguments' ends say; with the order of the nodes that is
// the outcome of a sequential run, where nothing was cancelled by chance.
//
// WEFT_FLOW_GRAPHS in the environment says how many, if not 10,000; see
// WEFT_SEED.

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/dataflow/dataflow.h"
#include "weft/dataflow/testing/each_pool.h"
#include "weft/pool/executor.h"
#include "weft/pool/options.h"
#include "weft/pool/pool.h"
#include "weft/task/yield.h"

namespace weft {
namespace {

using Value = std::uint64_t;

Value Mix(Value a, Value b, Value id) { return (a * 31 + b) * 17 + id; }

// How a node of the graph is made.
enum class Kind { kFunction, kCoroutine, kFlattened, kMany, kFails, kPromise };

struct Node {
  Kind kind;
  std::vector<std::size_t> arguments;
  bool cancelled = false;  // somebody called Cancel
  bool dropped = false;    // a promise that is not resolved
  bool kept = true;        // we have a handle to the end
  Flow<Value> flow;
};

class Graph {
 public:
  explicit Graph(std::uint64_t seed) : random_(seed) {}

  void Run(Executor& pool) {
    const std::size_t size = 2 + Below(40);
    nodes_.reserve(size);
    for (std::size_t i = 0; i < size; ++i) Plan(i);
    Thread resolver;
    std::vector<std::pair<std::size_t, FlowPromise<Value>>> promises;
    for (std::size_t i = 0; i < size; ++i) {
      if (nodes_[i].kind != Kind::kPromise) continue;
      promises.emplace_back(i, FlowPromise<Value>());
      nodes_[i].flow = promises.back().second.flow();
    }
    // The flags are read before the thread starts.
    std::vector<bool> dropped;
    for (const Node& node : nodes_) dropped.push_back(node.dropped);
    resolver = Thread([promises = std::move(promises), dropped]() mutable {
      for (auto& [i, promise] : promises) {
        if (dropped[i]) {
          const auto gone = std::move(promise);
        } else {
          promise.Resolve(Mix(1, 1, i));
        }
      }
    });
    for (std::size_t i = 0; i < size; ++i) {
      Make(pool, i);
      const std::size_t victim = Below(i + 1);
      if (Below(20) == 0 && nodes_[victim].kind != Kind::kPromise) {
        nodes_[victim].cancelled = true;
        nodes_[victim].flow.Cancel();
      }
    }
    // Those that stay hold their arguments only until they are resolved.
    std::vector<Flow<Value>> all;
    for (Node& node : nodes_) {
      all.push_back(node.flow);
      if (!node.kept) all.back() = Flow<Value>();
    }
    for (const auto& flow : all) {
      if (flow) flow.Wait();
    }
    resolver.join();
    for (std::size_t i = 0; i < size; ++i) nodes_[i].flow.Wait();
    for (std::size_t i = 0; i < size; ++i) Verify(i);
  }

 private:
  std::uint64_t Below(std::uint64_t n) { return random_.Next() % n; }

  void Plan(std::size_t i) {
    Node node;
    node.kind = i == 0 ? Kind::kPromise : static_cast<Kind>(Below(6));
#if !defined(__cpp_exceptions)
    if (node.kind == Kind::kFails) node.kind = Kind::kFunction;
#endif
    if (node.kind == Kind::kFails && Below(3) != 0) node.kind = Kind::kMany;
    if (node.kind == Kind::kPromise) {
      node.dropped = Below(6) == 0;
    } else {
      const std::size_t n = node.kind == Kind::kMany ? Below(6) : 2;
      for (std::size_t k = 0; k < n; ++k) node.arguments.push_back(Below(i));
    }
    nodes_.push_back(std::move(node));
  }

  void Make(Executor& pool, std::size_t i) {
    Node& node = nodes_[i];
    std::vector<Flow<Value>> args;
    for (std::size_t a : node.arguments) args.push_back(nodes_[a].flow);
    const OnDrop on_drop = Below(2) == 0 ? OnDrop::kGoOn : OnDrop::kCancel;
    const Value id = i;
    switch (node.kind) {
      case Kind::kPromise:
        return;
      case Kind::kFunction:
        node.flow = Async(pool, on_drop, Mix, args[0], args[1], id);
        return;
      case Kind::kCoroutine:
        node.flow = Async(
            pool, on_drop,
            [](const Value& a, Value b, Value c) -> Task<Value> {
              co_await YieldNow();
              co_return Mix(a, b, c);
            },
            args[0], args[1], id);
        return;
      case Kind::kFlattened:
        node.flow = Async(
            pool, on_drop,
            [first = args[0]](Value b, Value c) {
              return Async(Mix, first, b, c);
            },
            args[1], id);
        return;
      case Kind::kMany:
        node.flow = Async(
            pool, on_drop,
            [id](const std::vector<Flow<Value>>& all) {
              Value sum = id;
              for (const auto& flow : all) sum = Mix(sum, flow.value(), id);
              return sum;
            },
            args);
        return;
      case Kind::kFails:
        node.flow = Async(
            pool, on_drop,
            [id](Value, Value) -> Value {
#if defined(__cpp_exceptions)
              throw id;
#endif
              return id;
            },
            args[0], args[1]);
        return;
    }
  }

  static Value Thrown([[maybe_unused]] const Flow<Value>& flow) {
    Value value = ~Value{0};
#if defined(__cpp_exceptions)
    try {
      (void)flow.value();
    } catch (Value v) {
      value = v;
    }
#endif
    return value;
  }

  void Verify(std::size_t i) {
    const Node& node = nodes_[i];
    if (node.cancelled && node.flow.cancelled()) return;
    if (node.kind == Kind::kPromise) {
      if (node.dropped) {
        EXPECT_TRUE(node.flow.cancelled());
      } else {
        EXPECT_EQ(node.flow.value(), Mix(1, 1, i));
      }
      return;
    }
    // A flattened node looks at its second argument first.
    std::vector<std::size_t> order = node.arguments;
    if (node.kind == Kind::kFlattened) std::swap(order[0], order[1]);
    for (std::size_t a : order) {
      const Flow<Value>& argument = nodes_[a].flow;
      if (argument.ok()) continue;
      EXPECT_FALSE(node.flow.ok());
      EXPECT_EQ(node.flow.cancelled(), argument.cancelled());
      if (!argument.cancelled()) {
        EXPECT_EQ(Thrown(node.flow), Thrown(argument));
      }
      return;
    }
    if (node.kind == Kind::kFails) {
      EXPECT_EQ(Thrown(node.flow), i);
      return;
    }
    ASSERT_TRUE(node.flow.ok());
    Value expected = i;
    if (node.kind == Kind::kMany) {
      for (std::size_t a : node.arguments) {
        expected = Mix(expected, nodes_[a].flow.value(), i);
      }
    } else {
      expected = Mix(nodes_[node.arguments[0]].flow.value(),
                     nodes_[node.arguments[1]].flow.value(), i);
    }
    EXPECT_EQ(node.flow.value(), expected);
  }

  XorShift64 random_;
  std::vector<Node> nodes_;
};

std::uint64_t Graphs() {
  const char* const text = std::getenv("WEFT_FLOW_GRAPHS");
  return text != nullptr ? std::strtoull(text, nullptr, 10) : 10'000;
}

class DataflowStress : public testing::EachPool {};
INSTANTIATE_TEST_SUITE_P(, DataflowStress, testing::EachPool::Kinds(),
                         testing::EachPool::NameOf);

TEST_P(DataflowStress, RandomGraphsEndAsTheirArgumentsSay) {
  const std::uint64_t seed = TestSeed();
  Options options;
  options.workers = 3;
  Pool pool(options);
  for (std::uint64_t i = 0; i < Graphs() && !::testing::Test::HasFailure();
       ++i) {
    Graph(seed + i * 0x9e3779b97f4a7c15).Run(pool.executor());
  }
}

// Handles go at any moment, and so does the pool.
TEST_P(DataflowStress, PoolsEndInTheMiddle) {
  XorShift64 random(TestSeed());
  for (std::uint64_t i = 0; i < StressIterations(300); ++i) {
    FlowPromise<Value> early, late;
    std::vector<Flow<Value>> flows;
    {
      Options options;
      options.workers = 2;
      Pool pool(options);
      flows = {early.flow(), late.flow()};
      Thread resolver(
          [early = std::move(early)]() mutable { early.Resolve(1u); });
      for (Value n = 0; n < 50; ++n) {
        const auto& a = flows[random.Next() % flows.size()];
        const auto& b = flows[random.Next() % flows.size()];
        flows.push_back(
            Async(pool, random.Next() % 2 ? OnDrop::kGoOn : OnDrop::kCancel,
                  Mix, a, b, n));
        if (random.Next() % 3 == 0) {
          flows.erase(flows.begin() + static_cast<std::ptrdiff_t>(
                                          random.Next() % flows.size()));
          if (flows.empty()) break;
        }
      }
      if (flows.empty()) flows.push_back(MakeFlow(Value{1}));
      EXPECT_TRUE(pool.Shutdown({.mode = ShutdownMode::kCancel}).ok());
      resolver.join();
    }
    late.Cancel();
    for (const auto& flow : flows) EXPECT_TRUE(flow.Done());
  }
}

}  // namespace
}  // namespace weft
