// The next-task slot: who goes there, how often in a row it is served, on which
// budget, and that nobody starves meanwhile.

#include <cstdint>
#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "weft/waker/budget.h"
#include "weft/worker/testing/crew.h"

namespace weft::worker_testing {
namespace {

// Two tasks that wake each other for ever, as two ends of a channel do.
struct PingPong {
  explicit PingPong(Crew<>& crew)
      : ping(crew.Task('p', [&crew, this] { crew.worker(0).Schedule(pong); })),
        pong(crew.Task('P', [&crew, this] { crew.worker(0).Schedule(ping); })) {
    crew.worker(0).Schedule(ping);
  }
  TestTask* ping;
  TestTask* pong;
};

TEST(WorkerSlot, TheTaskWokenLastRunsNext) {
  Crew<> crew(1);
  for (char name : {'a', 'b', 'c'}) crew.worker(0).Schedule(crew.Task(name));
  crew.Step(0, 3);
  EXPECT_EQ(crew.order, "cab");
}

TEST(WorkerSlot, AYieldGoesBehindAll) {
  Crew<> crew(1);
  crew.worker(0).Enqueue(crew.Task('a'));
  crew.worker(0).Enqueue(crew.Task('b'));
  EXPECT_EQ(crew.site(0).slot.Peek(), nullptr);
  crew.Step(0, 2);
  EXPECT_EQ(crew.order, "ab");
}

// Known bugs L3, Tokio #5686, #5712, #2349: a pair in the slot, and a third in
// the queue, which must run within the cap.
TEST(WorkerSlot, L3APairInTheSlotLetsTheQueueHaveItsTurn) {
  Crew<> crew(1);
  crew.worker(0).Enqueue(crew.Task('q'));
  PingPong pair(crew);
  crew.Step(0, 12);
  EXPECT_EQ(crew.order.substr(0, 4), "pPpq");
  EXPECT_EQ(crew.order, "pPpqPpPpPpPp");
  EXPECT_EQ(crew.Polls(0), 12u);
}

TEST(WorkerSlot, L3NoTaskInTheQueueWaitsForMoreThanTheCap) {
  Crew<> crew(1);
  PingPong pair(crew);
  TestTask* third = nullptr;
  third = crew.Task('q', [&] { crew.worker(0).Enqueue(third); });
  crew.worker(0).Enqueue(third);
  crew.Step(0, 200);
  int since = 0;
  for (char name : crew.order) {
    since = name == 'q' ? 0 : since + 1;
    // At most three from the slot, and the one that came out of it last.
    ASSERT_LE(since, 4) << crew.order;
  }
}

// Known bugs L3 with zio #718: an injector that comes first every other time
// must not make the count of runs from the slot start anew.
TEST(WorkerSlot, L3NorWithAnInjectorThatIsNeverEmpty) {
  for (std::uint32_t interval : {2u, 3u, 4u}) {
    Crew<> crew(1);
    StepFairness::interval = interval;
    PingPong pair(crew);
    crew.worker(0).Enqueue(crew.Task('q'));
    for (int step = 0; step < 40; ++step) {
      crew.shared.Inject(crew.Task('i'));
      crew.Step(0);
    }
    EXPECT_NE(crew.order.find('q'), std::string::npos) << crew.order;
    EXPECT_LE(crew.order.find('q'), 8u) << crew.order;
  }
}

// Known bugs L3 with 5.4's other side: nor does the injector wait.
TEST(WorkerSlot, L3AndTheInjectorIsServedBesideAPair) {
  Crew<> crew(1);
  StepFairness::interval = 5;
  PingPong pair(crew);
  crew.shared.Inject(crew.Task('i'));
  crew.Step(0, 5);
  EXPECT_EQ(crew.order.find('i'), 4u) << crew.order;
}

TEST(WorkerSlot, ASlotTaskRunsOnTheBudgetOfTheOneBeforeIt) {
  Crew<> crew(1);
  std::string budgets;
  const auto note = [&] {
    budgets += std::to_string(*Budget::ThisThread()) + " ";
  };
  TestTask* second = crew.Task('b', note);
  crew.worker(0).Enqueue(crew.Task('a', [&] {
    note();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(Budget::Spend());
    crew.worker(0).Schedule(second);
  }));
  crew.worker(0).Enqueue(crew.Task('c', note));
  crew.Step(0, 3);
  EXPECT_EQ(crew.order, "abc");
  EXPECT_EQ(budgets, "128 28 128 ");
}

TEST(WorkerSlot, WithTheBudgetSpentTheSlotTaskGoesBehindTheQueue) {
  Crew<> crew(1);
  TestTask* second = crew.Task(
      'b', [] { EXPECT_EQ(*Budget::ThisThread(), Budget::kPerTask); });
  crew.worker(0).Enqueue(crew.Task('a', [&] {
    while (Budget::Spend()) {
    }
    crew.worker(0).Schedule(second);
  }));
  crew.worker(0).Enqueue(crew.Task('c'));
  crew.Step(0, 3);
  EXPECT_EQ(crew.order, "acb");
}

TEST(WorkerSlot, OutsideOfTheLoopTheThreadHasNoBudget) {
  Crew<> crew(1);
  crew.worker(0).Enqueue(crew.Task('a'));
  crew.Step(0);
  EXPECT_EQ(*Budget::ThisThread(), Budget::kUnlimited);
}

// Known bugs L5: a loop inside of a task gives the budget back as it was.
TEST(WorkerSlot, L5ANestedLoopLeavesTheOuterBudgetAlone) {
  Crew<> crew(1);
  int inner_runs = 0;
  crew.worker(0).Enqueue(crew.Task('a', [&] {
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(Budget::Spend());
    crew.worker(0).RunWhile([&] { return crew.order.back() != 'b'; });
    EXPECT_EQ(*Budget::ThisThread(), Budget::kPerTask - 10);
  }));
  crew.worker(0).Enqueue(crew.Task('b', [&] {
    ++inner_runs;
    EXPECT_EQ(*Budget::ThisThread(), Budget::kPerTask);
  }));
  crew.Step(0);
  EXPECT_EQ(crew.order, "ab");
  EXPECT_EQ(inner_runs, 1);
}

TEST(WorkerSlot, ATaskInTheSlotRunsInANestedLoop) {
  Crew<> crew(1);
  TestTask* child = crew.Task('c');
  crew.worker(0).Enqueue(crew.Task('a', [&] {
    crew.worker(0).Schedule(child);
    crew.worker(0).RunWhile([&] { return child->runs() == 0; });
  }));
  crew.Step(0);
  EXPECT_EQ(crew.order, "ac");
}

TEST(WorkerSlot, NestedLoopsUnwindInOrder) {
  Crew<> crew(1);
  std::function<void(int)> nest = [&](int depth) {
    if (depth == 5) return;
    TestTask* next = crew.Task(static_cast<char>('a' + depth),
                               [&nest, depth] { nest(depth + 1); });
    crew.worker(0).Schedule(next);
    crew.worker(0).RunWhile([&] { return next->runs() == 0; });
    crew.order += static_cast<char>('A' + depth);
  };
  nest(0);
  EXPECT_EQ(crew.order, "abcdeEDCBA");
}

}  // namespace
}  // namespace weft::worker_testing
