#include "weft/model/missing_edge.h"

#include <gtest/gtest.h>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"

namespace weft::model {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

/// The edges that lack between the two sides of the race that is found.
class MissingEdgeTest : public ::testing::Test {
 protected:
  std::vector<MissingEdge> EdgesOf(const std::function<void()>& body) {
    result_ = Explore(body, {.explain = false});
    EXPECT_EQ(result_.verdict, Verdict::kDataRace);
    const PlainAccess& first = result_.failure.first;
    const PlainAccess& second = result_.failure.second;
    return FindMissingEdge(*result_.graph, {first.lane, first.position},
                           {second.lane, second.position});
  }

  const Event& At(EventId id) const { return result_.graph->at(id); }

 private:
  Result result_;
};

// Thread 1 publishes to the main thread.
std::function<void()> Publish(bool release_fence, std::memory_order store,
                              std::memory_order load, bool acquire_fence) {
  return [=] {
    Cell<int> data(0);
    Atomic<int> flag(0);
    Thread t([&] {
      data.Set(1);
      if (release_fence) AtomicThreadFence(kRelease);
      flag.store(1, store);
    });
    if (flag.load(load) == 1) {
      if (acquire_fence) AtomicThreadFence(kAcquire);
      data.Get();
    }
    t.join();
  };
}

TEST_F(MissingEdgeTest, TheWriterIsAtFault) {
  for (bool acquire_fence : {false, true}) {
    const std::vector<MissingEdge> edges = EdgesOf(Publish(
        false, kRelaxed, acquire_fence ? kRelaxed : kAcquire, acquire_fence));
    ASSERT_EQ(edges.size(), 1u);
    EXPECT_EQ(edges[0].write, EventId(1, 0));
    EXPECT_EQ(edges[0].read.thread, 0);
    EXPECT_TRUE(edges[0].writer);
    EXPECT_FALSE(edges[0].reader);
    EXPECT_FALSE(edges[0].breaker);
  }
}

TEST_F(MissingEdgeTest, TheReaderIsAtFault) {
  for (bool release_fence : {false, true}) {
    const std::vector<MissingEdge> edges = EdgesOf(Publish(
        release_fence, release_fence ? kRelaxed : kRelease, kRelaxed, false));
    ASSERT_EQ(edges.size(), 1u);
    EXPECT_FALSE(edges[0].writer);
    EXPECT_TRUE(edges[0].reader);
  }
}

TEST_F(MissingEdgeTest, BothAreAtFault) {
  const std::vector<MissingEdge> edges =
      EdgesOf(Publish(false, kRelaxed, kRelaxed, false));
  ASSERT_EQ(edges.size(), 1u);
  EXPECT_TRUE(edges[0].writer);
  EXPECT_TRUE(edges[0].reader);
}

// The second of two steps is the one that lacks.
TEST_F(MissingEdgeTest, Chain) {
  const std::vector<MissingEdge> edges = EdgesOf([] {
    Cell<int> data(0);
    Atomic<int> x(0), y(0);
    Thread t([&] {
      data.Set(1);
      x.store(1, kRelease);
    });
    Thread u([&] {
      if (x.load(kAcquire) == 1) y.store(1, kRelaxed);
    });
    if (y.load(kAcquire) == 1) data.Get();
    t.join();
    u.join();
  });
  ASSERT_EQ(edges.size(), 1u);
  EXPECT_EQ(edges[0].write.thread, 2);
  EXPECT_EQ(edges[0].read.thread, 0);
  EXPECT_TRUE(edges[0].writer);
  EXPECT_FALSE(edges[0].reader);
}

// Both the chain and the broken release sequence are told.
TEST_F(MissingEdgeTest, BrokenReleaseSequence) {
  const std::vector<MissingEdge> edges = EdgesOf([] {
    Cell<int> data(0);
    Atomic<int> x(0);
    Thread t([&] {
      data.Set(1);
      x.store(1, kRelease);
    });
    Thread u([&] {
      if (x.load(kRelaxed) == 1) x.store(2, kRelaxed);
    });
    if (x.load(kAcquire) == 2) data.Get();
    t.join();
    u.join();
  });
  ASSERT_EQ(edges.size(), 2u);
  EXPECT_TRUE(edges[0].reader);
  EXPECT_EQ(edges[1].write.thread, 1);
  EXPECT_EQ(edges[1].breaker.thread, 2);
  EXPECT_EQ(edges[1].read.thread, 0);
}

TEST_F(MissingEdgeTest, NoChain) {
  EXPECT_TRUE(EdgesOf([] {
                Cell<int> data(0);
                Thread t([&] { data.Set(1); });
                data.Set(2);
                t.join();
              }).empty());
}

TEST_F(MissingEdgeTest, NothingLacks) {
  const Result result = Explore([] {
    Atomic<int> flag(0);
    Thread t([&] { flag.store(1, kRelease); });
    if (flag.load(kAcquire) == 1) Fail("seen");
    t.join();
  });
  ASSERT_NE(result.graph, nullptr);
  const int size = result.graph->size(0);
  EXPECT_TRUE(FindMissingEdge(*result.graph, {1, 0}, {0, size}).empty());
}

}  // namespace
}  // namespace weft::model
