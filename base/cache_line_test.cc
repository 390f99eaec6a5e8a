#include "weft/base/cache_line.h"

#include <array>
#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"

namespace weft {
namespace {

uintptr_t Address(const void* p) { return reinterpret_cast<uintptr_t>(p); }

TEST(CacheAligned, NeighboursInAnArrayShareNoRange) {
  std::array<CacheAligned<atomic<int>>, 4> counters{};
  for (std::size_t i = 0; i < counters.size(); ++i) {
    EXPECT_EQ(Address(&*counters[i]) % kFalseSharingRange, 0u);
    if (i > 0) {
      EXPECT_EQ(Address(&*counters[i]) - Address(&*counters[i - 1]),
                kFalseSharingRange);
    }
  }
}

TEST(CacheAligned, IsRoundedUpToWholeRanges) {
  struct Big {
    char bytes[kFalseSharingRange + 1];
  };
  static_assert(sizeof(CacheAligned<Big>) == 2 * kFalseSharingRange);
  static_assert(sizeof(CacheAligned<Big, kCacheLine>) == 3 * kCacheLine);
}

TEST(CacheAligned, HoldsWhatItIsGiven) {
  CacheAligned<atomic<int>> number{5};
  EXPECT_EQ(number->load(std::memory_order_relaxed), 5);
  CacheAligned<int> zero;
  EXPECT_EQ(*zero, 0);
  *zero = 3;
  const CacheAligned<int>& view = zero;
  EXPECT_EQ(*view, 3);
  struct Pair {
    int a;
    int b;
  };
  const CacheAligned<Pair> pair{{1, 2}};
  EXPECT_EQ(pair->a + pair->b, 3);
}

}  // namespace
}  // namespace weft
