// The text form of both kinds of program.

#include "weft/model/oracle/program.h"

#include <string>

#include "gtest/gtest.h"
#include "weft/model/oracle/blocking_program.h"
#include "weft/model/oracle/outcome.h"
#include "weft/model/oracle/random_program.h"
#include "weft/model/oracle/statement.h"

namespace weft::model::oracle {
namespace {

constexpr std::string_view kEveryVerb =
    "x.store(1, rel); a = y.load(acq); fence(sc); b = x.add(-2, ar)\n"
    "if (c == 1) c = x.swap(3, rlx); d = x.cas(0, 4, ar, acq)\n"
    "spawn(3); y.store(e, sc); join(3); e = x.load(rlx); y.store(e+7, rlx); "
    "p.write(); p.read()\n"
    "f = x.weak(0, 4, ar, acq); m.lock(); t.park(); t.unpark(); m.unlock()\n"
    "final y x\n";

TEST(Program, TextIsReadAndWritten) {
  const std::string text(kEveryVerb);
  const Program program =
      ParseProgram(text.substr(0, text.find("final")), "y x");
  EXPECT_EQ(ToString(program), text);
  ASSERT_EQ(program.threads.size(), 4u);
  const Op& swap = program.threads[1][0];
  EXPECT_EQ(swap.kind, Op::Kind::kExchange);
  EXPECT_EQ(program.registers[swap.guard], "c");
  EXPECT_EQ(swap.guard_value, 1);
  const Op& cas = program.threads[1][1];
  EXPECT_EQ(cas.expected, 0);
  EXPECT_EQ(cas.value, 4);
  EXPECT_EQ(cas.order, Order::kAcqRel);
  EXPECT_EQ(cas.failure, Order::kAcquire);
  const Op& sum = program.threads[2][4];
  EXPECT_EQ(program.registers[sum.value_from], "e");
  EXPECT_EQ(sum.value, 7);
  EXPECT_TRUE(program.threads[2][5].IsCell());
  EXPECT_EQ(program.locations, (std::vector<std::string>{"x", "y", "m", "t"}));
  EXPECT_EQ(program.cells, std::vector<std::string>{"p"});
  EXPECT_EQ(program.finals, (std::vector<int>{1, 0}));
}

TEST(Program, RandomProgramsSurviveTheirText) {
  for (const Flavour flavour :
       {Flavour::kStraight, Flavour::kFlow, Flavour::kCells, Flavour::kThreads,
        Flavour::kBlocking}) {
    for (uint64_t seed = 0; seed < 300; ++seed) {
      const std::string text = ToString(RandomProgram(seed, flavour));
      const size_t final = text.find("final ");
      const std::string_view names(text.data() + final + 6,
                                   text.size() - final - 7);
      EXPECT_EQ(ToString(ParseProgram(text.substr(0, final), names)), text);
    }
  }
}

TEST(BlockingProgram, TextIsReadAndWritten) {
  const std::string text =
      "x.store(1); a = x.load(); b = x.add(2); x.spin(0)\n"
      "m.lock(); c.wait(m); c.wait(m, x); e = c.wait_for(m); m.unlock()\n"
      "c.notify_one(); c.notify_all(); park(); park(x); if (d == 0) unpark(1)\n"
      "s.lock_shared(); s.unlock_shared(); f = s.try_lock(); if (f == 1) "
      "s.unlock(); g = park_for()\n"
      "x.futex_wait(1); x.futex_wake(2); x.wait_while(3); x.wake_one(); "
      "x.wake_all()\n";
  const BlockingProgram program = ParseBlockingProgram(text);
  EXPECT_EQ(ToString(program), text);
  EXPECT_EQ(program.threads[1][2].kind, BlockingOp::Kind::kWaitUntil);
  EXPECT_EQ(program.threads[2][3].kind, BlockingOp::Kind::kParkUntil);
  EXPECT_EQ(program.threads[2][4].thread, 1);
  EXPECT_EQ(program.threads[4][2].value, 3);
  EXPECT_EQ(program.conditions, std::vector<std::string>{"c"});
}

TEST(BlockingProgram, WellFormedProgramsHoldWhatTheyUse) {
  const auto without = [](std::string_view text, size_t thread, size_t op) {
    BlockingProgram program = ParseBlockingProgram(text);
    auto& ops = program.threads[thread];
    ops.erase(ops.begin() + static_cast<std::ptrdiff_t>(op));
    return IsWellFormed(program);
  };
  EXPECT_FALSE(without("m.lock(); m.unlock()", 0, 0));
  EXPECT_FALSE(without("m.lock(); m.unlock()", 0, 1));
  EXPECT_FALSE(without("m.lock(); c.wait(m); m.unlock(); x.store(1)", 0, 0));
  EXPECT_FALSE(without("m.lock(); m.unlock(); m.lock(); m.unlock()", 0, 1));
  EXPECT_FALSE(without("a = m.try_lock(); if (a == 1) m.unlock()", 0, 0));
  EXPECT_FALSE(without("a = m.try_lock(); if (a == 1) m.unlock()", 0, 1));
  EXPECT_FALSE(without(
      "m.lock_shared(); m.unlock_shared(); m.lock(); m.unlock()", 0, 1));
  EXPECT_TRUE(without("m.lock(); c.wait(m); m.unlock()", 0, 1));
  EXPECT_TRUE(
      without("n.lock(); m.lock(); c.wait(n); n.unlock(); m.unlock()", 0, 2));
}

using ProgramDeathTest = ::testing::Test;

TEST(ProgramDeathTest, MalformedTextIsRefused) {
  EXPECT_DEATH(ParseProgram("x.stor(1, rlx)"), "no such operation");
  EXPECT_DEATH(ParseProgram("x.store(1)"), "no such operation");
  EXPECT_DEATH(ParseProgram("x.store(1, seq)"), "not a memory order");
  EXPECT_DEATH(ParseProgram("x.load(rlx)"), "the object or the result");
  EXPECT_DEATH(ParseProgram("a = x.load(rlx"), "expected \\)");
  EXPECT_DEATH(ParseProgram("a = x.load(rlx) b"), "expected ;");
  EXPECT_DEATH(ParseProgram("m.lock()"), "not well formed");
  EXPECT_DEATH(ParseProgram("m.unlock()"), "not well formed");
  EXPECT_DEATH(ParseProgram("spawn(0)"), "not well formed");
  EXPECT_DEATH(ParseProgram("x.store(1, rlx)\njoin(0)"), "not well formed");
  EXPECT_DEATH(ParseProgram("spawn(1); spawn(1)\nfence(sc)"),
               "not well formed");
  EXPECT_DEATH(ParseBlockingProgram("m.unlock()"), "not well formed");
  EXPECT_DEATH(ParseBlockingProgram("unpark(1)"), "not well formed");
  EXPECT_DEATH(ParseBlockingProgram("m.lock_shared(); m.unlock()"),
               "not well formed");
  EXPECT_DEATH(ParseBlockingProgram("m.lock_shared(); m.unlock_shared(); "
                                    "m.lock(); c.wait(m); m.unlock()"),
               "not well formed");
  EXPECT_DEATH(ParseBlockingProgram("a = m.try_lock(); if (a == 0) m.unlock()"),
               "not well formed");
}

TEST(Outcome, NamesAreSortedAsBytes) {
  EXPECT_EQ(ToString(Outcome{{"b", 2}, {"a", -1}, {FinalName("x"), 3}}),
            "[x]=3 a=-1 b=2");
  EXPECT_EQ(ToString(Outcome{}), "");
  EXPECT_EQ(ToString(OutcomeSet{"a=1", "a=0"}, "  "), "  a=0\n  a=1\n");
}

}  // namespace
}  // namespace weft::model::oracle
