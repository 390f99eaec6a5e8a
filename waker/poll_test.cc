#include "weft/waker/poll.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "weft/waker/context.h"

namespace weft {
namespace {

struct ReadyInt {
  weft::Poll<int> Poll(Context&) { return 1; }
};
struct ReadyVoid {
  weft::Poll<void> Poll(Context&) { return kReady; }
};
struct NoFuture {
  int Poll(Context&) { return 1; }
};

static_assert(Future<ReadyInt>);
static_assert(Future<ReadyVoid>);
static_assert(!Future<NoFuture>);
static_assert(!Future<int>);
static_assert(std::is_same_v<FutureResult<ReadyInt>, int>);
static_assert(std::is_same_v<FutureResult<ReadyVoid>, void>);

TEST(Poll, HoldsAValueOrSaysNotYet) {
  Poll<int> pending = kPending;
  Poll<int> ready = 7;
  EXPECT_FALSE(pending.ready());
  ASSERT_TRUE(ready.ready());
  EXPECT_EQ(ready.value(), 7);
  ready.value() = 8;
  EXPECT_EQ(std::as_const(ready).value(), 8);
}

TEST(Poll, GivesAwayAValueThatCanOnlyBeMoved) {
  Poll<std::unique_ptr<int>> ready = std::make_unique<int>(3);
  std::unique_ptr<int> value = std::move(ready).value();
  EXPECT_EQ(*value, 3);
}

TEST(Poll, OfAnOptionalTellsNoValueFromNotYet) {
  Poll<std::optional<std::string>> nothing = std::optional<std::string>();
  Poll<std::optional<std::string>> pending = kPending;
  ASSERT_TRUE(nothing.ready());
  EXPECT_FALSE(nothing.value().has_value());
  EXPECT_FALSE(pending.ready());
}

TEST(Poll, OfVoidIsDoneOrNot) {
  static_assert(Poll<void>(kReady).ready());
  static_assert(!Poll<void>(kPending).ready());
  Poll<void>(kReady).value();
}

}  // namespace
}  // namespace weft
