// Whole workers under the model checker: the idle protocol, the slot, the
// queue, stealing and the injector together. A task that is lost, or left
// beside a sleeper, is a deadlock; one that is run twice is a data race.

#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/worker/shared.h"
#include "weft/worker/testing/model_crew.h"

namespace weft::worker_testing {
namespace {

template <std::uint32_t kWorkers>
struct Group {
  using Crew = ModelCrew<kWorkers>;
  static void Done(void* crew) { static_cast<Crew*>(crew)->Done(); }
};

// The smallest: one worker that sleeps or is about to, one task from outside.
TEST(WorkerModel, ATaskFromOutsideForOneWorker) {
  ModelCheck([] {
    ModelCrew<1> crew(1);
    ModelTask task(Group<1>::Done, &crew);
    crew.Inject(&task);
    crew.Join();
    model::Assert(task.runs() == 1);
  });
}

TEST(WorkerModel, TwoTasksFromOutsideForOneWorker) {
  ModelCheck([] {
    ModelCrew<1> crew(2);
    ModelTask first(Group<1>::Done, &crew), second(Group<1>::Done, &crew);
    crew.Inject(&first);
    crew.Inject(&second);
    crew.Join();
    model::Assert(first.runs() == 1 && second.runs() == 1);
  });
}

// Every deviation from the default schedule up to the bound.
constexpr int kDeviations = 5;

TEST(WorkerModel, ATaskFromOutsideForTwoWorkers) {
  ModelCheck(
      [] {
        ModelCrew<2> crew(1);
        ModelTask task(Group<2>::Done, &crew);
        crew.Inject(&task);
        crew.Join();
        model::Assert(task.runs() == 1);
      },
      {.max_deviations = kDeviations, .samples = true});
}

// W4 (Go #45867): two tasks that wait for each other end only if both workers
// run. From outside: of two tasks that a worker makes, the second is left to it
// once the first runs (README.md, "lone task").
struct Meeting {
  ModelCrew<2>* crew;
  FutexParker arrived[2];

  template <int i>
  static void Meet(void* arg) {
    auto& meeting = *static_cast<Meeting*>(arg);
    meeting.arrived[1 - i].Unpark();
    meeting.arrived[i].Park();
    meeting.crew->Done();
  }
};

TEST(WorkerModel, W4TwoTasksThatMeet) {
  ModelCheck(
      [] {
        ModelCrew<2> crew(2);
        Meeting meeting{.crew = &crew, .arrived = {}};
        ModelTask first(Meeting::Meet<0>, &meeting);
        ModelTask second(Meeting::Meet<1>, &meeting);
        crew.Inject(&first);
        crew.Inject(&second);
        crew.Join();
        model::Assert(first.runs() == 1 && second.runs() == 1);
      },
      {.max_deviations = kDeviations, .samples = true});
}

// Who sees the new mode sees what came before it.
TEST(WorkerModel, AModePublishesWhatCameBeforeIt) {
  ModelCheck([] {
    class NoDelegate final : public WorkerDelegate {
      void BeforePark(std::uint32_t) override {}
      bool Drained() override { return false; }
      void AfterPark(std::uint32_t) override {}
    } delegate;
    WorkerShared<ModelPolicies> shared(1, delegate, /*shards=*/1);
    Cell<int> before(0);
    Thread setter([&] {
      before.Set(1);
      shared.SetMode(RunMode::kStop);
    });
    if (shared.mode() == RunMode::kStop) model::Assert(before.Get() == 1);
    setter.join();
  });
}

// A worker makes more than its queue holds: the rest goes by the injector, and
// the other worker is told.
struct Spawning {
  ModelCrew<2>* crew;
  ModelTask* tasks[3];

  static void Spawn(void* arg) {
    auto& self = *static_cast<Spawning*>(arg);
    for (ModelTask* task : self.tasks) ModelCrew<2>::Me().Enqueue(task);
    self.crew->Done();
  }
};

TEST(WorkerModel, ATaskSpawnsMoreThanFit) {
  ModelCheck(
      [] {
        ModelCrew<2> crew(4);
        ModelTask a(Group<2>::Done, &crew), b(Group<2>::Done, &crew),
            c(Group<2>::Done, &crew);
        Spawning spawning{.crew = &crew, .tasks = {&a, &b, &c}};
        ModelTask root(Spawning::Spawn, &spawning);
        crew.Inject(&root);
        crew.Join();
        model::Assert(a.runs() == 1 && b.runs() == 1 && c.runs() == 1);
      },
      {.max_deviations = kDeviations, .samples = true});
}

}  // namespace
}  // namespace weft::worker_testing
