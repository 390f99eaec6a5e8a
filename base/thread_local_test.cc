#include "weft/base/thread_local.h"

#include <array>
#include <coroutine>
#include <exception>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/futex.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

struct NumberTag;
struct OtherTag;
using Number = ThreadLocal<int, NumberTag>;
using Other = ThreadLocal<int, OtherTag>;

TEST(ThreadLocal, StartsEmptyInEveryThread) {
  struct Tag;
  using Fresh = ThreadLocal<void*, Tag>;
  EXPECT_EQ(Fresh::Get(), nullptr);
  Fresh::Get() = &Fresh::Get();
  Thread thread([] { EXPECT_EQ(Fresh::Get(), nullptr); });
  thread.join();
  EXPECT_EQ(Fresh::Get(), &Fresh::Get());
}

TEST(ThreadLocal, OneVariablePerTagAndThread) {
  Number::Get() = 1;
  Other::Get() = 2;
  Thread thread([] {
    Number::Get() = 10;
    EXPECT_EQ(Other::Get(), 0);
  });
  thread.join();
  EXPECT_EQ(Number::Get(), 1);
  EXPECT_EQ(Other::Get(), 2);
  Number::Get() = 0;
  Other::Get() = 0;
}

// Reads a thread-local while the thread is being torn down, from the destructor
// of another one: what a wake from a destructor does (tokio #6148).
struct ReadsWhenDestroyed {
  ~ReadsWhenDestroyed() { seen = Number::Get(); }
  static int seen;
};
int ReadsWhenDestroyed::seen = 0;

TEST(ThreadLocal, OutlivesEveryThreadLocalWithADestructor) {
  Thread thread([] {
    static thread_local ReadsWhenDestroyed last;
    Number::Get() = 77;
    static_cast<void>(last);
  });
  thread.join();
  EXPECT_EQ(ReadsWhenDestroyed::seen, 77);
}

// A coroutine that starts at once and frees itself at its end.
struct Detached {
  struct promise_type {
    Detached get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
};

// Two threads, each of which runs the coroutine when it is handed to it.
class Pair {
 public:
  static constexpr int kThreads = 2;

  Pair() {
    for (int id = 0; id < kThreads; ++id) {
      threads_.emplace_back([this, id] { Run(id); });
    }
  }

  ~Pair() {
    for (int id = 0; id < kThreads; ++id) Hand(id, std::noop_coroutine());
    for (Thread& thread : threads_) thread.join();
  }

  // Suspends and resumes on thread `to`.
  auto MoveTo(int to) {
    struct Awaiter {
      bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> handle) noexcept {
        pair->Hand(to, handle);
      }
      void await_resume() noexcept {}
      Pair* pair;
      int to;
    };
    return Awaiter{this, to};
  }

 private:
  struct Seat {
    std::coroutine_handle<> next;
    atomic<uint32_t> full{0};
  };

  void Hand(int id, std::coroutine_handle<> handle) {
    Seat& seat = seats_[static_cast<std::size_t>(id)];
    seat.next = handle;
    // Release: pairs with the acquire in Run; publishes the handle and the
    // coroutine's frame.
    seat.full.store(1, std::memory_order_release);
    FutexWake(seat.full, 1);
  }

  void Run(int id) {
    Number::Get() = id;
    Seat& seat = seats_[static_cast<std::size_t>(id)];
    for (;;) {
      // Acquire: pairs with the release in Hand.
      while (seat.full.load(std::memory_order_acquire) == 0) {
        FutexWait(seat.full, 0);
      }
      seat.full.store(0, std::memory_order_relaxed);
      const std::coroutine_handle<> next = seat.next;
      if (next == std::noop_coroutine()) return;
      next.resume();
    }
  }

  std::array<Seat, kThreads> seats_;
  std::vector<Thread> threads_;
};

struct Result {
  int wrong = 0;
  atomic<uint32_t> done{0};
};

// Asks which thread it is on before and after each move. All in one function,
// without a call in between but the suspension, so that an optimiser that
// believes in one thread per function has every reason to ask once.
Detached Wander(Pair& pair, int moves, Result& result) {
  co_await pair.MoveTo(0);
  for (int i = 0; i < moves; ++i) {
    const int before = Number::Get();
    const ThreadId id = ThisThreadId();
    co_await pair.MoveTo(1 - before);
    if (Number::Get() != 1 - before) ++result.wrong;
    if (ThisThreadId() == id) ++result.wrong;
  }
  // Release: pairs with the acquire in the test; publishes `wrong`.
  result.done.store(1, std::memory_order_release);
  FutexWake(result.done, 1);
}

TEST(ThreadLocal, IsReadAfreshAfterASuspensionThatChangesTheThread) {
  Pair pair;
  Result result;
  Wander(pair, 500, result);
  // Acquire: pairs with the release in Wander.
  while (result.done.load(std::memory_order_acquire) == 0) {
    FutexWait(result.done, 0);
  }
  EXPECT_EQ(result.wrong, 0);
}

}  // namespace
}  // namespace weft
