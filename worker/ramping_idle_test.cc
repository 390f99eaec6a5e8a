#include "weft/worker/ramping_idle.h"

#include <cstdint>
#include <optional>
#include <set>

#include "gtest/gtest.h"
#include "weft/worker/concepts.h"

namespace weft {
namespace {

static_assert(IdlePolicy<RampingIdle>);

struct Ramps {
  using Idle = RampingIdle;
};
static_assert(kRamps<Ramps>);

using Worker = std::optional<std::uint32_t>;

void PutToSleep(RampingIdle& idle, std::uint32_t from, std::uint32_t to) {
  for (std::uint32_t i = from; i < to; ++i) {
    EXPECT_TRUE(idle.Announce(i, false)) << "everybody looks once more";
  }
}

TEST(RampingIdle, AtFirstAllAreRunning) {
  RampingIdle idle(3);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_FALSE(idle.Asleep(i));
  EXPECT_FALSE(idle.AllAsleep());
  EXPECT_EQ(idle.Claim(), Worker());
  EXPECT_EQ(idle.ClaimAnother(), Worker());
  EXPECT_EQ(idle.ClaimIfAlone(), Worker());
}

TEST(RampingIdle, WorkFromOutsideWakesOneWhateverTheOthersDo) {
  RampingIdle idle(3);
  ASSERT_TRUE(idle.StartSearching(0));
  PutToSleep(idle, 1, 3);
  const Worker first = idle.Claim();
  const Worker second = idle.Claim();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(*first + *second, 3u) << "1 and 2";
  EXPECT_EQ(idle.Claim(), Worker());
  EXPECT_TRUE(idle.Retract(*first));
  EXPECT_TRUE(idle.Retract(*second));
}

TEST(RampingIdle, APushWakesOneOnlyIfNoOtherIsAwake) {
  RampingIdle idle(4);
  PutToSleep(idle, 2, 4);
  EXPECT_EQ(idle.ClaimIfAlone(), Worker()) << "0 and 1 are awake";
  PutToSleep(idle, 1, 2);
  const Worker woken = idle.ClaimIfAlone();
  ASSERT_TRUE(woken);
  EXPECT_NE(*woken, 0u);
  EXPECT_EQ(idle.ClaimIfAlone(), Worker()) << "claimed is awake";
}

TEST(RampingIdle, WhoHasFoundWorkIsToldWhetherAnybodySleeps) {
  RampingIdle idle(2);
  ASSERT_TRUE(idle.StartSearching(0));
  EXPECT_FALSE(idle.StopSearching(0));
  PutToSleep(idle, 1, 2);
  EXPECT_TRUE(idle.StopSearching(0));
  EXPECT_TRUE(idle.StopSearching(0)) << "each time, as nobody counts";
}

TEST(RampingIdle, AClaimedWorkerKnows) {
  RampingIdle idle(2);
  PutToSleep(idle, 0, 2);
  const Worker claimed = idle.Claim();
  ASSERT_TRUE(claimed);
  EXPECT_FALSE(idle.ClaimSelf(*claimed)) << "a waker was faster";
  EXPECT_TRUE(idle.ClaimSelf(1 - *claimed));
  EXPECT_FALSE(idle.Asleep(0));
  EXPECT_FALSE(idle.Asleep(1));
  PutToSleep(idle, 0, 1);
  EXPECT_FALSE(idle.Retract(0)) << "woken for another reason";
}

TEST(RampingIdle, AllAsleepMeansEachAndEvery) {
  for (std::uint32_t workers : {1u, 3u, 33u, 70u}) {
    RampingIdle idle(workers);
    PutToSleep(idle, 0, workers - 1);
    EXPECT_FALSE(idle.AllAsleep());
    PutToSleep(idle, workers - 1, workers);
    EXPECT_TRUE(idle.AllAsleep());
    EXPECT_TRUE(idle.ClaimAnother());
    EXPECT_FALSE(idle.AllAsleep());
  }
}

TEST(RampingIdle, AwakeInAnotherGroupIsAwake) {
  RampingIdle idle(70);
  PutToSleep(idle, 1, 69);
  EXPECT_EQ(idle.ClaimIfAlone(), Worker()) << "0 and 69";
  PutToSleep(idle, 69, 70);
  EXPECT_TRUE(idle.ClaimIfAlone());
}

// At random: all are woken, each once, and no two rounds begin alike.
TEST(RampingIdle, WakesAtRandom) {
  for (std::uint32_t workers : {7u, 100u}) {
    RampingIdle idle(workers);
    std::set<std::uint32_t> firsts;
    for (int round = 0; round < 200; ++round) {
      PutToSleep(idle, 0, workers);
      std::set<std::uint32_t> woken;
      while (const Worker worker = idle.Claim()) {
        if (woken.empty()) firsts.insert(*worker);
        EXPECT_LT(*worker, workers);
        EXPECT_TRUE(woken.insert(*worker).second);
      }
      EXPECT_EQ(woken.size(), workers);
    }
    EXPECT_GT(firsts.size(), workers / 2);
  }
}

}  // namespace
}  // namespace weft
