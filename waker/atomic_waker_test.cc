#include "weft/waker/atomic_waker.h"

#include <functional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/exception.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/test_waker.h"

namespace weft {
namespace {

TEST(AtomicWaker, CallsTheRegisteredWakerOnce) {
  TestWaker target;
  AtomicWaker slot;
  Waker waker = target.Make();
  slot.Register(waker);
  EXPECT_EQ(target.wakes(), 0);
  slot.Wake();
  slot.Wake();
  EXPECT_EQ(target.wakes(), 1);
  EXPECT_EQ(target.alive(), 1);
}

TEST(AtomicWaker, DoesNothingWhenNobodyIsRegistered) {
  TestWaker target;
  AtomicWaker slot;
  slot.Wake();
  EXPECT_FALSE(slot.Take());
  Waker waker = target.Make();
  slot.Register(waker);
  EXPECT_EQ(target.wakes(), 0) << "an earlier wake is not kept";
}

TEST(AtomicWaker, CanBeUsedAgainAfterAWake) {
  TestWaker target;
  AtomicWaker slot;
  Waker waker = target.Make();
  for (int i = 1; i <= 3; ++i) {
    slot.Register(waker);
    slot.Wake();
    EXPECT_EQ(target.wakes(), i);
  }
  EXPECT_EQ(target.clones(), 3);
}

TEST(AtomicWaker, ReplacesAWakerOfAnotherTarget) {
  TestWaker one;
  TestWaker two;
  AtomicWaker slot;
  Waker first = one.Make();
  Waker second = two.Make();
  slot.Register(first);
  slot.Register(second);
  EXPECT_EQ(one.alive(), 1) << "its clone is dropped at once";
  slot.Wake();
  EXPECT_EQ(one.wakes(), 0);
  EXPECT_EQ(two.wakes(), 1);
}

TEST(AtomicWaker, DoesNotCloneAWakerThatIsThereAlready) {
  TestWaker target;
  AtomicWaker slot;
  Waker waker = target.Make();
  slot.Register(waker);
  slot.Register(waker);
  slot.Register(waker.Clone());
  EXPECT_EQ(target.clones(), 2) << "one for the slot, one by this test";
  slot.Wake();
  EXPECT_EQ(target.wakes(), 1);
  // The words are still in the slot, but it is empty.
  slot.Register(waker);
  slot.Wake();
  EXPECT_EQ(target.wakes(), 2);
}

TEST(AtomicWaker, TakeHandsTheWakerOut) {
  TestWaker target;
  AtomicWaker slot;
  Waker waker = target.Make();
  slot.Register(waker);
  Waker taken = slot.Take();
  EXPECT_TRUE(taken.WillWake(waker));
  EXPECT_FALSE(slot.Take());
  EXPECT_EQ(target.wakes(), 0);
}

TEST(AtomicWaker, DropsItsWakerWithItself) {
  TestWaker target;
  {
    AtomicWaker slot;
    Waker waker = target.Make();
    slot.Register(waker);
    EXPECT_EQ(target.alive(), 2);
  }
  EXPECT_EQ(target.alive(), 0);
}

// known-bugs S2: wakers run user code. Each callback uses the slot in every way
// that its role allows, and the slot keeps its promises.
TEST(AtomicWaker, S2CloneMayReenter) {
  TestWaker target;
  TestWaker other;
  AtomicWaker slot;
  Waker waker = target.Make();
  Waker others = other.Make();
  bool entered = false;
  target.on_clone = [&] {
    if (std::exchange(entered, true)) return;
    slot.Wake();
    slot.Register(others);
    slot.Wake();
    (void)slot.Take();
    slot.Register(others);
  };
  slot.Register(waker);
  EXPECT_EQ(other.wakes(), 1);
  EXPECT_EQ(other.alive(), 1) << "the outer registration came last";
  slot.Wake();
  EXPECT_EQ(target.wakes(), 1);
}

TEST(AtomicWaker, S2WakeMayReenter) {
  TestWaker target;
  AtomicWaker slot;
  Waker waker = target.Make();
  target.on_wake = [&] {
    slot.Wake();
    slot.Register(waker);
  };
  slot.Register(waker);
  slot.Wake();
  EXPECT_EQ(target.wakes(), 1);
  slot.Wake();
  EXPECT_EQ(target.wakes(), 2) << "what the wake registered is registered";
}

TEST(AtomicWaker, S2DropMayReenter) {
  TestWaker target;
  TestWaker other;
  AtomicWaker slot;
  Waker waker = target.Make();
  Waker others = other.Make();
  slot.Register(waker);
  target.on_drop = [&] {
    slot.Wake();
    slot.Register(others);
  };
  slot.Register(others);
  EXPECT_EQ(other.wakes(), 1) << "the new waker was in place before the drop";
  slot.Wake();
  EXPECT_EQ(other.wakes(), 2);
  target.on_drop = nullptr;
}

// known-bugs S3: tokio #3689.
TEST(AtomicWaker, S3IsAsBeforeWhenACloneThrows) {
  TestWaker target;
  TestWaker thrower;
  AtomicWaker slot;
  Waker waker = target.Make();
  slot.Register(waker);
#if __cpp_exceptions
  Waker throwing = thrower.Make();
  thrower.on_clone = [] { throw 1; };
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(CatchAll([&] { slot.Register(throwing); }), nullptr);
  }
  EXPECT_EQ(thrower.alive(), 1);
#endif
  slot.Wake();
  EXPECT_EQ(target.wakes(), 1) << "the earlier waker is still registered";
  slot.Register(waker);
  slot.Wake();
  EXPECT_EQ(target.wakes(), 2);
}

}  // namespace
}  // namespace weft
