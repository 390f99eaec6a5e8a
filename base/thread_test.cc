#include "weft/base/thread.h"

#include <pthread.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace weft {
namespace {

std::string ThisThreadName() {
  char buffer[16] = {};
  EXPECT_EQ(pthread_getname_np(pthread_self(), buffer, sizeof(buffer)), 0);
  return buffer;
}

TEST(Thread, RunsAFunctionWithItsArguments) {
  int sum = 0;
  Thread thread([&sum](int a, std::unique_ptr<int> b) { sum = a + *b; }, 1,
                std::make_unique<int>(2));
  EXPECT_TRUE(thread.joinable());
  thread.join();
  EXPECT_FALSE(thread.joinable());
  EXPECT_EQ(sum, 3);
}

TEST(Thread, IsMovable) {
  bool ran = false;
  Thread a([&] { ran = true; });
  Thread b = std::move(a);
  EXPECT_FALSE(a.joinable());
  a = std::move(b);
  a.join();
  EXPECT_TRUE(ran);
  EXPECT_EQ(a.get_id(), ThreadId());
}

TEST(Thread, KnowsItsIdentity) {
  ThreadId inside;
  Thread thread([&] { inside = ThisThreadId(); });
  const ThreadId outside = thread.get_id();
  thread.join();
  EXPECT_EQ(inside, outside);
  EXPECT_NE(inside, ThisThreadId());
}

TEST(SetThreadName, KeepsFifteenBytes) {
  Thread thread([] {
    SetThreadName("weft-worker-3");
    EXPECT_EQ(ThisThreadName(), "weft-worker-3");
    SetThreadName("a-name-that-is-much-too-long");
    EXPECT_EQ(ThisThreadName(), "a-name-that-is-");
    SetThreadName("");
    EXPECT_EQ(ThisThreadName(), "");
  });
  thread.join();
}

TEST(SleepFor, ReturnsAtOnceForNoTimeAtAll) {
  SleepFor(std::chrono::nanoseconds(0));
  SleepFor(std::chrono::seconds(-1));
  SleepFor(std::chrono::microseconds(1));
  YieldThread();
}

}  // namespace
}  // namespace weft
