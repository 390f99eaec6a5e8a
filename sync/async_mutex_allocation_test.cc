// Replaces the global allocation functions to count: a test of its own. The
// definitions are weak because some sanitizers link theirs with the program;
// then there is nothing to count, and the tests only run the code.

#include <cstddef>
#include <cstdlib>
#include <new>
#include <optional>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/sync/async_mutex.h"
#include "weft/waker/test_coroutine.h"

namespace {
// Written by: all threads that allocate.
constinit weft::atomic<int> allocations{0};
}  // namespace

[[gnu::weak]] void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = std::malloc(size);
  weft::Check(memory != nullptr, "there is memory");
  return memory;
}
[[gnu::weak]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::weak]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace weft {
namespace {

int Allocations() { return allocations.load(std::memory_order_relaxed); }

TEST(AsyncMutex, AllocatesNothingIfItIsFree) {
  AsyncMutex mutex;
  const int before = Allocations();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(mutex.TryLock().has_value());
  EXPECT_EQ(Allocations(), before);
}

ForeignTask LockOnce(AsyncMutex& mutex, int& count) {
  AsyncMutexGuard guard = co_await mutex.Lock();
  ++count;
}

TEST(AsyncMutex, AllocatesNothingIfSomebodyWaits) {
  AsyncMutex mutex;
  int count = 0;
  std::optional<AsyncMutexGuard> held = mutex.TryLock();
  const int before_tasks = Allocations();
  ForeignTask one = LockOnce(mutex, count);
  ForeignTask two = LockOnce(mutex, count);
  EXPECT_LE(Allocations(), before_tasks + 2) << "the two tasks";
  held.reset();
  EXPECT_EQ(count, 2);
  EXPECT_LE(Allocations(), before_tasks + 2);
}

}  // namespace
}  // namespace weft
