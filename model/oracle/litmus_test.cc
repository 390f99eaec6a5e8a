// The axiomatic oracle against the literature: what the litmus tables state.

#include "weft/model/oracle/litmus.h"

#include <cctype>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "weft/model/oracle/axiomatic.h"

namespace weft::model::oracle {
namespace {

void ExpectAsStated(const Litmus& test) {
  SCOPED_TRACE(test.name + "\n" + ToString(test.program));
  const AxiomaticResult result = Judge(test.program);
  if (!test.allowed.empty()) {
    EXPECT_EQ(result.outcomes, test.allowed);
  }
  for (const std::string& outcome : test.forbidden) {
    EXPECT_FALSE(result.outcomes.contains(outcome)) << outcome;
  }
  if (test.outcomes != 0) {
    EXPECT_EQ(result.outcomes.size(), test.outcomes);
  }
  if (test.graphs != 0) {
    EXPECT_EQ(result.graphs, test.graphs);
  }
  EXPECT_EQ(result.races, test.races);
  EXPECT_GE(result.graphs, result.outcomes.size());
}

TEST(Litmus, OracleAgreesWithTheTable) {
  for (const Litmus& test : LitmusTests()) ExpectAsStated(test);
}

TEST(Litmus, OracleAgreesWithTheFurtherTests) {
  for (const Litmus& test : MoreLitmusTests()) ExpectAsStated(test);
}

TEST(Litmus, ThereAre65DifferentTests) {
  std::set<std::string> names;
  std::set<std::string> texts;
  for (const Litmus& test : LitmusTests()) {
    names.insert(test.name);
    texts.insert(ToString(test.program));
    // A test that states nothing would hold of any oracle.
    EXPECT_TRUE(!test.allowed.empty() || test.outcomes != 0) << test.name;
  }
  EXPECT_EQ(LitmusTests().size(), 65u);
  EXPECT_EQ(names.size(), 65u);
  EXPECT_EQ(texts.size(), 65u);
}

TEST(Litmus, NoForbiddenOutcomeIsAnUnknownName) {
  // A typing error in a forbidden outcome would forbid nothing.
  for (const Litmus& test : LitmusTests()) {
    const AxiomaticResult result = Judge(test.program);
    ASSERT_FALSE(result.outcomes.empty());
    const std::string& possible = *result.outcomes.begin();
    for (const std::string& outcome : test.forbidden) {
      ASSERT_EQ(outcome.size(), possible.size()) << test.name;
      for (size_t i = 0; i < outcome.size(); ++i) {
        if (std::isdigit(static_cast<unsigned char>(possible[i])) == 0) {
          EXPECT_EQ(outcome[i], possible[i]) << test.name << ": " << outcome;
        }
      }
    }
  }
}

// The paper's rule for seq_cst and the standard's differ, but not here.
TEST(Litmus, ThePapersRuleGivesTheSameTable) {
  for (const Litmus& test : LitmusTests()) {
    SCOPED_TRACE(test.name + "\n" + ToString(test.program));
    const AxiomaticResult standard = Judge(test.program);
    const AxiomaticResult paper = Judge(test.program, {.sc = ScAxiom::kRc11});
    EXPECT_EQ(paper.outcomes, standard.outcomes);
    EXPECT_EQ(paper.graphs, standard.graphs);
  }
}

}  // namespace
}  // namespace weft::model::oracle
