// Model mode: the seam's names are types of our own, which perturb the schedule
// and otherwise do the same.

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string_view>
#include <thread>
#include <type_traits>
#include <typeinfo>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/fence.h"
#include "weft/base/futex.h"
#include "weft/base/model_mode.h"
#include "weft/base/mutex.h"
#include "weft/base/perturb.h"
#include "weft/base/seam_operations.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

static_assert(kModelMode);
static_assert(!std::is_same_v<atomic<int>, std::atomic<int>>);
static_assert(!std::is_same_v<Mutex, std::mutex>);
static_assert(!std::is_same_v<CondVar, std::condition_variable>);
static_assert(!std::is_same_v<Thread, std::thread>);
static_assert(sizeof(atomic<uint64_t>) == sizeof(uint64_t));
static_assert(sizeof(Cell<uint64_t>) == sizeof(uint64_t));

// Nothing of the operators' silent sequential consistency.
template <class A>
concept HasOperators = requires(A a) {
  ++a;
}
|| requires(A a) { a = 1; }
|| std::is_convertible_v<A, int>;
static_assert(HasOperators<std::atomic<int>>);
static_assert(!HasOperators<atomic<int>>);

TEST(ModelSeam, DoesWhatTheStandardLibraryDoes) {
  ExpectAllAtomicOperationsWork();
}

// How many of `calls` calls of `f` were perturbed.
template <class F>
uint64_t Perturbed(int calls, F f) {
  const uint64_t before =
      base_internal::perturb_count.load(std::memory_order_relaxed);
  for (int i = 0; i < calls; ++i) f();
  return base_internal::perturb_count.load(std::memory_order_relaxed) - before;
}

TEST(ModelSeam, EveryKindOfOperationIsPerturbedNowAndThen) {
  constexpr int kCalls = 5000;
  atomic<uint32_t> word{0};
  Cell<int> cell(0);
  Mutex mutex;
  CondVar condition;
  const auto relaxed = std::memory_order_relaxed;
  EXPECT_GT(Perturbed(kCalls, [&] { word.load(relaxed); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { word.store(1, relaxed); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { word.exchange(2, relaxed); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { word.fetch_add(1, relaxed); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { word.fetch_sub(1, relaxed); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { word.fetch_and(3, relaxed); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { word.fetch_or(1, relaxed); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { word.fetch_xor(1, relaxed); }), 0u);
  uint32_t seen = 0;
  EXPECT_GT(
      Perturbed(kCalls, [&] { word.compare_exchange_weak(seen, 1, relaxed); }),
      0u);
  EXPECT_GT(Perturbed(kCalls,
                      [&] { word.compare_exchange_strong(seen, 1, relaxed); }),
            0u);
  EXPECT_GT(Perturbed(kCalls, [&] { cell.Get(); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { cell.Set(1); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { FullFence(); }), 0u);
  // Relaxed: only to see that the fence is perturbed.
  EXPECT_GT(Perturbed(kCalls, [&] { atomic_thread_fence(relaxed); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { const MutexLock lock(mutex); }), 0u);
  EXPECT_GT(Perturbed(kCalls, [&] { condition.notify_one(); }), 0u);
}

TEST(ModelSeam, AWeakExchangeFailsNowAndThenForNoReason) {
  atomic<int> word{0};
  int failures = 0;
  for (int i = 0; i < 5000; ++i) {
    int expected = 0;
    if (!word.compare_exchange_weak(expected, 0, std::memory_order_relaxed)) {
      EXPECT_EQ(expected, 0) << "a spurious failure reports the true value";
      ++failures;
    }
  }
  EXPECT_GT(failures, 0);
  EXPECT_LT(failures, 500);
}

TEST(ModelSeam, AStrongExchangeFailsOnlyForAReason) {
  atomic<int> word{0};
  for (int i = 0; i < 5000; ++i) {
    int expected = 0;
    EXPECT_TRUE(
        word.compare_exchange_strong(expected, 0, std::memory_order_relaxed));
  }
}

TEST(ModelSeam, AFutexWakesNowAndThenForNoReason) {
  const atomic<uint32_t> word{0};
  int spurious = 0;
  for (int i = 0; i < 2000; ++i) {
    spurious += FutexWaitFor(word, 0, std::chrono::nanoseconds(0));
  }
  EXPECT_GT(spurious, 0);
}

TEST(ModelSeam, ACondVarWakesNowAndThenForNoReason) {
  // Nobody notifies: without spurious wakes the first wait would never end.
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  int spurious = 0;
  for (int i = 0; i < 2000; ++i) {
    spurious += never.wait_until(lock, std::chrono::steady_clock::now()) ==
                std::cv_status::no_timeout;
  }
  EXPECT_GT(spurious, 0);
}

#if defined(__cpp_rtti)
TEST(ModelSeam, TypesOfTheTwoModesHaveDifferentNamesForTheLinker) {
  for (const std::string_view name :
       {typeid(atomic<int>).name(), typeid(Mutex).name(), typeid(Thread).name(),
        typeid(Cell<int>).name()}) {
    EXPECT_NE(name.find("model_mode"), std::string_view::npos) << name;
  }
}
#endif

}  // namespace
}  // namespace weft
