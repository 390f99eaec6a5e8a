// A parker and a lock as small as they can be, over futexes, with more threads
// than processors. A lost wake shows as a hang, a broken order as a wrong sum
// or as a report by ThreadSanitizer.

#include <chrono>
#include <limits>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/futex.h"
#include "weft/base/spin.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"

namespace weft {
namespace {

// 0 free, 1 held, 2 held and perhaps waited for: the second lock of "Futexes
// are tricky".
class TinyLock {
 public:
  void Lock() {
    uint32_t seen = 0;
    // Acquire: pairs with the release in Unlock and sees the last holder's
    // writes.
    if (word_.compare_exchange_strong(seen, 1, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
      return;
    }
    // Acquire: as above.
    while (word_.exchange(2, std::memory_order_acquire) != 0) {
      FutexWait(word_, 2);
    }
  }

  // Wait at most for `patience` at a time, so that timeouts and wakes race.
  void LockImpatiently(std::chrono::nanoseconds patience) {
    // Acquire: pairs with the release in Unlock.
    while (word_.exchange(2, std::memory_order_acquire) != 0) {
      FutexWaitFor(word_, 2, patience);
    }
  }

  void Unlock() {
    // Release: publishes this holder's writes to the next one's acquire.
    if (word_.exchange(0, std::memory_order_release) == 2) FutexWake(word_, 1);
  }

 private:
  atomic<uint32_t> word_{0};
};

TEST(FutexStress, ALockOverAFutexExcludesAndLosesNoWake) {
  constexpr int kThreads = 8;
  const uint64_t seed = TestSeed();
  const uint64_t rounds = StressIterations(40'000);
  TinyLock lock;
  Cell<uint64_t> sum(0);
  std::vector<Thread> threads;
  for (uint64_t id = 0; id < kThreads; ++id) {
    threads.emplace_back([&, id] {
      XorShift64 random(seed + id);
      for (uint64_t i = 0; i < rounds; ++i) {
        const uint32_t choice = random.Below(64);
        if (choice == 0) {
          lock.LockImpatiently(std::chrono::nanoseconds(random.Below(100'000)));
        } else {
          lock.Lock();
        }
        sum.Set(sum.Get() + 1);
        if (choice == 1) YieldThread();
        lock.Unlock();
      }
    });
  }
  for (Thread& thread : threads) thread.join();
  EXPECT_EQ(sum.Get(), kThreads * rounds);
}

// Each thread has a word: 0 empty, 1 parked, 2 token. A ring of them hands a
// token on; the payload is plain memory.
TEST(FutexStress, ATokenAndWhatItPublishesGoRoundARingOfParkers) {
  constexpr uint64_t kThreads = 6;
  const uint64_t seed = TestSeed();
  const uint64_t laps = StressIterations(10'000);
  const auto words = std::make_unique<atomic<uint32_t>[]>(kThreads);
  Cell<uint64_t> payload(0);

  const auto unpark = [&](uint64_t id) {
    // Release: publishes the payload to the parker's acquire. It also acquires
    // so as to be ordered after every earlier unpark of the same thread.
    if (words[id].exchange(2, std::memory_order_acq_rel) == 1) {
      FutexWake(words[id], 1);
    }
  };
  const auto park = [&](uint64_t id) {
    uint32_t empty = 0;
    // Acquire: a failure means that there is a token already, and pairs with
    // the release in unpark. (Success alone could be relaxed.)
    if (!words[id].compare_exchange_strong(empty, 1,
                                           std::memory_order_acquire)) {
      words[id].store(0, std::memory_order_relaxed);
      return;
    }
    for (;;) {
      FutexWait(words[id], 1);
      uint32_t token = 2;
      // Acquire: pairs with the release in unpark.
      if (words[id].compare_exchange_strong(token, 0, std::memory_order_acquire,
                                            std::memory_order_relaxed)) {
        return;
      }
    }
  };

  std::vector<Thread> threads;
  for (uint64_t id = 0; id < kThreads; ++id) {
    threads.emplace_back([&, id] {
      XorShift64 random(seed + id);
      for (uint64_t lap = 0; lap < laps; ++lap) {
        park(id);
        payload.Set(payload.Get() + 1);
        for (uint32_t i = random.Below(32); i > 0; --i) CpuRelax();
        unpark((id + 1) % kThreads);
      }
    });
  }
  unpark(0);
  for (Thread& thread : threads) thread.join();
  EXPECT_EQ(payload.Get(), kThreads * laps);
}

}  // namespace
}  // namespace weft
