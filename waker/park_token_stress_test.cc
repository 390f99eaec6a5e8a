#include <cstdint>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/waker/park_token.h"
#include "weft/waker/test_race.h"

namespace weft {
namespace {

// The owner parks until it sees the flag of each round; a lost token would hang
// it. Every wake publishes, also one that finds the token there: `plain` is
// read without further synchronisation.
TEST(ParkTokenStress, EveryWakeIsSeenByThePark) {
  const std::uint64_t seed = TestSeed();
  ParkToken token;
  Waker waker = token.GetWaker();
  atomic<std::uint64_t> flag{0};
  Race(
      StressIterations(100'000), seed, [](std::uint64_t) {},
      [&](std::uint64_t round, XorShift64& random) {
        while (flag.load(std::memory_order_relaxed) != round + 1) {
          if (random.Below(4) == 0) {
            token.Consume();
          } else {
            token.Park();
          }
        }
      },
      [&](std::uint64_t round, XorShift64& random) {
        // A wake too many: the one after it may find the token there.
        if (random.Below(2) == 0) waker.WakeByRef();
        RaceDelay(random);
        flag.store(round + 1, std::memory_order_relaxed);
        waker.WakeByRef();
      },
      [](std::uint64_t) {});
}

TEST(ParkTokenStress, APayloadBehindAPresentTokenIsVisible) {
  const std::uint64_t seed = TestSeed();
  ParkToken token;
  Waker waker = token.GetWaker();
  std::uint64_t mine = 0;
  std::uint64_t others = 0;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t) {
        mine = others = 0;
        // The token is there before both wakes: each must publish all the same.
        waker.WakeByRef();
      },
      [&](std::uint64_t round, XorShift64&) {
        mine = round + 1;
        waker.WakeByRef();
      },
      [&](std::uint64_t round, XorShift64&) {
        others = round + 1;
        waker.WakeByRef();
      },
      [&](std::uint64_t round) {
        token.Park();
        ASSERT_EQ(mine + others, 2 * (round + 1));
        ASSERT_FALSE(token.Consume());
      });
}

TEST(ParkTokenStress, TheOwnerMayGoWhileItsWakersAreUsed) {
  const std::uint64_t seed = TestSeed();
  std::optional<ParkToken> token;
  Waker waker;
  Race(
      StressIterations(100'000), seed,
      [&](std::uint64_t) {
        token.emplace();
        waker = token->GetWaker();
      },
      [&](std::uint64_t, XorShift64& random) {
        if (random.Below(2) == 0) token->Park();
        token.reset();
      },
      [&](std::uint64_t, XorShift64& random) {
        RaceDelay(random);
        waker.Clone().Wake();
        std::move(waker).Wake();
      },
      [](std::uint64_t) {});
}

// What a worker does: it sleeps elsewhere and is told by the hook.
TEST(ParkTokenStress, NoWakeIsLostBetweenSetHookAndConsume) {
  const std::uint64_t seed = TestSeed();
  ParkToken token;
  ParkToken elsewhere;
  Waker waker = token.GetWaker();
  Waker wakes_elsewhere = elsewhere.GetWaker();
  Race(
      StressIterations(50'000), seed, [](std::uint64_t) {},
      [&](std::uint64_t, XorShift64&) {
        token.SetHook(
            [](void* arg) noexcept { static_cast<Waker*>(arg)->WakeByRef(); },
            &wakes_elsewhere);
        while (!token.Consume()) elsewhere.Park();
        token.ClearHook();
      },
      [&](std::uint64_t, XorShift64&) { waker.WakeByRef(); },
      [](std::uint64_t) {});
}

}  // namespace
}  // namespace weft
