// The searches that do not explore everything, and what is said about how far
// a search is.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/classic_programs.h"
#include "weft/model/classic_structures.h"
#include "weft/model/mutex.h"
#include "weft/model/park.h"
#include "weft/model/spin.h"
#include "weft/model/thread.h"

namespace weft::model {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSubsetOf;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

class SamplingTest : public ::testing::TestWithParam<SearchKind> {
 protected:
  Options Sampling(uint64_t iterations) const {
    return {.search = GetParam(), .iterations = iterations};
  }
};

void StoreBuffering() {
  Atomic<int> x(0), y(0);
  Thread t([&] {
    x.store(1, kRelaxed);
    Note("a", y.load(kRelaxed));
  });
  y.store(1, kRelaxed);
  Note("b", x.load(kRelaxed));
  t.join();
}

TEST_P(SamplingTest, FindsWeakOutcomes) {
  const Result all = Explore(StoreBuffering);
  const Result sampled = Explore(StoreBuffering, Sampling(2000));
  EXPECT_EQ(sampled.verdict, Verdict::kPassed) << sampled.report;
  EXPECT_EQ(sampled.complete, 2000u);
  EXPECT_EQ(sampled.outcomes, all.outcomes);
}

// Only executions that the exhaustive search knows.
TEST_P(SamplingTest, IsConsistent) {
  const auto body = [] { ChaseLevProgram(2); };
  Options options = Sampling(3000);
  options.count_distinct = true;
  const Result result = Explore(body, options);
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_GT(result.distinct, 20u);
  EXPECT_LE(result.distinct, 348u);
}

TEST_P(SamplingTest, FindsBugs) {
  const Result result =
      Explore([] { ChaseLevProgram(2, false); }, Sampling(20000));
  EXPECT_EQ(result.verdict, Verdict::kAssertion);
}

TEST_P(SamplingTest, Waits) {
  const auto body = [] {
    Mutex mutex;
    CondVar changed;
    Parker parker;
    Atomic<int> flag(0);
    Cell<int> count(0);
    Thread t([&] {
      MutexLock lock(mutex);
      changed.wait(lock, [&] { return count.Get() > 0; });
      parker.Unpark();
    });
    Thread u([&] {
      while (flag.load(kAcquire) == 0) SpinHint();
      count.Set(count.Get());
    });
    {
      MutexLock lock(mutex);
      count.Set(1);
    }
    changed.notify_all();
    parker.Park();
    flag.store(1, kRelease);
    t.join();
    u.join();
  };
  const Result result = Explore(body, Sampling(500));
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, 500u);
}

// A thread may wait at a location that nobody has used yet while a seq_cst
// operation of another is tried in several ways.
TEST_P(SamplingTest, WaitsWhereNobodyWas) {
  const auto body = [] {
    Atomic<int> x(0), y(0);
    Parker parker;
    x.load();
    y.load();
    const auto turns = [](Atomic<int>& mine, Atomic<int>& other) {
      for (int i = 0; i < 3; ++i) {
        mine.store(i);
        other.exchange(i);
        mine.load();
      }
    };
    Thread t([&] { turns(x, y); });
    Thread u([&] {
      turns(y, x);
      parker.Unpark();
    });
    parker.Park();
    t.join();
    u.join();
  };
  const Result result = Explore(body, Sampling(3000));
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
}

TEST_P(SamplingTest, FindsDeadlocks) {
  const auto body = [] {
    Mutex a, b;
    Thread t([&] {
      MutexLock first(a);
      MutexLock second(b);
    });
    MutexLock first(b);
    MutexLock second(a);
    second.unlock();
    first.unlock();
    t.join();
  };
  EXPECT_EQ(Explore(body, Sampling(1000)).verdict, Verdict::kDeadlock);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SamplingTest,
                         ::testing::Values(SearchKind::kWalk, SearchKind::kPct,
                                           SearchKind::kPos));

TEST(DeviationsTest, ShallowBugsNeedFew) {
  const auto body = [] { ChaseLevProgram(1, false); };
  EXPECT_EQ(Explore(body, {.max_deviations = 0, .samples = true}).verdict,
            Verdict::kPassed);
  EXPECT_EQ(Explore(body, {.max_deviations = 5, .samples = true}).verdict,
            Verdict::kAssertion);
}

TEST(EstimateTest, IsExactAtTheEnd) {
  const Result result = Explore([] { ChaseLevProgram(2); });
  EXPECT_NEAR(result.estimated_total, 348.0, 0.001);
}

TEST(EstimateTest, SaysHowFarItGot) {
  const Result result =
      Explore([] { ChaseLevProgram(2); }, {.max_executions = 50});
  EXPECT_EQ(result.verdict, Verdict::kNotExhaustive);
  EXPECT_GT(result.estimated_total, 50.0);
  EXPECT_THAT(result.report, HasSubstr("about"));
}

/// Expects the estimate after `part` of the executions to be at most twice or
/// half of what there is.
void ExpectGoodEstimate(const std::function<void()>& body, uint64_t executions,
                        double part) {
  const auto all = static_cast<double>(executions);
  const Result result = Explore(
      body,
      {.max_executions = static_cast<uint64_t>(part * all), .samples = true});
  EXPECT_GT(result.estimated_total, all / 2) << "after " << part;
  EXPECT_LT(result.estimated_total, all * 2) << "after " << part;
}

// Before that it can be off by ten.
TEST(EstimateTest, IsWithinAFactorOfTwoInTheLastQuarter) {
  for (const double part : {0.75, 0.9}) {
    ExpectGoodEstimate([] { ChaseLevProgram(2); }, 348, part);
    ExpectGoodEstimate([] { MpmcProgram(2); }, 118, part);
    ExpectGoodEstimate([] { TurnsProgram(false); }, 4116, part);
    ExpectGoodEstimate([] { TurnsProgram(true); }, 1107, part);
    ExpectGoodEstimate([] { IncrementsProgram(6); }, 720, part);
  }
}

std::string LoadBuffering(std::memory_order load, std::memory_order store) {
  return Explore([=] {
           Atomic<int> x(0), y(0);
           Thread t([&] {
             x.load(load);
             y.store(1, store);
           });
           y.load(load);
           x.store(1, store);
           t.join();
         })
      .lint;
}

TEST(LintTest, LoadBuffering) {
  EXPECT_THAT(LoadBuffering(kRelaxed, kRelaxed), HasSubstr("search_test.cc"));
  EXPECT_EQ(LoadBuffering(kAcquire, kRelease), "");
  EXPECT_EQ(Explore(StoreBuffering).lint, "");
}

}  // namespace
}  // namespace weft::model
