#include "weft/model/linearize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "weft/model/check.h"
#include "weft/model/report_programs.h"

namespace weft::model {
namespace {

using report_programs::Program;

/// Checks the promises of Linearize against an order.
class OrderChecker {
 public:
  OrderChecker(const Graph& graph, const std::vector<Turn>& turns)
      : graph_(graph), turns_(turns) {}

  int switches() const { return switches_; }

  void Check() {
    int last = 0;
    for (const Turn& turn : turns_) {
      switches_ += turn.lane != last;
      last = turn.lane;
      if (turn.index < 0) continue;
      EXPECT_EQ(turn.index, done_[turn.lane]);
      CheckEvent(EventId(turn.lane, turn.index));
      ++done_[turn.lane];
    }
    for (int lane = 0; lane < kMaxThreads; ++lane) {
      EXPECT_EQ(done_[lane], graph_.size(lane)) << lane;
    }
  }

 private:
  bool Done(EventId id) const {
    return id.thread == kInitLane || done_[id.thread] > id.index;
  }

  void CheckEvent(EventId id) {
    const Event& event = graph_.at(id);
    EXPECT_TRUE(id.thread == 0 || Done(graph_.creator(id.thread)));
    EXPECT_TRUE(!event.is_read() || Done(event.rf));
    if (event.kind == EventKind::kJoin) {
      const auto lane = static_cast<int>(event.value.low);
      EXPECT_EQ(done_[lane], graph_.size(lane));
    }
    if (event.is_write() && event.rmw) {
      // Right after its reading half.
      EXPECT_EQ(previous_.thread, id.thread);
    }
    previous_ = id;
  }

  const Graph& graph_;
  const std::vector<Turn>& turns_;
  int done_[kMaxThreads] = {};
  EventId previous_;
  int switches_ = 0;
};

class LinearizeTest : public ::testing::TestWithParam<Program> {};

INSTANTIATE_TEST_SUITE_P(Programs, LinearizeTest,
                         ::testing::ValuesIn(report_programs::All()),
                         [](const auto& info) { return info.param.name; });

TEST_P(LinearizeTest, RespectsTheGraph) {
  const Result result = Explore(GetParam().body, {.explain = false});
  ASSERT_NE(result.graph, nullptr);
  for (bool by_stamp : {false, true}) {
    OrderRequest request;
    request.started = result.failure.ran;
    request.by_stamp = by_stamp;
    const std::vector<Turn> turns = Linearize(*result.graph, request);
    OrderChecker(*result.graph, turns).Check();
  }
}

TEST_P(LinearizeTest, TheLastEventIsLast) {
  const Result result = Explore(GetParam().body, {.explain = false});
  ASSERT_NE(result.graph, nullptr);
  for (int lane = 0; lane < 2; ++lane) {
    const std::vector<Turn> turns =
        Linearize(*result.graph, {.last_lane = lane, .started = 0});
    OrderChecker(*result.graph, turns).Check();
    // Unless other threads build upon it.
    const int last = result.graph->size(lane) - 1;
    bool needed = false;
    for (int other = 0; other < kMaxThreads; ++other) {
      const int size = result.graph->size(other);
      if (other == lane || size == 0) continue;
      needed = needed || result.graph->PrefixAt(other, size)[lane] > last;
    }
    if (needed || last < 0) continue;
    EXPECT_EQ(turns.back(), (Turn{lane, last}));
  }
}

constexpr auto kRelaxed = std::memory_order_relaxed;

// What an interleaving explains is shown as that interleaving.
TEST(LinearizeTest, ReadsReadTheNewestWriteIfPossible) {
  const Result result = Explore([] {
    Atomic<int> x(0), y(0);
    Thread t([&] {
      x.store(1, kRelaxed);
      x.store(2, kRelaxed);
    });
    const int before = x.load(kRelaxed);
    const int between = x.load(kRelaxed);
    t.join();
    Assert(before != 0 || between != 1 || x.load(kRelaxed) != 2);
  });
  ASSERT_EQ(result.verdict, Verdict::kAssertion);
  const Graph& graph = *result.graph;
  std::vector<EventId> written;
  for (const Turn& turn : Linearize(graph, {})) {
    const EventId id(turn.lane, turn.index);
    if (graph.at(id).is_write()) written.push_back(id);
    if (!graph.at(id).is_read()) continue;
    if (written.empty()) {
      EXPECT_EQ(graph.at(id).rf.thread, kInitLane);
    } else {
      EXPECT_EQ(graph.at(id).rf, written.back());
    }
  }
}

TEST(LinearizeTest, FewSwitches) {
  const Result result = Explore([] {
    Atomic<int> x(0), y(0);
    Thread t([&] {
      for (int i = 0; i < 5; ++i) x.store(i, kRelaxed);
    });
    for (int i = 0; i < 5; ++i) y.store(i, kRelaxed);
    t.join();
    Fail("now");
  });
  const std::vector<Turn> turns = Linearize(*result.graph, {});
  OrderChecker checker(*result.graph, turns);
  checker.Check();
  EXPECT_EQ(checker.switches(), 2);
}

}  // namespace
}  // namespace weft::model
