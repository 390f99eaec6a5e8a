// The floors: what the steps that a task is made of cost by themselves, on one
// thread, with everything in its cache. docs/performance.md holds Weft's
// operations against them (tools/figures/run), and knows them by these names.

#include <coroutine>
#include <cstdint>
#include <new>
#include <utility>

#include "benchmark/benchmark.h"
#include "weft/base/atomic.h"
#include "weft/base/fence.h"
#include "weft/base/futex.h"
#include "weft/base/mutex.h"
#include "weft/base/thread_local.h"

namespace weft {
namespace {

// Each value depends on the one before: the latency, not the throughput.
void Load(benchmark::State& state) {
  atomic<std::uint64_t> word{0};
  for (auto _ : state) {
    // Acquire: what a task's own loads are. The same instruction as relaxed.
    word.store(word.load(std::memory_order_acquire) + 1,
               std::memory_order_release);
  }
}
BENCHMARK(Load)->Name("load and store, acquire and release");

void CompareExchange(benchmark::State& state) {
  atomic<std::uint64_t> word{0};
  std::uint64_t n = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(word.compare_exchange_strong(
        n, n + 1, std::memory_order_acq_rel, std::memory_order_acquire));
    ++n;
  }
}
BENCHMARK(CompareExchange)->Name("compare-and-swap, uncontended");

void Exchange(benchmark::State& state) {
  atomic<std::uint64_t> word{0};
  std::uint64_t n = 0;
  for (auto _ : state) n = word.exchange(n + 1, std::memory_order_acq_rel);
  benchmark::DoNotOptimize(n);
}
BENCHMARK(Exchange)->Name("exchange, uncontended");

void Fence(benchmark::State& state) {
  for (auto _ : state) FullFence();
}
BENCHMARK(Fence)->Name("store-load fence");

void LockUnlock(benchmark::State& state) {
  Mutex mutex;
  for (auto _ : state) {
    const MutexLock lock(mutex);
    benchmark::DoNotOptimize(&lock);
  }
}
BENCHMARK(LockUnlock)->Name("lock and unlock a mutex, uncontended");

struct CountTag;
using Count = ThreadLocal<std::uint64_t, CountTag>;

void ThreadLocalGet(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(++Count::Get());
}
BENCHMARK(ThreadLocalGet)->Name("thread-local look-up");

// A block as large as a task, of whole cache lines.
void Allocate(benchmark::State& state) {
  for (auto _ : state) {
    void* block = ::operator new (256, std::align_val_t{64});
    benchmark::DoNotOptimize(block);
    ::operator delete (block, 256, std::align_val_t{64});
  }
}
BENCHMARK(Allocate)->Name("allocate and free");

struct Forever {
  struct promise_type {
    Forever get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
  std::coroutine_handle<promise_type> handle;
};

Forever Suspend(std::uint64_t* count) {
  for (;;) {
    ++*count;
    co_await std::suspend_always();
  }
}

void Resume(benchmark::State& state) {
  std::uint64_t count = 0;
  auto handle = Suspend(&count).handle;
  for (auto _ : state) {
    benchmark::DoNotOptimize(handle);
    handle.resume();
  }
  handle.destroy();
}
BENCHMARK(Resume)->Name("resume and suspend a coroutine");

struct Base {
  virtual ~Base() = default;
  virtual void Call() = 0;
};
struct Counter final : Base {
  void Call() override { benchmark::DoNotOptimize(++count); }
  std::uint64_t count = 0;
};

void VirtualCall(benchmark::State& state) {
  Counter counter;
  Base* base = &counter;
  for (auto _ : state) {
    benchmark::DoNotOptimize(base);
    base->Call();
  }
}
BENCHMARK(VirtualCall)->Name("virtual call");

void WakeNobody(benchmark::State& state) {
  const atomic<std::uint32_t> word{0};
  for (auto _ : state) benchmark::DoNotOptimize(FutexWake(word, 1));
}
BENCHMARK(WakeNobody)->Name("futex wake, nobody there");

}  // namespace
}  // namespace weft
