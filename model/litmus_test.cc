// Litmus tests: tiny programs whose outcomes and numbers of executions are
// known exactly.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "weft/model/atomic.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"

namespace weft::model {
namespace {

using ::testing::ElementsAre;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;
constexpr auto kSc = std::memory_order_seq_cst;

Result StoreBuffering(std::memory_order store, std::memory_order load,
                      std::memory_order fence) {
  return Explore([=] {
    Atomic<int> x(0), y(0);
    int a = -1, b = -1;
    Thread t([&] {
      x.store(1, store);
      AtomicThreadFence(fence);
      a = y.load(load);
    });
    Thread u([&] {
      y.store(1, store);
      AtomicThreadFence(fence);
      b = x.load(load);
    });
    t.join();
    u.join();
    Note("a", a);
    Note("b", b);
  });
}

TEST(LitmusTest, StoreBuffering) {
  const Result weak = StoreBuffering(kRelease, kAcquire, kRelaxed);
  EXPECT_EQ(weak.verdict, Verdict::kPassed) << weak.report;
  EXPECT_EQ(weak.complete, 4u);
  EXPECT_THAT(weak.outcomes,
              ElementsAre("a=0 b=0", "a=0 b=1", "a=1 b=0", "a=1 b=1"));
  const Result accesses = StoreBuffering(kSc, kSc, kRelaxed);
  EXPECT_EQ(accesses.complete, 3u);
  EXPECT_THAT(accesses.outcomes, ElementsAre("a=0 b=1", "a=1 b=0", "a=1 b=1"));
  const Result fences = StoreBuffering(kRelaxed, kRelaxed, kSc);
  EXPECT_EQ(fences.complete, 3u);
  EXPECT_THAT(fences.outcomes, ElementsAre("a=0 b=1", "a=1 b=0", "a=1 b=1"));
}

Result MessagePassing(std::memory_order store, std::memory_order load) {
  return Explore([=] {
    Atomic<int> data(0), flag(0);
    Thread writer([&] {
      data.store(1, kRelaxed);
      flag.store(1, store);
    });
    Thread reader([&] {
      const int a = flag.load(load);
      const int b = data.load(kRelaxed);
      Note("a", a);
      Note("b", b);
    });
    writer.join();
    reader.join();
  });
}

TEST(LitmusTest, MessagePassing) {
  const Result relaxed = MessagePassing(kRelaxed, kAcquire);
  EXPECT_EQ(relaxed.complete, 4u);
  EXPECT_THAT(relaxed.outcomes,
              ElementsAre("a=0 b=0", "a=0 b=1", "a=1 b=0", "a=1 b=1"));
  const Result synchronised = MessagePassing(kRelease, kAcquire);
  EXPECT_EQ(synchronised.complete, 3u);
  EXPECT_THAT(synchronised.outcomes,
              ElementsAre("a=0 b=0", "a=0 b=1", "a=1 b=1"));
}

// Two readers of two independent writers: without sequential consistency they
// may disagree on the order.
Result IndependentReads(std::memory_order order) {
  return Explore([=] {
    Atomic<int> x(0), y(0);
    Thread w1([&] { x.store(1, order == kAcquire ? kRelease : order); });
    Thread w2([&] { y.store(1, order == kAcquire ? kRelease : order); });
    Thread r1([&] {
      Note("a", x.load(order));
      Note("b", y.load(order));
    });
    Thread r2([&] {
      Note("c", y.load(order));
      Note("d", x.load(order));
    });
    w1.join();
    w2.join();
    r1.join();
    r2.join();
  });
}

TEST(LitmusTest, IndependentReads) {
  EXPECT_EQ(IndependentReads(kRelaxed).complete, 16u);
  EXPECT_EQ(IndependentReads(kAcquire).complete, 16u);
  const Result sc = IndependentReads(kSc);
  EXPECT_EQ(sc.complete, 15u);
  EXPECT_FALSE(sc.outcomes.contains("a=1 b=0 c=1 d=0"));
}

TEST(LitmusTest, EveryOrderOfIncrements) {
  uint64_t factorial = 1;
  for (int n = 1; n <= 6; ++n) {
    factorial *= static_cast<uint64_t>(n);
    const Result result = Explore([n] {
      Atomic<int> x(0);
      std::vector<Thread> threads;
      for (int i = 0; i < n; ++i) {
        threads.emplace_back([&] { x.fetch_add(1, kRelaxed); });
      }
      for (Thread& t : threads) t.join();
      Assert(x.load(kRelaxed) == n);
    });
    EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
    EXPECT_EQ(result.complete, factorial) << n;
  }
}

TEST(LitmusTest, EverySetOfReaders) {
  for (int n = 1; n <= 6; ++n) {
    const Result result = Explore([n] {
      Atomic<int> x(0);
      std::vector<Thread> threads;
      threads.emplace_back([&] { x.store(1, kRelease); });
      for (int i = 0; i < n; ++i) {
        threads.emplace_back([&] { x.load(kAcquire); });
      }
      for (Thread& t : threads) t.join();
    });
    EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
    EXPECT_EQ(result.complete, uint64_t{1} << n);
    EXPECT_EQ(result.runs, result.complete);
  }
}

// A read may be as stale as coherence allows: there is no limited history.
TEST(LitmusTest, StaleReads) {
  constexpr int kStores = 64;
  const Result result = Explore([] {
    Atomic<int> x(0);
    Thread writer([&] {
      for (int i = 1; i <= kStores; ++i) x.store(i, kRelaxed);
    });
    Note("x", x.load(kRelaxed));
    writer.join();
  });
  EXPECT_EQ(result.complete, kStores + 1u);
  EXPECT_EQ(result.outcomes.size(), kStores + 1u);
}

}  // namespace
}  // namespace weft::model
