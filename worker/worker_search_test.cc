// Where a worker looks for work, in which order, and how much it takes.

#include <cstdint>
#include <string>

#include "gtest/gtest.h"
#include "weft/queue/steal.h"
#include "weft/worker/testing/crew.h"

namespace weft::worker_testing {
namespace {

TEST(WorkerSearch, SlotThenQueueThenInjectorThenSiblings) {
  Crew<> crew(2);
  crew.worker(1).Enqueue(crew.Task('x'));
  crew.worker(1).Enqueue(crew.Task('y'));
  crew.shared.Inject(crew.Task('i'));
  crew.worker(0).Enqueue(crew.Task('q'));
  crew.worker(0).Schedule(crew.Task('s'));
  crew.Step(0, 4);
  EXPECT_EQ(crew.order, "sqix");
}

TEST(WorkerSearch, TheInjectorComesFirstOnItsTurn) {
  Crew<> crew(1);
  StepFairness::interval = 3;
  for (char name : {'a', 'b', 'c', 'd'})
    crew.worker(0).Enqueue(crew.Task(name));
  crew.shared.Inject(crew.Task('1'));
  crew.Step(0, 2);
  crew.shared.Inject(crew.Task('2'));
  crew.Step(0, 4);
  EXPECT_EQ(crew.order, "ab1cd2");
}

// A whole turn for one task would let those from outside starve beside tasks
// that yield to each other.
TEST(WorkerSearch, TheTurnTakesOneFirstAndTheOthersBehindTheQueue) {
  Crew<> crew(1);
  StepFairness::interval = 2;
  for (char name : {'a', 'b', 'c'}) crew.worker(0).Enqueue(crew.Task(name));
  for (char name : {'1', '2', '3'}) crew.shared.Inject(crew.Task(name));
  crew.Step(0, 6);
  EXPECT_EQ(crew.order, "a1bc23");
}

struct WidePolicies : StepPolicies {
  using Queue = RingQueue<TaskHeader, 64>;
};

TEST(WorkerSearch, TheTurnTakesSoManyAndNoMore) {
  Crew<WidePolicies> crew(1);
  StepFairness::interval = 1;
  crew.shared.InjectBatch(crew.Tasks(40));
  crew.Step(0);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kInjectorPop),
            Worker<WidePolicies>::kMaxTurnBatch);
  EXPECT_EQ(crew.site(0).Count(), Worker<WidePolicies>::kMaxTurnBatch - 1);
}

TEST(WorkerSearch, TakesItsShareOfTheInjectorIntoItsQueue) {
  Crew<> crew(3);
  crew.shared.InjectBatch(crew.Tasks(7));
  crew.Step(0);
  EXPECT_EQ(crew.shared.injector().Size(), 4u);
  EXPECT_EQ(crew.site(0).Count(), 2u);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kInjectorPop), 3u);
}

TEST(WorkerSearch, TakesNoMoreThanItsQueueHasRoomFor) {
  Crew<> crew(1);
  crew.shared.InjectBatch(crew.Tasks(20));
  crew.Step(0);
  EXPECT_EQ(crew.site(0).Count(), 8u);
  EXPECT_EQ(crew.shared.injector().Size(), 11u);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kOverflow), 0u);
}

// Known bugs I2, Tokio #5908: one task, eight workers, a share of one eighth.
TEST(WorkerSearch, I2AShareIsNeverNothing) {
  Crew<> crew(8);
  crew.shared.Inject(crew.Task('a'));
  crew.Step(5);
  EXPECT_EQ(crew.order, "a");
}

TEST(WorkerSearch, ASingleTaskInAQueueIsNotStolen) {
  Crew<> crew(2);
  crew.worker(1).Enqueue(crew.Task('x'));
  crew.Step(0, 3);
  EXPECT_EQ(crew.order, "");
  EXPECT_EQ(crew.site(1).Count(), 1u);
}

TEST(WorkerSearch, ASingleTaskInASlotIsNotStolen) {
  Crew<> crew(2);
  crew.worker(1).Schedule(crew.Task('x'));
  crew.Step(0, 3);
  EXPECT_EQ(crew.order, "");
  EXPECT_EQ(crew.site(1).Count(), 1u);
}

TEST(WorkerSearch, OfTwoTasksInAQueueOneIsStolen) {
  Crew<> crew(2);
  crew.worker(1).Enqueue(crew.Task('x'));
  crew.worker(1).Enqueue(crew.Task('y'));
  crew.Step(0, 3);
  EXPECT_EQ(crew.order, "x");
  EXPECT_EQ(crew.site(1).Count(), 1u);
}

TEST(WorkerSearch, OfATaskInTheSlotAndOneInTheQueueTheLatterIsStolen) {
  Crew<> crew(2);
  crew.worker(1).Enqueue(crew.Task('q'));
  crew.worker(1).Schedule(crew.Task('s'));
  crew.Step(0, 3);
  EXPECT_EQ(crew.order, "q");
  crew.Step(1);
  EXPECT_EQ(crew.order, "qs");
}

TEST(WorkerSearch, AThiefTakesHalfAndRunsTheOldest) {
  Crew<> crew(2);
  for (char name : {'a', 'b', 'c', 'd', 'e'}) {
    crew.worker(1).Enqueue(crew.Task(name));
  }
  crew.Step(0, 3);
  EXPECT_EQ(crew.order, "abc");
  EXPECT_EQ(crew.site(1).Count(), 2u);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSteal), 1u);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kStolenTask), 3u);
}

// What the watchdog says: this one does not get on, take its single task.
TEST(WorkerSearch, AWorkerThatWasSentTakesASingleTask) {
  Crew<> crew(3);
  crew.worker(2).Enqueue(crew.Task('x'));
  crew.site(0).sent_to.store(2, std::memory_order_relaxed);
  crew.Step(0);
  EXPECT_EQ(crew.order, "x");
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSlotSteal), 0u);
}

TEST(WorkerSearch, AWorkerThatWasSentTakesTheSlot) {
  Crew<> crew(3);
  crew.worker(2).Schedule(crew.Task('x'));
  crew.site(0).sent_to.store(2, std::memory_order_relaxed);
  crew.Step(0);
  EXPECT_EQ(crew.order, "x");
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSlotSteal), 1u);
}

TEST(WorkerSearch, AWorkerThatWasSentTakesFromNobodyElseAndOnce) {
  Crew<> crew(3);
  crew.worker(1).Schedule(crew.Task('y'));
  crew.site(0).sent_to.store(2, std::memory_order_relaxed);
  crew.Step(0);
  EXPECT_EQ(crew.order, "");
  crew.worker(2).Schedule(crew.Task('x'));
  crew.Step(0);
  EXPECT_EQ(crew.order, "");
}

TEST(WorkerSearch, TheEndTakesEverythingFromEverywhere) {
  Crew<> crew(3);
  crew.worker(1).Schedule(crew.Task('s'));
  crew.worker(2).Enqueue(crew.Task('x'));
  crew.worker(0).Enqueue(crew.Task('q'));
  crew.shared.Inject(crew.Task('i'));
  for (int i = 0; i < 4; ++i) {
    TaskHeader* task = crew.worker(0).TakeAny();
    ASSERT_NE(task, nullptr);
    task->Run();
  }
  EXPECT_EQ(crew.worker(0).TakeAny(), nullptr);
  EXPECT_EQ(crew.order, "sqxi");
}

// A queue from which another thief, suspended for good, is just stealing.
struct BusyQueue : StepPolicies::Queue {
  BusyQueue() = default;
  struct Thief : StepPolicies::Queue::Thief {
    static inline int tries = 0;
    using Base = StepPolicies::Queue::Thief;
    explicit Thief(Base base) : Base(base) {}
    Steal<TaskHeader> StealInto(Owner&, std::uint32_t, std::uint32_t = 0) {
      ++tries;
      return {StealStatus::kBusy, nullptr, 0};
    }
  };
  Thief thief() { return Thief(StepPolicies::Queue::thief()); }
};
struct BusyPolicies : StepPolicies {
  using Queue = BusyQueue;
};

// Known bugs Q11 (Photon #1246: a victim that forbids stealing) and Q16 (Tokio
// #8092: a loop until the steal succeeds): the search ends.
TEST(WorkerSearch, Q11Q16AVictimThatCannotBeRobbedEndsTheSearch) {
  Crew<BusyPolicies> crew(3);
  BusyQueue::Thief::tries = 0;
  crew.worker(1).Enqueue(crew.Task('x'));
  crew.worker(1).Enqueue(crew.Task('y'));
  crew.Step(0);
  EXPECT_EQ(crew.order, "");
  EXPECT_EQ(BusyQueue::Thief::tries, 2 * Worker<BusyPolicies>::kMaxPasses);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSearch), 1u);
}

// A parker is slow, and so is waking it: a worker with nothing to do looks some
// more times before it sleeps, and takes what has come meanwhile.
struct LateQueue : StepPolicies::Queue {
  LateQueue() = default;
  static inline int looks_until_work = 0;
  static inline TaskHeader* late[2] = {};
  struct Thief : StepPolicies::Queue::Thief {
    using Base = StepPolicies::Queue::Thief;
    Thief(Base base, LateQueue* queue) : Base(base), queue_(queue) {}
    std::uint32_t Size() const {
      if (looks_until_work > 0 && --looks_until_work == 0) {
        DiscardSink sink;
        for (TaskHeader* task : late) queue_->owner().Push(task, sink);
      }
      return Base::Size();
    }
    LateQueue* queue_;
  };
  struct DiscardSink {
    void PushBatch(Chain<TaskHeader>) {}
  };
  Thief thief() { return Thief(StepPolicies::Queue::thief(), this); }
};
struct LatePolicies : StepPolicies {
  using Queue = LateQueue;
};

TEST(WorkerSearch, LingersForWorkThatIsJustComing) {
  Crew<LatePolicies> crew(2);
  LateQueue::late[0] = crew.Task('x');
  LateQueue::late[1] = crew.Task('y');
  // Two queues are looked at each time.
  LateQueue::looks_until_work = Worker<LatePolicies>::kLingerLooks;
  crew.Step(0);
  EXPECT_EQ(crew.order, "x");
  EXPECT_EQ(crew.Count(0, WorkerEvent::kPark), 0u);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSearch), 1u);
}

// A queue whose owner empties it as soon as a thief has seen that it is full.
struct DrainedQueue : StepPolicies::Queue {
  DrainedQueue() = default;
  struct Thief : StepPolicies::Queue::Thief {
    using Base = StepPolicies::Queue::Thief;
    Thief(Base base, DrainedQueue* queue) : Base(base), queue_(queue) {}
    Steal<TaskHeader> StealInto(Owner& mine, std::uint32_t most,
                                std::uint32_t leave = 0) {
      while (queue_->owner().Pop() != nullptr) {
      }
      return Base::StealInto(mine, most, leave);
    }
    DrainedQueue* queue_;
  };
  Thief thief() { return Thief(StepPolicies::Queue::thief(), this); }
};
struct DrainedPolicies : StepPolicies {
  using Queue = DrainedQueue;
};

// Known bugs Q11, second half: the victim was drained during the scan.
TEST(WorkerSearch, Q11AVictimDrainedDuringTheScanIsPassedOver) {
  Crew<DrainedPolicies> crew(3);
  for (std::uint32_t victim : {1u, 2u}) {
    crew.worker(victim).Enqueue(crew.Task('x'));
    crew.worker(victim).Enqueue(crew.Task('y'));
  }
  crew.Step(0);
  EXPECT_EQ(crew.order, "");
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSteal), 0u);
}

}  // namespace
}  // namespace weft::worker_testing
