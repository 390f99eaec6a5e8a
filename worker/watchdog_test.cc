#include "weft/worker/watchdog.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/worker/testing/crew.h"
#include "weft/worker/testing/test_task.h"
#include "weft/worker/testing/thread_crew.h"

namespace weft::worker_testing {
namespace {

using std::chrono::milliseconds;

// Worker 0 runs a task and inside of it the test looks, with the watchdog's
// eyes; workers 1 and 2 sleep.
struct Kennel : Crew<> {
  Kennel() : Crew<>(3), watchdog(shared, milliseconds(10)) {
    for (std::uint32_t i : {1u, 2u}) EXPECT_TRUE(PutToSleep(i));
  }
  /// Runs `inside` as a task of worker 0.
  void During(std::function<void()> inside) {
    worker(0).Schedule(Task('a', std::move(inside)));
    Step(0);
  }
  std::uint32_t SentTo(std::uint32_t i) {
    return site(i).sent_to.load(std::memory_order_relaxed);
  }
  static constexpr std::uint32_t kNobody = WorkerSite<StepPolicies>::kNobody;

  Watchdog<StepPolicies> watchdog;
};

TEST(Watchdog, SendsASleeperToAWorkerThatDoesNotGetOn) {
  Kennel kennel;
  kennel.During([&] {
    kennel.worker(0).Schedule(kennel.Task('b'));
    EXPECT_FALSE(kennel.watchdog.Look()) << "it has just begun this poll";
    EXPECT_EQ(kennel.unparks(), 0);
    EXPECT_TRUE(kennel.watchdog.Look());
    EXPECT_EQ(kennel.unparks(), 1);
    EXPECT_EQ(kennel.SentTo(1), 0u);
    EXPECT_EQ(kennel.SentTo(2), Kennel::kNobody);
    EXPECT_FALSE(kennel.shared.idle().Asleep(1)) << "claimed";
    EXPECT_TRUE(kennel.shared.idle().Retract(1));
  });
}

TEST(Watchdog, ASingleTaskInTheQueueIsReasonEnough) {
  Kennel kennel;
  kennel.During([&] {
    kennel.worker(0).Enqueue(kennel.Task('b'));
    (void)kennel.watchdog.Look();
    EXPECT_TRUE(kennel.watchdog.Look());
  });
}

TEST(Watchdog, LeavesAWorkerAloneThatGetsOn) {
  Kennel kennel;
  TestTask* self = nullptr;
  self = kennel.Task('a', [&] {
    kennel.worker(0).Enqueue(self);
    EXPECT_FALSE(kennel.watchdog.Look());
  });
  kennel.worker(0).Enqueue(self);
  kennel.Step(0, 10);
  EXPECT_EQ(kennel.unparks(), 0);
}

TEST(Watchdog, LeavesALongPollAloneBehindWhichNothingWaits) {
  Kennel kennel;
  kennel.During([&] {
    for (int look = 0; look < 5; ++look) EXPECT_FALSE(kennel.watchdog.Look());
  });
  EXPECT_EQ(kennel.unparks(), 0);
}

TEST(Watchdog, SendsNobodyIfNobodySleeps) {
  Kennel kennel;
  for (std::uint32_t i : {1u, 2u})
    EXPECT_FALSE(kennel.shared.idle().Retract(i));
  kennel.During([&] {
    kennel.worker(0).Schedule(kennel.Task('b'));
    for (int look = 0; look < 5; ++look) EXPECT_FALSE(kennel.watchdog.Look());
  });
}

TEST(Watchdog, EachStuckWorkerGetsOne) {
  Kennel kennel;
  EXPECT_FALSE(kennel.shared.idle().Retract(1));
  kennel.worker(1).Enqueue(kennel.Task('c'));
  kennel.worker(0).Enqueue(kennel.Task('b'));
  // Neither has run anything, nor sleeps: both are as at the first look.
  EXPECT_TRUE(kennel.watchdog.Look());
  EXPECT_EQ(kennel.SentTo(2), 0u);
  EXPECT_EQ(kennel.unparks(), 1);
  EXPECT_FALSE(kennel.watchdog.Look()) << "nobody is left";
}

// Known bugs L4, Tokio #4941: a task wakes another and then computes for long,
// here until the other has run.
template <class Wake>
void ExpectRescued(Wake&& wake) {
  ThreadCrew<> crew(2, TestSeed(), milliseconds(1));
  for (int round = 1; round <= 5; ++round) {
    TestTask waiting;
    TestTask computing([&] {
      wake(ThreadCrew<>::Me(), &waiting);
      while (waiting.runs() == 0) YieldThread();
    });
    crew.shared.Inject(&computing);
    crew.WaitUntil([&] { return computing.runs() == 1; }, "a rescue");
    crew.WaitUntilAllSleep();
  }
  EXPECT_GE(crew.Total(WorkerEvent::kSteal), 5u);
}

TEST(WatchdogThread, L4ATaskInTheSlotOfALongPollIsRescued) {
  ExpectRescued([](auto& me, TestTask* task) { me.Schedule(task); });
}

TEST(WatchdogThread, L4ASingleTaskInTheQueueOfALongPollIsRescued) {
  ExpectRescued([](auto& me, TestTask* task) { me.Enqueue(task); });
}

// Counts how often anybody asks whether all sleep: the watchdog does at every
// look.
struct CountingIdle : Idle {
  using Idle::Idle;
  bool AllAsleep() const {
    asked.fetch_add(1, std::memory_order_relaxed);
    return Idle::AllAsleep();
  }
  mutable atomic<std::uint64_t> asked{0};
};
struct CountingPolicies : RealPolicies {
  using Idle = CountingIdle;
};

// Known bugs W20: when all sleep it comes to rest, and it is up again when
// somebody wakes. If it never rests, or never rises, this never ends.
TEST(WatchdogThread, W20SleepsForGoodWhenAllSleepAndIsUpAgainAfterwards) {
  ThreadCrew<CountingPolicies> crew(2, TestSeed(), milliseconds(1));
  auto& asked = crew.shared.idle().asked;
  for (int round = 0; round < 3; ++round) {
    crew.WaitUntil(
        [&] {
          const std::uint64_t before = asked.load(std::memory_order_relaxed);
          SleepFor(milliseconds(20));
          return asked.load(std::memory_order_relaxed) == before;
        },
        "the watchdog to sleep");
    // A rescue needs it.
    TestTask waiting;
    TestTask computing([&] {
      ThreadCrew<CountingPolicies>::Me().Schedule(&waiting);
      while (waiting.runs() == 0) YieldThread();
    });
    crew.shared.Inject(&computing);
    crew.WaitUntil([&] { return computing.runs() == 1; }, "a rescue");
  }
}

TEST(WatchdogThread, StopEndsItWhateverItDoes) {
  const int rounds = static_cast<int>(StressIterations(200));
  for (int round = 0; round < rounds; ++round) {
    // Sometimes before its first look, sometimes between two, sometimes asleep.
    ThreadCrew<> crew(1, /*seed=*/1, std::chrono::microseconds(50));
    if (round % 3 == 1) YieldThread();
    if (round % 3 == 2) SleepFor(std::chrono::microseconds(300));
  }
}

}  // namespace
}  // namespace weft::worker_testing
