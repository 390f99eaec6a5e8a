#include "weft/task/yield.h"

#include <string>

#include "gtest/gtest.h"
#include "weft/task/task.h"
#include "weft/task/testing/manual_scheduler.h"
#include "weft/waker/test_coroutine.h"

namespace weft {
namespace {

using task_testing::ManualScheduler;

Task<> Say(char letter, std::string* said) {
  for (int i = 0; i < 3; ++i) {
    *said += letter;
    co_await YieldNow();
  }
}

TEST(YieldNow, LetsTheOthersRunFirst) {
  ManualScheduler scheduler;
  std::string said;
  for (const char letter : {'a', 'b', 'c'}) {
    scheduler.SpawnDetached(Say(letter, &said));
  }
  scheduler.RunAll();
  EXPECT_EQ(said, "abcabcabc");
}

TEST(YieldNow, GoesToTheBackAndWakesNobody) {
  // W18 Go#13527: a yield in a loop woke idle workers for nothing.
  ManualScheduler scheduler;
  std::string said;
  scheduler.SpawnDetached(Say('a', &said));
  EXPECT_EQ(scheduler.RunAll(), 4u);
  EXPECT_EQ(scheduler.yields(), 3);
  EXPECT_EQ(scheduler.schedules(), 0);
}

TEST(YieldNow, AsAFutureYieldsOnce) {
  ManualScheduler scheduler;
  scheduler.SpawnDetached(YieldNow());
  EXPECT_EQ(scheduler.RunAll(), 2u);
  EXPECT_EQ(scheduler.yields(), 1);
}

TEST(YieldNow, ByAChildSuspendsTheWholeTask) {
  ManualScheduler scheduler;
  std::string said;
  const auto parent = [](std::string* said) -> Task<> {
    co_await Say('p', said);
    *said += '.';
  };
  scheduler.SpawnDetached(parent(&said));
  scheduler.SpawnDetached(Say('q', &said));
  scheduler.RunAll();
  EXPECT_EQ(said, "pqpqpq.");
}

TEST(YieldNow, AnExecutorThatDoesNotKnowItGoesOn) {
  bool done = false;
  const auto foreign = [](bool* done) -> ForeignTask {
    co_await YieldNow();
    *done = true;
  };
  ForeignTask task = foreign(&done);
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace weft
