#include "weft/task/outcome.h"

#include <exception>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/check.h"
#include "weft/base/exception.h"
#include "weft/task/testing/errors.h"
#include "weft/task/testing/tracked.h"

namespace weft {
namespace {

using task_testing::HowItEnded;
using task_testing::Message;
using task_testing::TestError;
using task_testing::Throw;
using task_testing::Tracked;
using task_testing::Tracker;

static_assert(sizeof(Outcome<void>) == 2 * sizeof(void*));
static_assert(sizeof(Outcome<int>) == 2 * sizeof(void*));
static_assert(sizeof(Outcome<std::string>) ==
              sizeof(std::string) + sizeof(void*));
static_assert(std::is_nothrow_move_constructible_v<Outcome<int>>);
static_assert(!std::is_nothrow_move_constructible_v<Outcome<Tracked>>);
static_assert(!std::is_copy_constructible_v<Outcome<int>>);

std::exception_ptr Error(const char* what) {
  return CatchAll([&] { Throw(what); });
}

TEST(Outcome, IsEmptyAtFirst) {
  Outcome<int> outcome;
  EXPECT_TRUE(outcome.empty());
  EXPECT_FALSE(outcome.ok());
  EXPECT_FALSE(outcome.cancelled());
  EXPECT_EQ(outcome.exception(), nullptr);
  EXPECT_EQ(HowItEnded(outcome), "empty");
}

TEST(Outcome, HoldsAValue) {
  Outcome<std::string> outcome(std::in_place, 3, 'x');
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.value(), "xxx");
  EXPECT_EQ(*outcome, "xxx");
  outcome.value() += "y";
  EXPECT_EQ(std::move(outcome).value(), "xxxy");
}

TEST(Outcome, HoldsNoValueOfVoid) {
  Outcome<void> outcome(std::in_place);
  EXPECT_TRUE(outcome.ok());
  outcome.value();
  std::move(outcome).value();
}

TEST(Outcome, MovesAMoveOnlyValueOut) {
  Outcome<std::unique_ptr<int>> outcome(std::in_place, new int(7));
  std::unique_ptr<int> value = std::move(outcome).value();
  EXPECT_EQ(*value, 7);
}

TEST(Outcome, OfACancelledTaskHasNeitherValueNorException) {
  auto outcome = Outcome<int>::Cancelled();
  EXPECT_TRUE(outcome.cancelled());
  EXPECT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.exception(), nullptr);
}

TEST(Outcome, ThrowsAgainWhatTheTaskThrew) {
  if constexpr (!kExceptionsEnabled) return;
  Outcome<int> outcome(Error("boom"));
  EXPECT_FALSE(outcome.ok());
  EXPECT_EQ(Message(outcome.exception()), "boom");
  EXPECT_EQ(Message(CatchAll([&] { return outcome.value(); })), "boom");
  EXPECT_EQ(Message(CatchAll([&] { return std::move(outcome).value(); })),
            "boom");
}

TEST(Outcome, ThrowsTaskCancelledForACancelledTask) {
  if constexpr (!kExceptionsEnabled) return;
  auto outcome = Outcome<void>::Cancelled();
  EXPECT_EQ(Message(CatchAll([&] { outcome.value(); })),
            "weft: task cancelled");
}

TEST(Outcome, EveryKindIsMovedToEveryKind) {
  Tracker tracker;
  const auto make = [&](int kind) {
    switch (kind) {
      case 0:
        return Outcome<Tracked>();
      case 1:
        return Outcome<Tracked>(std::in_place, tracker);
      case 2:
        return Outcome<Tracked>::Cancelled();
      default:
        return Outcome<Tracked>(Error("boom"));
    }
  };
  const int kinds = kExceptionsEnabled ? 4 : 3;
  for (int from = 0; from < kinds; ++from) {
    for (int to = 0; to < kinds; ++to) {
      Outcome<Tracked> source = make(from);
      Outcome<Tracked> target = make(to);
      target = std::move(source);
      EXPECT_EQ(HowItEnded(target), HowItEnded(make(from)));
      EXPECT_EQ(tracker.alive(), from == 1);
      Outcome<Tracked> moved(std::move(target));
      EXPECT_EQ(HowItEnded(moved), HowItEnded(make(from)));
    }
    EXPECT_EQ(tracker.alive(), 0);
  }
}

TEST(Outcome, SelfAssignmentKeepsTheValue) {
  Outcome<std::string> outcome(std::in_place, "kept");
  Outcome<std::string>& same = outcome;
  outcome = std::move(same);
  EXPECT_EQ(*outcome, "kept");
}

TEST(Outcome, EmplaceAndClearReplaceWhatWasThere) {
  Tracker tracker;
  Outcome<Tracked> outcome(std::in_place, tracker);
  outcome.Emplace(tracker);
  EXPECT_EQ(tracker.destroyed(), 1);
  EXPECT_TRUE(outcome.ok());
  outcome.SetCancelled();
  EXPECT_TRUE(outcome.cancelled());
  EXPECT_EQ(tracker.alive(), 0);
  outcome.Emplace(tracker);
  outcome.Clear();
  EXPECT_TRUE(outcome.empty());
  EXPECT_EQ(tracker.alive(), 0);
}

TEST(Outcome, SetExceptionReplacesTheValue) {
  if constexpr (!kExceptionsEnabled) return;
  Tracker tracker;
  Outcome<Tracked> outcome(std::in_place, tracker);
  outcome.SetException(Error("boom"));
  EXPECT_EQ(tracker.alive(), 0);
  EXPECT_EQ(HowItEnded(outcome), "boom");
}

TEST(Outcome, IsEmptyAfterAnAssignmentThatThrew) {
  if constexpr (!kExceptionsEnabled) return;
  Tracker tracker;
  {
    Outcome<Tracked> source(std::in_place, tracker);
    Outcome<Tracked> target(std::in_place, tracker);
    tracker.throw_at_move = 1;
    EXPECT_NE(CatchAll([&] { target = std::move(source); }), nullptr);
    EXPECT_TRUE(target.empty());
    EXPECT_TRUE(source.ok());
    EXPECT_TRUE((*source).owns());
  }
  EXPECT_EQ(tracker.alive(), 0);
  EXPECT_EQ(tracker.destroyed(), 2);
}

TEST(Outcome, IsEmptyAfterAnEmplaceThatThrew) {
  if constexpr (!kExceptionsEnabled) return;
  Tracker tracker;
  {
    Tracked value(tracker);
    Outcome<Tracked> outcome(std::in_place, tracker);
    tracker.throw_at_move = 1;
    EXPECT_NE(CatchAll([&] { outcome.Emplace(std::move(value)); }), nullptr);
    EXPECT_TRUE(outcome.empty());
  }
  EXPECT_EQ(tracker.alive(), 0);
}

TEST(OutcomeDeathTest, WithoutAValueItSaysSo) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)Outcome<int>().value(), "Outcome is empty");
  if constexpr (kDCheckEnabled) {
    Outcome<int> outcome;
    EXPECT_DEATH((void)*outcome, "has no value");
  }
  if constexpr (!kExceptionsEnabled) {
    EXPECT_DEATH((void)Outcome<int>::Cancelled().value(), "cancelled task");
  }
}

}  // namespace
}  // namespace weft
