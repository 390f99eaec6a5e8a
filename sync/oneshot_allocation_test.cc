// Replaces the global allocation functions to count: a test of its own. The
// definitions are weak because some sanitizers link theirs with the program;
// then there is nothing to count, and the tests only run the code.

#include <cstdlib>
#include <new>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/sync/oneshot.h"
#include "weft/waker/context.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/test_coroutine.h"

namespace {
// Written by: all threads that allocate.
constinit weft::atomic<int> allocations{0};
constinit weft::atomic<int> frees{0};
}  // namespace

[[gnu::weak]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size);
  weft::Check(memory != nullptr, "there is memory");
  return memory;
}
[[gnu::weak]] void operator delete(void* memory) noexcept {
  frees.fetch_add(1, std::memory_order_relaxed);
  std::free(memory);
}
[[gnu::weak]] void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

namespace weft {
namespace {

// Whether the definitions above are the program's. Set before main.
const bool counting = [] {
  const int before = allocations.load(std::memory_order_relaxed);
  operator delete(operator new(1));
  return allocations.load(std::memory_order_relaxed) != before;
}();

struct Counts {
  int allocations = ::allocations.load(std::memory_order_relaxed);
  int frees = ::frees.load(std::memory_order_relaxed);
};

void ExpectSince(const Counts& before, int expected) {
  const Counts now;
  if (!counting) expected = 0;
  EXPECT_EQ(now.allocations - before.allocations, expected);
  EXPECT_EQ(now.frees - before.frees, expected);
}

TEST(OneshotAllocation, IsOneForAChannelThatIsPolled) {
  const Counts before;
  {
    auto [sender, receiver] = Oneshot<int>();
    Waker waker = NoopWaker();
    Context context(waker);
    EXPECT_FALSE(receiver.Poll(context).ready());
    std::move(sender).Send(7);
    EXPECT_TRUE(receiver.Poll(context).ready());
    ExpectSince(before, 1);
  }
  ExpectSince(before, 1);
}

TEST(OneshotAllocation, IsOneWhicheverEndGoesFirst) {
  for (bool sender_first : {true, false}) {
    const Counts before;
    {
      auto [s, r] = Oneshot<int>();
      if (sender_first) {
        OneshotSender<int> dropped = std::move(s);
      } else {
        OneshotReceiver<int> dropped = std::move(r);
      }
    }
    ExpectSince(before, 1);
  }
}

ForeignTask Receive(OneshotReceiver<int> receiver, int& value) {
  value = (co_await receiver).value_or(0);
}

TEST(OneshotAllocation, IsNoneForAwaiting) {
  const Counts before;
  {
    auto [sender, receiver] = Oneshot<int>();
    int value = 0;
    ForeignTask task = Receive(std::move(receiver), value);
    const Counts suspended;
    EXPECT_EQ(suspended.allocations - before.allocations, counting ? 2 : 0)
        << "the channel and the coroutine's frame";
    std::move(sender).Send(7);
    EXPECT_EQ(value, 7);
    const Counts resumed;
    EXPECT_EQ(resumed.allocations, suspended.allocations);
  }
  ExpectSince(before, 2);
}

}  // namespace
}  // namespace weft
