// Flows under the model checker: arguments that resolve, handles that go and
// cancellers, all at the same time. The function must run at most once, must
// see its arguments, and everything must be destroyed and freed once.

#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/dataflow/async.h"
#include "weft/dataflow/flow.h"
#include "weft/pool/executor.h"
#include "weft/task/testing/model_scheduler.h"
#include "weft/waker/context.h"
#include "weft/waker/model_parker.h"

namespace weft {
namespace {

using task_testing::ModelTracked;
using waker_testing::ModelParker;

// Whoever makes a node runnable runs it, there and then.
class ModelExecutor final : public Executor {
 public:
  explicit ModelExecutor(bool accepts = true)
      : Executor(nullptr), accepts_(accepts) {}

  void Admit(TaskHeader* task) noexcept override {
    task->Bind(this);
    task->Run();
  }
  void AdmitHere(void*, TaskHeader* task) noexcept override { Admit(task); }
  void AdmitBatch(Chain<TaskHeader>) noexcept override {}
  bool Enter(TaskHeader* task) noexcept override {
    task->Bind(this);
    if (accepts_) {
      task->set_registry_entry(&entry_);
      return true;
    }
    pool_internal::EndUnscheduled(*this, task);
    return false;
  }
  bool EnterHere(void*, TaskHeader* task) noexcept override {
    return Enter(task);
  }
  void Schedule(TaskHeader* task) noexcept override { task->Run(); }
  void ScheduleYield(TaskHeader* task) noexcept override { task->Run(); }
  void Release(TaskHeader*) noexcept override {}
  void Unhandled(std::exception_ptr) noexcept override {
    model::Assert(false, "no function throws here");
  }

 private:
  const bool accepts_;
  atomic<TaskHeader*> entry_{nullptr};
};

// The calling thread is a worker of `executor`.
class AsWorkerOf {
 public:
  explicit AsWorkerOf(Executor& executor)
      : scope_({&executor, &executor, &executor}) {}

 private:
  pool_internal::WorkingAs scope_;
};

// A sum of two promises, and how often it was made and destroyed.
class Scenario {
 public:
  explicit Scenario(OnDrop on_drop = OnDrop::kGoOn) : on_drop_(on_drop) {}

  // Before the promises are in others' hands.
  Flow<int> Sum() { return Sum(a.flow(), b.flow()); }
  Flow<int> Sum(const Flow<int>& x, const Flow<int>& y) {
    return Async(
        executor_, on_drop_,
        [this, tracked = ModelTracked(destroyed_)](int a, int b) {
          runs_.WithMut([](int& n) { ++n; });
          return a + b;
        },
        x, y);
  }

  // Of one argument: fewer executions.
  Flow<int> Same() {
    return Async(
        executor_, on_drop_,
        [this, tracked = ModelTracked(destroyed_)](int x) {
          runs_.WithMut([](int& n) { ++n; });
          return x;
        },
        a.flow());
  }
  Flow<int> SumOnAWorker(const Flow<int>& x, const Flow<int>& y) {
    const AsWorkerOf scope(executor_);
    return Sum(x, y);
  }

  int runs() const { return runs_.Get(); }
  int destroyed() const { return destroyed_.Get(); }

  FlowPromise<int> a, b;

 private:
  ModelExecutor executor_;
  const OnDrop on_drop_;
  Cell<int> runs_{0};
  Cell<int> destroyed_{0};
};

// The functions of a scenario, each on a thread of its own. The last is run
// by the caller.
template <class F, class G, class H>
void Together(F f, G g, H h) {
  Thread first(std::move(f));
  Thread second(std::move(g));
  h();
  first.join();
  second.join();
}

TEST(DataflowModel, TwoResolvers) {
  ModelCheck([] {
    Scenario s;
    Flow<int> sum = s.Sum();
    Thread other([&] { s.a.Resolve(1); });
    s.b.Resolve(2);
    other.join();
    model::Assert(sum.Done() && sum.value() == 3);
    model::Assert(s.runs() == 1 && s.destroyed() == 1);
  });
}

TEST(DataflowModel, AnAsyncIsMadeWhileItsArgumentsResolve) {
  ModelCheck([] {
    Scenario s;
    const Flow<int> a = s.a.flow();
    const Flow<int> b = s.b.flow();
    Flow<int> sum;
    ModelExecutor executor;
    Together([&] { s.a.Resolve(1); }, [&] { s.b.Resolve(2); },
             [&] {
               sum = Async(
                   executor, [](int x, int y) { return x + y; }, a, b);
             });
    model::Assert(sum.Done() && sum.value() == 3);
  });
}

TEST(DataflowModel, AnAsyncIsRefusedWhileItsArgumentResolves) {
  ModelCheck([] {
    FlowPromise<int> promise;
    const Flow<int> a = promise.flow();
    ModelExecutor executor(/*accepts=*/false);
    Thread other([&] { promise.Resolve(1); });
    {
      Flow<int> twice = Async(
          executor, [](int x, int) { return x; }, a, a);
      model::Assert(twice.Done());
    }
    other.join();
  });
}

// There the maker is not counted: see AsyncNode::ConnectHere.
TEST(DataflowModel, AnAsyncIsMadeOnAWorkerWhileItsArgumentsResolve) {
  ModelCheck([] {
    Scenario s;
    const Flow<int> a = s.a.flow();
    const Flow<int> b = s.b.flow();
    Flow<int> sum;
    ModelExecutor executor;
    Together([&] { s.a.Resolve(1); }, [&] { s.b.Resolve(2); },
             [&] {
               const AsWorkerOf scope(executor);
               sum = Async(
                   executor, [](int x, int y) { return x + y; }, a, b);
             });
    model::Assert(sum.Done() && sum.value() == 3);
  });
}

TEST(DataflowModel, AnAsyncMadeOnAWorkerIsCancelledAtOnce) {
  ModelCheck([] {
    Scenario s;
    const Flow<int> a = s.a.flow();
    const Flow<int> b = s.b.flow();
    Flow<int> sum;
    Together([&] { s.a.Resolve(1); }, [&] { s.b.Resolve(2); },
             [&] {
               sum = s.SumOnAWorker(a, b);
               sum.Cancel();
             });
    model::Assert(sum.Done() && s.destroyed() == 1);
    model::Assert(s.runs() == int{sum.ok()});
  });
}

TEST(DataflowModel, AnAsyncMadeOnAWorkerIsDroppedAtOnce) {
  ModelCheck([] {
    Scenario s(OnDrop::kCancel);
    const Flow<int> a = s.a.flow();
    const Flow<int> b = s.b.flow();
    Together([&] { s.a.Resolve(1); }, [&] { s.b.Resolve(2); },
             [&] { (void)s.SumOnAWorker(a, b); });
    model::Assert(s.runs() <= 1 && s.destroyed() == 1);
  });
}

TEST(DataflowModel, TwoResolversAndADropper) {
  ModelCheck([] {
    Scenario s;
    Flow<int> sum = s.Sum();
    Together([&] { s.a.Resolve(1); }, [&] { s.b.Resolve(2); },
             [&] { sum = Flow<int>(); });
    model::Assert(s.runs() == 1 && s.destroyed() == 1);
  });
}

TEST(DataflowModel, TwoResolversAndACanceller) {
  ModelCheck([] {
    Scenario s;
    Flow<int> sum = s.Sum();
    Together([&] { s.a.Resolve(1); }, [&] { s.b.Resolve(2); },
             [&] { sum.Cancel(); });
    model::Assert(sum.Done() && s.destroyed() == 1);
    model::Assert(sum.ok() ? sum.value() == 3 : sum.cancelled());
    model::Assert(s.runs() == int{sum.ok()});
  });
}

TEST(DataflowModel, TwoResolversAndADropperThatCancels) {
  ModelCheck([] {
    Scenario s(OnDrop::kCancel);
    Flow<int> sum = s.Sum();
    Together([&] { s.a.Resolve(1); }, [&] { s.b.Resolve(2); },
             [&] { sum = Flow<int>(); });
    model::Assert(s.runs() <= 1 && s.destroyed() == 1);
  });
}

TEST(DataflowModel, TwoHandlesGoAndCancelOnce) {
  ModelCheck([] {
    Scenario s(OnDrop::kCancel);
    Flow<int> sum = s.Same();
    Flow<int> copy = sum;
    Together([&] { s.a.Resolve(1); }, [&] { copy = Flow<int>(); },
             [&] { sum = Flow<int>(); });
    model::Assert(s.runs() <= 1 && s.destroyed() == 1);
  });
}

TEST(DataflowModel, TwoCancellersAndAResolver) {
  ModelCheck([] {
    Scenario s;
    Flow<int> sum = s.Same();
    const Flow<int> copy = sum;
    Together([&] { s.a.Resolve(1); }, [&] { copy.Cancel(); },
             [&] { sum.Cancel(); });
    model::Assert(sum.Done() && s.destroyed() == 1);
  });
}

TEST(DataflowModel, AFlattenedFlowIsCancelledWhileTheInnerOneResolves) {
  ModelCheck([] {
    ModelExecutor executor;
    FlowPromise<int> promise;
    const Flow<int> inner = promise.flow();
    Flow<int> outer = Async(executor, [&] { return inner; });
    Thread other([&] { promise.Resolve(1); });
    outer.Cancel();
    other.join();
    model::Assert(outer.Done());
    model::Assert(outer.ok() ? outer.value() == 1 : outer.cancelled());
  });
}

TEST(DataflowModel, AFlattenedFlowMeetsTheInnerOnesEnd) {
  ModelCheck([] {
    ModelExecutor executor;
    FlowPromise<int> promise;
    const Flow<int> inner = promise.flow();
    Thread other([&] { promise.Resolve(1); });
    Flow<int> outer = Async(executor, [&] { return inner; });
    other.join();
    model::Assert(outer.Done() && outer.value() == 1);
  });
}

// ---- The parts by themselves, with memory that the checker watches. ----

TEST(DataflowModel, WhoSeesAFlowResolvedSeesItsOutcome) {
  ModelCheck([] {
    dataflow_internal::Dependents dependents;
    Cell<int> outcome{0};
    Thread resolver([&] {
      outcome.Set(1);
      (void)dependents.Close();
    });
    if (dependents.resolved()) model::Assert(outcome.Get() == 1);
    resolver.join();
  });
}

TEST(DataflowModel, WhoComesTooLateSeesTheOutcome) {
  ModelCheck([] {
    dataflow_internal::Dependents dependents;
    Cell<int> outcome{0};
    dataflow_internal::Link first;
    dataflow_internal::Link second;
    const auto add = [&](dataflow_internal::Link& link) {
      if (!dependents.Add(&link)) model::Assert(outcome.Get() == 1);
    };
    Thread resolver([&] {
      outcome.Set(1);
      (void)dependents.Close();
    });
    Thread other([&] { add(second); });
    add(first);
    resolver.join();
    other.join();
  });
}

TEST(DataflowModel, WhoIsLastFreesAfterTheOthersUse) {
  ModelCheck([] {
    dataflow_internal::Dependents dependents;
    Cell<int> block{0};
    Thread holder([&] {
      block.Set(1);
      if (dependents.Leave()) block.Set(3);
    });
    // Our last use of it is the exchange; what comes before is a use.
    Cell<int> outcome{0};
    outcome.Set(1);
    const auto closed = dependents.Close();
    if (closed.left) model::Assert(block.Get() == 1, "we free");
    holder.join();
    model::Assert(closed.left == (block.Get() == 1), "one of us frees");
  });
}

TEST(DataflowModel, TheHolderFreesAfterTheResolver) {
  ModelCheck([] {
    dataflow_internal::Dependents dependents;
    Cell<int> outcome{0};
    Thread resolver([&] {
      outcome.Set(1);
      (void)dependents.Close();
    });
    if (dependents.Leave()) model::Assert(outcome.Get() == 1);
    resolver.join();
  });
}

TEST(DataflowModel, ALinkAndAnotherHoldersReferenceMeet) {
  ModelCheck([] {
    dataflow_internal::Dependents dependents;
    dataflow_internal::Link link;
    Thread holder([&] { (void)dependents.Leave(); });
    const bool added = dependents.Add(&link);
    holder.join();
    const auto closed = dependents.Close();
    model::Assert(added && closed.left && closed.first == &link);
  });
}

// The value is destroyed once, by whoever is last.
TEST(DataflowModel, TwoHandlesGoWhileItResolves) {
  ModelCheck([] {
    Cell<int> destroyed{0};
    {
      FlowPromise<ModelTracked> promise;
      Flow<ModelTracked> one = promise.flow();
      Flow<ModelTracked> other = one;
      Together([&] { promise.Resolve(destroyed); },
               [&] { other = Flow<ModelTracked>(); },
               [&] { one = Flow<ModelTracked>(); });
    }
    model::Assert(destroyed.Get() == 1);
  });
}

TEST(DataflowModel, TheLastHandleGoesWhileTheFunctionRuns) {
  ModelCheck([] {
    Cell<int> destroyed{0};
    {
      ModelExecutor executor;
      FlowPromise<int> promise;
      Flow<ModelTracked> flow = Async(
          executor, [&](int) { return ModelTracked(destroyed); },
          promise.flow());
      Flow<ModelTracked> copy = flow;
      Together([&] { promise.Resolve(1); },
               [&] { copy = Flow<ModelTracked>(); },
               [&] { flow = Flow<ModelTracked>(); });
    }
    model::Assert(destroyed.Get() == 1);
  });
}

TEST(DataflowModel, TheLastArrivalDropsWhatTheCancellerAdded) {
  ModelCheck([] {
    dataflow_internal::CountDown count;
    count.Expect(1);
    Cell<int> references{1};
    Thread canceller([&] {
      references.Set(2);
      if (!count.Take()) references.Set(1);
    });
    switch (count.Arrive()) {
      case dataflow_internal::ArriveAction::kRelease:
        model::Assert(references.Get() == 2, "the reference is there");
        break;
      case dataflow_internal::ArriveAction::kSchedule:
      case dataflow_internal::ArriveAction::kNothing:
        break;
    }
    canceller.join();
  });
}

TEST(DataflowModel, AThreadWaits) {
  ModelCheck([] {
    FlowPromise<int> promise;
    const Flow<int> flow = promise.flow();
    Thread other([&] { promise.Resolve(1); });
    ModelParker parker;
    const Waker waker = parker.MakeWaker();
    auto receiver = dataflow_internal::WhenResolved(*flow.node());
    for (;;) {
      Context context(waker);
      if (receiver.Poll(context).ready()) break;
      parker.Park();
    }
    model::Assert(flow.Done() && flow.value() == 1);
    other.join();
  });
}

}  // namespace
}  // namespace weft
