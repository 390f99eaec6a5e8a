#include "weft/waker/budget.h"

#include "gtest/gtest.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

TEST(Budget, HasNoLimitOffAWorker) {
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(Budget::Spend());
  EXPECT_FALSE(Budget::Exhausted());
  Budget::Refund();
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), Budget::kUnlimited);
}

TEST(Budget, EndsAfterWhatWasGranted) {
  Budget::Exchange(3);
  EXPECT_TRUE(Budget::Spend());
  EXPECT_TRUE(Budget::Spend());
  EXPECT_FALSE(Budget::Exhausted());
  EXPECT_TRUE(Budget::Spend());
  EXPECT_TRUE(Budget::Exhausted());
  EXPECT_FALSE(Budget::Spend());
  EXPECT_FALSE(Budget::Spend());
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), 0);
}

// known-bugs L5: tokio #2549.
TEST(Budget, RefundGivesBackWhatSpendTook) {
  Budget::Exchange(1);
  EXPECT_TRUE(Budget::Spend());
  Budget::Refund();
  EXPECT_TRUE(Budget::Spend());
  EXPECT_FALSE(Budget::Spend());
  Budget::Exchange(Budget::kUnlimited);
}

TEST(Budget, IsOnePerThread) {
  Budget::Exchange(1);
  Thread([] {
    EXPECT_EQ(Budget::Exchange(5), Budget::kUnlimited);
    EXPECT_TRUE(Budget::Spend());
  }).join();
  EXPECT_EQ(Budget::Exchange(Budget::kUnlimited), 1);
}

}  // namespace
}  // namespace weft
