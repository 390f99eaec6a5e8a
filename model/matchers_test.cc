#include "weft/model/matchers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/mutex.h"
#include "weft/model/thread.h"

namespace weft::model {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;

// --- Programs, one for each verdict. ---

void Pass() {
  Atomic<int> x(0);
  Thread t([&] { x.store(1, kRelaxed); });
  Note("x", x.load(kRelaxed));
  t.join();
}

void Race() {
  Atomic<bool> ready(false);
  Cell<int> data(0);
  Thread t([&] {
    data.Set(7);
    ready.store(true, kRelaxed);
  });
  if (ready.load(kAcquire)) data.Get();
  t.join();
}

void Deadlock() {
  Mutex a, b;
  Thread t([&] {
    const MutexLock first(a);
    const MutexLock second(b);
  });
  {
    const MutexLock first(b);
    const MutexLock second(a);
  }
  t.join();
}

void Leak() { [[maybe_unused]] int* volatile leaked = new int(1); }

struct Node {
  Cell<int> value{0};
};

void UseAfterFree() {
  Node* node = new Node;
  Node* volatile alias = node;
  delete node;
  alias->value.Get();
}

void DoubleFree() {
  int* block = new int(1);
  int* volatile alias = block;
  delete block;
  delete alias;
}

void Fails() {
  Atomic<int> x(0);
  Thread t([&] { x.store(1, kRelaxed); });
  Assert(x.load(kRelaxed) == 0, "x is 0");
  t.join();
}

#if defined(__cpp_exceptions)
void Throws() { throw 1; }
#endif

/// What the matcher says about the program; empty if it matches.
template <class M>
std::string Mismatch(void (*program)(), const M& matcher) {
  const ::testing::Matcher<void (*)()> m = matcher;
  ::testing::StringMatchResultListener listener;
  if (m.MatchAndExplain(program, &listener)) return "";
  EXPECT_FALSE(listener.str().empty());
  return listener.str();
}

// --- Matching. ---

TEST(MatchersTest, EachFindsItsVerdict) {
  EXPECT_THAT(Pass, Passes());
  EXPECT_THAT(Race, FindsDataRace());
  EXPECT_THAT(Deadlock, FindsDeadlock());
  EXPECT_THAT(Leak, FindsLeak());
  EXPECT_THAT(UseAfterFree, FindsUseAfterFree());
  EXPECT_THAT(DoubleFree, FindsDoubleFree());
  EXPECT_THAT(Fails, FindsAssertion());
  EXPECT_THAT(Fails, FindsAssertion("x is"));
#if defined(__cpp_exceptions)
  EXPECT_THAT(Throws, FindsException());
#endif
}

TEST(MatchersTest, NoneFindsAnother) {
  EXPECT_THAT(Race, Not(Passes()));
  EXPECT_THAT(Pass, Not(FindsDataRace()));
  EXPECT_THAT(Pass, Not(FindsDeadlock()));
  EXPECT_THAT(Pass, Not(FindsLeak()));
  EXPECT_THAT(Pass, Not(FindsUseAfterFree()));
  EXPECT_THAT(Pass, Not(FindsDoubleFree()));
  EXPECT_THAT(Pass, Not(FindsAssertion()));
  EXPECT_THAT(Pass, Not(FindsException()));
  EXPECT_THAT(Race, Not(FindsDeadlock()));
  EXPECT_THAT(Leak, Not(FindsDoubleFree()));
  EXPECT_THAT(DoubleFree, Not(FindsUseAfterFree()));
  EXPECT_THAT(Fails, Not(FindsAssertion("y is")));
}

TEST(MatchersTest, LambdasAndOptions) {
  EXPECT_THAT([] { Atomic<int> x(0); }, Passes());
  int n = 3;
  const auto choose = [&n] { Note("c", Choose(n)); };
  EXPECT_THAT(choose, Passes({.max_executions = 3}));
  EXPECT_THAT(choose, Not(Passes({.max_executions = 2})));
  EXPECT_THAT(Leak, Passes({.check_leaks = false}));
  EXPECT_THAT(Race, Not(FindsDataRace({.max_executions = 1})));
}

TEST(MatchersTest, Outcomes) {
  EXPECT_THAT(Pass, OutcomesAre({"x=0", "x=1"}));
  EXPECT_THAT(Pass, OutcomesAre(Outcomes{"x=0", "x=1"}));
  EXPECT_THAT(Pass, OutcomesAre(ElementsAre("x=0", "x=1")));
  EXPECT_THAT(Pass, OutcomesAre(SizeIs(2)));
  EXPECT_THAT(Pass, Not(OutcomesAre({"x=0"})));
  EXPECT_THAT(Pass, Not(OutcomesAre(SizeIs(3))));
  EXPECT_THAT(Race, Not(OutcomesAre(SizeIs(0))));
}

// --- What a mismatch says. ---

TEST(MatchersTest, MismatchHasTheReport) {
  EXPECT_THAT(Mismatch(Race, Passes()),
              AllOf(HasSubstr("DATA RACE"), HasSubstr("MODEL_REPLAY=g1."),
                    HasSubstr("matchers_test.cc:"), HasSubstr("RACES with"),
                    HasSubstr("missing edge")));
  EXPECT_THAT(Mismatch(Race, FindsLeak()), HasSubstr("DATA RACE"));
  EXPECT_THAT(Mismatch(Fails, FindsAssertion("y is")),
              HasSubstr("ASSERTION FAILED: x is 0"));
}

TEST(MatchersTest, MismatchSaysThatAllPassed) {
  EXPECT_THAT(Mismatch(Pass, FindsDataRace()),
              HasSubstr("passes all of 2 executions"));
}

TEST(MatchersTest, MismatchOfLimits) {
  EXPECT_THAT(Mismatch(Pass, Passes({.max_executions = 1})),
              HasSubstr("NOT EXHAUSTIVE"));
}

TEST(MatchersTest, MismatchOfOutcomesSaysWhich) {
  EXPECT_EQ(Mismatch(Pass, OutcomesAre({"x=0", "x=2"})),
            "\nmissing:\n  x=2\nnot expected:\n  x=1");
  EXPECT_THAT(Mismatch(Pass, OutcomesAre(ElementsAre("x=0", "x=2"))),
              HasSubstr("the outcomes:\n  x=0\n  x=1"));
  EXPECT_THAT(Mismatch(Race, OutcomesAre({"x=0"})), HasSubstr("DATA RACE"));
}

TEST(MatchersTest, Descriptions) {
  using Body = void (*)();
  const auto describe = [](const ::testing::Matcher<Body>& matcher) {
    return ::testing::DescribeMatcher<Body>(matcher);
  };
  EXPECT_EQ(describe(Passes()), "passes under the model checker");
  EXPECT_EQ(describe(FindsDataRace()),
            "has an execution that fails with: data race");
  EXPECT_EQ(describe(FindsAssertion("x")),
            "has an execution that fails with: assertion failed, \"x\"");
  EXPECT_THAT(describe(Not(Passes())), HasSubstr("not: passes"));
  EXPECT_THAT(describe(OutcomesAre(SizeIs(2))), HasSubstr("set"));
}

}  // namespace
}  // namespace weft::model
