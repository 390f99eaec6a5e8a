#include "weft/base/perturb.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace weft {
namespace {

using base_internal::kPerturbEvery;
using base_internal::perturb_count;
using base_internal::PerturbChance;

TEST(Perturb, HappensSeldomAndIsCounted) {
  constexpr uint32_t kCalls = 1000 * kPerturbEvery;
  const uint64_t before = perturb_count.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < kCalls; ++i) base_internal::Perturb();
  const uint64_t times = perturb_count.load(std::memory_order_relaxed) - before;
  EXPECT_GT(times, 800u);
  EXPECT_LT(times, 1200u);
}

TEST(Perturb, EveryThreadHasItsOwnSequence) {
  const auto draw = [] {
    uint64_t bits = 0;
    for (int i = 0; i < 64; ++i) {
      bits = bits * 2 + base_internal::PerturbRandom().Below(2);
    }
    return bits;
  };
  uint64_t first = 0;
  uint64_t second = 0;
  std::thread a([&] { first = draw(); });
  a.join();
  std::thread b([&] { second = draw(); });
  b.join();
  EXPECT_NE(first, second);
}

TEST(Perturb, ChanceSaysYesOnceInAWhile) {
  int yes = 0;
  for (uint32_t i = 0; i < 1000 * kPerturbEvery; ++i) yes += PerturbChance();
  EXPECT_GT(yes, 800);
  EXPECT_LT(yes, 1200);
}

}  // namespace
}  // namespace weft
