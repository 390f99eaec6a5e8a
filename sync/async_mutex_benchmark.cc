// Locking and unlocking on one thread: a mutex that is free, by trying and by
// awaiting it; and two tasks that take turns.

#include <coroutine>
#include <cstdint>
#include <optional>

#include "benchmark/benchmark.h"
#include "weft/sync/async_mutex.h"
#include "weft/waker/suspend.h"
#include "weft/waker/test_coroutine.h"

namespace weft {
namespace {

void BM_AsyncMutex_TryLock(benchmark::State& state) {
  AsyncMutex mutex;
  for (auto _ : state) benchmark::DoNotOptimize(mutex.TryLock());
}
BENCHMARK(BM_AsyncMutex_TryLock);

// Google Benchmark's loop cannot await: a thousand at a time.
void BM_AsyncMutex_Lock(benchmark::State& state) {
  AsyncMutex mutex;
  std::int64_t count = 0;
  struct Starter {
    std::coroutine_handle<> handle;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> h) { handle = h; }
    void await_resume() const {}
  } starter;
  auto body = [](AsyncMutex& mutex, std::int64_t& count,
                 Starter& starter) -> ForeignTask {
    for (;;) {
      co_await starter;
      for (int i = 0; i < 1000; ++i) {
        AsyncMutexGuard guard = co_await mutex.Lock();
        benchmark::DoNotOptimize(++count);
      }
    }
  };
  ForeignTask task = body(mutex, count, starter);
  for (auto _ : state) starter.handle.resume();
  task.Destroy();
  state.SetItemsProcessed(count);
}
BENCHMARK(BM_AsyncMutex_Lock);

struct Yield {
  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<TestTask::promise_type> h) const {
    return YieldIn(h);
  }
  void await_resume() const {}
};

TestTask YieldWithTheMutex(TestExecutor&, AsyncMutex& mutex,
                           std::int64_t& count, bool& stop) {
  while (!stop) {
    AsyncMutexGuard guard = co_await mutex.Lock();
    ++count;
    co_await Yield();
  }
}

// Each waits for the mutex each time, and is woken by the other's unlock.
void BM_AsyncMutex_TakingTurns(benchmark::State& state) {
  TestExecutor executor;
  AsyncMutex mutex;
  std::int64_t count = 0;
  bool stop = false;
  TestTask one = YieldWithTheMutex(executor, mutex, count, stop);
  TestTask two = YieldWithTheMutex(executor, mutex, count, stop);
  for (auto _ : state) executor.RunOne();
  stop = true;
  executor.RunAll();
  state.SetItemsProcessed(count);
}
BENCHMARK(BM_AsyncMutex_TakingTurns);

}  // namespace
}  // namespace weft
