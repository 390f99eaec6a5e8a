#include "weft/waker/park_token.h"

#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"
#include "weft/waker/waker.h"

namespace weft {
namespace {

TEST(ParkToken, ReturnsAtOnceWhenWokenBefore) {
  ParkToken token;
  token.GetWaker().WakeByRef();
  token.Park();
  EXPECT_FALSE(token.Consume()) << "Park took the token";
}

TEST(ParkToken, CountsManyWakesAsOne) {
  ParkToken token;
  Waker waker = token.GetWaker();
  for (int i = 0; i < 3; ++i) waker.WakeByRef();
  waker.Clone().Wake();
  EXPECT_TRUE(token.Consume());
  EXPECT_FALSE(token.Consume());
}

TEST(ParkToken, HasNoTokenAtFirst) {
  ParkToken token;
  EXPECT_FALSE(token.Consume());
}

TEST(ParkToken, IsWokenByAnotherThread) {
  ParkToken token;
  int plain = 0;
  Thread other([&plain, waker = token.GetWaker()]() mutable {
    plain = 1;
    std::move(waker).Wake();
  });
  token.Park();
  EXPECT_EQ(plain, 1);
  other.join();
}

TEST(ParkToken, LeavesItsWakersHarmless) {
  std::optional<ParkToken> token(std::in_place);
  Waker waker = token->GetWaker();
  token.reset();
  waker.WakeByRef();
  Waker clone = waker.Clone();
  std::move(waker).Wake();
  EXPECT_TRUE(clone);
}

TEST(ParkToken, MakesWakersThatKnowOneAnother) {
  ParkToken one;
  ParkToken two;
  EXPECT_TRUE(one.GetWaker().WillWake(one.GetWaker()));
  EXPECT_FALSE(one.GetWaker().WillWake(two.GetWaker()));
}

TEST(ParkToken, CallsItsHookAfterTheTokenIsThere) {
  struct Owner {
    ParkToken token;
    int calls = 0;
    bool had_token = false;
  } owner;
  Waker waker = owner.token.GetWaker();
  owner.token.SetHook(
      [](void* arg) noexcept {
        auto* it = static_cast<Owner*>(arg);
        ++it->calls;
        it->had_token = it->token.Consume();
      },
      &owner);
  waker.WakeByRef();
  EXPECT_EQ(owner.calls, 1);
  EXPECT_TRUE(owner.had_token);
  waker.WakeByRef();
  EXPECT_EQ(owner.calls, 2);
  owner.token.ClearHook();
  waker.WakeByRef();
  EXPECT_EQ(owner.calls, 2);
  EXPECT_TRUE(owner.token.Consume());
}

// known-bugs T8: tokio #6148.
TEST(ParkToken, T8CanBeWokenFromADestructorOfAThreadLocal) {
  struct WakesAtExit {
    Waker waker;
    ~WakesAtExit() { std::move(waker).Wake(); }
  };
  ParkToken token;
  Thread other([waker = token.GetWaker()]() mutable {
    static thread_local WakesAtExit at_exit;
    at_exit.waker = std::move(waker);
  });
  token.Park();
  other.join();
}

}  // namespace
}  // namespace weft
