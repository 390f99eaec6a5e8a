#include "weft/queue/fork_deque.h"

#include <array>
#include <cstddef>

#include "gtest/gtest.h"

namespace weft {
namespace {

using Deque = ForkDeque<int, 4>;

class ForkDequeTest : public ::testing::Test {
 protected:
  int* Steal() {
    bool lost = false;
    int* const item = deque_.thief().Steal(lost);
    EXPECT_FALSE(lost);
    return item;
  }

  Deque deque_;
  Deque::Owner owner_ = deque_.owner();
  std::array<int, 8> items_ = {};
};

TEST_F(ForkDequeTest, TheOwnerTakesBackInTheOppositeOrder) {
  EXPECT_EQ(owner_.Push(&items_[0]), ForkPush::kFirst);
  EXPECT_EQ(owner_.Push(&items_[1]), ForkPush::kPushed);
  EXPECT_TRUE(owner_.TakeBack(&items_[1]));
  EXPECT_TRUE(owner_.TakeBack(&items_[0]));
  EXPECT_FALSE(owner_.TakeBack(&items_[0]));
  EXPECT_TRUE(deque_.thief().Empty());
}

TEST_F(ForkDequeTest, AThiefTakesTheOldest) {
  EXPECT_EQ(Steal(), nullptr);
  (void)owner_.Push(&items_[0]);
  (void)owner_.Push(&items_[1]);
  EXPECT_EQ(Steal(), &items_[0]);
  EXPECT_TRUE(owner_.TakeBack(&items_[1]));
  EXPECT_FALSE(owner_.TakeBack(&items_[0]));
  EXPECT_EQ(Steal(), nullptr);
}

TEST_F(ForkDequeTest, FullSaysSoUntilSomethingIsTaken) {
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NE(owner_.Push(&items_[i]), ForkPush::kFull);
  }
  EXPECT_EQ(owner_.Push(&items_[4]), ForkPush::kFull);
  EXPECT_EQ(Steal(), &items_[0]);
  EXPECT_EQ(owner_.Push(&items_[4]), ForkPush::kPushed);
  EXPECT_EQ(owner_.Push(&items_[5]), ForkPush::kFull);
  EXPECT_TRUE(owner_.TakeBack(&items_[4]));
}

TEST_F(ForkDequeTest, AnotherOneOnTopIsLeftThere) {
  (void)owner_.Push(&items_[0]);
  EXPECT_FALSE(owner_.TakeBack(&items_[1]));
  EXPECT_TRUE(owner_.TakeBack(&items_[0]));
}

}  // namespace
}  // namespace weft
