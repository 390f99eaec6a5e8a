#include "weft/base/futex.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include <chrono>
#include <limits>
#include <new>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(Futex, WaitReturnsAtOnceIfTheWordDiffers) {
  atomic<uint32_t> word{1};
  FutexWait(word, 0);
  EXPECT_TRUE(FutexWaitFor(word, 0, milliseconds(1'000'000)));
}

TEST(Futex, WaitForSaysThatTheTimeIsOver) {
  atomic<uint32_t> word{0};
  // In a loop because a spurious return is allowed.
  while (FutexWaitFor(word, 0, milliseconds(1))) {
  }
  while (FutexWaitFor(word, 0, nanoseconds(0))) {
  }
  while (FutexWaitFor(word, 0, nanoseconds(-5))) {
  }
  while (FutexWaitFor(word, 0, nanoseconds::min())) {
  }
}

TEST(Futex, WaitForAgesIsNotAnError) {
  atomic<uint32_t> word{0};
  Thread waker([&] {
    // Release: pairs with the acquire load below; publishes nothing else.
    word.store(1, std::memory_order_release);
    FutexWake(word, 1);
  });
  // Acquire: pairs with the release store above.
  while (word.load(std::memory_order_acquire) == 0) {
    EXPECT_TRUE(FutexWaitFor(word, 0, nanoseconds::max()));
  }
  waker.join();
}

TEST(Futex, WakeWithoutWaitersWakesNone) {
  atomic<uint32_t> word{0};
  EXPECT_EQ(FutexWake(word, 1), 0);
  EXPECT_EQ(FutexWake(word, std::numeric_limits<int>::max()), 0);
}

// Starts `count` threads that wait until the word is not 0, and lets `wake` run
// until all have left.
template <class Wake>
void WakeThreads(int count, Wake wake) {
  atomic<uint32_t> word{0};
  atomic<int> left{0};
  std::vector<Thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&] {
      // Acquire: pairs with the waker's release store of 1.
      while (word.load(std::memory_order_acquire) == 0) FutexWait(word, 0);
      left.fetch_add(1, std::memory_order_relaxed);
    });
  }
  wake(word, left);
  for (Thread& thread : threads) thread.join();
  EXPECT_EQ(left.load(std::memory_order_relaxed), count);
}

TEST(Futex, WakeOfManyReachesEveryWaiter) {
  WakeThreads(4, [](atomic<uint32_t>& word, atomic<int>&) {
    // Release: pairs with the waiters' acquire load.
    word.store(1, std::memory_order_release);
    FutexWake(word, std::numeric_limits<int>::max());
  });
}

TEST(Futex, WakeOfOneWakesAtMostOne) {
  WakeThreads(4, [](atomic<uint32_t>& word, atomic<int>& left) {
    // Release: pairs with the waiters' acquire load.
    word.store(1, std::memory_order_release);
    while (left.load(std::memory_order_relaxed) < 4) {
      EXPECT_LE(FutexWake(word, 1), 1);
      YieldThread();
    }
  });
}

TEST(Futex, WakeOfNoneWakesNobody) {
  WakeThreads(1, [](atomic<uint32_t>& word, atomic<int>&) {
    // The waiter may sleep or be about to: in neither case is it woken.
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(FutexWake(word, 0), 0);
      EXPECT_EQ(FutexWake(word, -1), 0);
    }
    // Release: pairs with the waiters' acquire load.
    word.store(1, std::memory_order_release);
    FutexWake(word, 1);
  });
}

TEST(Futex, ASignalOnlyMakesAWaiterLookAgain) {
  static constinit atomic<int> handled{0};
  struct sigaction action = {};
  action.sa_handler = [](int) {
    handled.fetch_add(1, std::memory_order_relaxed);
  };
  struct sigaction old = {};
  ASSERT_EQ(sigaction(SIGUSR1, &action, &old), 0);

  atomic<uint32_t> word{0};
  Thread waiter([&] {
    // Acquire: pairs with the release store below.
    while (word.load(std::memory_order_acquire) == 0) FutexWait(word, 0);
  });
  for (int sent = 1; sent <= 50; ++sent) {
    ASSERT_EQ(pthread_kill(waiter.native_handle(), SIGUSR1), 0);
    while (handled.load(std::memory_order_relaxed) < sent) {
      SleepFor(std::chrono::microseconds(100));
    }
  }
  // Release: pairs with the waiter's acquire load.
  word.store(1, std::memory_order_release);
  FutexWake(word, 1);
  waiter.join();
  EXPECT_EQ(sigaction(SIGUSR1, &old, nullptr), 0);
}

TEST(Futex, WakeOfAWordThatIsGoneIsHarmless) {
  // The waker's side of a parker: its exchange lets the waiter go, which may
  // free the word before the waker has called FutexWake.
  constexpr std::size_t kPage = 4096;
  void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(page, MAP_FAILED);
  auto* word = new (page) atomic<uint32_t>(0);
  ASSERT_EQ(munmap(page, kPage), 0);
  EXPECT_EQ(FutexWake(*word, 1), 0);
}

}  // namespace
}  // namespace weft
