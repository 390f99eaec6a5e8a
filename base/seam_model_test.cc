// Model mode: the seam's names are the model checker's types. Outside of an
// execution they do what the standard ones do; inside, they are explored.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <type_traits>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/fence.h"
#include "weft/base/futex.h"
#include "weft/base/model_mode.h"
#include "weft/base/mutex.h"
#include "weft/base/seam_operations.h"
#include "weft/base/thread.h"
#include "weft/model/check.h"

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

TEST(ModelSeam, OutsideOfAnExecutionItIsTheStandardLibrary) {
  ExpectAllAtomicOperationsWork();
}

// Two threads, each of which writes its own word, calls `between`, and reads
// the other's.
template <class Between>
bool MayBothReadZero(Between between) {
  bool both = false;
  const model::Result result = model::Explore([&] {
    atomic<int> x(0), y(0);
    int seen_by_other = -1;
    Thread other([&] {
      x.store(1, std::memory_order_relaxed);
      between();
      seen_by_other = y.load(std::memory_order_relaxed);
    });
    y.store(1, std::memory_order_relaxed);
    between();
    const int seen = x.load(std::memory_order_relaxed);
    other.join();
    both |= seen == 0 && seen_by_other == 0;
  });
  EXPECT_EQ(result.verdict, model::Verdict::kPassed) << result.report;
  return both;
}

TEST(ModelSeam, FencesAreTheCheckers) {
  EXPECT_TRUE(MayBothReadZero([] {}));
  EXPECT_TRUE(
      MayBothReadZero([] { atomic_thread_fence(std::memory_order_acq_rel); }));
  EXPECT_FALSE(MayBothReadZero([] { FullFence(); }));
}

model::Verdict Explored(void (*body)()) { return model::Explore(body).verdict; }

TEST(ModelSeam, CellsAreWatched) {
  EXPECT_EQ(Explored([] {
              Cell<int> cell(0);
              Thread other([&] { cell.Set(1); });
              cell.Set(2);
              other.join();
            }),
            model::Verdict::kDataRace);
}

TEST(ModelSeam, LocksAreTheCheckers) {
  EXPECT_EQ(Explored([] {
              Cell<int> cell(0);
              Mutex mutex;
              CondVar changed;
              Thread other([&] {
                const MutexLock lock(mutex);
                cell.Set(1);
                changed.notify_one();
              });
              {
                MutexLock lock(mutex);
                changed.wait(lock, [&] { return cell.Get() == 1; });
              }
              other.join();
            }),
            model::Verdict::kPassed);
  EXPECT_EQ(Explored([] {
              Mutex a, b;
              Thread other([&] {
                const MutexLock first(a);
                const MutexLock second(b);
              });
              {
                const MutexLock first(b);
                const MutexLock second(a);
              }
              other.join();
            }),
            model::Verdict::kDeadlock);
}

TEST(ModelSeam, FutexesAreTheCheckers) {
  EXPECT_EQ(Explored([] {
              atomic<uint32_t> word(0);
              Thread other([&] { word.store(1, std::memory_order_relaxed); });
              // Nobody calls FutexWake.
              while (word.load(std::memory_order_relaxed) == 0) {
                FutexWait(word, 0);
              }
              other.join();
            }),
            model::Verdict::kDeadlock);
}

}  // namespace
}  // namespace weft
