// What a task costs beside its queue: making, running and ending one of each
// kind; awaiting a child; suspending and being woken. The scheduler is one
// pointer, so nothing else is measured. (Weft's programs allocate with
// mimalloc; with another allocator that is most of the price of a spawn.)

#include <coroutine>
#include <cstdint>
#include <exception>
#include <utility>

#include "benchmark/benchmark.h"
#include "weft/task/await.h"
#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/task/yield.h"
#include "weft/waker/context.h"
#include "weft/waker/noop_waker.h"
#include "weft/waker/poll.h"
#include "weft/waker/suspend.h"

namespace weft {
namespace {

// One entry; `RunAll` runs it, and what it makes runnable, to the end.
class OneTaskScheduler final : public TaskScheduler {
 public:
  void Admit(TaskHeader* task) {
    task->Bind(this);
    entry_ = task;
  }
  bool RunOne() {
    TaskHeader* task = std::exchange(entry_, nullptr);
    if (task == nullptr) return false;
    task->Run();
    return true;
  }
  void RunAll() {
    while (RunOne()) {
    }
  }
  void Schedule(TaskHeader* task) noexcept override { entry_ = task; }
  void ScheduleYield(TaskHeader* task) noexcept override { entry_ = task; }
  void Release(TaskHeader*) noexcept override {}
  void Unhandled(std::exception_ptr) noexcept override {}

 private:
  TaskHeader* entry_ = nullptr;
};

// ---- The three kinds of body. ----

struct ReadyAtOnce {
  std::uint64_t* count;
  weft::Poll<void> Poll(Context&) {
    ++*count;
    return kReady;
  }
};
Task<> CoroutineOf(std::uint64_t* count) {
  ++*count;
  co_return;
}
auto CallableOf(std::uint64_t* count) {
  return [count] { ++*count; };
}

struct PollStyle {
  static TaskHeader* New(std::uint64_t* count, bool joinable) {
    return NewTask(ReadyAtOnce{count}, joinable);
  }
};
struct Coroutine {
  static TaskHeader* New(std::uint64_t* count, bool joinable) {
    return CoroutineOf(count).Release(joinable);
  }
};
struct Callable {
  static TaskHeader* New(std::uint64_t* count, bool joinable) {
    return NewTask(task_internal::CallableFuture(CallableOf(count)), joinable);
  }
};

template <class Body>
void BM_SpawnRunDetached(benchmark::State& state) {
  OneTaskScheduler scheduler;
  std::uint64_t count = 0;
  for (auto _ : state) {
    scheduler.Admit(Body::New(&count, /*joinable=*/false));
    scheduler.RunOne();
  }
  benchmark::DoNotOptimize(count);
}
BENCHMARK(BM_SpawnRunDetached<PollStyle>);
BENCHMARK(BM_SpawnRunDetached<Coroutine>);
BENCHMARK(BM_SpawnRunDetached<Callable>);

// With a handle that is dropped as soon as the task is spawned.
template <class Body>
void BM_SpawnDropRun(benchmark::State& state) {
  OneTaskScheduler scheduler;
  std::uint64_t count = 0;
  for (auto _ : state) {
    TaskHeader* task = Body::New(&count, /*joinable=*/true);
    JoinHandle<void> handle(task);
    scheduler.Admit(task);
    handle.Detach();
    scheduler.RunOne();
  }
  benchmark::DoNotOptimize(count);
}
BENCHMARK(BM_SpawnDropRun<PollStyle>);
BENCHMARK(BM_SpawnDropRun<Coroutine>);
BENCHMARK(BM_SpawnDropRun<Callable>);

// Joined by a poll after it has ended.
template <class Body>
void BM_SpawnRunJoin(benchmark::State& state) {
  OneTaskScheduler scheduler;
  std::uint64_t count = 0;
  const Waker waker = NoopWaker();
  Context context(waker);
  for (auto _ : state) {
    TaskHeader* task = Body::New(&count, /*joinable=*/true);
    JoinHandle<void> handle(task);
    scheduler.Admit(task);
    scheduler.RunOne();
    benchmark::DoNotOptimize(handle.Poll(context).ready());
  }
  benchmark::DoNotOptimize(count);
}
BENCHMARK(BM_SpawnRunJoin<PollStyle>);
BENCHMARK(BM_SpawnRunJoin<Coroutine>);
BENCHMARK(BM_SpawnRunJoin<Callable>);

// ---- Inside a coroutine. Each is one task, which turns the benchmark's loop.

Task<std::uint64_t> Child(std::uint64_t value) { co_return value + 1; }

Task<> AwaitChildren(benchmark::State* state) {
  std::uint64_t value = 0;
  for (auto _ : *state) value = co_await Child(value);
  benchmark::DoNotOptimize(value);
}
Task<> Yields(benchmark::State* state) {
  for (auto _ : *state) co_await YieldNow();
}
Task<> SpawnAndJoin(benchmark::State* state, OneTaskScheduler* scheduler) {
  std::uint64_t count = 0;
  for (auto _ : *state) {
    TaskHeader* task = Coroutine::New(&count, /*joinable=*/true);
    JoinHandle<void> handle(task);
    scheduler->Admit(task);
    (void)co_await handle;
  }
}

void BM_AwaitChild(benchmark::State& state) {
  OneTaskScheduler scheduler;
  scheduler.Admit(AwaitChildren(&state).Release(/*joinable=*/false));
  scheduler.RunAll();
}
BENCHMARK(BM_AwaitChild);

void BM_Yield(benchmark::State& state) {
  OneTaskScheduler scheduler;
  scheduler.Admit(Yields(&state).Release(/*joinable=*/false));
  scheduler.RunAll();
}
BENCHMARK(BM_Yield);

// A child task that the parent suspends for.
void BM_SpawnAwaitedByTask(benchmark::State& state) {
  OneTaskScheduler scheduler;
  scheduler.Admit(SpawnAndJoin(&state, &scheduler).Release(/*joinable=*/false));
  scheduler.RunAll();
}
BENCHMARK(BM_SpawnAwaitedByTask);

// ---- Suspend, wake, resume. ----

// An operation with no state word of its own: what is left is the task's part.
class Parked final : public SuspendedOperation {
 public:
  explicit Parked(Waker* slot) : slot_(slot) {}
  bool await_ready() const { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    return SuspendIn(handle, *this, [slot = slot_](Waker waker) {
      *slot = std::move(waker);
      return true;
    });
  }
  void await_resume() const {}
  bool TryCancel() noexcept override { return false; }

 private:
  Waker* slot_;
};

Task<> ParkUntil(const bool* stop, Waker* slot) {
  while (!*stop) co_await Parked(slot);
}

void BM_CoroutineSuspendWakeResume(benchmark::State& state) {
  OneTaskScheduler scheduler;
  Waker waker;
  bool stop = false;
  scheduler.Admit(ParkUntil(&stop, &waker).Release(/*joinable=*/false));
  scheduler.RunOne();
  for (auto _ : state) {
    std::move(waker).Wake();
    scheduler.RunOne();
  }
  stop = true;
  std::move(waker).Wake();
  scheduler.RunOne();
}
BENCHMARK(BM_CoroutineSuspendWakeResume);

// Leaves a clone of its waker at each poll.
struct LeavesItsWaker {
  Waker* slot;
  const bool* stop;
  weft::Poll<void> Poll(Context& context) {
    if (*stop) return kReady;
    *slot = context.waker().Clone();
    return kPending;
  }
};

template <class Start>
void PollWakePoll(benchmark::State& state, Start start) {
  OneTaskScheduler scheduler;
  Waker waker;
  bool stop = false;
  scheduler.Admit(start(LeavesItsWaker{&waker, &stop}));
  scheduler.RunOne();
  for (auto _ : state) {
    std::move(waker).Wake();
    scheduler.RunOne();
  }
  stop = true;
  std::move(waker).Wake();
  scheduler.RunOne();
}

void BM_PollWakePoll(benchmark::State& state) {
  PollWakePoll(state, [](LeavesItsWaker future) {
    return NewTask(std::move(future), /*joinable=*/false);
  });
}
BENCHMARK(BM_PollWakePoll);

// The same future, awaited by a coroutine.
void BM_AwaitedPollWakePoll(benchmark::State& state) {
  PollWakePoll(state, [](LeavesItsWaker future) {
    return Await(std::move(future)).Release(/*joinable=*/false);
  });
}
BENCHMARK(BM_AwaitedPollWakePoll);

}  // namespace
}  // namespace weft
