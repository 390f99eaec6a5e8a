// Whom a worker wakes, and when. The siblings here are asleep only as far as
// the idle protocol knows; a wake is a token in their parkers.

#include <cstdint>
#include <utility>

#include "gtest/gtest.h"
#include "weft/queue/chain.h"
#include "weft/waker/budget.h"
#include "weft/worker/testing/crew.h"
#include "weft/worker/testing/mutex_idle.h"

namespace weft::worker_testing {
namespace {

// Worker 0 runs, workers 1 to 3 sleep, and would find nothing.
template <class Policies = StepPolicies>
struct ThreeSleepers : Crew<Policies> {
  ThreeSleepers() : Crew<Policies>(4) {
    for (std::uint32_t i = 1; i < 4; ++i) {
      EXPECT_TRUE(this->PutToSleep(i));
      EXPECT_FALSE(this->shared.WorkVisible());
    }
  }
  auto& me() { return this->worker(0); }
};

// Known bugs W8 (brpc #3423) and W9 (rayon be12615b): with all others asleep,
// each way for work to come in wakes exactly one, and the look before sleep
// sees it.
template <class Push>
void ExpectWakesOne(Push&& push) {
  ThreeSleepers<> crew;
  push(crew);
  EXPECT_EQ(crew.unparks(), 1);
  EXPECT_TRUE(crew.parker(1).token) << "the lowest is woken first";
  EXPECT_TRUE(crew.shared.WorkVisible());
  EXPECT_FALSE(crew.shared.idle().Asleep(1));
  EXPECT_TRUE(crew.shared.idle().Asleep(2));
}

TEST(WorkerWake, W8OneTaskFromOutsideWakesOne) {
  ExpectWakesOne([](auto& crew) { crew.shared.Inject(crew.Task('a')); });
}

TEST(WorkerWake, W8ABatchOfOneFromOutsideWakesOne) {
  ExpectWakesOne([](auto& crew) { crew.shared.InjectBatch(crew.Tasks(1)); });
}

TEST(WorkerWake, W8MoreTasksFromOutsideWakeNoMoreWhileOneSearches) {
  ExpectWakesOne([](auto& crew) {
    for (int i = 0; i < 5; ++i) crew.shared.Inject(crew.Task('a'));
  });
}

TEST(WorkerWake, W8TheSecondTaskScheduledWakesOne) {
  ExpectWakesOne([](auto& crew) {
    crew.me().Schedule(crew.Task('a'));
    EXPECT_EQ(crew.unparks(), 0);
    crew.me().Schedule(crew.Task('b'));
  });
}

TEST(WorkerWake, W8TheSecondTaskEnqueuedWakesOne) {
  ExpectWakesOne([](auto& crew) {
    crew.me().Enqueue(crew.Task('a'));
    EXPECT_EQ(crew.unparks(), 0);
    crew.me().Enqueue(crew.Task('b'));
  });
}

TEST(WorkerWake, W8FillingTheSlotBesideAQueuedTaskWakesOne) {
  ExpectWakesOne([](auto& crew) {
    crew.me().Enqueue(crew.Task('a'));
    EXPECT_EQ(crew.unparks(), 0);
    crew.me().Schedule(crew.Task('b'));
  });
}

TEST(WorkerWake, W8EnqueueingBesideAFullSlotWakesOne) {
  ExpectWakesOne([](auto& crew) {
    crew.me().Schedule(crew.Task('a'));
    EXPECT_EQ(crew.unparks(), 0);
    crew.me().Enqueue(crew.Task('b'));
  });
}

TEST(WorkerWake, W8ABatchOfTwoEnqueuedWakesOne) {
  ExpectWakesOne([](auto& crew) { crew.me().EnqueueBatch(crew.Tasks(2)); });
}

TEST(WorkerWake, W8ATickThatMovesNothingIntoTheQueueWakesNobody) {
  ThreeSleepers<> crew;
  EXPECT_TRUE(crew.shared.injector().Push(crew.Task('a')));
  crew.Step(0);
  EXPECT_EQ(crew.order, "a");
  EXPECT_EQ(crew.unparks(), 0);
}

// On its way from the injector to the queue a batch is in neither. Whoever went
// to sleep then has seen nothing.
TEST(WorkerWake, W8ABatchMovedFromTheInjectorWakesOne) {
  ExpectWakesOne([](auto& crew) {
    // 12 for 4 workers: one to run, two into the queue.
    EXPECT_TRUE(crew.shared.injector().PushBatch(crew.Tasks(12)).empty());
    crew.Step(0);
    EXPECT_EQ(crew.site(0).Count(), 2u);
  });
}

TEST(WorkerWake, ALoneTaskWakesNobody) {
  ThreeSleepers<> crew;
  crew.me().Schedule(crew.Task('a'));
  crew.Step(0);
  crew.me().Enqueue(crew.Task('b'));
  crew.Step(0);
  crew.me().EnqueueBatch(crew.Tasks(1));
  crew.Step(0);
  crew.me().EnqueueBatch(Chain<TaskHeader>());
  EXPECT_EQ(crew.unparks(), 0);
  EXPECT_EQ(crew.Polls(0), 3u);
}

TEST(WorkerWake, ABatchWakesOneForEachTaskButItsOwn) {
  ThreeSleepers<> crew;
  crew.me().EnqueueBatch(crew.Tasks(3));
  EXPECT_EQ(crew.unparks(), 2);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kWake), 2u);
}

TEST(WorkerWake, ABatchFromOutsideWakesOneForEachTask) {
  ThreeSleepers<> crew;
  crew.shared.InjectBatch(crew.Tasks(2));
  EXPECT_EQ(crew.unparks(), 2);
  crew.shared.InjectBatch(Chain<TaskHeader>());
  EXPECT_EQ(crew.unparks(), 2);
}

TEST(WorkerWake, ABigBatchWakesAll) {
  ThreeSleepers<> crew;
  crew.shared.InjectBatch(crew.Tasks(100));
  EXPECT_EQ(crew.unparks(), 3);
}

// A queue that thieves have emptied by the time an overflow is over.
struct RobbedQueue : StepPolicies::Queue {
  RobbedQueue() = default;
  struct Owner : StepPolicies::Queue::Owner {
    using Base = StepPolicies::Queue::Owner;
    explicit Owner(Base base) : Base(base) {}
    template <class Sink>
    void Push(TaskHeader* task, Sink&& sink) {
      const bool full = Base::Free() == 0;
      Base::Push(task, sink);
      while (full && Base::Pop() != nullptr) {
      }
    }
  };
  struct Thief : StepPolicies::Queue::Thief {
    using Base = StepPolicies::Queue::Thief;
    explicit Thief(Base base) : Base(base) {}
    auto StealInto(Owner& mine, std::uint32_t most, std::uint32_t leave = 0) {
      return Base::StealInto(mine, most, leave);
    }
  };
  Owner owner() { return Owner(StepPolicies::Queue::owner()); }
  Thief thief() { return Thief(StepPolicies::Queue::thief()); }
};
struct RobbedPolicies : StepPolicies {
  using Queue = RobbedQueue;
};

// What the queue has no room for goes to the injector, and from then on is as
// visible as work from outside: also if thieves have taken all the rest.
TEST(WorkerWake, W8AnOverflowWakesOneEvenIfTheQueueIsEmptyAfterwards) {
  Crew<RobbedPolicies> crew(2);
  for (int i = 0; i < 8; ++i) crew.worker(0).Enqueue(crew.Task('a'));
  ASSERT_TRUE(crew.PutToSleep(1));
  ASSERT_EQ(crew.unparks(), 0);
  crew.worker(0).Enqueue(crew.Task('b'));
  EXPECT_EQ(crew.site(0).Count(), 0u);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kOverflow), 5u);
  EXPECT_EQ(crew.unparks(), 1);
}

// The same for the one that leaves the slot for a full queue.
TEST(WorkerWake, W8AnOverflowOnTheWayFromTheSlotWakesOne) {
  Crew<> crew(2);
  // The budget is spent, so that the slot's task has to queue up.
  crew.worker(0).Enqueue(crew.Task('a', [&] {
    while (Budget::Spend()) {
    }
    for (int i = 0; i < 8; ++i) crew.worker(0).Enqueue(crew.Task('b'));
    crew.worker(0).Schedule(crew.Task('s'));
    EXPECT_TRUE(crew.PutToSleep(1));
  }));
  crew.Step(0, 2);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kOverflow), 5u);
  EXPECT_EQ(crew.unparks(), 1);
}

TEST(WorkerWake, AnOverflowingBatchWakes) {
  ThreeSleepers<> crew;
  crew.me().EnqueueBatch(crew.Tasks(20));
  EXPECT_EQ(crew.Count(0, WorkerEvent::kOverflow), 12u);
  EXPECT_EQ(crew.unparks(), 3);
}

// Known bugs W18, Go #13527: a yield in a loop, with idle workers.
TEST(WorkerWake, W18ATaskThatYieldsWakesNobody) {
  ThreeSleepers<> crew;
  TestTask* task = nullptr;
  task = crew.Task('y', [&] { crew.me().Enqueue(task); });
  crew.me().Enqueue(task);
  crew.Step(0, 1000);
  EXPECT_EQ(task->runs(), 1000);
  EXPECT_EQ(crew.unparks(), 0);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kWake), 0u);
}

// Tokio #8065: a pair that wakes each other is for one worker; also at the cap,
// when one of them goes through the queue.
TEST(WorkerWake, APairThatWakesEachOtherWakesNobody) {
  ThreeSleepers<> crew;
  TestTask *ping = nullptr, *pong = nullptr;
  ping = crew.Task('p', [&] { crew.me().Schedule(pong); });
  pong = crew.Task('P', [&] { crew.me().Schedule(ping); });
  crew.me().Schedule(ping);
  crew.Step(0, 1000);
  EXPECT_EQ(crew.unparks(), 0);
}

// Known bugs W14, Tokio #4383: whoever is woken for one task wakes nobody else.
TEST(WorkerWake, W14TheFinderOfASingleTaskWakesNobody) {
  Crew<> crew(3);
  ASSERT_TRUE(crew.PutToSleep(2));
  crew.parker(1).while_asleep = [&] { crew.shared.Inject(crew.Task('a')); };
  crew.Step(1, 2);
  EXPECT_EQ(crew.order, "a");
  EXPECT_EQ(crew.unparks(), 1);
  EXPECT_EQ(crew.Count(1, WorkerEvent::kUselessWake), 0u);
  EXPECT_EQ(crew.Count(1, WorkerEvent::kWake), 0u);
}

TEST(WorkerWake, TheFinderOfMoreThanItTakesWakesAnother) {
  Crew<> crew(3);
  ASSERT_TRUE(crew.PutToSleep(2));
  crew.parker(1).while_asleep = [&] {
    crew.shared.Inject(crew.Task('a'));
    crew.shared.Inject(crew.Task('b'));
    EXPECT_EQ(crew.unparks(), 1);
  };
  crew.Step(1, 2);
  EXPECT_EQ(crew.order, "a");
  EXPECT_EQ(crew.unparks(), 2);
  EXPECT_EQ(crew.Count(1, WorkerEvent::kWake), 1u);
}

TEST(WorkerWake, AWorkerWokenForNothingIsCounted) {
  Crew<> crew(2);
  crew.parker(1).while_asleep = [&] {
    crew.shared.Inject(crew.Task('a'));
    crew.Step(0);  // is faster
  };
  crew.Step(1, 3);
  EXPECT_EQ(crew.order, "a");
  EXPECT_EQ(crew.Count(1, WorkerEvent::kUselessWake), 1u);
}

// The reference model gives the same answers to a real worker.
struct MutexIdlePolicies : StepPolicies {
  using Idle = MutexIdle;
};
TEST(WorkerWake, TheReferenceModelOfIdleWakesAsIdleDoes) {
  ThreeSleepers<MutexIdlePolicies> crew;
  crew.me().Enqueue(crew.Task('a'));
  EXPECT_EQ(crew.unparks(), 0);
  crew.me().Enqueue(crew.Task('b'));
  EXPECT_EQ(crew.unparks(), 1);
  crew.me().EnqueueBatch(crew.Tasks(3));
  EXPECT_EQ(crew.unparks(), 1) << "one searches";
}

}  // namespace
}  // namespace weft::worker_testing
