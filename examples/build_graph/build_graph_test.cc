#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/examples/build_graph/build.h"
#include "weft/examples/build_graph/plan.h"
#include "weft/pool/pool.h"

namespace build_graph {
namespace {

std::string ErrorOf(std::string_view text) {
  const auto plan = ReadPlan(text);
  return plan.ok() ? "" : std::string(plan.status().message());
}

TEST(Plan, TargetsComeAfterWhatTheyNeed) {
  const auto plan = ReadPlan(
      "# all\n"
      "all: a b\n"
      "a: c\n"
      "  make a\n"
      "\n"
      "b: a  c\n"
      "c:\n");
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::vector<std::string> names;
  for (const Target& target : *plan) names.push_back(target.name);
  EXPECT_EQ(names, (std::vector<std::string>{"c", "a", "b", "all"}));
  EXPECT_EQ((*plan)[1].command, "make a");
  EXPECT_EQ((*plan)[2].needs, (std::vector<std::size_t>{1, 0}));
}

TEST(Plan, ErrorsNameTheLine) {
  EXPECT_EQ(ErrorOf("a:\n\nb: a x\n"),
            "line 3: 'b' needs 'x', which is no target");
  EXPECT_EQ(ErrorOf("a:\nb:\na: b\n"),
            "line 3: 'a' is there twice; see line 1");
  EXPECT_EQ(ErrorOf("x: a\na: b\nb: c\nc: a\n"),
            "line 2: 'a' needs itself: a -> b -> c -> a");
  EXPECT_EQ(ErrorOf("a: a\n"), "line 1: 'a' needs itself: a -> a");
  EXPECT_EQ(ErrorOf("  run\n"), "line 1: a command without a target");
  EXPECT_EQ(ErrorOf("a:\n  b\n  c\n"), "line 3: 'a' has a command already");
  EXPECT_EQ(ErrorOf("a b\n"), "line 1: expected 'TARGET: NEEDED ...'");
  EXPECT_EQ(ErrorOf(""), "");
}

// What a sequential run gives.
std::vector<Result> InOrder(const std::vector<Target>& plan) {
  std::vector<Result> results;
  for (const Target& target : plan) {
    const bool ready = std::all_of(
        target.needs.begin(), target.needs.end(),
        [&](std::size_t i) { return results[i] == Result::kBuilt; });
    results.push_back(!ready                     ? Result::kSkipped
                      : target.command == "fail" ? Result::kFailed
                                                 : Result::kBuilt);
  }
  return results;
}

TEST(Build, EndsAsASequentialRunDoes) {
  weft::XorShift64 random(weft::TestSeed());
  weft::Options options;
  options.workers = 3;
  weft::Pool pool(options);
  for (std::uint64_t round = 0; round < weft::StressIterations(300); ++round) {
    std::string text;
    const std::uint64_t size = 1 + random.Next() % 40;
    for (std::uint64_t i = size; i-- > 0;) {
      absl::StrAppend(&text, "t", i, ":");
      for (std::uint64_t n = random.Next() % 4; n > 0 && i > 0; --n) {
        absl::StrAppend(&text, " t", random.Next() % i);
      }
      absl::StrAppend(&text, random.Next() % 8 == 0 ? "\n  fail\n" : "\n");
    }
    const auto plan = ReadPlan(text);
    ASSERT_TRUE(plan.ok()) << plan.status() << "\n" << text;
    const Report report = Build(pool, *plan, [](const Target& target) {
      return target.command != "fail";
    });
    EXPECT_EQ(report.results, InOrder(*plan)) << text;
    std::vector<bool> ended(plan->size());
    for (std::size_t i : report.order) {
      for (std::size_t need : (*plan)[i].needs) EXPECT_TRUE(ended[need]);
      ended[i] = true;
    }
  }
}

}  // namespace
}  // namespace build_graph
