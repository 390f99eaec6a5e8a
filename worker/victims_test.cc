// The suite that every VictimPolicy passes, and what is random about
// RandomVictims.

#include "weft/worker/victims.h"

#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "weft/worker/concepts.h"

namespace weft {
namespace {

static_assert(VictimPolicy<RandomVictims>);
static_assert(VictimPolicy<NextVictims>);

template <class Victims>
std::vector<std::uint32_t> Visits(Victims& victims) {
  std::vector<std::uint32_t> visits;
  EXPECT_FALSE(victims.ForEach([&](std::uint32_t victim) {
    visits.push_back(victim);
    return false;
  }));
  return visits;
}

template <class Victims>
class VictimConformance : public ::testing::Test {};
using Models = ::testing::Types<RandomVictims, NextVictims>;
TYPED_TEST_SUITE(VictimConformance, Models);

TYPED_TEST(VictimConformance, EverySiblingIsVisitedExactlyOnce) {
  for (std::uint32_t count = 1; count <= 33; ++count) {
    for (std::uint32_t self = 0; self < count; ++self) {
      TypeParam victims(self, count, /*seed=*/count * 100 + self);
      for (int search = 0; search < 10; ++search) {
        const std::vector<std::uint32_t> visits = Visits(victims);
        const std::set<std::uint32_t> once(visits.begin(), visits.end());
        ASSERT_EQ(visits.size(), count - 1) << count << " workers";
        ASSERT_EQ(once.size(), count - 1);
        ASSERT_EQ(once.count(self), 0u);
        for (const std::uint32_t victim : once) ASSERT_LT(victim, count);
      }
    }
  }
}

TYPED_TEST(VictimConformance, AnOnlyWorkerHasNoVictims) {
  TypeParam victims(0, 1, 7);
  EXPECT_TRUE(Visits(victims).empty());
}

TYPED_TEST(VictimConformance, StopsAtTheFirstSuccess) {
  TypeParam victims(2, 6, 7);
  for (int wanted = 1; wanted <= 5; ++wanted) {
    int visits = 0;
    EXPECT_TRUE(
        victims.ForEach([&](std::uint32_t) { return ++visits == wanted; }));
    EXPECT_EQ(visits, wanted);
  }
}

TYPED_TEST(VictimConformance, ManyWorkersAreVisitedOnceEach) {
  for (std::uint32_t count : {64u, 97u, 1024u}) {
    TypeParam victims(count / 2, count, 1);
    const std::vector<std::uint32_t> visits = Visits(victims);
    const std::set<std::uint32_t> once(visits.begin(), visits.end());
    EXPECT_EQ(visits.size(), count - 1);
    EXPECT_EQ(once.size(), count - 1);
  }
}

// Known bugs Q14, Kotlin #4052 and Tokio #8078: a seed of zero, or with a zero
// half, must not give the same victim for ever.
TEST(RandomVictims, Q14EverySeedReachesEveryVictimFirst) {
  for (const std::uint64_t seed :
       {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32,
        std::uint64_t{0xFFFF'FFFF}, std::uint64_t{0xFFFF'FFFF} << 32,
        std::uint64_t{0x9E37'79B9'7F4A'7C15}, ~std::uint64_t{0}}) {
    for (std::uint32_t count : {2u, 3u, 8u, 12u}) {
      RandomVictims victims(0, count, seed);
      std::set<std::uint32_t> first;
      for (int search = 0; search < 500; ++search) {
        first.insert(Visits(victims).front());
      }
      EXPECT_EQ(first.size(), count - 1) << "seed " << seed;
    }
  }
}

TEST(RandomVictims, SearchersThatStartTogetherDoNotWalkTogether) {
  std::set<std::vector<std::uint32_t>> walks;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    RandomVictims victims(0, 16, seed);
    walks.insert(Visits(victims));
  }
  EXPECT_GE(walks.size(), 15u);
}

TEST(NextVictims, TheNextSiblingComesFirst) {
  NextVictims victims(2, 4, 0);
  EXPECT_EQ(Visits(victims), (std::vector<std::uint32_t>{3, 0, 1}));
}

}  // namespace
}  // namespace weft
