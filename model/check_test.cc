#include "weft/model/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/thread.h"

namespace weft::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;
constexpr auto kAcqRel = std::memory_order_acq_rel;

Result Publish(std::memory_order store, std::memory_order load) {
  return Explore([=] {
    Atomic<bool> ready(false);
    Cell<int> data(0);
    Thread writer([&] {
      data.Set(7);
      ready.store(true, store);
    });
    if (ready.load(load)) Assert(data.Get() == 7);
    writer.join();
    Assert(data.Get() == 7);
  });
}

TEST(CheckTest, DataRace) {
  EXPECT_EQ(Publish(kRelease, kAcquire).verdict, Verdict::kPassed);
  EXPECT_EQ(Publish(kRelaxed, kAcquire).verdict, Verdict::kDataRace);
  EXPECT_EQ(Publish(kRelease, kRelaxed).verdict, Verdict::kDataRace);
}

TEST(CheckTest, DataRaceNamesBothSides) {
  const Result result = Publish(kRelaxed, kAcquire);
  ASSERT_EQ(result.failure.first.lane, 1);
  EXPECT_EQ(result.failure.first.kind, PlainAccess::Kind::kWrite);
  EXPECT_THAT(result.failure.first.where.file_name(),
              HasSubstr("check_test.cc"));
  EXPECT_EQ(result.failure.second.lane, 0);
  EXPECT_EQ(result.failure.second.kind, PlainAccess::Kind::kRead);
  EXPECT_GT(result.failure.second.where.line(),
            result.failure.first.where.line());
  ASSERT_NE(result.graph, nullptr);
  EXPECT_EQ(result.graph->size(1), 1);
  EXPECT_FALSE(result.plain_accesses.empty());
}

TEST(CheckTest, ReadersMayShare) {
  const Result result = Explore([] {
    Cell<int> data(1);
    Thread a([&] { data.Get(); });
    Thread b([&] { data.Get(); });
    data.Get();
    a.join();
    b.join();
    data.Set(2);
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, 1u);
}

TEST(CheckTest, WriteRacesWithEarlierReader) {
  const Result result = Explore([] {
    Cell<int> data(1);
    Thread a([&] { data.Get(); });
    Thread b([&] { data.Get(); });
    a.join();
    data.Set(2);
    b.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kDataRace);
}

// A seq_cst fence orders nothing by itself that a data race could hide behind.
TEST(CheckTest, FencesHideNoRace) {
  const Result result = Explore([] {
    Cell<int> data(0);
    Thread t([&] {
      data.Set(1);
      AtomicThreadFence(std::memory_order_seq_cst);
    });
    AtomicThreadFence(std::memory_order_seq_cst);
    data.Get();
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kDataRace);
}

TEST(CheckTest, ConstructionRaces) {
  const Result result = Explore([] {
    Atomic<Atomic<int>*> pointer(nullptr);
    Thread t([&] {
      Atomic<int> x(1);
      pointer.store(&x, kRelaxed);
    });
    if (Atomic<int>* x = pointer.load(kAcquire)) x->load(kRelaxed);
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kDataRace);
}

TEST(CheckTest, Assertion) {
  const Result result = Explore([] {
    Atomic<int> x(0);
    Thread t([&] { x.store(1, kRelaxed); });
    Assert(x.load(kRelaxed) == 0, "x is still 0");
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kAssertion);
  EXPECT_EQ(result.failure.message, "x is still 0");
  EXPECT_THAT(result.report, HasSubstr("check_test.cc"));
}

TEST(CheckTest, Replay) {
  const auto body = [] {
    Atomic<int> x(0);
    Thread t([&] { x.fetch_add(1, kRelaxed); });
    Thread u([&] { x.fetch_add(2, kRelaxed); });
    Assert(x.load(kRelaxed) != 2);
    t.join();
    u.join();
  };
  const Result found = Explore(body);
  ASSERT_EQ(found.verdict, Verdict::kAssertion);
  const Result again = Replay(body, found.replay);
  EXPECT_EQ(again.verdict, Verdict::kAssertion);
  EXPECT_EQ(again.runs, 1u);
}

TEST(CheckTest, Choose) {
  const Result result = Explore([] {
    const uint32_t a = Choose(3);
    Note("a", a);
    if (a == 2) Note("b", Choose(2));
  });
  EXPECT_EQ(result.complete, 4u);
  EXPECT_THAT(result.outcomes, ElementsAre("a=0", "a=1", "a=2 b=0", "a=2 b=1"));
}

// A choice that a revisit takes back and repeats is still made only once.
TEST(CheckTest, ChoicesAndRevisits) {
  const Result result = Explore([] {
    Atomic<int> x(0), y(0);
    Thread t([&] {
      Note("x", x.load(kRelaxed));
      Note("c", Choose(2));
      y.store(1, kRelaxed);
    });
    Thread u([&] {
      Note("d", Choose(2));
      x.store(1, kRelaxed);
      Note("y", y.load(kRelaxed));
    });
    t.join();
    u.join();
  });
  EXPECT_EQ(result.complete, 16u);
  EXPECT_EQ(result.outcomes.size(), 16u);
}

TEST(CheckTest, WeakCompareExchangeFailsForNoReason) {
  const auto body = [] {
    Atomic<int> x(0);
    int expected = 0;
    const bool wrote = x.compare_exchange_weak(expected, 1, kRelaxed, kRelaxed);
    Note("wrote", wrote);
    Note("expected", expected);
    Note("x", x.load(kRelaxed));
  };
  EXPECT_THAT(Explore(body).outcomes,
              ElementsAre("expected=0 wrote=0 x=0", "expected=0 wrote=1 x=1"));
  EXPECT_THAT(Explore(body, {.weak_cas_fails = false}).outcomes,
              ElementsAre("expected=0 wrote=1 x=1"));
}

// Only once per place, so that loops end.
TEST(CheckTest, WeakCompareExchangeLoops) {
  const Result result = Explore([] {
    Atomic<int> x(0);
    const auto increment = [&] {
      int old = x.load(kRelaxed);
      while (!x.compare_exchange_weak(old, old + 1, kAcqRel, kRelaxed)) {
      }
    };
    Thread t(increment);
    increment();
    t.join();
    Assert(x.load(kRelaxed) == 2);
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
}

// A compare-exchange that fails may have read an old value.
TEST(CheckTest, CompareExchangeFailsOnStaleValues) {
  const Result result = Explore([] {
    Atomic<int> x(0);
    Thread t([&] {
      x.store(1, kRelaxed);
      x.store(2, kRelaxed);
    });
    int expected = 9;
    x.compare_exchange_strong(expected, 10, kRelaxed);
    Note("x", expected);
    t.join();
  });
  EXPECT_THAT(result.outcomes, ElementsAre("x=0", "x=1", "x=2"));
}

TEST(CheckTest, Values) {
  struct Wide {
    uint64_t a, b;
  };
  const Result result = Explore([] {
    Atomic<Wide> wide(Wide{1, 2});
    Wide expected{1, 2};
    Assert(wide.compare_exchange_strong(expected, Wide{3, 4}));
    Assert(wide.load().b == 4);
    Atomic<uint8_t> small(250);
    Assert(small.fetch_add(10) == 250);
    Assert(small.load() == 4);
    Atomic<int> number(-1);
    Assert(number.fetch_sub(1) == -1);
    Assert(number.load() == -2);
    int objects[2];
    Atomic<int*> pointer(objects);
    pointer.fetch_add(1);
    Assert(pointer.load() == objects + 1);
    Atomic<unsigned> bits(0b1100);
    bits.fetch_and(0b0110);
    bits.fetch_or(0b0001);
    bits.fetch_xor(0b0111);
    Assert(bits.exchange(0) == 0b0010);
    Atomic<bool> flag;
    Assert(!flag.load());
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, 1u);
}

Atomic<int> global_counter(5);

TEST(CheckTest, GlobalsStartAnewInEachExecution) {
  const Result result = Explore([] {
    Thread t([&] { global_counter.fetch_add(1, kRelaxed); });
    Note("x", global_counter.load(kRelaxed));
    t.join();
    Assert(global_counter.load(kRelaxed) == 6);
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_THAT(result.outcomes, ElementsAre("x=5", "x=6"));
  EXPECT_EQ(global_counter.load(), 5);
}

TEST(CheckTest, OutsideAnExecution) {
  EXPECT_FALSE(InExecution());
  Atomic<int> x(1);
  Cell<int> c(2);
  Thread t([&] { x.fetch_add(1); });
  t.join();
  EXPECT_EQ(x.load(), 2);
  EXPECT_EQ(c.Get(), 2);
  EXPECT_EQ(Choose(3), 0u);
  bool inside = false;
  Explore([&] { inside = InExecution(); });
  EXPECT_TRUE(inside);
}

TEST(CheckTest, ThreadsStartedByThreads) {
  const Result result = Explore([] {
    Atomic<int> x(0);
    Thread a([&] {
      Thread b([&] { x.fetch_add(1, kRelaxed); });
      x.fetch_add(1, kRelaxed);
      b.join();
    });
    Thread c([&] {
      Thread d([&] { x.fetch_add(1, kRelaxed); });
      d.join();
    });
    a.join();
    c.join();
    Assert(x.load(kRelaxed) == 3);
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, 6u);
}

// A replayed read waits for a thread that this run has not started yet,
// although the run before had it.
TEST(CheckTest, AThreadThatIsNotStartedYetHasNotRun) {
  const Result result = Explore([] {
    Atomic<int> early(0), flag(0);
    int data = 0;
    Thread reader([&] {
      early.store(1, kRelaxed);
      if (flag.load(kAcquire) == 1) Assert(data == 1);
    });
    (void)early.load(kRelaxed);
    Thread writer([&] {
      data = 1;
      flag.store(1, kRelease);
    });
    reader.join();
    writer.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
}

TEST(CheckTest, Nondeterminism) {
  int run = 0;
  const Result result = Explore([&] {
    Atomic<int> x(0);
    Thread t([&] { x.store(1, kRelaxed); });
    if (++run == 2) x.store(2, kRelaxed);
    x.load(kRelaxed);
    t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kNondeterministic);
  EXPECT_THAT(result.report, HasSubstr("check_test.cc"));
}

TEST(CheckTest, Limits) {
  const auto body = [] {
    Atomic<int> x(0);
    Thread t([&] { x.store(1, kRelaxed); });
    x.load(kRelaxed);
    t.join();
  };
  EXPECT_EQ(Explore(body, {.max_executions = 1}).verdict,
            Verdict::kNotExhaustive);
  EXPECT_EQ(Explore(body, {.max_executions = 1, .samples = true}).verdict,
            Verdict::kPassed);
  EXPECT_EQ(Explore(body, {.max_executions = 2}).verdict, Verdict::kPassed);
  EXPECT_EQ(Explore(body, {.max_deviations = 0}).verdict,
            Verdict::kNotExhaustive);
  EXPECT_EQ(Explore(body, {.max_deviations = 1}).verdict, Verdict::kPassed);
  const Result loop = Explore([] {
    Atomic<int> x(0);
    for (;;) x.store(1, kRelaxed);
  });
  EXPECT_EQ(loop.verdict, Verdict::kTooManyEvents);
}

#if defined(__cpp_exceptions)
TEST(CheckTest, Exceptions) {
  const Result inside = Explore([] {
    try {
      throw 1;
    } catch (int) {
    }
  });
  EXPECT_EQ(inside.verdict, Verdict::kPassed) << inside.report;
  const Result left = Explore([] {
    Thread t([] { throw std::string("out"); });
    t.join();
  });
  EXPECT_EQ(left.verdict, Verdict::kException);
}
#endif

}  // namespace
}  // namespace weft::model
