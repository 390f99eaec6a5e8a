// The interleaving oracle: programs whose runs one can count by hand.

#include "weft/model/oracle/blocking.h"

#include "gtest/gtest.h"
#include "weft/model/oracle/random_blocking.h"

namespace weft::model::oracle {
namespace {

BlockingResult RunAll(std::string_view text) {
  return Interleave(ParseBlockingProgram(text));
}

TEST(Blocking, WithoutLocksAllInterleavingsHappen) {
  const BlockingResult result = RunAll(R"(x.store(1); a = y.load()
                                       y.store(1); b = x.load())");
  EXPECT_EQ(result.outcomes, (OutcomeSet{"a=0 b=1", "a=1 b=0", "a=1 b=1"}));
  EXPECT_TRUE(result.deadlocks.empty());
  // 1 + 2 + 3 after no, one and two steps, 4 after three (who has one left, and
  // what the other one read), and the 3 outcomes.
  EXPECT_EQ(result.states, 13u);
}

TEST(Blocking, ALockKeepsOthersOut) {
  EXPECT_EQ(RunAll(R"(a = x.load(); x.store(1)
                      b = x.load(); x.store(1))")
                .outcomes,
            (OutcomeSet{"a=0 b=0", "a=0 b=1", "a=1 b=0"}));
  EXPECT_EQ(RunAll(R"(m.lock(); a = x.load(); x.store(1); m.unlock()
                      m.lock(); b = x.load(); x.store(1); m.unlock())")
                .outcomes,
            (OutcomeSet{"a=0 b=1", "a=1 b=0"}));
  // Another lock does not.
  EXPECT_EQ(RunAll(R"(m.lock(); a = x.load(); x.store(1); m.unlock()
                      n.lock(); b = x.load(); x.store(1); n.unlock())")
                .outcomes,
            (OutcomeSet{"a=0 b=0", "a=0 b=1", "a=1 b=0"}));
}

TEST(Blocking, TwoLocksInTwoOrdersDeadlock) {
  const BlockingResult result =
      RunAll(R"(m.lock(); n.lock(); n.unlock(); m.unlock()
             n.lock(); m.lock(); m.unlock(); n.unlock())");
  EXPECT_EQ(result.outcomes, OutcomeSet{""});
  EXPECT_EQ(result.deadlocks, OutcomeSet{" | 0: n.lock() | 1: m.lock()"});
  EXPECT_TRUE(RunAll(R"(m.lock(); n.lock(); n.unlock(); m.unlock()
                     m.lock(); n.lock(); m.unlock(); n.unlock())")
                  .deadlocks.empty());
}

TEST(Blocking, ANotificationBeforeTheWaitIsLost) {
  const BlockingResult bare = RunAll(R"(m.lock(); c.wait(m); m.unlock()
                                     c.notify_one())");
  EXPECT_EQ(bare.outcomes, OutcomeSet{""});
  EXPECT_EQ(bare.deadlocks, OutcomeSet{" | 0: c.wait(m)"});
  // With a condition that is changed under the lock it is not.
  const BlockingResult sound = RunAll(R"(m.lock(); c.wait(m, x); m.unlock()
                                      m.lock(); x.store(1); m.unlock(); c.notify_one())");
  EXPECT_EQ(sound.outcomes, OutcomeSet{""});
  EXPECT_TRUE(sound.deadlocks.empty());
  // Changed without the lock: between the look and the wait.
  EXPECT_FALSE(RunAll(R"(m.lock(); c.wait(m, x); m.unlock()
                      x.store(1); c.notify_one())")
                   .deadlocks.empty());
}

TEST(Blocking, NotifyOneWakesAnyWaiterAndOnlyOne) {
  // 2 waits for 1 notification: each may be the one who gets it.
  EXPECT_EQ(RunAll(R"(m.lock(); y.store(1); c.wait(m); m.unlock()
                   m.lock(); c.wait(m); m.unlock()
                   c.notify_one())")
                .deadlocks,
            (OutcomeSet{" | 0: c.wait(m)", " | 0: c.wait(m) | 1: c.wait(m)",
                        " | 1: c.wait(m)"}));
  // All of those who wait, not those who come later.
  EXPECT_EQ(RunAll(R"(m.lock(); c.wait(m); m.unlock()
                   m.lock(); c.wait(m); m.unlock()
                   c.notify_all())")
                .outcomes,
            OutcomeSet{""});
}

TEST(Blocking, AWokenWaiterNeedsTheLockAgain) {
  const BlockingResult result =
      RunAll(R"(m.lock(); c.wait(m); x.store(1); m.unlock()
             m.lock(); c.notify_all(); a = x.load(); m.unlock())");
  EXPECT_EQ(result.outcomes, OutcomeSet{"a=0"});
  EXPECT_EQ(result.deadlocks, OutcomeSet{"a=0 | 0: c.wait(m)"});
}

TEST(Blocking, ATokenIsKeptButNotCounted) {
  EXPECT_TRUE(RunAll(R"(park()
                     unpark(0))")
                  .deadlocks.empty());
  // Both may come before the first park() and be one.
  const BlockingResult twice = RunAll(R"(park(); park()
                                      unpark(0); unpark(0))");
  EXPECT_EQ(twice.outcomes, OutcomeSet{""});
  EXPECT_EQ(twice.deadlocks, OutcomeSet{" | 0: park()"});
}

TEST(Blocking, ParkingForAConditionLosesNoWake) {
  EXPECT_TRUE(RunAll(R"(park(x)
                     x.store(1); unpark(0))")
                  .deadlocks.empty());
  EXPECT_FALSE(RunAll(R"(park(x)
                      unpark(0); x.store(1))")
                   .deadlocks.empty());
}

// The idle protocol: look again after saying that one sleeps, or sleep through
// it (model-checker literature: "lost wake-up").
TEST(Blocking, SleepingWithoutLookingAgainLosesAWake) {
  EXPECT_TRUE(RunAll(R"(s.store(1); a = x.load(); if (a == 0) park()
                     x.store(1); b = s.load(); if (b == 1) unpark(0))")
                  .deadlocks.empty());
  EXPECT_FALSE(RunAll(R"(a = x.load(); s.store(1); if (a == 0) park()
                      x.store(1); b = s.load(); if (b == 1) unpark(0))")
                   .deadlocks.empty());
}

TEST(Blocking, ReadersShareALockAndAWriterDoesNot) {
  const BlockingResult shared =
      RunAll(R"(s.lock_shared(); x.store(1); y.spin(0); s.unlock_shared()
                s.lock_shared(); y.store(1); x.spin(0); s.unlock_shared())");
  EXPECT_TRUE(shared.deadlocks.empty());
  EXPECT_EQ(RunAll(R"(s.lock(); x.store(1); y.spin(0); s.unlock()
                      s.lock_shared(); y.store(1); x.spin(0); s.unlock_shared())")
                .deadlocks,
            (OutcomeSet{" | 0: s.lock() | 1: x.spin(0)",
                        " | 0: y.spin(0) | 1: s.lock_shared()"}));
}

TEST(Blocking, TryLockFailsExactlyIfTheLockIsTaken) {
  EXPECT_EQ(
      RunAll(R"(a = m.try_lock(); if (a == 1) x.store(1); if (a == 1) m.unlock()
                m.lock(); b = x.load(); m.unlock())")
          .outcomes,
      (OutcomeSet{"a=0 b=0", "a=1 b=0", "a=1 b=1"}));
}

TEST(Blocking, AFutexSleepsOnlyIfTheWordIsAsExpected) {
  EXPECT_TRUE(RunAll(R"(x.futex_wait(0)
                        x.store(1); x.futex_wake(1))")
                  .deadlocks.empty());
  EXPECT_EQ(RunAll(R"(x.futex_wait(0)
                      x.futex_wake(1); x.store(1))")
                .deadlocks,
            OutcomeSet{" | 0: x.futex_wait(0)"});
  // It returns when it is woken, whatever the word holds then.
  EXPECT_EQ(RunAll(R"(x.futex_wait(0); a = x.load()
                      x.futex_wake(1))")
                .outcomes,
            OutcomeSet{"a=0"});
}

TEST(Blocking, AFutexWakeWakesSoManyAtOnce) {
  constexpr std::string_view kTwo = R"(x.futex_wait(0); a = y.add(1)
                                       x.futex_wait(0); b = y.add(1)
                                       x.futex_wake(2))";
  EXPECT_EQ(RunAll(kTwo).outcomes, (OutcomeSet{"a=0 b=1", "a=1 b=0"}));
  // The first to wake sleeps again; the wake is over by then.
  EXPECT_FALSE(RunAll(R"(x.futex_wait(0); x.futex_wait(0); b = y.load()
                         x.futex_wait(0); y.store(1)
                         x.futex_wake(2))")
                   .outcomes.size() != 0);
}

TEST(Blocking, AnAtomicWaitLooksAgain) {
  EXPECT_EQ(RunAll(R"(x.wait_while(0); a = x.load()
                      x.wake_one(); x.store(1); x.wake_all())")
                .outcomes,
            OutcomeSet{"a=1"});
  EXPECT_FALSE(RunAll(R"(x.wait_while(0)
                         x.store(1); x.store(0); x.wake_all())")
                   .deadlocks.empty());
}

TEST(Blocking, AWaitWithATimeNeverDeadlocks) {
  const BlockingResult wait =
      RunAll(R"(m.lock(); a = c.wait_for(m); b = x.load(); m.unlock()
                m.lock(); x.store(1); c.notify_one(); m.unlock())");
  EXPECT_TRUE(wait.deadlocks.empty());
  // Timed out before, or woken, or timed out after the other had notified
  // nobody.
  EXPECT_EQ(wait.outcomes, (OutcomeSet{"a=0 b=0", "a=0 b=1", "a=1 b=1"}));
  EXPECT_EQ(RunAll(R"(a = park_for(); park()
                      unpark(0))")
                .outcomes,
            OutcomeSet{"a=0"});
  // A token that is there is taken.
  EXPECT_EQ(RunAll("unpark(0); a = park_for()").outcomes, OutcomeSet{"a=1"});
}

TEST(Blocking, WakesForNoReasonComeOnceWhereTheyAreAllowed) {
  const BlockingProgram program = ParseBlockingProgram(
      "m.lock(); c.wait(m); m.unlock(); x.futex_wait(0); park()");
  EXPECT_EQ(Interleave(program).deadlocks, OutcomeSet{" | 0: c.wait(m)"});
  EXPECT_EQ(
      Interleave(program, {.spurious_wakeups = true}).deadlocks,
      (OutcomeSet{" | 0: c.wait(m)", " | 0: x.futex_wait(0)", " | 0: park()"}));
  const BlockingProgram twice =
      ParseBlockingProgram("x.futex_wait(0); x.futex_wait(0)");
  EXPECT_TRUE(Interleave(twice, {.spurious_wakeups = true}).outcomes.empty());
}

TEST(RandomBlocking, ProgramsAreWellFormedAndShowSomething) {
  for (const BlockOn block_on :
       {BlockOn::kMutex, BlockOn::kCondition, BlockOn::kPark, BlockOn::kFutex,
        BlockOn::kTimed, BlockOn::kEverything}) {
    int deadlocking = 0;
    int ending = 0;
    for (uint64_t seed = 0; seed < 300; ++seed) {
      const BlockingProgram program = RandomBlockingProgram(seed, block_on);
      ASSERT_TRUE(IsWellFormed(program)) << ToString(program);
      const BlockingResult result = Interleave(program);
      deadlocking += result.deadlocks.empty() ? 0 : 1;
      ending += result.outcomes.empty() ? 0 : 1;
    }
    EXPECT_GT(deadlocking, 2);
    EXPECT_GT(ending, 250);
  }
}

}  // namespace
}  // namespace weft::model::oracle
