// The engine against all interleavings, on programs that block: the same
// outcomes, the same deadlocks, no execution twice.
//
// MODEL_ORACLE_FIRST and MODEL_ORACLE_COUNT in the environment choose further
// random programs.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "gtest/gtest.h"
#include "weft/model/oracle/engine_blocking.h"
#include "weft/model/oracle/random_blocking.h"

namespace weft::model::oracle {
namespace {

constexpr BlockOn kAll[] = {BlockOn::kMutex, BlockOn::kCondition,
                            BlockOn::kPark,  BlockOn::kFutex,
                            BlockOn::kTimed, BlockOn::kEverything};

/// Compares programs number `first` to `first + count - 1`; stops at the first
/// difference.
void ComparePrograms(uint64_t first, uint64_t count, BlockOn block_on,
                     const BlockingComparison& how) {
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const std::string difference =
        ShrunkDifference(RandomBlockingProgram(seed, block_on), how);
    ASSERT_TRUE(difference.empty()) << "program " << seed << " that blocks on "
                                    << static_cast<int>(block_on) << "\n"
                                    << difference;
  }
}

class BlockingEngine : public ::testing::TestWithParam<BlockOn> {};

TEST_P(BlockingEngine, WithFencesFindsJustTheInterleavings) {
  ComparePrograms(0, 250, GetParam(), {});
}

TEST_P(BlockingEngine, WithoutFencesFindsAllInterleavings) {
  ComparePrograms(0, 150, GetParam(), {.strictness = Strictness::kIncludes});
}

TEST_P(BlockingEngine, WakesForNoReasonAreTheSame) {
  ComparePrograms(0, 80, GetParam(), {.spurious_wakeups = true});
}

INSTANTIATE_TEST_SUITE_P(BlocksOn, BlockingEngine, ::testing::ValuesIn(kAll));

TEST(BlockingEngineMore, ProgramsOfTheEnvironment) {
  const char* const first = std::getenv("MODEL_ORACLE_FIRST");
  const char* const count = std::getenv("MODEL_ORACLE_COUNT");
  if (count == nullptr) GTEST_SKIP() << "MODEL_ORACLE_COUNT is not set";
  for (const BlockOn block_on : kAll) {
    ComparePrograms(first == nullptr ? 0 : std::strtoull(first, nullptr, 10),
                    std::strtoull(count, nullptr, 10), block_on, {});
  }
}

}  // namespace
}  // namespace weft::model::oracle
