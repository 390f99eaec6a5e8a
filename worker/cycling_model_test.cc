// Tasks that wait in the workers' queues, under the model checker: whoever
// resolves what they wait for, and whoever sleeps beside them. One that is lost
// is a deadlock.

#include <cstdint>
#include <functional>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/worker/cycling.h"
#include "weft/worker/ramping_idle.h"
#include "weft/worker/testing/model_crew.h"

namespace weft::worker_testing {
namespace {

struct CyclingModelPolicies : ModelPolicies {
  using Queue = ChaseLevDeque<TaskHeader, 2>;
  using Idle = RampingIdle;
  static constexpr bool kWaitingTasksCycle = true;
};

// Tasks that wait for two values.
template <std::uint32_t kWorkers>
struct Graph {
  using Crew = ModelCrew<kWorkers, CyclingModelPolicies>;

  explicit Graph(int tasks) : crew(tasks) {}

  template <int i>
  void Resolve() {
    values[i].Set(1 + i);
    known[i].store(true, std::memory_order_release);
  }
  template <int i>
  static void Resolver(void* arg) {
    auto& graph = *static_cast<Graph*>(arg);
    graph.template Resolve<i>();
    Crew::Me().Resolved();
    graph.crew.Done();
  }

  struct Waiter {
    explicit Waiter(Graph* g, int n = 2) : graph(g), wants(n) {}
    static void Run(void* arg) {
      auto& self = *static_cast<Waiter*>(arg);
      int sum = 0;
      for (int i = 0; i < self.wants; ++i) {
        if (!self.graph->known[i].load(std::memory_order_acquire)) {
          return Crew::Me().KeepWaiting(&self.task);
        }
        sum += self.graph->values[i].Get();
      }
      model::Assert(sum == (self.wants == 2 ? 3 : 1));
      self.graph->crew.Done();
    }
    Graph* const graph;
    const int wants;
    ModelTask task{Run, this};
  };

  Cell<int> values[2] = {Cell<int>(0), Cell<int>(0)};
  atomic<bool> known[2] = {};
  Crew crew;
};

void Explore(const std::function<void()>& body) {
  ModelCheck(body, {.max_deviations = 4, .samples = true});
}

TEST(CyclingModel, OneWorkerAndATaskThatWaitsForTwo) {
  Explore([] {
    Graph<1> graph(3);
    Graph<1>::Waiter waiter(&graph);
    ModelTask a(Graph<1>::Resolver<0>, &graph);
    ModelTask b(Graph<1>::Resolver<1>, &graph);
    graph.crew.Inject(&waiter.task);
    graph.crew.Inject(&a);
    graph.crew.Inject(&b);
    graph.crew.Join();
  });
}

TEST(CyclingModel, TwoResolversAndTheSleeperBesideATaskThatWaits) {
  Explore([] {
    Graph<2> graph(3);
    Graph<2>::Waiter waiter(&graph);
    ModelTask a(Graph<2>::Resolver<0>, &graph);
    ModelTask b(Graph<2>::Resolver<1>, &graph);
    graph.crew.Inject(&waiter.task);
    graph.crew.Inject(&a);
    graph.crew.Inject(&b);
    graph.crew.Join();
  });
}

// More than one may be taken from a queue: those that wait go round.
TEST(CyclingModel, ThreeThatWaitAreRobbedAndFound) {
  Explore([] {
    Graph<2> graph(4);
    Graph<2>::Waiter first(&graph, 1), second(&graph, 1), third(&graph, 1);
    ModelTask a(Graph<2>::Resolver<0>, &graph);
    for (ModelTask* task : {&first.task, &second.task, &third.task, &a}) {
      graph.crew.Inject(task);
    }
    graph.crew.Join();
  });
}

// No worker resolves it: a canceller is such a one (dataflow/cycling.h).
TEST(CyclingModel, AnotherThreadResolves) {
  Explore([] {
    Graph<1> graph(1);
    Graph<1>::Waiter waiter(&graph, 1);
    Thread other([&] {
      graph.Resolve<0>();
      graph.crew.shared.Resolved();
    });
    graph.crew.Inject(&waiter.task);
    graph.crew.Join();
    other.join();
  });
}

TEST(CyclingModel, AnotherThreadResolvesForOneOfTwo) {
  Explore([] {
    Graph<2> graph(1);
    Graph<2>::Waiter waiter(&graph, 1);
    Thread other([&] {
      graph.Resolve<0>();
      graph.crew.shared.Resolved();
    });
    graph.crew.Inject(&waiter.task);
    graph.crew.Join();
    other.join();
  });
}

// Who begins a cycle with the new count sees what was resolved, by whatever
// memory it looks.
TEST(CyclingModel, TheCountPublishes) {
  ModelCheck([] {
    Graph<1> graph(0);
    Cell<int> value(0);
    Thread other([&] {
      value.Set(1);
      graph.crew.shared.Resolved();
    });
    if (graph.crew.shared.resolved() != 0) model::Assert(value.Get() == 1);
    other.join();
    graph.crew.shared.SetMode(RunMode::kStop);
    graph.crew.Join();
  });
}

}  // namespace
}  // namespace weft::worker_testing
