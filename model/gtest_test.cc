#include "weft/model/gtest.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "weft/model/atomic.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"

namespace weft::model {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

void Fails() {
  Atomic<int> x(0);
  Thread t([&] { x.store(1, kRelaxed); });
  Assert(x.load(kRelaxed) == 0, "x is 0");
  t.join();
}

TEST(GtestTest, Passes) {
  Check([] {
    Atomic<int> x(0);
    Thread t([&] { x.store(1, kRelaxed); });
    Assert(x.load(kRelaxed) <= 1);
    t.join();
  });
}

TEST(GtestTest, FailsWithTheReport) {
  EXPECT_NONFATAL_FAILURE(Check(Fails), "ASSERTION FAILED: x is 0");
  EXPECT_NONFATAL_FAILURE(Check(Fails), "replay: MODEL_REPLAY=g1.");
  EXPECT_NONFATAL_FAILURE(Check(Fails),
                          "--gtest_filter=GtestTest.FailsWithTheReport");
}

TEST(GtestTest, FailsAtALimit) {
  EXPECT_NONFATAL_FAILURE(Check([] { Choose(4); }, {.max_executions = 2}),
                          "NOT EXHAUSTIVE: about 50 % of about 4 executions");
  Check([] { Choose(4); }, {.max_executions = 2, .samples = true});
}

TEST(GtestTest, VerdictsArePrinted) {
  EXPECT_EQ(::testing::PrintToString(Verdict::kDataRace), "data race");
}

}  // namespace
}  // namespace weft::model
