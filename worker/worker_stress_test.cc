// Workers on threads: every task runs exactly as often as it was queued, no
// work waits beside a sleeper, and nobody is woken for nothing.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/spin.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/queue/chain.h"
#include "weft/queue/sharded_injector.h"
#include "weft/worker/ramping_idle.h"
#include "weft/worker/testing/mutex_idle.h"
#include "weft/worker/testing/test_task.h"
#include "weft/worker/testing/thread_crew.h"

namespace weft::worker_testing {
namespace {

struct SmallQueue : RealPolicies {
  using Queue = RingQueue<TaskHeader, 4>;
};
struct Shards : RealPolicies {
  using Injector = ShardedInjector<TaskHeader>;
};
struct Ramping : RealPolicies {
  using Idle = RampingIdle;
};
struct References : RealPolicies {
  using Idle = MutexIdle;
  using Parker = CondvarParker;
  using Victims = NextVictims;
  using Fairness = FixedFairness;
};

// Tasks that queue new ones in every way there is, until all have been queued.
template <class Policies>
class Storm {
 public:
  Storm(std::uint32_t workers, std::uint64_t seed, std::uint64_t nodes)
      : seed_(seed), crew_(workers, seed) {
    XorShift64 random(seed);
    for (std::uint64_t i = 0; i < nodes; ++i) {
      const int yields = random.Below(8) == 0 ? random.Below(20) : 0;
      nodes_.push_back(std::make_unique<Node>(*this, i, yields));
      runs_to_come_ += static_cast<std::uint64_t>(nodes_.back()->runs);
    }
  }

  void Run() {
    XorShift64 random(seed_ + 1);
    while (next_.load(std::memory_order_relaxed) < nodes_.size()) {
      // From outside, too, so that it never dies down before the end.
      crew_.shared.InjectBatch(Take(random.Below(4)));
      if (random.Below(8) == 0) crew_.WaitUntilAllSleep();
      if (random.Below(2) == 0) YieldThread();
    }
    crew_.WaitUntil(
        [this] {
          return runs_.load(std::memory_order_relaxed) >= runs_to_come_;
        },
        "the last task");
    crew_.WaitUntilAllSleep();
    EXPECT_FALSE(crew_.shared.WorkVisible());
    for (const auto& node : nodes_) ASSERT_EQ(node->task.runs(), node->runs);
    EXPECT_EQ(crew_.Polls(), runs_to_come_);
  }

 private:
  struct Node {
    Node(Storm& storm, std::uint64_t index, int yields)
        : random(storm.seed_ ^ index),
          runs(1 + yields),
          yields_left(yields),
          task([&storm, this] { storm.RunOnce(*this); }) {}
    XorShift64 random;
    const int runs;
    int yields_left;
    TestTask task;
  };

  // Up to n tasks that have not been queued yet. Any thread.
  Chain<TaskHeader> Take(std::uint32_t n) {
    Chain<TaskHeader> chain;
    for (; n > 0; --n) {
      const std::uint64_t i = next_.fetch_add(1, std::memory_order_relaxed);
      if (i >= nodes_.size()) break;
      chain.PushBack(&nodes_[i]->task);
    }
    return chain;
  }

  void RunOnce(Node& node) {
    auto& me = ThreadCrew<Policies>::Me();
    for (std::uint32_t i = node.random.Below(64); i > 0; --i) CpuRelax();
    switch (node.random.Below(8)) {
      case 0:
        me.EnqueueBatch(Take(node.random.Below(6)));
        break;
      case 1:
        crew_.shared.InjectBatch(Take(node.random.Below(3)));
        break;
      default: {
        Chain<TaskHeader> chain = Take(node.random.Below(3));
        while (TaskHeader* task = chain.PopFront()) {
          node.random.Below(3) == 0 ? me.Enqueue(task) : me.Schedule(task);
        }
      }
    }
    runs_.fetch_add(1, std::memory_order_relaxed);
    // From here on another worker may run it, and nothing of it is ours.
    if (node.yields_left == 0) return;
    --node.yields_left;
    me.Enqueue(&node.task);
  }

  const std::uint64_t seed_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::uint64_t runs_to_come_ = 0;
  // Written by all.
  atomic<std::uint64_t> next_{0};
  atomic<std::uint64_t> runs_{0};
  ThreadCrew<Policies> crew_;
};

template <class Policies>
class WorkerStress : public ::testing::Test {};
using Assemblies =
    ::testing::Types<RealPolicies, SmallQueue, Shards, Ramping, References>;
TYPED_TEST_SUITE(WorkerStress, Assemblies);

TYPED_TEST(WorkerStress, EveryTaskRunsAsOftenAsItWasQueued) {
  const std::uint64_t seed = TestSeed();
  for (std::uint32_t workers : {1u, 2u, 3u, 8u}) {
    Storm<TypeParam>(workers, seed + workers, StressIterations(30'000)).Run();
  }
}

// Known bugs W4 (Go #45867, stdexec #1305, marl 535d491): as many tasks as
// workers, each of which waits for all others to run. If one of them waits
// beside a sleeper, all wait for ever.
template <class Policies>
void Meet(std::uint32_t workers, std::uint64_t seed, std::uint64_t rounds) {
  ThreadCrew<Policies> crew(workers, seed);
  XorShift64 random(seed);
  atomic<std::uint64_t> arrived{0};
  std::uint64_t wanted = 0;
  std::vector<std::unique_ptr<TestTask>> tasks;
  for (std::uint32_t i = 0; i < workers; ++i) {
    tasks.push_back(std::make_unique<TestTask>([&] {
      arrived.fetch_add(1, std::memory_order_relaxed);
      while (arrived.load(std::memory_order_relaxed) < wanted) YieldThread();
    }));
  }
  for (std::uint64_t round = 1; round <= rounds; ++round) {
    wanted += workers;
    if (random.Below(2) == 0) {
      Chain<TaskHeader> chain;
      for (auto& task : tasks) chain.PushBack(task.get());
      crew.shared.InjectBatch(std::move(chain));
    } else {
      for (auto& task : tasks) {
        crew.shared.Inject(task.get());
        if (random.Below(4) == 0) YieldThread();
      }
    }
    crew.WaitUntil(
        [&] {
          for (auto& task : tasks) {
            if (task->runs() != static_cast<int>(round)) return false;
          }
          return true;
        },
        "a meeting");
    // Sometimes the next round finds all asleep, sometimes on their way.
    if (random.Below(4) == 0) crew.WaitUntilAllSleep();
  }
}

TYPED_TEST(WorkerStress, W4AsManyTasksAsWorkersMeet) {
  const std::uint64_t seed = TestSeed();
  for (std::uint32_t workers : {2u, 3u, 5u}) {
    Meet<TypeParam>(workers, seed + workers, StressIterations(3'000));
  }
}

// With workers of two groups, which tell each other of work.
TEST(WorkerStressGroups, W4AsManyTasksAsWorkersMeet) {
  Meet<RealPolicies>(40, TestSeed(), StressIterations(60));
}

// Known bugs W14, Tokio #4383: one task at a time, and nobody is woken beside
// the one who runs it.
TEST(WorkerStressWakes, W14OneTaskAtATimeWakesOneWorker) {
  ThreadCrew<> crew(4, TestSeed());
  TestTask task;
  const int rounds = static_cast<int>(StressIterations(1'000));
  for (int round = 1; round <= rounds; ++round) {
    crew.WaitUntilAllSleep();
    crew.shared.Inject(&task);
    crew.WaitUntil([&] { return task.runs() == round; }, "a task");
  }
  crew.WaitUntilAllSleep();
  EXPECT_EQ(crew.Total(WorkerEvent::kWake), 0u);
  // A worker that is about to sleep may be faster than the one who is woken.
  EXPECT_LE(crew.Total(WorkerEvent::kUselessWake),
            crew.Total(WorkerEvent::kRecheckHit));
  EXPECT_EQ(crew.Total(WorkerEvent::kSteal), 0u);
}

// Known bugs W18, Go #13527: a yield in a loop, with idle workers.
TEST(WorkerStressWakes, W18AYieldWakesNobody) {
  ThreadCrew<> crew(4, TestSeed());
  const int yields = static_cast<int>(StressIterations(20'000));
  TestTask* self = nullptr;
  int left = yields;
  TestTask task([&] {
    if (left-- > 0) ThreadCrew<>::Me().Enqueue(self);
  });
  self = &task;
  crew.shared.Inject(&task);
  crew.WaitUntil([&] { return task.runs() == yields + 1; }, "the last yield");
  EXPECT_EQ(crew.Total(WorkerEvent::kWake), 0u);
  EXPECT_EQ(crew.Total(WorkerEvent::kSteal), 0u);
}

// Known bugs W20, seastar #2790, and W12: before long an idle scheduler does
// nothing at all. If it never comes to rest, this never ends.
TEST(WorkerStressWakes, W20W12WhoSleepsSleeps) {
  ThreadCrew<> crew(4, TestSeed());
  TestTask task;
  crew.shared.Inject(&task);
  crew.WaitUntil([&] { return task.runs() == 1; }, "a task");
  crew.WaitUntilAllSleep();
  const auto counts = [&] {
    std::vector<std::uint64_t> counts;
    for (std::size_t e = 0; e < kWorkerEvents; ++e) {
      counts.push_back(crew.Total(static_cast<WorkerEvent>(e)));
    }
    return counts;
  };
  crew.WaitUntil(
      [&] {
        const auto before = counts();
        SleepFor(std::chrono::milliseconds(20));
        return counts() == before;
      },
      "all to come to rest");
  EXPECT_TRUE(crew.shared.idle().AllAsleep());
}

}  // namespace
}  // namespace weft::worker_testing
