#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "weft/tools/compare/ports/common/callback_oneshot.h"
#include "weft/tools/compare/ports/common/countdown.h"
#include "weft/tools/compare/ports/common/port.h"

namespace weft::compare {
namespace {

TEST(ExpectedTest, CountsOperationsAndResults) {
  EXPECT_EQ(Expected("chained_spawn", 7).operations, 7);
  EXPECT_EQ(Expected("yield_many", 7).operations, 1400);
  // fib(4) calls fib of 3, 2, 2, 1, 1, 1, 0, 0 beside itself.
  EXPECT_EQ(Expected("fib", 4).operations, 9);
  EXPECT_EQ(Expected("fib", 4).result, 3);
  EXPECT_EQ(Expected("skynet", 100).result, 4950);
  EXPECT_EQ(Expected("mutex", 3).result, 300);
}

TEST(RecorderTest, TimesAnIterationUnlessItHasSamplesOfItsOwn) {
  Recorder recorder;
  recorder.BeginIteration();
  recorder.EndIteration(10);
  ASSERT_EQ(recorder.samples().size(), 1u);
  EXPECT_GE(recorder.samples()[0], 0);
  recorder.BeginIteration();
  recorder.Add(3);
  recorder.Add(4);
  recorder.EndIteration(10);
  EXPECT_EQ(recorder.samples().size(), 3u);
  recorder.Forget();
  EXPECT_TRUE(recorder.samples().empty());
}

TEST(ResidentBytesTest, GrowsWithTouchedMemory) {
  const std::int64_t before = ResidentBytes();
  std::vector<char> memory(64 << 20, 'x');
  EXPECT_GE(ResidentBytes() - before, 60 << 20);
  EXPECT_EQ(memory.back(), 'x');
}

TEST(CountdownTest, WaitsForTheLastAndCanBeUsedAgain) {
  Countdown countdown;
  for (int round = 0; round < 3; ++round) {
    countdown.Reset(2);
    std::thread other([&] {
      countdown.Done();
      countdown.Done();
    });
    EXPECT_EQ(countdown.Wait(), 0);
    other.join();
  }
}

// Runs what is submitted only when asked.
struct LaterScheduler {
  void Submit(std::function<void()> task) { tasks->push_back(task); }
  std::vector<std::function<void()>>* tasks;
};

TEST(CallbackOneshotTest, GoesOnAtOnceIfTheValueIsThere) {
  std::vector<std::function<void()>> tasks;
  int received = 0;
  auto* channel =
      new CallbackOneshot<LaterScheduler, std::function<void(int)>>({&tasks});
  channel->Send(5);
  channel->Receive([&](int value) { received = value; });
  EXPECT_EQ(received, 5);
  EXPECT_TRUE(tasks.empty());
}

TEST(CallbackOneshotTest, GoesOnAsATaskOfTheSender) {
  std::vector<std::function<void()>> tasks;
  int received = 0;
  auto* channel =
      new CallbackOneshot<LaterScheduler, std::function<void(int)>>({&tasks});
  channel->Receive([&](int value) { received = value; });
  channel->Send(5);
  EXPECT_EQ(received, 0);
  ASSERT_EQ(tasks.size(), 1u);
  tasks[0]();
  EXPECT_EQ(received, 5);
}

}  // namespace
}  // namespace weft::compare
