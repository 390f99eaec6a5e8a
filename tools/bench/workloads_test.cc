#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "weft/pool/pool.h"
#include "weft/tools/bench/allocation_counter.h"
#include "weft/tools/bench/schedulers.h"
#include "weft/tools/bench/workload.h"

namespace weft::bench {
namespace {

constexpr Sizes kSmall = {
    .chain = 40,
    .deep_chain = 300,
    .pairs = 50,
    .spawns = 600,
    .yielders = 7,
    .yields = 30,
    .flows = 100,
    .side = 7,
};

constexpr Sizes kOfOne = {
    .chain = 1,
    .deep_chain = 1,
    .pairs = 1,
    .spawns = 1,
    .yielders = 1,
    .yields = 1,
    .flows = 1,
    .side = 1,
};

template <class Visit>
void ForEachWorkload(Visit visit) {
  for (const auto& workloads :
       {CoroutineWorkloads(), PollWorkloads(), FlowWorkloads()}) {
    for (const Workload& workload : workloads) {
      SCOPED_TRACE(std::string(workload.benchmark) + ", " +
                   std::string(workload.style) + ", " +
                   std::string(workload.tasks));
      visit(workload);
    }
  }
}

Pool PoolOf(int workers) {
  Options options;
  options.workers = workers;
  return Pool(options);
}

std::int64_t RunOn(Pool& pool, const Workload& workload, const Sizes& sizes) {
  return workload.run(pool.executor(), sizes);
}

TEST(Workloads, EachDoesAsManyOperationsAsItSays) {
  for (int workers : {1, 2, 5}) {
    Pool pool = PoolOf(workers);
    ForEachWorkload([&](const Workload& workload) {
      for (const Sizes& sizes : {kOfOne, kSmall}) {
        EXPECT_EQ(RunOn(pool, workload, sizes), workload.operations(sizes));
      }
    });
  }
}

TEST(Workloads, EachDoesThemOnEveryScheduler) {
  for (std::string_view scheduler : kSchedulers) {
    SCOPED_TRACE(scheduler);
    Options options;
    options.workers = 2;
    const auto pool = CreatePool(scheduler, options);
    ASSERT_TRUE(pool.ok()) << pool.status();
    ForEachWorkload([&](const Workload& workload) {
      EXPECT_EQ(workload.run((*pool)->executor(), kSmall),
                workload.operations(kSmall));
    });
  }
}

TEST(Workloads, BothStylesHaveTheSameBenchmarksInTheOrderOfTheTable) {
  const auto coroutine = CoroutineWorkloads();
  const auto poll = PollWorkloads();
  ASSERT_EQ(coroutine.size(), poll.size());
  for (std::size_t i = 0; i < coroutine.size(); ++i) {
    EXPECT_EQ(coroutine[i].benchmark, poll[i].benchmark);
    EXPECT_EQ(coroutine[i].tasks, poll[i].tasks);
    EXPECT_EQ(coroutine[i].style, kCoroutine);
    EXPECT_EQ(poll[i].style, kPoll);
  }
}

TEST(Schedulers, OneThatDoesNotExistAndOptionsThatAreWrongAreRefused) {
  EXPECT_EQ(CreatePool("round_robin", {}).status().code(),
            absl::StatusCode::kInvalidArgument);
  Options options;
  options.workers = -1;
  EXPECT_EQ(CreatePool(kWeft, options).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// What a round may need beside its tasks: a channel to wake the caller, a list
// of handles, and room in tables that grow.
TEST(Workloads, ASpawnedTaskIsOneAllocation) {
  constexpr Sizes sizes{.chain = 2'000, .deep_chain = 3'000, .spawns = 2'000};
  for (int workers : {1, 2}) {
    Pool pool = PoolOf(workers);
    ForEachWorkload([&](const Workload& workload) {
      if (workload.benchmark == kPingPong || workload.benchmark == kYieldMany ||
          workload.style == kFlow) {
        return;
      }
      RunOn(pool, workload, sizes);
      AllocationCounter::Start();
      RunOn(pool, workload, sizes);
      const std::int64_t allocations = AllocationCounter::Stop();
      EXPECT_GE(allocations, workload.operations(sizes));
      EXPECT_LE(allocations, workload.operations(sizes) + 20);
    });
  }
}

TEST(Workloads, APairIsTwoTasksAndAChannel) {
  constexpr Sizes sizes{.pairs = 1'000};
  Pool pool = PoolOf(2);
  ForEachWorkload([&](const Workload& workload) {
    if (workload.benchmark != kPingPong) return;
    RunOn(pool, workload, sizes);
    AllocationCounter::Start();
    RunOn(pool, workload, sizes);
    const std::int64_t allocations = AllocationCounter::Stop();
    EXPECT_GE(allocations, 3 * sizes.pairs);
    EXPECT_LE(allocations, 3 * sizes.pairs + 20);
  });
}

TEST(Workloads, AYieldDoesNotAllocate) {
  constexpr Sizes sizes{.yielders = 10, .yields = 1'000};
  Pool pool = PoolOf(2);
  ForEachWorkload([&](const Workload& workload) {
    if (workload.benchmark != kYieldMany) return;
    RunOn(pool, workload, sizes);
    AllocationCounter::Start();
    RunOn(pool, workload, sizes);
    EXPECT_LE(AllocationCounter::Stop(), sizes.yielders + 20);
  });
}

}  // namespace
}  // namespace weft::bench
