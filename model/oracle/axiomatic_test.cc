// The axiomatic oracle against itself: by another way of enumerating, and by
// laws that hold of every program.

#include "weft/model/oracle/axiomatic.h"

#include <string>

#include "gtest/gtest.h"
#include "weft/model/oracle/random_program.h"

namespace weft::model::oracle {
namespace {

constexpr Flavour kFlavours[] = {Flavour::kStraight, Flavour::kFlow,
                                 Flavour::kCells, Flavour::kThreads,
                                 Flavour::kBlocking};

OutcomeSet Outcomes(std::string_view text, std::string_view finals = "") {
  return Judge(ParseProgram(text, finals)).outcomes;
}

// Trying every reads-from and every order, and asking only the axioms.
TEST(Axiomatic, PruningLosesNothing) {
  for (const Flavour flavour : kFlavours) {
    for (uint64_t seed = 0; seed < 80; ++seed) {
      const Program program = RandomProgram(seed, flavour);
      // Without pruning, each operation more takes many times longer.
      size_t size = 0;
      for (const auto& thread : program.threads) size += thread.size();
      if (size > (flavour == Flavour::kBlocking ? 8u : 9u)) continue;
      SCOPED_TRACE(ToString(program));
      const AxiomaticResult pruned = Judge(program);
      const AxiomaticResult all = Judge(program, {.prune = false});
      EXPECT_EQ(pruned.outcomes, all.outcomes);
      EXPECT_EQ(pruned.graphs, all.graphs);
      EXPECT_EQ(pruned.races, all.races);
      EXPECT_EQ(pruned.deadlocks, all.deadlocks);
      EXPECT_EQ(pruned.deadlocked_graphs, all.deadlocked_graphs);
    }
  }
}

/// The program with each order replaced by `strengthen` of it.
template <typename F>
Program WithOrders(Program program, F strengthen) {
  for (auto& thread : program.threads) {
    for (Op& op : thread) {
      op.order = strengthen(op.order);
      if (op.kind == Op::Kind::kCas) op.failure = strengthen(op.failure);
    }
  }
  return program;
}

// A stronger order never allows more; relaxed alone gives coherence and no
// more, seq_cst everywhere gives interleavings.
TEST(Axiomatic, StrongerOrdersAllowLess) {
  int strictly_less = 0;
  for (const Flavour flavour : kFlavours) {
    for (uint64_t seed = 0; seed < 120; ++seed) {
      const Program program = RandomProgram(seed, flavour);
      SCOPED_TRACE(ToString(program));
      const Program weakest =
          WithOrders(program, [](Order) { return Order::kRelaxed; });
      const Program strongest =
          WithOrders(program, [](Order) { return Order::kSeqCst; });
      const AxiomaticResult weak = Judge(weakest);
      const AxiomaticResult as_is = Judge(program);
      const AxiomaticResult strong = Judge(strongest);
      EXPECT_GE(weak.graphs, as_is.graphs);
      EXPECT_GE(as_is.graphs, strong.graphs);
      EXPECT_GT(strong.graphs + strong.deadlocked_graphs, 0u);
      EXPECT_TRUE(weak.races || !as_is.races);
      EXPECT_TRUE(as_is.races || !strong.races);
      strictly_less += weak.graphs > strong.graphs ? 1 : 0;
      for (const std::string& outcome : strong.outcomes) {
        EXPECT_TRUE(as_is.outcomes.contains(outcome)) << outcome;
      }
      for (const std::string& outcome : as_is.outcomes) {
        EXPECT_TRUE(weak.outcomes.contains(outcome)) << outcome;
      }
    }
  }
  EXPECT_GT(strictly_less, 50);
}

// The standard's text forbids at least what the paper forbids, and more.
TEST(Axiomatic, StandardForbidsNoLessThanThePaper) {
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    const Program program = RandomProgram(seed);
    const AxiomaticResult standard = Judge(program);
    const AxiomaticResult paper = Judge(program, {.sc = ScAxiom::kRc11});
    EXPECT_LE(standard.graphs, paper.graphs) << ToString(program);
  }
}

void ExpectOnlyInThePaper(std::string_view text, std::string_view finals,
                          const std::string& outcome) {
  const Program program = ParseProgram(text, finals);
  OutcomeSet outcomes = Judge(program, {.sc = ScAxiom::kRc11}).outcomes;
  EXPECT_EQ(outcomes.erase(outcome), 1u) << ToString(outcomes, "");
  EXPECT_EQ(outcomes, Judge(program).outcomes);
}

// The read of 0 is coherence-ordered before the read of 5: both are seq_cst. In
// the paper, what orders them leads through a write that is not.
TEST(Axiomatic, StandardOrdersReadsThroughARelaxedWrite) {
  ExpectOnlyInThePaper(R"(x.store(2, sc); a = y.load(sc)
                          y.store(5, rlx)
                          b = y.load(sc); c = x.load(sc))",
                       "", "a=0 b=5 c=0");
}

// The store of 2 strongly happens before b. In the paper it would if a were not
// of b's location.
TEST(Axiomatic, StandardsStronglyHappensBeforeStaysAtOneLocation) {
  ExpectOnlyInThePaper(R"(x.store(2, sc); y.store(3, rel)
                          a = y.load(acq); b = y.load(sc)
                          y.store(5, sc); c = x.load(sc))",
                       "y", "[y]=5 a=3 b=3 c=0");
}

TEST(Axiomatic, ConditionsLeaveOperationsOut) {
  // Without the store nobody reads 1; the register of a skipped load is no part
  // of the outcome.
  EXPECT_EQ(Outcomes(R"(a = x.load(rlx); if (a == 1) b = y.load(rlx)
                        if (z == 1) x.store(1, rlx))"),
            OutcomeSet{"a=0"});
  EXPECT_EQ(Outcomes(R"(a = x.load(rlx); if (a == 1) b = y.load(rlx)
                        x.store(1, rlx))"),
            (OutcomeSet{"a=0", "a=1 b=0"}));
}

TEST(Axiomatic, ValuesFlowThroughRegisters) {
  EXPECT_EQ(Outcomes(R"(a = x.load(rlx); y.store(a+10, rlx)
                        x.store(1, rlx))",
                     "y"),
            (OutcomeSet{"[y]=10 a=0", "[y]=11 a=1"}));
  // Nothing comes out of thin air.
  EXPECT_EQ(Outcomes(R"(a = x.load(rlx); y.store(a, rlx)
                        b = y.load(rlx); x.store(b, rlx))"),
            OutcomeSet{"a=0 b=0"});
}

TEST(Axiomatic, AFailedCompareExchangeHasItsFailureOrder) {
  EXPECT_EQ(Outcomes(R"(x.store(1, rlx); y.store(1, rel)
                        a = y.cas(5, 6, rlx, acq); b = x.load(rlx))"),
            (OutcomeSet{"a=0 b=0", "a=0 b=1", "a=1 b=1"}));
  EXPECT_EQ(Outcomes(R"(x.store(1, rlx); y.store(1, rel)
                        a = y.cas(5, 6, ar, rlx); b = x.load(rlx))"),
            (OutcomeSet{"a=0 b=0", "a=0 b=1", "a=1 b=0", "a=1 b=1"}));
}

TEST(Axiomatic, ACompareExchangeOnTheWayToAReadIsNoWriteIfItFails) {
  EXPECT_EQ(Outcomes("a = x.cas(1, 2, rlx, rlx); b = x.load(rlx)", "x"),
            OutcomeSet{"[x]=0 a=0 b=0"});
  EXPECT_EQ(Outcomes("a = x.cas(0, 2, rlx, rlx); b = x.load(rlx)", "x"),
            OutcomeSet{"[x]=2 a=0 b=2"});
}

TEST(Axiomatic, StartingAndJoiningAThreadSynchronizes) {
  EXPECT_EQ(
      Outcomes(
          R"(x.store(1, rlx); spawn(1); b = y.load(rlx); join(1); c = y.load(rlx)
                        a = x.load(rlx); y.store(1, rlx))"),
      (OutcomeSet{"a=1 b=0 c=1", "a=1 b=1 c=1"}));
  // A thread that is not started does nothing, and nobody waits for it.
  EXPECT_EQ(
      Outcomes(
          R"(a = x.load(rlx); if (a == 1) spawn(2); join(2); b = y.load(rlx)
                        x.store(1, rlx); c = z.load(rlx)
                        y.store(1, rlx); z.store(1, rlx))"),
      (OutcomeSet{"a=0 b=0 c=0", "a=1 b=1 c=0", "a=1 b=1 c=1"}));
  // Across two generations: the second thread waits for the third.
  EXPECT_EQ(Outcomes(R"(spawn(1); join(1); a = x.load(rlx)
                        spawn(2)
                        x.store(1, rlx))"),
            OutcomeSet{"a=1"});
  // A join that is left out orders nothing.
  EXPECT_EQ(Outcomes(R"(spawn(2); if (q == 1) join(2); spawn(1)
                        x.store(1, rlx)
                        a = x.load(rlx))"),
            (OutcomeSet{"a=0", "a=1"}));
  // The start is no fence of the one who starts: y is not released by it.
  EXPECT_EQ(Outcomes(R"(x.store(1, rlx); fence(rel); spawn(1)
                        y.store(1, rlx)
                        a = y.load(acq); b = x.load(rlx))"),
            (OutcomeSet{"a=0 b=0", "a=0 b=1", "a=1 b=0", "a=1 b=1"}));
}

TEST(Axiomatic, AWeakCompareExchangeMayFailOnceForNoReason) {
  EXPECT_EQ(
      Outcomes("a = x.weak(0, 1, rlx, rlx); b = x.weak(0, 2, rlx, rlx)", "x"),
      (OutcomeSet{"[x]=1 a=0 b=1", "[x]=2 a=0 b=0"}));
  // The failure has its own order: this one acquires nothing.
  EXPECT_EQ(Outcomes(R"(x.store(1, rlx); y.store(1, rel)
                        a = y.weak(1, 2, acq, rlx); b = x.load(rlx))",
                     "y"),
            (OutcomeSet{"[y]=1 a=0 b=0", "[y]=1 a=0 b=1", "[y]=1 a=1 b=0",
                        "[y]=1 a=1 b=1", "[y]=2 a=1 b=1"}));
}

TEST(Axiomatic, CriticalSectionsComeInEveryOrderAndSynchronize) {
  const AxiomaticResult result = Judge(
      ParseProgram(R"(m.lock(); a = x.load(rlx); x.store(1, rlx); m.unlock()
                            m.lock(); b = x.load(rlx); x.store(2, rlx); m.unlock()
                            m.lock(); c = x.load(rlx); x.store(3, rlx); m.unlock())"));
  EXPECT_EQ(result.graphs, 6u);
  EXPECT_EQ(result.outcomes,
            (OutcomeSet{"a=0 b=1 c=2", "a=0 b=3 c=1", "a=2 b=0 c=1",
                        "a=3 b=0 c=2", "a=2 b=3 c=0", "a=3 b=1 c=0"}));
  EXPECT_EQ(result.deadlocked_graphs, 0u);
}

TEST(Axiomatic, WhoeverCannotTakeAMutexOrATokenDeadlocks) {
  const AxiomaticResult abba =
      Judge(ParseProgram(R"(m.lock(); n.lock(); n.unlock(); m.unlock()
                            n.lock(); m.lock(); m.unlock(); n.unlock())"));
  // One after the other, either first, on both mutexes alike.
  EXPECT_EQ(abba.graphs, 2u);
  EXPECT_EQ(abba.deadlocked_graphs, 1u);
  EXPECT_EQ(abba.deadlocks, OutcomeSet{""});
  const AxiomaticResult token = Judge(ParseProgram(
      R"(a = x.load(rlx); t.park(); b = x.load(rlx); t.park(); c = x.load(rlx)
         x.store(1, rlx); t.unpark()
         t.unpark())"));
  // The second token comes after the first is taken, or they become one.
  EXPECT_TRUE(token.outcomes.contains("a=0 b=0 c=1"));
  EXPECT_FALSE(token.outcomes.contains("a=0 b=0 c=0"));
  EXPECT_EQ(token.deadlocks, (OutcomeSet{"a=0 b=1", "a=1 b=1"}));
}

TEST(Axiomatic, AnEmptyProgramHasOneExecution) {
  const AxiomaticResult result = Judge(Program{});
  EXPECT_EQ(result.graphs, 1u);
  EXPECT_EQ(result.outcomes, OutcomeSet{""});
}

}  // namespace
}  // namespace weft::model::oracle
