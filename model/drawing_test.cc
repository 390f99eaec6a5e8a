#include "weft/model/drawing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "weft/model/atomic.h"
#include "weft/model/check.h"
#include "weft/model/explain.h"
#include "weft/model/thread.h"
#include "weft/model/trace.h"

namespace weft::model {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

// Fails when all values have been read, and so shows every kind of arrow.
void Body() {
  Atomic<int> x(0), y(0), z(0);
  Thread t([&] {
    x.store(1, kRelaxed);
    y.store(1, kRelease);
    z.store(1, kRelease);
  });
  const bool all =
      x.load(kRelaxed) == 1 && y.load(kAcquire) == 1 && z.load(kRelaxed) == 1;
  AtomicThreadFence(kAcquire);
  x.store(2, kRelaxed);
  Assert(!all || x.load(kRelaxed) != 2, "\"<all>\" & more");
  t.join();
}

class DrawingTest : public ::testing::Test {
 protected:
  static Trace Failing() {
    const Result result = Explore(Body);
    EXPECT_EQ(result.verdict, Verdict::kAssertion) << result.report;
    return Follow(Body, Options(), *result.graph, result.failure);
  }

  // The line that begins with the text.
  static int LineOf(const Story& story, const std::string& text) {
    for (size_t i = 0; i < story.lines().size(); ++i) {
      const std::string& line = story.lines()[i].text;
      if (line.substr(line.find('.') + 1).starts_with(text)) {
        return static_cast<int>(i);
      }
    }
    ADD_FAILURE() << "no line with " << text;
    return -1;
  }
};

TEST_F(DrawingTest, Arrows) {
  const Trace trace = Failing();
  Story story(trace);
  using Kind = Arrow::Kind;
  const std::vector<Arrow> arrows = ArrowsOf(story);
  const int store = LineOf(story, "store(1, relaxed)");
  const int release = LineOf(story, "store(1, release)");
  EXPECT_THAT(arrows, Contains(Arrow{Kind::kReadsFrom, store,
                                     LineOf(story, "load(relaxed)")}));
  EXPECT_THAT(arrows, Contains(Arrow{Kind::kModification, store,
                                     LineOf(story, "store(2")}));
  EXPECT_THAT(arrows, Contains(Arrow{Kind::kSynchronizes, release,
                                     LineOf(story, "load(acquire)")}));
  EXPECT_THAT(arrows,
              Contains(Arrow{Kind::kThread, LineOf(story, "starts"), store}));
  EXPECT_THAT(
      arrows,
      Not(Contains(::testing::Field(&Arrow::kind, Kind::kReadsBefore))));
  // By the fence, that is.
  EXPECT_THAT(arrows, Contains(Arrow{Kind::kSynchronizes, release + 1,
                                     LineOf(story, "fence")}));
}

// Each reads what the other overwrites.
TEST_F(DrawingTest, ReadsBefore) {
  const auto body = [] {
    Atomic<int> x(0), y(0), z(0);
    Thread t([&] {
      x.store(1, kRelaxed);
      z.store(y.load(kRelaxed) + 1, kRelaxed);
    });
    y.store(2, kRelaxed);
    const int seen = x.load(kRelaxed);
    t.join();
    Assert(seen != 0 || z.load(kRelaxed) != 1);
  };
  const Result result = Explore(body);
  ASSERT_EQ(result.verdict, Verdict::kAssertion) << result.report;
  const Trace trace = Follow(body, Options(), *result.graph, result.failure);
  Story story(trace);
  int count = 0;
  for (const Arrow& arrow : ArrowsOf(story)) {
    if (arrow.kind != Arrow::Kind::kReadsBefore) continue;
    ++count;
    EXPECT_THAT(story.lines()[arrow.from].text, HasSubstr("load(relaxed) = 0"));
    EXPECT_THAT(story.lines()[arrow.to].text, HasSubstr("store("));
  }
  EXPECT_EQ(count, 2);
}

TEST_F(DrawingTest, Dot) {
  const Trace trace = Failing();
  Story story(trace);
  Explain(story);
  const std::string dot = ToDot(story);
  EXPECT_TRUE(dot.starts_with("digraph execution {"));
  EXPECT_THAT(dot, HasSubstr("subgraph cluster_T1"));
  EXPECT_THAT(dot, HasSubstr("fence(acquire)  drawing_test.cc:"));
  EXPECT_THAT(dot, HasSubstr("label=\"sw\""));
  EXPECT_THAT(dot, HasSubstr("color=red"));
}

TEST_F(DrawingTest, Svg) {
  const Trace trace = Failing();
  Story story(trace);
  Explain(story);
  const std::string svg = ToSvg(story);
  EXPECT_TRUE(svg.starts_with("<svg"));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  for (const char* part : {">T0<", ">T1<", ">rf<", ">sw<", ">mo<", "#c62828"}) {
    EXPECT_THAT(svg, HasSubstr(part));
  }
  // Nothing of the texts may be taken for mark-up.
  EXPECT_THAT(svg, Not(HasSubstr("-> ")));
}

TEST_F(DrawingTest, FilesNamedByTheEnvironment) {
  const std::string name = ::testing::TempDir() + "/drawing_test.svg";
  setenv("MODEL_SVG", name.c_str(), 1);
  const Result result = Explore(Body);
  unsetenv("MODEL_SVG");
  EXPECT_THAT(result.report, HasSubstr("drawn in " + name));
  std::ifstream file(name);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_THAT(text.str(), HasSubstr("</svg>"));
  std::remove(name.c_str());
}

}  // namespace
}  // namespace weft::model
