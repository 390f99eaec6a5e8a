#include <cstdint>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/waker/park_token.h"
#include "weft/waker/test_race.h"

namespace weft {
namespace {

// The owner parks until it sees the flag of each round; a lost token would hang
// it, and so would a wake that finds the token there and is not seen.
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

// One wake per round, and nothing else that orders the two threads between it
// and the reading of the payload.
TEST(ParkTokenStress, WhatWasDoneBeforeTheWakeIsVisibleAfterThePark) {
  const std::uint64_t seed = TestSeed();
  ParkToken token;
  Waker waker = token.GetWaker();
  std::uint64_t payload = 0;
  Race(
      StressIterations(100'000), seed, [](std::uint64_t) {},
      [&](std::uint64_t round, XorShift64& random) {
        if (random.Below(2) == 0) {
          token.Park();
        } else {
          while (!token.Consume()) YieldThread();
        }
        ASSERT_EQ(payload, round + 1);
      },
      [&](std::uint64_t round, XorShift64&) {
        payload = round + 1;
        waker.WakeByRef();
      },
      [](std::uint64_t) {});
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
