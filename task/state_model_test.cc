// The state word of a poll-style task under the model checker: wake, poll,
// complete, abort, join and drop, all pairs and triples of what two or three
// threads may do to one task at the same time. The body must be destroyed once,
// the result must reach the joiner with what came before it, the memory must be
// freed once, and nobody may wait for ever.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/task/testing/model_scheduler.h"
#include "weft/waker/context.h"
#include "weft/waker/model_parker.h"

namespace weft::task_testing {
namespace {

using waker_testing::ModelParker;

// One task that waits for `open`, and what the threads have of it.
class Scenario {
 public:
  Scenario() : handle_(scheduler_.Spawn(Gate(*this))) {
    abort_ = handle_.GetAbortHandle();
  }

  void Wake() { OpenAndWake(std::move(waker_)); }
  void WakeByRef() {
    open_.store(true, std::memory_order_relaxed);
    second_waker_.WakeByRef();
    second_waker_ = Waker();
  }
  void DropWaker() { second_waker_ = Waker(); }
  void Abort() { abort_.Abort(); }

  void Join() {
    const Waker waker = joiner_.MakeWaker();
    Context context(waker);
    for (;;) {
      auto poll = handle_.Poll(context);
      if (poll.ready()) return Ended(std::move(poll).value());
      joiner_.Park();
    }
  }
  void Detach() { handle_.Detach(); }
  // Registers a waker and goes.
  void PollAndDetach() {
    const Waker waker = joiner_.MakeWaker();
    Context context(waker);
    auto poll = handle_.Poll(context);
    if (poll.ready()) return Ended(std::move(poll).value());
    handle_.Detach();
  }

  // After all threads were joined: lets the task end if it has not.
  void End() {
    if (waker_) Wake();
    if (second_waker_) WakeByRef();
    model::Assert(bodies_destroyed_.Get() == 1, "the body is destroyed once");
    model::Assert(scheduler_.released() == 1, "the task is released once");
    if (handle_) Join();
    model::Assert(results_destroyed_.Get() == results_made_.Get(),
                  "what was returned is destroyed once");
  }

 private:
  struct Gate {
    explicit Gate(Scenario& scenario)
        : scenario(&scenario), tracked(scenario.bodies_destroyed_) {}
    weft::Poll<ModelTracked> Poll(Context& context) {
      return scenario->PollGate(context);
    }
    Scenario* scenario;
    ModelTracked tracked;
  };

  weft::Poll<ModelTracked> PollGate(Context& context) {
    // Two polls at once would race.
    polls_.WithMut([](int& n) { ++n; });
    if (polls_.Get() == 1) {
      waker_ = context.waker().Clone();
      second_waker_ = context.waker().Clone();
    }
    if (!open_.load(std::memory_order_relaxed)) return kPending;
    results_made_.Set(1);
    return ModelTracked(results_destroyed_);
  }

  void OpenAndWake(Waker waker) {
    open_.store(true, std::memory_order_relaxed);
    std::move(waker).Wake();
  }

  // The joiner sees everything that the task has done.
  void Ended(const Outcome<ModelTracked>& outcome) {
    model::Assert(outcome.ok() || outcome.cancelled());
    model::Assert(bodies_destroyed_.Get() == 1, "the body is gone by then");
    model::Assert(results_made_.Get() == (outcome.ok() ? 1 : 0));
  }

  atomic<bool> open_{false};
  Cell<int> polls_{0};
  Cell<int> bodies_destroyed_{0};
  Cell<int> results_made_{0};
  Cell<int> results_destroyed_{0};
  ModelScheduler scheduler_;
  // Outlives its wakers, one of which the completer may be calling.
  ModelParker joiner_;
  Waker waker_, second_waker_;
  JoinHandle<ModelTracked> handle_;
  AbortHandle abort_;
};

struct Step {
  const char* name;
  void (Scenario::*run)();
  // Which of the scenario's things it uses: no two steps share one.
  char uses;
  bool ends_the_task;
};

constexpr Step kSteps[] = {
    {"wake", &Scenario::Wake, 'w', true},
    {"wake by reference", &Scenario::WakeByRef, 's', true},
    {"drop a waker", &Scenario::DropWaker, 's', false},
    {"abort", &Scenario::Abort, 'a', true},
    {"join", &Scenario::Join, 'h', false},
    {"detach", &Scenario::Detach, 'h', false},
    {"poll and detach", &Scenario::PollAndDetach, 'h', false},
};

void Explore(const std::vector<Step>& steps, const ModelOptions& options) {
  std::string names;
  bool ends = false, joins = false;
  for (const Step& step : steps) {
    names += std::string(names.empty() ? "" : " | ") + step.name;
    ends |= step.ends_the_task;
    joins |= step.run == &Scenario::Join;
  }
  // Nobody else would end the wait.
  if (joins && !ends) return;
  SCOPED_TRACE(names);
  ModelCheck(
      [&] {
        Scenario scenario;
        std::vector<Thread> threads;
        for (std::size_t i = 1; i < steps.size(); ++i) {
          threads.emplace_back([&, i] { (scenario.*steps[i].run)(); });
        }
        (scenario.*steps[0].run)();
        for (Thread& thread : threads) thread.join();
        scenario.End();
      },
      options);
}

TEST(TaskStateModel, AllPairs) {
  for (const Step& a : kSteps) {
    for (const Step& b : kSteps) {
      if (a.uses < b.uses) Explore({a, b}, {});
    }
  }
}

// Three at a time are too many to exhaust (some ten million executions for the
// largest): every execution that deviates from the default this often.
TEST(TaskStateModel, AllTriples) {
  const ModelOptions options = {.max_deviations = 9, .samples = true};
  for (const Step& a : kSteps) {
    for (const Step& b : kSteps) {
      for (const Step& c : kSteps) {
        if (a.uses < b.uses && b.uses < c.uses) {
          Explore({a, b, c}, options);
        }
      }
    }
  }
}

}  // namespace
}  // namespace weft::task_testing
