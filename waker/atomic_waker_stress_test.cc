#include <cstdint>
#include <memory>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/waker/atomic_waker.h"
#include "weft/waker/test_race.h"
#include "weft/waker/test_waker.h"

namespace weft {
namespace {

// The two targets take turns, so that registering replaces wakers.
struct Round {
  AtomicWaker slot;
  // Relaxed on both sides: the slot must order them.
  atomic<int> flag{0};
  // Written before the wake, and read after it without more ado.
  int payload = 0;
};

TEST(AtomicWakerStress, NoWakeIsLostBetweenRegisterAndWake) {
  const std::uint64_t seed = TestSeed();
  TestWaker targets[2];
  Waker wakers[2] = {targets[0].Make(), targets[1].Make()};
  std::unique_ptr<Round> round;
  int wakes_before[2];
  bool pending = false;
  int last = 0;
  Race(
      StressIterations(300'000), seed,
      [&](std::uint64_t) {
        round = std::make_unique<Round>();
        for (int i : {0, 1}) wakes_before[i] = targets[i].wakes();
      },
      [&](std::uint64_t, XorShift64& random) {
        // The consumer polls with one waker and the other in turn, so often
        // that the wake falls into the middle of a registration now and then.
        pending = true;
        for (int polls = 1 + random.Below(64); pending && polls > 0; --polls) {
          last = 1 - last;
          round->slot.Register(wakers[last]);
          pending = round->flag.load(std::memory_order_relaxed) == 0;
        }
        if (targets[last].wakes() > wakes_before[last]) {
          EXPECT_EQ(round->payload, 1);
        }
      },
      [&](std::uint64_t, XorShift64&) {
        round->payload = 1;
        round->flag.store(1, std::memory_order_relaxed);
        round->slot.Wake();
      },
      [&](std::uint64_t) {
        if (pending) {
          ASSERT_GT(targets[last].wakes(), wakes_before[last]);
        }
        round = nullptr;
        ASSERT_EQ(targets[0].alive(), 1);
        ASSERT_EQ(targets[1].alive(), 1);
      });
}

// A wake that comes while another one holds the slot leaves its work to that
// one; the registration after both must still see its flag or be woken.
TEST(AtomicWakerStress, NoWakeIsLostThatMeetsAnotherWake) {
  const std::uint64_t seed = TestSeed();
  TestWaker target;
  Waker waker = target.Make();
  AtomicWaker slot;
  int flags_seen = 0;
  atomic<int> flag{0};
  int wakes_before = 0;
  Race(
      StressIterations(300'000), seed,
      [&](std::uint64_t round) {
        flag.store(0, std::memory_order_relaxed);
        if (round % 2 == 0) slot.Register(waker);
        wakes_before = target.wakes();
      },
      [&](std::uint64_t, XorShift64&) {
        slot.Wake();
        slot.Register(waker);
        flags_seen = flag.load(std::memory_order_relaxed);
      },
      [&](std::uint64_t, XorShift64&) {
        flag.store(1, std::memory_order_relaxed);
        slot.Wake();
      },
      [&](std::uint64_t) {
        ASSERT_TRUE(flags_seen != 0 || target.wakes() > wakes_before);
        (void)slot.Take();
        ASSERT_EQ(target.alive(), 1);
      });
}

}  // namespace
}  // namespace weft
