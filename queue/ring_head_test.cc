#include "weft/queue/ring_head.h"

#include <cstdint>
#include <limits>

#include "gtest/gtest.h"

namespace weft::queue_internal {
namespace {

using Narrow = RingHead<uint8_t>;

TEST(RingHead, PackAndUnpackAreInversesForEveryWordOfTheNarrowHead) {
  for (uint32_t word = 0; word <= std::numeric_limits<uint16_t>::max();
       ++word) {
    const Narrow head = Narrow::Unpack(static_cast<uint16_t>(word));
    ASSERT_EQ(head.Pack(), word);
  }
}

TEST(RingHead, EveryWidthKeepsBothIndicesWhole) {
  EXPECT_EQ((RingHead<uint8_t>{0x12, 0xFE}.Pack()), 0x12FEu);
  EXPECT_EQ((RingHead<uint16_t>{0x1234, 0xFEDC}.Pack()), 0x1234FEDCu);
  EXPECT_EQ((RingHead<uint32_t>{0x12345678, 0xFEDCBA98}.Pack()),
            0x12345678FEDCBA98u);
  EXPECT_EQ(RingHead<uint32_t>::Unpack(0x12345678FEDCBA98u),
            (RingHead<uint32_t>{0x12345678, 0xFEDCBA98}));
}

TEST(RingHead, DistanceAndAdvanceAreInversesForEveryNarrowIndex) {
  for (uint32_t from = 0; from < 256; ++from) {
    for (uint32_t n = 0; n < 256; ++n) {
      const uint8_t index = static_cast<uint8_t>(from);
      ASSERT_EQ(Distance(index, Advance(index, n)), n);
    }
  }
}

TEST(RingHead, DistanceCountsAcrossTheWrap) {
  EXPECT_EQ(Distance<uint16_t>(65'535, 3), 4u);
  EXPECT_EQ(Distance<uint32_t>(0xFFFFFFFF, 3), 4u);
  EXPECT_EQ(Distance<uint32_t>(3, 3), 0u);
}

// The whole life of a head, from every start: a pop moves both indices unless a
// thief is at work, and the completion catches up with the pops meanwhile.
TEST(RingHead, TransitionsHoldAroundTheWrap) {
  for (uint32_t start = 0; start < 256; ++start) {
    const uint8_t index = static_cast<uint8_t>(start);
    const auto plus = [index](uint32_t n) { return Advance(index, n); };
    const Narrow idle = Narrow::At(index);
    ASSERT_FALSE(idle.busy());
    ASSERT_EQ(idle.AfterPop(), Narrow::At(plus(1)));
    const Narrow claimed = idle.AfterClaim(3);
    ASSERT_TRUE(claimed.busy());
    ASSERT_EQ(claimed, (Narrow{index, plus(3)}));
    const Narrow popped = claimed.AfterPop().AfterPop();
    ASSERT_EQ(popped, (Narrow{index, plus(5)}));
    ASSERT_EQ(popped.AfterCompletion(), Narrow::At(plus(5)));
  }
}

}  // namespace
}  // namespace weft::queue_internal
