// The suite that every IdlePolicy passes, on one thread; and what is Idle's
// own: its word, and more than one group.

#include "weft/worker/idle.h"

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/worker/concepts.h"
#include "weft/worker/testing/mutex_idle.h"

namespace weft {
namespace {

static_assert(IdlePolicy<Idle>);

using Worker = std::optional<std::uint32_t>;

template <class IdleType>
class IdleConformance : public ::testing::Test {};
using Models = ::testing::Types<Idle, MutexIdle>;
TYPED_TEST_SUITE(IdleConformance, Models);

template <class IdleType>
void PutAllToSleep(IdleType& idle, std::uint32_t workers) {
  for (std::uint32_t i = 0; i < workers; ++i) (void)idle.Announce(i, false);
}

TYPED_TEST(IdleConformance, AtFirstAllAreRunning) {
  TypeParam idle(3);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_FALSE(idle.Asleep(i));
  EXPECT_FALSE(idle.AllAsleep());
  EXPECT_EQ(idle.Claim(), Worker());
  EXPECT_EQ(idle.ClaimAnother(), Worker());
}

TYPED_TEST(IdleConformance, AClaimTakesTheLowestSleeperAndCountsIt) {
  TypeParam idle(4);
  (void)idle.Announce(3, false);
  (void)idle.Announce(1, false);
  EXPECT_EQ(idle.Claim(), Worker(1));
  EXPECT_FALSE(idle.Asleep(1));
  EXPECT_TRUE(idle.Asleep(3));
  EXPECT_EQ(idle.Claim(), Worker()) << "one searches";
  EXPECT_TRUE(idle.Retract(1)) << "it was claimed";
  EXPECT_TRUE(idle.StopSearching(1)) << "the last, and 3 sleeps";
  EXPECT_EQ(idle.Claim(), Worker(3));
}

TYPED_TEST(IdleConformance, AnotherIsClaimedWhileOneSearches) {
  TypeParam idle(3);
  PutAllToSleep(idle, 3);
  EXPECT_EQ(idle.Claim(), Worker(0));
  EXPECT_EQ(idle.ClaimAnother(), Worker(1));
  EXPECT_EQ(idle.ClaimAnother(), Worker(2));
  EXPECT_EQ(idle.ClaimAnother(), Worker());
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(idle.Retract(i));
    EXPECT_FALSE(idle.StopSearching(i)) << "nobody sleeps, or others search";
  }
}

// Go #45867: not "the last searcher looks" but "nobody searches now".
TYPED_TEST(IdleConformance, WhoeverSleepsWhileNobodySearchesMustLook) {
  TypeParam idle(4);
  EXPECT_TRUE(idle.Announce(0, false)) << "though it did not search";
  ASSERT_TRUE(idle.StartSearching(1));
  EXPECT_FALSE(idle.Announce(2, false)) << "1 will look";
  EXPECT_TRUE(idle.Announce(1, true)) << "the last searcher";
  EXPECT_TRUE(idle.Announce(3, false));
}

TYPED_TEST(IdleConformance, OfTwoSearchersThatSleepTheSecondMustLook) {
  TypeParam idle(4);
  ASSERT_TRUE(idle.StartSearching(0));
  ASSERT_TRUE(idle.StartSearching(1));
  EXPECT_FALSE(idle.Announce(0, true));
  EXPECT_TRUE(idle.Announce(1, true));
}

TYPED_TEST(IdleConformance, AtMostHalfSearch) {
  TypeParam idle(5);
  EXPECT_TRUE(idle.StartSearching(0));
  EXPECT_TRUE(idle.StartSearching(1));
  EXPECT_TRUE(idle.StartSearching(2)) << "half, rounded up";
  EXPECT_FALSE(idle.StartSearching(3));
  EXPECT_FALSE(idle.StopSearching(0));
  EXPECT_TRUE(idle.StartSearching(3));
}

TYPED_TEST(IdleConformance, AnOnlyWorkerMaySearch) {
  TypeParam idle(1);
  EXPECT_TRUE(idle.StartSearching(0));
  EXPECT_TRUE(idle.Announce(0, true));
  EXPECT_TRUE(idle.AllAsleep());
}

// Known bugs Q13, taskflow 348ba9b4: claims can bring the count beyond the
// bound; it must still bound.
TYPED_TEST(IdleConformance, Q13MoreSearchersThanTheLimitAreStillTooMany) {
  TypeParam idle(4);
  PutAllToSleep(idle, 3);
  for (int i = 0; i < 3; ++i) ASSERT_NE(idle.ClaimAnother(), Worker());
  EXPECT_FALSE(idle.StartSearching(3));
}

TYPED_TEST(IdleConformance, OnlyTheLastSearcherThatFindsWorkWakesAnother) {
  TypeParam idle(5);
  ASSERT_TRUE(idle.StartSearching(0));
  ASSERT_TRUE(idle.StartSearching(1));
  (void)idle.Announce(4, false);
  EXPECT_FALSE(idle.StopSearching(0));
  EXPECT_TRUE(idle.StopSearching(1));
}

TYPED_TEST(IdleConformance, WithNobodyAsleepTheFinderWakesNobody) {
  TypeParam idle(2);
  ASSERT_TRUE(idle.StartSearching(0));
  EXPECT_FALSE(idle.StopSearching(0));
}

TYPED_TEST(IdleConformance, AWorkerThatFoundWorkAfterAllSearches) {
  TypeParam idle(2);
  (void)idle.Announce(1, false);
  EXPECT_TRUE(idle.Announce(0, false));
  EXPECT_TRUE(idle.ClaimSelf(0));
  EXPECT_FALSE(idle.Asleep(0));
  EXPECT_EQ(idle.Claim(), Worker()) << "0 searches";
  EXPECT_TRUE(idle.StopSearching(0));
}

// Known bugs W6: a waker was faster.
TYPED_TEST(IdleConformance, W6AWorkerThatWasClaimedCannotClaimItself) {
  TypeParam idle(2);
  EXPECT_TRUE(idle.Announce(0, false));
  EXPECT_EQ(idle.Claim(), Worker(0));
  EXPECT_FALSE(idle.ClaimSelf(0));
  EXPECT_FALSE(idle.StopSearching(0)) << "counted once, not twice";
  (void)idle.Announce(1, false);
  EXPECT_EQ(idle.Claim(), Worker(1));
}

TYPED_TEST(IdleConformance, AWorkerWokenForAnotherReasonIsNotCounted) {
  TypeParam idle(2);
  PutAllToSleep(idle, 2);
  EXPECT_FALSE(idle.Retract(0));
  EXPECT_EQ(idle.Claim(), Worker(1)) << "nobody searches";
}

TYPED_TEST(IdleConformance, AllAsleepMeansEachAndEvery) {
  TypeParam idle(3);
  (void)idle.Announce(0, false);
  (void)idle.Announce(1, false);
  EXPECT_FALSE(idle.AllAsleep());
  (void)idle.Announce(2, false);
  EXPECT_TRUE(idle.AllAsleep());
  EXPECT_EQ(idle.Claim(), Worker(0));
  EXPECT_FALSE(idle.AllAsleep()) << "claimed is not asleep";
  EXPECT_TRUE(idle.Retract(0));
  EXPECT_TRUE(idle.Announce(0, true));
  EXPECT_TRUE(idle.AllAsleep());
}

TYPED_TEST(IdleConformance, ManyWorkersAreClaimedOnceEach) {
  constexpr std::uint32_t kWorkers = 100;
  TypeParam idle(kWorkers);
  PutAllToSleep(idle, kWorkers);
  EXPECT_TRUE(idle.AllAsleep());
  std::set<std::uint32_t> claimed;
  while (Worker worker = idle.ClaimAnother()) {
    EXPECT_TRUE(claimed.insert(*worker).second);
    EXPECT_LT(*worker, kWorkers);
    EXPECT_TRUE(idle.Retract(*worker));
  }
  EXPECT_EQ(claimed.size(), kWorkers);
  for (std::uint32_t i : claimed) EXPECT_FALSE(idle.StopSearching(i));
  PutAllToSleep(idle, kWorkers);
  EXPECT_EQ(idle.Claim(), Worker(0)) << "nobody is counted any more";
}

// Both models give the same answers to the same random calls.
TEST(Idle, AgreesWithTheReferenceModel) {
  const std::uint64_t seed = TestSeed();
  XorShift64 random(seed);
  constexpr std::uint32_t kWorkers = 7;
  enum class Mood { kRunning, kSearching, kAsleep, kClaimed };
  for (int round = 0; round < 20; ++round) {
    Idle idle(kWorkers);
    MutexIdle model(kWorkers);
    std::vector<Mood> moods(kWorkers, Mood::kRunning);
    for (int step = 0; step < 2000; ++step) {
      const std::uint32_t w = random.Below(kWorkers);
      Mood& mood = moods[w];
      switch (random.Below(8)) {
        case 0: {
          const Worker claimed = idle.Claim();
          ASSERT_EQ(claimed, model.Claim());
          if (claimed) moods[*claimed] = Mood::kClaimed;
          break;
        }
        case 1: {
          const Worker claimed = idle.ClaimAnother();
          ASSERT_EQ(claimed, model.ClaimAnother());
          if (claimed) moods[*claimed] = Mood::kClaimed;
          break;
        }
        case 2:
          if (mood != Mood::kRunning) break;
          if (idle.StartSearching(w)) {
            ASSERT_TRUE(model.StartSearching(w));
            mood = Mood::kSearching;
          } else {
            ASSERT_FALSE(model.StartSearching(w));
          }
          break;
        case 3:
          if (mood != Mood::kSearching) break;
          ASSERT_EQ(idle.StopSearching(w), model.StopSearching(w));
          mood = Mood::kRunning;
          break;
        case 4:
        case 5:
          if (mood != Mood::kSearching && mood != Mood::kRunning) break;
          ASSERT_EQ(idle.Announce(w, mood == Mood::kSearching),
                    model.Announce(w, mood == Mood::kSearching));
          mood = Mood::kAsleep;
          break;
        case 6: {
          if (mood != Mood::kAsleep && mood != Mood::kClaimed) break;
          const bool claimed = idle.Retract(w);
          ASSERT_EQ(claimed, model.Retract(w));
          ASSERT_EQ(claimed, mood == Mood::kClaimed);
          mood = claimed ? Mood::kSearching : Mood::kRunning;
          break;
        }
        default: {
          if (mood != Mood::kAsleep && mood != Mood::kClaimed) break;
          const bool self = idle.ClaimSelf(w);
          ASSERT_EQ(self, model.ClaimSelf(w));
          ASSERT_EQ(self, mood == Mood::kAsleep);
          mood = Mood::kSearching;
        }
      }
      ASSERT_EQ(idle.AllAsleep(), model.AllAsleep());
      ASSERT_EQ(idle.Asleep(w), model.Asleep(w));
      ASSERT_EQ(idle.Asleep(w), mood == Mood::kAsleep);
    }
  }
}

TEST(Idle, ASearcherOfAnotherGroupIsEnough) {
  Idle idle(64);
  (void)idle.Announce(3, false);
  ASSERT_TRUE(idle.StartSearching(40));
  EXPECT_EQ(idle.Claim(), Worker());
  EXPECT_TRUE(idle.StopSearching(40)) << "it sees sleepers of all groups";
  EXPECT_EQ(idle.Claim(), Worker(3));
}

TEST(Idle, EachGroupLooksForItself) {
  Idle idle(64);
  ASSERT_TRUE(idle.StartSearching(0));
  EXPECT_TRUE(idle.Announce(33, false)) << "nobody of its group searches";
  EXPECT_FALSE(idle.Announce(1, false));
}

TEST(Idle, TheLastGroupMayBeSmall) {
  Idle idle(33);
  EXPECT_TRUE(idle.StartSearching(32)) << "one of one";
  EXPECT_FALSE(idle.StartSearching(32));
  PutAllToSleep(idle, 32);
  EXPECT_FALSE(idle.AllAsleep());
  EXPECT_TRUE(idle.Announce(32, true));
  EXPECT_TRUE(idle.AllAsleep());
}

// Known bugs L9, Kotlin #3418: fields of one word never borrow of each other.
TEST(IdleState, L9TheFieldsStayApart) {
  constexpr std::uint32_t kMembers = IdleState::kWorkers;
  IdleState state(0);
  for (std::uint32_t m = 0; m < kMembers; ++m) {
    state = IdleState(state.word() + IdleState::AnnounceDelta(m, false));
  }
  EXPECT_EQ(state.sleepers(), 0xFFFF'FFFFu);
  EXPECT_TRUE(state.all_asleep(kMembers));
  for (std::uint32_t m = 0; m < kMembers; ++m) {
    EXPECT_EQ(state.next_to_wake(), m);
    state = state.Claimed(m);
    EXPECT_EQ(state.searching(), m + 1);
    EXPECT_EQ(state.wakes(), m + 1);
  }
  EXPECT_EQ(state.sleepers(), 0u);
  for (std::uint32_t m = 0; m < kMembers; ++m) {
    state = IdleState(state.word() + IdleState::AnnounceDelta(m, true));
    EXPECT_EQ(state.searching(), kMembers - m - 1);
    EXPECT_EQ(state.wakes(), kMembers);
  }
  for (std::uint32_t m = 0; m < kMembers; ++m) state = state.Retracted(m);
  EXPECT_EQ(state.word(), 2 * kMembers * IdleState::kWake);
}

TEST(IdleState, TheCountOfWakesWrapsAlone) {
  IdleState state(~IdleState::Word{0} << 40);
  state = IdleState(state.word() + IdleState::AnnounceDelta(31, false));
  state = state.Claimed(31);
  EXPECT_EQ(state.wakes(), 0u);
  EXPECT_EQ(state.searching(), 1u);
  EXPECT_EQ(state.sleepers(), 0u);
}

// Known bugs W10, rayon c3a5304d: a predicate that is always true.
TEST(IdleState, W10EachPredicateIsTrueExactlyWhenItSays) {
  for (std::uint32_t sleepers = 0; sleepers < 8; ++sleepers) {
    for (std::uint32_t searching = 0; searching <= 3; ++searching) {
      const IdleState state(sleepers + searching * IdleState::kSearcher);
      EXPECT_EQ(state.needs_waking(), sleepers != 0 && searching == 0);
      EXPECT_EQ(state.all_asleep(3), sleepers == 7);
      EXPECT_EQ(state.may_search(3), searching < 2);
      for (std::uint32_t m = 0; m < 3; ++m) {
        EXPECT_EQ(state.asleep(m), ((sleepers >> m) & 1) != 0);
      }
    }
  }
}

}  // namespace
}  // namespace weft
