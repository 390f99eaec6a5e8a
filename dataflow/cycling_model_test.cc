// Flows that wait in the queues, under the model checker: the canceller of one,
// and the worker that finds its arguments; and all of it on a pool.

#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/dataflow/async.h"
#include "weft/dataflow/cycling.h"
#include "weft/dataflow/flow.h"
#include "weft/pool/cycling.h"
#include "weft/pool/executor.h"
#include "weft/pool/testing/model_scenarios.h"
#include "weft/pool/waiting_tasks.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/task/testing/model_scheduler.h"

namespace weft {
namespace {

using task_testing::ModelTracked;
using testing::ModelWorkers;

// One queue with room for two, whose worker is the test.
class ModelExecutor final : public Executor, private WaitingTasks {
 public:
  ModelExecutor() : Executor(nullptr) { set_waiting_tasks(this); }

  // Runs what was queued when it was called. One thread.
  void RunAll() {
    TaskHeader* const tasks[2] = {std::exchange(queue_[0], nullptr),
                                  std::exchange(queue_[1], nullptr)};
    for (TaskHeader* task : tasks) {
      if (task != nullptr) task->Run();
    }
  }

  void Admit(TaskHeader* task) noexcept override {
    task->Bind(this);
    task->set_registry_entry(&entries_[queue_[0] == nullptr ? 0 : 1]);
    Keep(task);
  }
  void AdmitHere(void*, TaskHeader* task) noexcept override { Admit(task); }
  void AdmitBatch(Chain<TaskHeader>) noexcept override {}
  bool Enter(TaskHeader*) noexcept override { return false; }
  bool EnterHere(void*, TaskHeader*) noexcept override { return false; }
  void Schedule(TaskHeader* task) noexcept override { task->Run(); }
  void ScheduleYield(TaskHeader* task) noexcept override { task->Run(); }
  void Release(TaskHeader*) noexcept override {}
  void Unhandled(std::exception_ptr) noexcept override {}

 private:
  void Keep(TaskHeader* task) noexcept override {
    queue_[queue_[0] == nullptr ? 0 : 1] = task;
  }
  void Resolved() noexcept override {}
  void Ring(TaskHeader* task,
            bool (*let_go)(TaskHeader*) noexcept) noexcept override {
    if (let_go(task)) task->Run();
  }

  TaskHeader* queue_[2] = {};
  atomic<TaskHeader*> entries_[2] = {};
};

// `one`, and one more that waits for it.
struct Scenario {
  explicit Scenario(OnDrop on_drop = OnDrop::kGoOn) {
    one = Async(executor, [] { return 1; });
    two = Async(
        executor, on_drop,
        [this, tracked = ModelTracked(destroyed)](int a) {
          runs.WithMut([](int& n) { ++n; });
          return a + 1;
        },
        one);
  }
  // The worker's: two looks are enough.
  void Work() {
    executor.RunAll();
    executor.RunAll();
  }

  Cell<int> runs{0};
  Cell<int> destroyed{0};
  ModelExecutor executor;
  Flow<int> one, two;
};

TEST(DataflowCyclingModel, AWorkerFindsTheArguments) {
  ModelCheck([] {
    Scenario s;
    Thread worker([&] { s.Work(); });
    worker.join();
    model::Assert(s.two.Done() && s.two.value() == 2);
    model::Assert(s.runs.Get() == 1 && s.destroyed.Get() == 1);
  });
}

TEST(DataflowCyclingModel, ACancellerAgainstTheWorkerThatFindsTheArguments) {
  ModelCheck([] {
    Scenario s;
    Thread worker([&] { s.Work(); });
    s.two.Cancel();
    worker.join();
    s.Work();
    model::Assert(s.two.Done() && s.destroyed.Get() == 1);
    model::Assert(s.two.ok() ? s.two.value() == 2 : s.two.cancelled());
    model::Assert(s.runs.Get() == int{s.two.ok()});
  });
}

TEST(DataflowCyclingModel, TwoCancellersAgainstTheWorker) {
  ModelCheck([] {
    Scenario s;
    const Flow<int> copy = s.two;
    Thread worker([&] { s.Work(); });
    Thread other([&] { copy.Cancel(); });
    s.two.Cancel();
    worker.join();
    other.join();
    s.Work();
    model::Assert(s.two.Done() && s.destroyed.Get() == 1);
    model::Assert(s.runs.Get() == int{s.two.ok()});
  });
}

TEST(DataflowCyclingModel, ADropperThatCancelsAgainstTheWorker) {
  ModelCheck([] {
    Scenario s(OnDrop::kCancel);
    Thread worker([&] { s.Work(); });
    s.two = Flow<int>();
    worker.join();
    s.Work();
    model::Assert(s.runs.Get() <= 1 && s.destroyed.Get() == 1);
  });
}

// What the canceller's hold is for.
TEST(DataflowCyclingModel, WhoGivesBackHasItOrTheLastArrivalSeesAll) {
  ModelCheck([] {
    dataflow_internal::CountDown count;
    count.Expect(1);
    Cell<int> node{0};
    Thread canceller([&] {
      if (!count.Take()) return;
      node.Set(1);
      if (count.GiveBack()) model::Assert(node.Get() == 1, "it is ours");
    });
    switch (count.Arrive()) {
      case dataflow_internal::ArriveAction::kSchedule:
        // Before the canceller came, or after it has given back.
        node.Set(2);
        break;
      case dataflow_internal::ArriveAction::kRelease:
      case dataflow_internal::ArriveAction::kNothing:
        break;
    }
    canceller.join();
  });
}

// ---- On a pool. ----

struct SmallPolicies : testing::SmallParts<CyclingPolicies> {
  using Queue = ChaseLevDeque<TaskHeader, 2>;
};
using SmallPool = BasicPool<SmallPolicies>;

class DataflowCyclingPoolModel : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Workers, DataflowCyclingPoolModel,
                         ::testing::Values(1, 2));

TEST_P(DataflowCyclingPoolModel, TwoResolversAndFlowsThatWait) {
  testing::ExploreSet([] {
    SmallPool pool(ModelWorkers(GetParam()));
    auto a = Async(pool, [] { return 1; });
    auto b = Async(pool, [] { return 2; });
    auto sum = Async(
        pool, [](int x, int y) { return x + y; }, a, b);
    auto more = Async(
        pool, [](int x, int y) { return x * y; }, b, sum);
    model::Assert(more.Get() == 6);
  });
}

TEST_P(DataflowCyclingPoolModel, ACancellerFromOutside) {
  testing::ExploreSet([] {
    SmallPool pool(ModelWorkers(GetParam()));
    auto a = Async(pool, [] { return 1; });
    auto b = Async(
        pool, [](int x) { return x; }, a);
    b.Cancel();
    b.Wait();
    model::Assert(b.ok() || b.cancelled());
  });
}

TEST_P(DataflowCyclingPoolModel, APoolEndsWithACancellerInTheMiddle) {
  testing::ExploreSet([] {
    Flow<int> b;
    Thread canceller;
    {
      SmallPool pool(ModelWorkers(GetParam()));
      auto a = Async(pool, [] { return 1; });
      b = Async(
          pool, [](int x) { return x; }, a);
      canceller = Thread([flow = b] { flow.Cancel(); });
    }
    model::Assert(b.Done());
    canceller.join();
  });
}

}  // namespace
}  // namespace weft
