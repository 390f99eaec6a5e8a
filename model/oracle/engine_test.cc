// The engine against the axiomatic oracle: the same outcomes, the same number
// of executions.
//
// MODEL_ORACLE_FIRST and MODEL_ORACLE_COUNT in the environment choose further
// random programs, of all flavours.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gtest/gtest.h"
#include "weft/model/oracle/axiomatic.h"
#include "weft/model/oracle/engine_program.h"
#include "weft/model/oracle/litmus.h"
#include "weft/model/oracle/random_program.h"

namespace weft::model::oracle {
namespace {

TEST(EngineLitmus, AgreesWithTheOracle) {
  for (const auto* tests : {&LitmusTests(), &MoreLitmusTests()}) {
    for (const Litmus& test : *tests) {
      const std::string difference = ShrunkDifference(test.program);
      EXPECT_TRUE(difference.empty()) << test.name << "\n" << difference;
    }
  }
}

// Without the oracle: what the tables state.
TEST(EngineLitmus, AgreesWithTheTables) {
  for (const auto* tests : {&LitmusTests(), &MoreLitmusTests()}) {
    for (const Litmus& test : *tests) {
      const Result result = ExploreProgram(test.program);
      EXPECT_EQ(result.verdict,
                test.races ? Verdict::kDataRace : Verdict::kPassed)
          << test.name << "\n"
          << result.report;
      if (!test.allowed.empty()) {
        EXPECT_EQ(result.outcomes, test.allowed) << test.name;
      }
      if (test.graphs != 0) {
        EXPECT_EQ(result.complete, test.graphs) << test.name;
      }
    }
  }
}

/// Compares programs number `first` to `first + count - 1`; stops at the first
/// difference.
void ComparePrograms(uint64_t first, uint64_t count, Flavour flavour) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const std::string difference =
        ShrunkDifference(RandomProgram(seed, flavour));
    ASSERT_TRUE(difference.empty()) << "program " << seed << " of flavour "
                                    << static_cast<int>(flavour) << "\n"
                                    << difference;
  }
}

constexpr uint64_t kChunk = 1000;

/// Random programs, the parameter-th thousand.
class EngineRandom : public ::testing::TestWithParam<int> {
 protected:
  uint64_t First() const { return static_cast<uint64_t>(GetParam()) * kChunk; }
};

TEST_P(EngineRandom, StraightProgramsAgree) {
  ComparePrograms(First(), kChunk, Flavour::kStraight);
}

INSTANTIATE_TEST_SUITE_P(Thousand, EngineRandom, ::testing::Range(0, 10));

class EngineRandomFlow : public EngineRandom {};

TEST_P(EngineRandomFlow, ProgramsWithConditionsAgree) {
  ComparePrograms(First(), kChunk, Flavour::kFlow);
}

TEST_P(EngineRandomFlow, ProgramsWithCellsAgree) {
  ComparePrograms(First(), kChunk, Flavour::kCells);
}

TEST_P(EngineRandomFlow, ProgramsThatBlockAgree) {
  ComparePrograms(First(), kChunk / 4, Flavour::kBlocking);
}

TEST_P(EngineRandomFlow, ProgramsThatStartThreadsAgree) {
  ComparePrograms(First(), kChunk, Flavour::kThreads);
}

INSTANTIATE_TEST_SUITE_P(Thousand, EngineRandomFlow, ::testing::Range(0, 3));

class EngineRandomLarge : public ::testing::TestWithParam<int> {};

TEST_P(EngineRandomLarge, ProgramsAgree) {
  ComparePrograms(static_cast<uint64_t>(GetParam()) * 50, 50, Flavour::kLarge);
}

INSTANTIATE_TEST_SUITE_P(Fifty, EngineRandomLarge, ::testing::Range(0, 4));

// --- Searches that do not visit everything. ---

/// Whether all of `some` are in `all`.
bool Includes(const OutcomeSet& all, const OutcomeSet& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

class EngineSampling : public ::testing::TestWithParam<SearchKind> {};

// What they find is possible, and they find most of it. (No chance here: the
// seeds are fixed.)
TEST_P(EngineSampling, FindsNothingThatIsImpossible) {
  size_t possible = 0;
  size_t found = 0;
  for (const Flavour flavour :
       {Flavour::kStraight, Flavour::kFlow, Flavour::kCells, Flavour::kThreads,
        Flavour::kBlocking}) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
      const Program program = RandomProgram(seed, flavour);
      SCOPED_TRACE(ToString(program));
      const AxiomaticResult oracle = Judge(program);
      const Result engine = ExploreProgram(
          program, {.search = GetParam(), .iterations = 100, .samples = true});
      if (oracle.races && engine.verdict == Verdict::kDataRace) continue;
      EXPECT_EQ(engine.verdict, Verdict::kPassed) << engine.report;
      EXPECT_TRUE(Includes(oracle.outcomes, engine.outcomes));
      EXPECT_TRUE(Includes(oracle.deadlocks, engine.deadlock_outcomes));
      possible += oracle.outcomes.size() + oracle.deadlocks.size();
      found += engine.outcomes.size() + engine.deadlock_outcomes.size();
    }
  }
  EXPECT_GT(found, possible / 2);
}

INSTANTIATE_TEST_SUITE_P(Searches, EngineSampling,
                         ::testing::Values(SearchKind::kPct, SearchKind::kPos,
                                           SearchKind::kWalk));

// A larger bound finds what a smaller one finds, and the largest finds all.
TEST(EngineBounds, GrowUntilTheyAreNone) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Program program = RandomProgram(seed, Flavour::kFlow);
    SCOPED_TRACE(ToString(program));
    const AxiomaticResult oracle = Judge(program);
    Result before;
    for (int bound = 0; bound < 30; ++bound) {
      const Result engine =
          ExploreProgram(program, {.max_deviations = bound, .samples = true});
      ASSERT_TRUE(Includes(engine.outcomes, before.outcomes)) << bound;
      ASSERT_GE(engine.complete, before.complete) << bound;
      ASSERT_TRUE(Includes(oracle.outcomes, engine.outcomes)) << bound;
      before = engine;
    }
    EXPECT_EQ(before.complete, oracle.graphs);
  }
}

TEST(EngineMore, ProgramsOfTheEnvironment) {
  const char* const first = std::getenv("MODEL_ORACLE_FIRST");
  const char* const count = std::getenv("MODEL_ORACLE_COUNT");
  if (count == nullptr) GTEST_SKIP() << "MODEL_ORACLE_COUNT is not set";
  for (const Flavour flavour :
       {Flavour::kStraight, Flavour::kFlow, Flavour::kCells, Flavour::kThreads,
        Flavour::kBlocking}) {
    ComparePrograms(first == nullptr ? 0 : std::strtoull(first, nullptr, 10),
                    std::strtoull(count, nullptr, 10), flavour);
  }
}

}  // namespace
}  // namespace weft::model::oracle
