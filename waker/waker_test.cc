#include "weft/waker/waker.h"

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "gtest/gtest.h"
#include "weft/waker/context.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/raw_waker.h"
#include "weft/waker/test_waker.h"

namespace weft {
namespace {

static_assert(!std::is_copy_constructible_v<Waker>);
static_assert(std::is_nothrow_move_constructible_v<Waker>);
static_assert(std::is_nothrow_move_assignable_v<Waker>);
static_assert(std::is_trivially_copyable_v<WakerRef>);

TEST(Waker, CountsItsReferences) {
  TestWaker target;
  {
    Waker first = target.Make();
    Waker second = first.Clone();
    EXPECT_EQ(target.alive(), 2);
    EXPECT_EQ(target.clones(), 1);
    Waker third = std::move(second);
    EXPECT_EQ(target.alive(), 2);
    EXPECT_FALSE(second);  // NOLINT: moved-from is empty
    EXPECT_TRUE(third);
  }
  EXPECT_EQ(target.alive(), 0);
  EXPECT_EQ(target.wakes(), 0);
}

TEST(Waker, IsUsedUpByWakeAndNotByWakeByRef) {
  TestWaker target;
  Waker waker = target.Make();
  waker.WakeByRef();
  waker.WakeByRef();
  EXPECT_EQ(target.wakes(), 2);
  EXPECT_EQ(target.alive(), 1);
  std::move(waker).Wake();
  EXPECT_EQ(target.wakes(), 3);
  EXPECT_EQ(target.alive(), 0);
  std::move(waker).Wake();  // NOLINT: empty now
  waker.WakeByRef();
  EXPECT_EQ(target.wakes(), 3);
}

TEST(Waker, AssignmentDropsTheOldTarget) {
  TestWaker one;
  TestWaker two;
  Waker waker = one.Make();
  waker = two.Make();
  EXPECT_EQ(one.alive(), 0);
  EXPECT_EQ(two.alive(), 1);
}

TEST(Waker, AssignmentHasTheNewTargetBeforeTheOldIsDropped) {
  TestWaker one;
  TestWaker two;
  Waker waker = one.Make();
  one.on_drop = [&] { waker.WakeByRef(); };
  waker = two.Make();
  EXPECT_EQ(two.wakes(), 1);
  EXPECT_EQ(one.wakes(), 0);
}

TEST(Waker, EmptyDoesNothing) {
  Waker empty;
  EXPECT_FALSE(empty);
  empty.WakeByRef();
  EXPECT_FALSE(empty.Clone());
  std::move(empty).Wake();
}

// known-bugs T2: tokio #2045, #7699, #4751.
TEST(Waker, WillWakeHoldsForOwnedAndLentWakersOfOneTargetOnly) {
  TestWaker one;
  TestWaker two;
  Waker owned = one.Make();
  Waker other = two.Make();
  Waker clone = owned.Clone();
  WakerRef lent = owned;
  Waker clone_of_lent = lent.Clone();
  EXPECT_TRUE(owned.WillWake(clone));
  EXPECT_TRUE(clone.WillWake(owned));
  EXPECT_TRUE(lent.WillWake(owned));
  EXPECT_TRUE(lent.WillWake(clone_of_lent));
  EXPECT_TRUE(WakerRef(clone_of_lent).WillWake(owned));
  EXPECT_FALSE(owned.WillWake(other));
  EXPECT_FALSE(lent.WillWake(other));
  EXPECT_FALSE(WakerRef(other).WillWake(owned));
  EXPECT_FALSE(owned.WillWake(Waker()));
}

TEST(WakerRef, TakesNoReferenceUntilItIsCloned) {
  TestWaker target;
  Waker owned = target.Make();
  WakerRef lent = owned;
  WakerRef copy = lent;
  EXPECT_EQ(target.alive(), 1);
  copy.WakeByRef();
  EXPECT_EQ(target.wakes(), 1);
  Waker kept = copy.Clone();
  EXPECT_EQ(target.alive(), 2);
}

TEST(WakerRef, OfAnEmptyWakerDoesNothing) {
  Waker empty;
  WakerRef lent = empty;
  lent.WakeByRef();
  EXPECT_FALSE(lent.Clone());
  EXPECT_TRUE(lent.WillWake(empty));
}

TEST(Context, LendsTheWakerOfWhoeverPolls) {
  TestWaker target;
  Waker owned = target.Make();
  Context context(owned);
  EXPECT_TRUE(context.waker().WillWake(owned));
  EXPECT_EQ(target.alive(), 1);
}

TEST(NoopWaker, WakesNobodyAndIsItsOwnClone) {
  Waker noop = NoopWaker();
  EXPECT_TRUE(noop);
  noop.WakeByRef();
  Waker clone = noop.Clone();
  EXPECT_TRUE(noop.WillWake(clone));
  std::move(clone).Wake();
}

TEST(RawWaker, CarriesTheReferenceFromReleaseToAdopt) {
  TestWaker target;
  RawWaker raw = RawWaker::Release(target.Make());
  EXPECT_EQ(target.alive(), 1);
  {
    Waker again = raw.Adopt();
    EXPECT_TRUE(raw.WillWake(again));
  }
  EXPECT_EQ(target.alive(), 0);
}

TEST(RawWaker, OfNoWakerIsEmpty) {
  EXPECT_FALSE(RawWaker().Adopt());
  EXPECT_FALSE(RawWaker::Release(Waker()).Adopt());
}

}  // namespace
}  // namespace weft
