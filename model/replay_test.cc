// Every failing program, from its token back to its failure.

#include "weft/model/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "weft/model/gtest.h"
#include "weft/model/report_programs.h"

namespace weft::model {
namespace {

using report_programs::Program;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr auto kRelaxed = std::memory_order_relaxed;

/// MODEL_REPLAY for as long as it lives.
class ReplayVariable {
 public:
  explicit ReplayVariable(const std::string& token) {
    setenv("MODEL_REPLAY", token.c_str(), 1);
  }
  ~ReplayVariable() { unsetenv("MODEL_REPLAY"); }
};

class ReplayTest : public ::testing::TestWithParam<Program> {};

INSTANTIATE_TEST_SUITE_P(Programs, ReplayTest,
                         ::testing::ValuesIn(report_programs::All()),
                         [](const auto& info) { return info.param.name; });

TEST_P(ReplayTest, FailsAgain) {
  const Result found = Explore(GetParam().body);
  ASSERT_NE(found.verdict, Verdict::kPassed);
  EXPECT_LE(found.replay.size(), 2048u);
  const Result again = Replay(GetParam().body, found.replay);
  EXPECT_EQ(again.verdict, found.verdict) << again.report;
  EXPECT_EQ(again.runs, 1u);
  EXPECT_EQ(again.replay, found.replay);
  EXPECT_EQ(again.graph->Fingerprint(), found.graph->Fingerprint());
}

// Found by a search that samples, with loops that go on and waits that come
// early.
TEST_P(ReplayTest, FailsAgainIfSampled) {
  for (SearchKind search :
       {SearchKind::kPct, SearchKind::kPos, SearchKind::kWalk}) {
    const Options options{.search = search, .iterations = 500};
    const Result found = Explore(GetParam().body, options);
    if (found.verdict == Verdict::kPassed) continue;
    EXPECT_LE(found.replay.size(), 2048u);
    const Result again = Replay(GetParam().body, found.replay, options);
    EXPECT_EQ(again.verdict, found.verdict) << again.report;
  }
}

// The body ran once, and Explore had it do that.
TEST_P(ReplayTest, EnvironmentReplacesTheExploration) {
  const Result found = ExploreInTest(GetParam().body);
  Result described = found;
  DescribeInTest(GetParam().body, Options(), described);
  const ReplayVariable variable(described.replay);
  SetTestName("another", "");  // starts to count anew
  const Result again = ExploreInTest(GetParam().body);
  EXPECT_EQ(again.verdict, found.verdict) << again.report;
  EXPECT_EQ(again.runs, 1u);
}

// --- Tokens that do not fit. ---

void Increments(int threads) {
  Atomic<int> x(0);
  std::vector<Thread> all;
  for (int i = 0; i < threads; ++i) {
    all.emplace_back([&] { x.fetch_add(1, kRelaxed); });
  }
  const int seen = x.load(kRelaxed);
  Assert(seen != 2, "not two");
  for (Thread& thread : all) thread.join();
}

TEST(ReplayTest, NoToken) {
  for (const char* text : {"", "x", "g1.", "g1.AAAA", "g9.AQIE"}) {
    const Result result = Replay([] { Increments(2); }, text);
    EXPECT_EQ(result.verdict, Verdict::kBadToken);
    EXPECT_THAT(result.report, HasSubstr("no replay token"));
  }
}

TEST(ReplayTest, AnotherProgram) {
  const Result found = Explore([] { Increments(2); });
  ASSERT_EQ(found.verdict, Verdict::kAssertion);
  for (int threads : {0, 1, 3}) {
    const Result other = Replay([=] { Increments(threads); }, found.replay);
    EXPECT_EQ(other.verdict, Verdict::kBadToken) << threads;
    EXPECT_THAT(other.report,
                AllOf(HasSubstr("MODEL_REPLAY"), HasSubstr("the test")));
  }
  for (const Program& program : report_programs::All()) {
    EXPECT_EQ(Replay(program.body, found.replay).verdict, Verdict::kBadToken)
        << program.name;
  }
}

// The same decisions in other lines: an edited source.
TEST(ReplayTest, EditedSource) {
  bool edited = false;
  const auto body = [&edited] {
    Atomic<int> x(0);
    Thread t([&] { x.store(1, kRelaxed); });
    int seen = 0;
    if (edited) {
      seen = x.load(kRelaxed);
    } else {
      seen = x.load(kRelaxed);
    }
    Assert(seen == 0);
    t.join();
  };
  const Result found = Explore(body);
  ASSERT_EQ(found.verdict, Verdict::kAssertion);
  edited = true;
  const Result again = Replay(body, found.replay);
  EXPECT_EQ(again.verdict, Verdict::kBadToken);
  EXPECT_THAT(again.report, HasSubstr("the steps are others"));
}

// What was the last straw is mended.
TEST(ReplayTest, MendedSource) {
  bool mended = false;
  const auto body = [&mended] {
    Atomic<int> x(0);
    Thread t([&] { x.store(1, kRelaxed); });
    const int seen = x.load(kRelaxed);
    Assert(mended || seen == 0);
    t.join();
  };
  const Result found = Explore(body);
  mended = true;
  const Result again = Replay(body, found.replay);
  EXPECT_EQ(again.verdict, Verdict::kBadToken);
}

TEST(ReplayTest, AnotherTest) {
  const auto body = [] { Increments(2); };
  Result found = ExploreInTest(body);
  DescribeInTest(body, Options(), found);
  const ReplayVariable variable(found.replay);
  SetTestName("Another.Test", "--gtest_filter=Another.Test");
  const Result again = Explore(body);
  EXPECT_EQ(again.verdict, Verdict::kBadToken);
  EXPECT_THAT(again.report, AllOf(HasSubstr("of another test"),
                                  HasSubstr("--gtest_filter=Another.Test")));
}

// A test with two explorations: only the one that the token is of is replayed.
TEST(ReplayTest, AnotherExplorationOfTheTest) {
  const auto passes = [] { Increments(1); };
  const auto fails = [] { Increments(2); };
  EXPECT_EQ(ExploreInTest(passes).verdict, Verdict::kPassed);
  Result found = ExploreInTest(fails);
  DescribeInTest(fails, Options(), found);
  ASSERT_EQ(found.verdict, Verdict::kAssertion);
  const ReplayVariable variable(found.replay);
  SetTestName("another", "");  // starts to count anew
  const Result first = ExploreInTest(passes);
  EXPECT_EQ(first.verdict, Verdict::kPassed);
  EXPECT_EQ(first.runs, 0u);
  EXPECT_EQ(ExploreInTest(fails).verdict, Verdict::kAssertion);
}

// --- Live traces. ---

TEST(ReplayTest, TraceIsAsInTheReport) {
  const auto body = [] { Increments(2); };
  const Result found = Explore(body);
  setenv("MODEL_TRACE", "1", 1);
  ::testing::internal::CaptureStderr();
  const Result again = Replay(body, found.replay);
  const std::string trace = ::testing::internal::GetCapturedStderr();
  unsetenv("MODEL_TRACE");
  EXPECT_EQ(again.verdict, Verdict::kAssertion);
  EXPECT_THAT(trace, AllOf(HasSubstr("T1: x.fetch_add(1, relaxed) = "),
                           HasSubstr("T0: x.load(relaxed) = 2 from #"),
                           HasSubstr("replay_test.cc:")));
  EXPECT_TRUE(trace.find("   1  ") != std::string::npos) << trace;
}

// --- Lanes. ---

// Threads that threads start keep their numbers, whichever starts first.
TEST(ReplayTest, ThreadsOfThreads) {
  const auto body = [] {
    Atomic<int> x(0);
    const auto start = [&] {
      Thread inner([&] { x.fetch_add(1, kRelaxed); });
      x.fetch_add(1, kRelaxed);
      inner.join();
    };
    Thread a(start);
    Thread b(start);
    Assert(x.load(kRelaxed) != 3);
    a.join();
    b.join();
  };
  const Result found = Explore(body);
  ASSERT_EQ(found.verdict, Verdict::kAssertion);
  EXPECT_EQ(Replay(body, found.replay).verdict, Verdict::kAssertion);
}

// Each execution of a test can be followed, not only a failing one.
TEST(ReplayTest, EveryOutcome) {
  int wanted = 0;
  const auto body = [&wanted] {
    Atomic<int> x(0), y(0);
    Thread t([&] {
      x.store(1, kRelaxed);
      y.fetch_add(1, kRelaxed);
      x.store(2, kRelaxed);
    });
    int seen = x.load(kRelaxed) * 100;
    y.store(5, kRelaxed);
    seen += x.load(kRelaxed) * 10;
    t.join();
    seen += y.load(kRelaxed);
    Note("seen", seen);
    Assert(seen != wanted);
  };
  wanted = -1;
  const Result all = Explore(body);
  ASSERT_EQ(all.verdict, Verdict::kPassed);
  EXPECT_GT(all.outcomes.size(), 5u);
  for (const std::string& outcome : all.outcomes) {
    wanted = std::atoi(outcome.c_str() + 5);
    const Result found = Explore(body);
    ASSERT_EQ(found.verdict, Verdict::kAssertion) << outcome;
    EXPECT_EQ(Replay(body, found.replay).verdict, Verdict::kAssertion);
  }
}

}  // namespace
}  // namespace weft::model
