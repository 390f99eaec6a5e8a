// Whole reports against those in testdata/. To write these anew:
//
//     bazel run //model:report_test -- --gtest_filter='*Golden*'
//
// with MODEL_UPDATE_GOLDEN=1 in the environment. Read the difference before you
// commit it.

#include "weft/model/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "weft/model/gtest.h"
#include "weft/model/report_programs.h"

namespace weft::model {
namespace {

using report_programs::Program;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kDirectory[] = "model/testdata/";

/// The text with a star for the word after the first `prefix` in it.
std::string Starred(std::string text, std::string_view prefix) {
  const size_t found = text.find(prefix);
  if (found == std::string::npos) return text;
  const size_t begin = found + prefix.size();
  size_t end = begin;
  while (end < text.size() &&
         (std::isalnum(static_cast<unsigned char>(text[end])) != 0 ||
          text[end] == '-' || text[end] == '_')) {
    ++end;
  }
  return text.replace(begin, end - begin, "*");
}

/// The report as Check prints it, without what may be another one in another
/// build: the token, and how many executions it took to fail.
std::string ReportOf(void (*body)()) {
  // Whether there is debug information is another matter.
  setenv("MODEL_SYMBOLIZE", "0", 1);
  Result result = ExploreInTest(body);
  EXPECT_NE(result.verdict, Verdict::kPassed);
  DescribeInTest(body, Options(), result);
  unsetenv("MODEL_SYMBOLIZE");
  std::string report = result.report;
  report = Starred(report, "MODEL_REPLAY=g1.");
  report = Starred(report, "after ");
  report = Starred(report, "after * execution");
  const size_t filter = report.find(" --gtest_filter=");
  if (filter != std::string::npos) {
    const size_t begin = report.find_last_not_of(' ', filter) + 1;
    report.erase(begin, report.find('\n', filter) + 1 - begin);
  }
  return report;
}

class ReportTest : public ::testing::TestWithParam<Program> {};

INSTANTIATE_TEST_SUITE_P(Programs, ReportTest,
                         ::testing::ValuesIn(report_programs::All()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ReportTest, Golden) {
  const std::string name = kDirectory + ("report_" + GetParam().name) + ".txt";
  const std::string report = ReportOf(GetParam().body);
  if (std::getenv("MODEL_UPDATE_GOLDEN") != nullptr) {
    const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
    std::ofstream(workspace == nullptr ? name
                                       : std::string(workspace) + "/" + name)
        << report;
    return;
  }
  std::ifstream file(name);
  ASSERT_TRUE(file.is_open()) << name;
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(report, golden.str());
}

TEST_P(ReportTest, IsShort) {
  const std::string report = ReportOf(GetParam().body);
  EXPECT_LE(std::count(report.begin(), report.end(), '\n'), kMaxReportLines);
}

// All threads with hundreds of steps, all of them with a part in it.
TEST(ReportTest, ManyStepsOfManyThreads) {
  const auto body = [] {
    Atomic<int> x(0);
    Cell<int> data(0);
    std::vector<Thread> threads;
    for (int t = 0; t < 12; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 100; ++i) x.fetch_add(1, std::memory_order_relaxed);
        data.Set(1);
      });
    }
    for (Thread& thread : threads) thread.join();
  };
  const Result result = Explore(body);
  EXPECT_EQ(result.verdict, Verdict::kDataRace);
  EXPECT_LE(std::count(result.report.begin(), result.report.end(), '\n'),
            kMaxReportLines);
  EXPECT_THAT(result.report, HasSubstr("RACES with"));
  EXPECT_THAT(result.report, HasSubstr("steps of"));
}

TEST(ReportTest, NotExhaustive) {
  const auto body = [] {
    for (int i = 0; i < 10; ++i) Choose(2);
  };
  const Result result = Explore(body, {.max_executions = 512});
  EXPECT_EQ(result.verdict, Verdict::kNotExhaustive);
  EXPECT_THAT(result.report, HasSubstr("NOT EXHAUSTIVE: about 50 % of about "
                                       "1,024 executions"));
  EXPECT_TRUE(result.replay.empty());
}

TEST(ReportTest, NondeterminismNamesBothPlaces) {
  int run = 0;
  const auto body = [&run] {
    Atomic<int> x(0);
    Thread t([&] { x.store(1, std::memory_order_relaxed); });
    if (++run == 2) x.store(2, std::memory_order_relaxed);
    x.load(std::memory_order_relaxed);
    t.join();
  };
  const Result result = Explore(body);
  EXPECT_EQ(result.verdict, Verdict::kNondeterministic);
  const auto line = [](const std::string& report, size_t from) {
    return report.find("report_test.cc:", from);
  };
  const size_t first = line(result.report, 0);
  ASSERT_NE(first, std::string::npos) << result.report;
  EXPECT_NE(line(result.report, first + 1), std::string::npos) << result.report;
  EXPECT_THAT(result.report, Not(HasSubstr("MODEL_REPLAY")));
}

}  // namespace
}  // namespace weft::model
