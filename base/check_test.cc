#include "weft/base/check.h"

#include "gtest/gtest.h"

namespace weft {
namespace {

constexpr int Half(int n) {
  Check(n % 2 == 0, "n must be even");
  return n / 2;
}

TEST(Check, CostsNothingToPass) {
  static_assert(Half(8) == 4, "a passing check is a constant expression");
  Check(true);
  DCheck(true);
}

using CheckDeathTest = testing::Test;

TEST(CheckDeathTest, SaysWhereAndWhat) {
  EXPECT_DEATH(Check(false, "the sky is green"),
               "check_test.cc:[0-9]+: .*check failed: the sky is green");
}

TEST(CheckDeathTest, BlamesTheCallerOfTheFunctionThatChecks) {
  EXPECT_DEATH(Half(3), "Half.*n must be even");
}

TEST(CheckDeathTest, DCheckAbortsOnlyWithoutNdebug) {
  if constexpr (kDCheckEnabled) {
    EXPECT_DEATH(DCheck(false, "debug only"), "debug only");
  } else {
    DCheck(false, "debug only");
  }
}

TEST(CheckDeathTest, UnreachableAborts) {
  EXPECT_DEATH(Unreachable(), "unreachable code was reached");
  EXPECT_DEATH(Unreachable("no such state"), "no such state");
}

}  // namespace
}  // namespace weft
