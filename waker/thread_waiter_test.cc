#include "weft/waker/thread_waiter.h"

#include <utility>

#include "gtest/gtest.h"
#include "weft/base/thread.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/waker.h"

namespace weft {
namespace {

TEST(ThreadWaiter, IsOnePerThread) {
  ThreadWaiter* mine = &ThreadWaiter::Current();
  EXPECT_EQ(mine, &ThreadWaiter::Current());
  Thread([mine] { EXPECT_NE(mine, &ThreadWaiter::Current()); }).join();
}

TEST(ThreadWaiter, ParksUntilItsWakerIsCalled) {
  ThreadWaiter& mine = ThreadWaiter::Current();
  mine.GetWaker().WakeByRef();
  mine.Park();
  int plain = 0;
  Thread other([&plain, waker = mine.GetWaker()]() mutable {
    plain = 1;
    std::move(waker).Wake();
  });
  mine.Park();
  EXPECT_EQ(plain, 1);
  other.join();
}

TEST(ThreadWaiter, LeavesItsWakersHarmlessWhenTheThreadEnds) {
  Waker waker;
  Thread([&waker] { waker = ThreadWaiter::Current().GetWaker(); }).join();
  waker.WakeByRef();
  std::move(waker).Wake();
}

class CountingWaiter final : public ThreadWaiter {
 public:
  Waker GetWaker() override { return NoopWaker(); }
  void Park() override { ++parks; }
  int parks = 0;
};

TEST(ThreadWaiter, GivesWayToOneThatAnExecutorInstalls) {
  ThreadWaiter* sleeping = &ThreadWaiter::Current();
  CountingWaiter outer;
  CountingWaiter inner;
  EXPECT_EQ(ThreadWaiter::ExchangeCurrent(&outer), nullptr);
  EXPECT_EQ(&ThreadWaiter::Current(), &outer);
  EXPECT_EQ(ThreadWaiter::ExchangeCurrent(&inner), &outer);
  ThreadWaiter::Current().Park();
  EXPECT_EQ(inner.parks, 1);
  EXPECT_EQ(ThreadWaiter::ExchangeCurrent(&outer), &inner);
  EXPECT_EQ(ThreadWaiter::ExchangeCurrent(nullptr), &outer);
  EXPECT_EQ(&ThreadWaiter::Current(), sleeping);
}

// The waiter of a thread must outlast its thread-local objects, whose
// destructors may wait for something (known-bugs T8).
TEST(ThreadWaiter, T8CanBeUsedByDestructorsOfThreadLocals) {
  struct WaitsAtExit {
    bool used = false;
    ~WaitsAtExit() {
      ThreadWaiter& waiter = ThreadWaiter::Current();
      waiter.GetWaker().WakeByRef();
      waiter.Park();
    }
  };
  Thread([] {
    static thread_local WaitsAtExit before;
    before.used = true;
    (void)ThreadWaiter::Current();
    static thread_local WaitsAtExit after;
    after.used = true;
  }).join();
  Thread([] {
    static thread_local WaitsAtExit makes_it_at_exit;
    makes_it_at_exit.used = true;
  }).join();
}

}  // namespace
}  // namespace weft
