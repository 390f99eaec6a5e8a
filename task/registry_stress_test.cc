// An owner that inserts, threads that complete, and one that watches.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/task/registry.h"
#include "weft/task/testing/fake_task.h"

namespace weft {
namespace {

using task_testing::FakeTask;

struct Entry {
  FakeTask task;
  // Written by the remover, read when the registry is empty: what the body of a
  // task did.
  std::size_t result = 0;
};

// Inserts and removes `total` tasks; removal begins when `backlog` of them are
// in, so that the table grows while it is watched.
void Round(std::size_t total, std::size_t backlog, std::uint64_t seed) {
  // One after the other, so that the entries of the first change hands.
  constexpr std::size_t kRemovers = 3;
  std::vector<Entry> entries(total);
  TaskRegistry registry;
  // How many are inserted. The removers tell the owner nothing but by the
  // entries: so the test sees whether those synchronise.
  atomic<std::size_t> inserted{0};

  std::vector<Thread> threads;
  for (std::size_t remover = 0; remover < kRemovers; ++remover) {
    threads.emplace_back([&, remover] {
      XorShift64 random(seed + remover);
      for (std::size_t i = total * remover / kRemovers;
           i < total * (remover + 1) / kRemovers; ++i) {
        // ORDER: acquire. Pairs with the owner's release: the entry.
        while (inserted.load(std::memory_order_acquire) <=
               std::max(i, backlog)) {
          YieldThread();
        }
        if (random.Below(64) == 0) YieldThread();
        entries[i].result = i;
        TaskRegistry::Remove(&entries[i].task);
      }
    });
  }
  Thread watcher([&] {
    // Relaxed: here the table alone must publish what it shows.
    while (inserted.load(std::memory_order_relaxed) < total) {
      EXPECT_TRUE(registry.ForEach([](TaskHeader* task) {
        // Written by Insert just before it published the task.
        EXPECT_NE(task->registry_entry(), nullptr);
        return true;
      }));
    }
    // ORDER: acquire. Pairs with the owner's release: there will be no more.
    while (inserted.load(std::memory_order_acquire) < total ||
           !registry.Empty()) {
      YieldThread();
    }
    for (std::size_t i = 0; i < total; ++i) {
      ASSERT_EQ(entries[i].result, i);
    }
  });

  XorShift64 random(seed);
  for (std::size_t i = 0; i < total; ++i) {
    registry.Insert(&entries[i].task);
    // ORDER: release. Pairs with the loads above.
    inserted.store(i + 1, std::memory_order_release);
    if (random.Below(256) == 0) YieldThread();
  }
  for (Thread& thread : threads) thread.join();
  watcher.join();
  EXPECT_TRUE(registry.Empty());
}

TEST(TaskRegistryStress, RemovalsRaceWithInsertionsAndWithAWatcher) {
  const std::uint64_t seed = TestSeed();
  XorShift64 random(seed);
  const std::uint64_t rounds = StressIterations(40);
  for (std::uint64_t i = 0; i < rounds; ++i) {
    Round(/*total=*/2000, /*backlog=*/random.Below(1000), random.Next());
  }
}

}  // namespace
}  // namespace weft
