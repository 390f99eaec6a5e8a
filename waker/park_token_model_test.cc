// ParkToken under the model checker: no wake is lost, each publishes, and the
// wakers outlive the token.

#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/waker/park_token.h"

namespace weft {
namespace {

TEST(ParkTokenModel, AParkSeesWhatCameBeforeTheWake) {
  ModelCheck([] {
    ParkToken token;
    Cell<int> payload(0);
    Thread waking([&, waker = token.GetWaker()]() mutable {
      payload.Set(1);
      std::move(waker).Wake();
    });
    token.Park();
    model::Assert(payload.Get() == 1);
    waking.join();
  });
}

// The second wake finds the token there; it publishes all the same (tokio
// #7622 is the skip).
TEST(ParkTokenModel, AWakeThatFindsTheTokenPublishesToo) {
  ModelCheck([] {
    ParkToken token;
    atomic<int> flag(0);
    Cell<int> payload(0);
    const Waker mine = token.GetWaker();
    mine.WakeByRef();
    Thread waking([&, waker = token.GetWaker()]() mutable {
      payload.Set(1);
      flag.store(1, std::memory_order_relaxed);
      std::move(waker).Wake();
    });
    while (flag.load(std::memory_order_relaxed) == 0) token.Park();
    waking.join();
    model::Assert(payload.Get() == 1);
  });
}

TEST(ParkTokenModel, TwoWakersAndTwoThingsToWaitFor) {
  ModelCheck([] {
    ParkToken token;
    atomic<int> flags[2] = {0, 0};
    Thread threads[2];
    for (int i = 0; i < 2; ++i) {
      threads[i] =
          Thread([&flag = flags[i], waker = token.GetWaker()]() mutable {
            flag.store(1, std::memory_order_relaxed);
            std::move(waker).Wake();
          });
    }
    for (auto& flag : flags) {
      while (flag.load(std::memory_order_relaxed) == 0) token.Park();
    }
    for (auto& thread : threads) thread.join();
  });
}

TEST(ParkTokenModel, TheTokenGoesWhileItsWakerIsUsed) {
  ModelCheck([] {
    Thread waking;
    {
      ParkToken token;
      waking = Thread([waker = token.GetWaker()]() mutable {
        waker.WakeByRef();
        std::move(waker).Wake();
      });
    }
    waking.join();
  });
}

// After ClearHook the hook does not run and will not.
TEST(ParkTokenModel, AHookThatIsClearedWhileAWakeComes) {
  ModelCheck([] {
    ParkToken token;
    Cell<int> calls(0);
    token.SetHook(
        [](void* arg) noexcept {
          static_cast<Cell<int>*>(arg)->WithMut([](int& n) { ++n; });
        },
        &calls);
    Thread waking(
        [waker = token.GetWaker()]() mutable { std::move(waker).Wake(); });
    token.ClearHook();
    model::Assert(calls.Get() <= 1);
    waking.join();
  });
}

}  // namespace
}  // namespace weft
