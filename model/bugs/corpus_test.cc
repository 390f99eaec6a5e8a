// That Examine fails if the checker does not say what was expected.

#include "weft/model/bugs/corpus.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

/// Two threads write a cell: a race, unless there is only one.
void Race(bool race) {
  Cell<int> cell(0);
  Thread other([&] {
    if (race) cell.Set(1, Suspect());
  });
  cell.Set(2, Suspect());
  other.join();
}

TEST(CorpusTest, FindsAndProves) {
  const size_t before = Rows().size();
  Examine({.source = "test", .verdict = Verdict::kDataRace},
          [](bool fixed) { Race(!fixed); });
  ASSERT_EQ(Rows().size(), before + 1);
  const Row& row = Rows().back();
  EXPECT_EQ(row.test, "FindsAndProves");
  EXPECT_EQ(row.source, "test");
  EXPECT_EQ(row.verdict, "data race");
  EXPECT_EQ(row.find_runs, 1u);
  EXPECT_EQ(row.prove_runs, 1u);
  EXPECT_EQ(row.prove_complete, 1u);
}

TEST(CorpusTest, NoBug) {
  EXPECT_FATAL_FAILURE(
      Examine({.source = "test", .verdict = Verdict::kDataRace},
              [](bool) { Race(false); }),
      "passed instead of data race");
}

TEST(CorpusTest, AnotherBug) {
  EXPECT_FATAL_FAILURE(Examine({.source = "test", .verdict = Verdict::kLeak},
                               [](bool fixed) { Race(!fixed); }),
                       "data race instead of leak");
}

TEST(CorpusTest, AnotherMessage) {
  EXPECT_NONFATAL_FAILURE(
      Examine(
          {.source = "test", .verdict = Verdict::kAssertion, .message = "one"},
          [](bool fixed) { Assert(fixed, "two"); }),
      "one");
}

void RaceAtUnmarkedPlace(bool fixed) {
  Cell<int> cell(0);
  Thread other([&] {
    if (!fixed) cell.Set(1, Suspect());
  });
  cell.Set(2);
  other.join();
}

TEST(CorpusTest, AnotherPlace) {
  EXPECT_NONFATAL_FAILURE(
      Examine({.source = "test", .verdict = Verdict::kDataRace},
              RaceAtUnmarkedPlace),
      "is named wrongly");
}

TEST(CorpusTest, BadRepair) {
  EXPECT_NONFATAL_FAILURE(
      Examine({.source = "test", .verdict = Verdict::kDataRace},
              [](bool) { Race(true); }),
      "the repair: data race");
}

TEST(CorpusTest, RepairNotExplored) {
  EXPECT_NONFATAL_FAILURE(Examine({.source = "test",
                                   .verdict = Verdict::kDataRace,
                                   .options = {.max_executions = 1}},
                                  [](bool fixed) {
                                    Race(!fixed);
                                    if (fixed) Choose(2);
                                  }),
                          "the repair: not exhaustive");
}

}  // namespace
}  // namespace weft::model::bugs
