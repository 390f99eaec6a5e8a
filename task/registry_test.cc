#include "weft/task/registry.h"

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/task/testing/fake_task.h"

namespace weft {
namespace {

using task_testing::FakeTask;

std::multiset<TaskHeader*> Visit(const TaskRegistry& registry) {
  std::multiset<TaskHeader*> seen;
  EXPECT_TRUE(registry.ForEach([&](TaskHeader* task) {
    seen.insert(task);
    return true;
  }));
  return seen;
}

TEST(TaskRegistry, IsEmptyAtFirstAndCostsNothing) {
  TaskRegistry registry;
  EXPECT_TRUE(registry.Empty());
  EXPECT_EQ(registry.capacity(), 0u);
}

TEST(TaskRegistry, VisitsWhatWasInsertedAndNotRemoved) {
  TaskRegistry registry;
  std::vector<FakeTask> tasks(200);
  std::multiset<TaskHeader*> expected;
  for (FakeTask& task : tasks) {
    registry.Insert(&task);
    expected.insert(&task);
  }
  EXPECT_EQ(Visit(registry), expected);
  EXPECT_FALSE(registry.Empty());
  for (std::size_t i = 0; i < tasks.size(); i += 2) {
    TaskRegistry::Remove(&tasks[i]);
    expected.erase(&tasks[i]);
  }
  EXPECT_EQ(Visit(registry), expected);
  for (std::size_t i = 1; i < tasks.size(); i += 2) {
    TaskRegistry::Remove(&tasks[i]);
  }
  EXPECT_TRUE(registry.Empty());
}

TEST(TaskRegistry, AVisitorMayStopTheVisit) {
  TaskRegistry registry;
  std::vector<FakeTask> tasks(3);
  for (FakeTask& task : tasks) registry.Insert(&task);
  int visits = 0;
  EXPECT_FALSE(registry.ForEach([&](TaskHeader*) { return ++visits < 2; }));
  EXPECT_EQ(visits, 2);
  for (FakeTask& task : tasks) TaskRegistry::Remove(&task);
}

TEST(TaskRegistry, RemoveOfATaskThatWasNeverEnteredDoesNothing) {
  FakeTask task;
  TaskRegistry::Remove(&task);
}

TEST(TaskRegistry, OneTaskAtATimeNeverMakesItGrow) {
  TaskRegistry registry;
  FakeTask task;
  for (int i = 0; i < 100'000; ++i) {
    registry.Insert(&task);
    TaskRegistry::Remove(&task);
  }
  EXPECT_EQ(registry.capacity(), 64u);
}

TEST(TaskRegistry, GrowsWithTheTasksAliveAndNotWithTheTasksThatWere) {
  // At most four entries per task alive, whatever came and went.
  for (const std::size_t alive : {63u, 64u, 65u, 100u, 1000u, 5000u}) {
    TaskRegistry registry;
    std::vector<FakeTask> tasks(alive);
    for (FakeTask& task : tasks) registry.Insert(&task);
    const std::size_t filled = registry.capacity();
    EXPECT_GE(filled, alive);
    XorShift64 random(alive);
    for (std::size_t i = 0; i < 50 * alive; ++i) {
      FakeTask& task = tasks[random.Below(static_cast<std::uint32_t>(alive))];
      TaskRegistry::Remove(&task);
      registry.Insert(&task);
    }
    EXPECT_LE(registry.capacity(), 4 * alive);
    // A peak that is over leaves its size, and no more.
    const std::size_t peak = registry.capacity();
    for (FakeTask& task : tasks) TaskRegistry::Remove(&task);
    for (std::size_t i = 0; i < 10 * peak; ++i) {
      registry.Insert(&tasks[0]);
      TaskRegistry::Remove(&tasks[0]);
    }
    EXPECT_EQ(registry.capacity(), peak);
  }
}

TEST(TaskRegistry, AgreesWithASetUnderRandomUse) {
  const std::uint64_t seed = TestSeed();
  XorShift64 random(seed);
  TaskRegistry registry;
  std::vector<FakeTask> tasks(700);
  std::vector<bool> in(tasks.size());
  std::multiset<TaskHeader*> expected;
  // Phases of mostly inserting and mostly removing.
  for (int step = 0; step < 20'000; ++step) {
    const std::uint32_t i = random.Below(700);
    const bool insert = random.Below(10) < (step / 2000 % 2 == 0 ? 8u : 2u);
    if (insert == in[i]) continue;
    in[i] = insert;
    if (insert) {
      registry.Insert(&tasks[i]);
      expected.insert(&tasks[i]);
    } else {
      TaskRegistry::Remove(&tasks[i]);
      expected.erase(&tasks[i]);
    }
    if (step % 1000 == 0) {
      ASSERT_EQ(Visit(registry), expected);
    }
  }
  EXPECT_EQ(Visit(registry), expected);
  EXPECT_LE(registry.capacity(), 4u * 700);
}

}  // namespace
}  // namespace weft
