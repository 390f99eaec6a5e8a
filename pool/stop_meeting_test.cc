#include "weft/pool/stop_meeting.h"

#include <chrono>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/pool/testing/helpers.h"

namespace weft::pool_internal {
namespace {

using std::chrono::nanoseconds;

TEST(StopMeeting, OneWorkerPassesUntilNothingIsLeft) {
  StopMeeting meeting(1);
  StopMeeting::Member me;
  int passes = 0;
  meeting.Leave(me, [&] { return ++passes == 3; });
  EXPECT_EQ(passes, 3);
  EXPECT_EQ(meeting.StillThere(), 1u);
  EXPECT_TRUE(meeting.Exit());
  EXPECT_TRUE(meeting.WaitForEnd(std::nullopt));
  EXPECT_EQ(meeting.StillThere(), 0u);
}

TEST(StopMeeting, NobodyPassesBeforeAllAreThereAndNeverTwoAtOnce) {
  constexpr int kWorkers = 6;
  StopMeeting meeting(kWorkers);
  atomic<int> arrived{0};
  atomic<int> passing{0};
  atomic<int> passes{0};
  atomic<int> last{0};
  std::vector<Thread> threads;
  for (int i = 0; i < kWorkers; ++i) {
    threads.emplace_back([&] {
      StopMeeting::Member me;
      arrived.fetch_add(1);
      meeting.Leave(me, [&] {
        EXPECT_EQ(arrived.load(), kWorkers);
        EXPECT_EQ(passing.fetch_add(1), 0);
        YieldThread();
        passing.fetch_sub(1);
        return passes.fetch_add(1) == 9;
      });
      if (meeting.Exit()) last.fetch_add(1);
    });
  }
  EXPECT_TRUE(meeting.WaitForEnd(std::nullopt));
  for (Thread& thread : threads) thread.join();
  EXPECT_EQ(passes.load(), 10);
  EXPECT_EQ(last.load(), 1);
}

TEST(StopMeeting, AWorkerInsideIsThereButTheEndWaitsForItToLeave) {
  StopMeeting meeting(2);
  StopMeeting::Member me;
  testing::Event cancelled;
  testing::Event out;
  const auto pass = [&] {
    cancelled.Set();
    return true;
  };
  Thread inside([&] {
    StopMeeting::Member me;
    meeting.WaitInside(
        me, [&] { return cancelled.IsSet(); }, pass);
    // The other worker must not be over while we are in user code.
    SleepFor(std::chrono::milliseconds(5));
    out.Set();
    meeting.Leave(me, pass);
    meeting.Exit();
  });
  meeting.Leave(me, pass);
  EXPECT_TRUE(out.IsSet());
  meeting.Exit();
  inside.join();
}

TEST(StopMeeting, OneThatBlocksInItsPassLetsTheWaitingGoOn) {
  // The pass waits for a worker inside, which waits for the pass to have begun
  // (a destructor that joins a task which blocks on a cancelled one).
  StopMeeting meeting(2);
  StopMeeting::Member me;
  testing::Event arrived;
  testing::Event cancelled;
  testing::Event went_on;
  int passes = 0;
  Thread inside([&] {
    StopMeeting::Member me;
    meeting.WaitInside(
        me,
        [&] {
          arrived.Set();
          return cancelled.IsSet();
        },
        [] { return false; });
    went_on.Set();
    meeting.Leave(me, [] { return true; });
    meeting.Exit();
  });
  arrived.Wait();
  meeting.Leave(me, [&] {
    if (++passes == 1) {
      cancelled.Set();
      meeting.WaitInside(
          me, [&] { return went_on.IsSet(); }, [] { return false; });
    }
    return true;
  });
  meeting.Exit();
  inside.join();
  EXPECT_TRUE(went_on.IsSet());
}

TEST(StopMeeting, FewerWorkersThanPlannedAreEnough) {
  StopMeeting meeting(8);
  StopMeeting::Member me;
  meeting.Expect(1);
  meeting.Leave(me, [] { return true; });
  EXPECT_TRUE(meeting.Exit());
  EXPECT_TRUE(meeting.WaitForEnd(std::nullopt));
  meeting.Expect(0);
}

TEST(StopMeeting, NoWorkerAtAllIsTheEnd) {
  StopMeeting meeting(8);
  meeting.Expect(0);
  EXPECT_TRUE(meeting.WaitForEnd(std::nullopt));
}

// tokio #3196: a deadline of nothing does not wait. tokio #5710 in spirit: the
// longest deadline is not one in the past.
TEST(StopMeeting, DeadlinesOfNothingAndOfForever) {
  StopMeeting meeting(1);
  EXPECT_FALSE(meeting.WaitForEnd(nanoseconds::zero()));
  EXPECT_FALSE(meeting.WaitForEnd(nanoseconds(-5)));
  EXPECT_FALSE(meeting.WaitForEnd(nanoseconds::min()));
  Thread worker([&] {
    StopMeeting::Member me;
    SleepFor(std::chrono::milliseconds(5));
    meeting.Leave(me, [] { return true; });
    meeting.Exit();
  });
  EXPECT_TRUE(meeting.WaitForEnd(nanoseconds::max()));
  EXPECT_TRUE(meeting.WaitForEnd(nanoseconds::zero()));
  worker.join();
}

}  // namespace
}  // namespace weft::pool_internal
