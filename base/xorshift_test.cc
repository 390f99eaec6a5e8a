#include "weft/base/xorshift.h"

#include <array>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace weft {
namespace {

// Seeds that make naive generators stick: zero, an empty half, one bit, and the
// one seed that the spreading maps to zero.
constexpr std::array<uint64_t, 9> kHardSeeds = {
    0,
    1,
    0xFFFFFFFFu,
    0xFFFFFFFF00000000u,
    uint64_t{1} << 32,
    uint64_t{1} << 63,
    ~uint64_t{0},
    0x9E3779B97F4A7C15u,
    uint64_t{0} - 0x9E3779B97F4A7C15u,
};

TEST(XorShift64, NoSeedMakesItStick) {
  for (const uint64_t seed : kHardSeeds) {
    XorShift64 random(seed);
    std::set<uint64_t> seen;
    for (int i = 0; i < 1000; ++i) {
      const uint64_t number = random.Next();
      EXPECT_NE(number, 0u);
      seen.insert(number);
    }
    EXPECT_EQ(seen.size(), 1000u) << seed;
  }
}

TEST(XorShift64, EveryVictimIsChosenAboutEquallyOftenFromEverySeed) {
  for (const uint64_t seed : kHardSeeds) {
    for (const uint32_t victims : {1u, 2u, 3u, 5u, 8u, 64u}) {
      XorShift64 random(seed);
      std::vector<int> chosen(victims);
      const int draws = static_cast<int>(victims) * 1000;
      for (int i = 0; i < draws; ++i) ++chosen[random.Below(victims)];
      for (const int count : chosen) {
        EXPECT_GT(count, 800) << "seed " << seed << ", victims " << victims;
        EXPECT_LT(count, 1200) << "seed " << seed << ", victims " << victims;
      }
    }
  }
}

TEST(XorShift64, WorkersSeededWithTheirNumbersBeginWithDifferentVictims) {
  constexpr uint32_t kVictims = 64;
  std::array<int, kVictims> chosen{};
  for (uint64_t worker = 0; worker < kVictims; ++worker) {
    ++chosen[XorShift64(worker).Below(kVictims)];
  }
  // 64 balls in 64 bins: the fullest holds 7 or more once in a thousand times.
  for (const int count : chosen) EXPECT_LT(count, 7);
}

TEST(XorShift64, BelowStaysBelowAtTheEdges) {
  XorShift64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_EQ(random.Below(0), 0u);
    EXPECT_EQ(random.Below(1), 0u);
    EXPECT_LT(random.Below(0xFFFFFFFFu), 0xFFFFFFFFu);
    EXPECT_LT(random.Below(0x80000001u), 0x80000001u);
  }
}

TEST(XorShift64, BothHalvesOfANumberVary) {
  XorShift64 random;
  std::set<uint32_t> low;
  std::set<uint32_t> high;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t number = random.Next();
    low.insert(static_cast<uint32_t>(number));
    high.insert(static_cast<uint32_t>(number >> 32));
  }
  EXPECT_GT(low.size(), 990u);
  EXPECT_GT(high.size(), 990u);
}

TEST(XorShift64, TheSameSeedGivesTheSameNumbers) {
  XorShift64 a(42);
  XorShift64 b(42);
  XorShift64 c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t number = a.Next();
    EXPECT_EQ(number, b.Next());
    differs = differs || number != c.Next();
  }
  EXPECT_TRUE(differs);
}

static_assert(sizeof(XorShift64) == sizeof(uint64_t));

}  // namespace
}  // namespace weft
