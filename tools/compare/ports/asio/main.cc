// Asio's thread_pool, as tools/compare runs it; what each workload is:
// tools/compare/workloads.txt. A task is a handler. Where a task awaits, the
// rest of it is another handler; where it joins, the last of its children
// posts it.
//
// Tasks are spawned by `post`, so that they can run beside their spawner; a
// yield is `defer`, which is Asio's word for "this goes on, but later".

#include <array>
// This version of Asio does not know that clang has coroutines.
#define ASIO_HAS_CO_AWAIT 1
#define ASIO_HAS_STD_COROUTINE 1

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/defer.hpp>
#include <asio/detached.hpp>
#include <asio/error.hpp>
#include <asio/experimental/concurrent_channel.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include "weft/tools/compare/ports/common/callback_oneshot.h"
#include "weft/tools/compare/ports/common/countdown.h"
#include "weft/tools/compare/ports/common/port.h"

namespace weft::compare {
namespace {

struct Runtime {
  explicit Runtime(int count)
      : workers(count), pool(static_cast<std::size_t>(count)) {}
  ~Runtime() { pool.join(); }

  template <class F>
  void Spawn(F task) {
    asio::post(pool, std::move(task));
  }

  int workers;
  asio::thread_pool pool;
  Countdown end;
};

struct Scheduler {
  template <class F>
  void Submit(F task) {
    runtime->Spawn(std::move(task));
  }
  Runtime* runtime;
};

// ---- The four scheduler benchmarks. ----

struct Link {
  void operator()() const {
    ++*spawned;
    if (left > 1) {
      runtime->Spawn(Link{runtime, spawned, left - 1});
    } else {
      runtime->end.Done();
    }
  }
  Runtime* runtime;
  std::int64_t* spawned;
  std::int64_t left;
};

std::int64_t ChainedSpawn(Runtime& runtime, std::int64_t n, Recorder&) {
  std::int64_t spawned = 0;
  runtime.end.Reset(1);
  runtime.Spawn(Link{&runtime, &spawned, n});
  runtime.end.Wait();
  return spawned;
}

struct Match {
  Runtime* runtime;
  std::atomic<std::int64_t> received{0};
};

struct Received {
  void operator()(int value) const {
    match->received.fetch_add(value, std::memory_order_relaxed);
    match->runtime->end.Done();
  }
  Match* match = nullptr;
};

void Ping(Match* match) {
  auto* channel =
      new CallbackOneshot<Scheduler, Received>(Scheduler{match->runtime});
  match->runtime->Spawn([channel] { channel->Send(1); });
  channel->Receive(Received{match});
}

std::int64_t PingPong(Runtime& runtime, std::int64_t n, Recorder&) {
  Match match{.runtime = &runtime};
  runtime.end.Reset(n);
  runtime.Spawn([&match, n] {
    for (std::int64_t i = 0; i < n; ++i) {
      match.runtime->Spawn([m = &match] { Ping(m); });
    }
  });
  runtime.end.Wait();
  return match.received.load(std::memory_order_relaxed);
}

std::int64_t SpawnManyLocal(Runtime& runtime, std::int64_t n, Recorder&) {
  runtime.end.Reset(n);
  runtime.Spawn([&runtime, n] {
    for (std::int64_t i = 0; i < n; ++i) {
      runtime.Spawn([end = &runtime.end] { end->Done(); });
    }
  });
  return n - runtime.end.Wait();
}

std::int64_t SpawnManyRemote(Runtime& runtime, std::int64_t n, Recorder&) {
  runtime.end.Reset(n);
  for (std::int64_t i = 0; i < n; ++i) {
    runtime.Spawn([end = &runtime.end] { end->Done(); });
  }
  return n - runtime.end.Wait();
}

struct Busy {
  void operator()() const {
    if (stop->load(std::memory_order_relaxed)) {
      end->Done();
    } else {
      asio::defer(runtime->pool, Busy{runtime, stop, end});
    }
  }
  Runtime* runtime;
  const std::atomic<bool>* stop;
  Countdown* end;
};

std::int64_t SpawnManyRemoteBusy(Runtime& runtime, std::int64_t n,
                                 Recorder& recorder) {
  std::atomic<bool> stop{false};
  Countdown busy;
  busy.Reset(runtime.workers);
  for (int i = 0; i < runtime.workers; ++i) {
    runtime.Spawn(Busy{&runtime, &stop, &busy});
  }
  recorder.Start();
  const std::int64_t done = SpawnManyRemote(runtime, n, recorder);
  recorder.Stop();
  stop.store(true, std::memory_order_relaxed);
  busy.Wait();
  return done;
}

constexpr int kYielders = 200;

struct Yielder {
  void operator()() const {
    if (left > 0) {
      asio::defer(runtime->pool, Yielder{runtime, yields, n, left - 1});
      return;
    }
    yields->fetch_add(n, std::memory_order_relaxed);
    runtime->end.Done();
  }
  Runtime* runtime;
  std::atomic<std::int64_t>* yields;
  std::int64_t n;
  std::int64_t left;
};

std::int64_t YieldMany(Runtime& runtime, std::int64_t n, Recorder&) {
  std::atomic<std::int64_t> yields{0};
  runtime.end.Reset(kYielders);
  for (int i = 0; i < kYielders; ++i) {
    runtime.Spawn(Yielder{&runtime, &yields, n, n});
  }
  runtime.end.Wait();
  return yields.load(std::memory_order_relaxed);
}

// ---- The recursive ones. ----

/// A call that waits for its children, and where its own result goes.
template <int kChildren>
struct Call {
  Runtime* runtime;
  Call* parent;
  std::int64_t* result;
  std::int64_t results[kChildren] = {};
  std::atomic<int> missing{kChildren};

  /// By a child, or the root's caller: `value` is what came out.
  static void Return(Runtime* runtime, Call* parent, std::int64_t* place,
                     std::int64_t value) {
    *place = value;
    if (parent == nullptr) {
      runtime->end.Done();
      // ORDER: acq_rel. The last child has seen the results of all.
    } else if (parent->missing.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      runtime->Spawn([parent] {
        std::unique_ptr<Call> self(parent);
        std::int64_t sum = 0;
        for (std::int64_t r : self->results) sum += r;
        Return(self->runtime, self->parent, self->result, sum);
      });
    }
  }
};

struct FibCall {
  void operator()() const {
    if (n < 2) {
      Call<2>::Return(runtime, parent, result, n);
      return;
    }
    auto* call = new Call<2>{runtime, parent, result};
    runtime->Spawn(FibCall{runtime, call, &call->results[0], n - 1});
    runtime->Spawn(FibCall{runtime, call, &call->results[1], n - 2});
  }
  Runtime* runtime;
  Call<2>* parent;
  std::int64_t* result;
  std::int64_t n;
};

struct Subtree {
  void operator()() const {
    if (leaves == 1) {
      Call<10>::Return(runtime, parent, result, first);
      return;
    }
    auto* call = new Call<10>{runtime, parent, result};
    for (int i = 0; i < 10; ++i) {
      runtime->Spawn(Subtree{runtime, call, &call->results[i],
                             first + i * (leaves / 10), leaves / 10});
    }
  }
  Runtime* runtime;
  Call<10>* parent;
  std::int64_t* result;
  std::int64_t first;
  std::int64_t leaves;
};

std::int64_t Fib(Runtime& runtime, std::int64_t n, Recorder&) {
  std::int64_t result = 0;
  runtime.end.Reset(1);
  runtime.Spawn(FibCall{&runtime, nullptr, &result, n});
  runtime.end.Wait();
  return result;
}

std::int64_t Skynet(Runtime& runtime, std::int64_t n, Recorder&) {
  std::int64_t result = 0;
  runtime.end.Reset(1);
  runtime.Spawn(Subtree{&runtime, nullptr, &result, 0, n});
  runtime.end.Wait();
  return result;
}

// ---- The channel, which is for coroutines: those that Asio has. Its end is a
// message, since closing this version's loses what is in it. ----

using Channel = asio::experimental::concurrent_channel<void(asio::error_code,
                                                            std::int64_t)>;

asio::awaitable<void> SendAll(Channel* channel, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    co_await channel->async_send(asio::error_code(), i, asio::use_awaitable);
  }
  co_await channel->async_send(asio::error::eof, 0, asio::use_awaitable);
}

asio::awaitable<void> ReceiveAll(Channel* channel, std::int64_t* sum,
                                 Countdown* end) {
  asio::error_code error;
  for (;;) {
    const std::int64_t value = co_await channel->async_receive(
        asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    *sum += value;
  }
  end->Done();
}

std::int64_t Mpsc(Runtime& runtime, std::int64_t n, Recorder&) {
  Channel channel(runtime.pool, 1024);
  std::int64_t sum = 0;
  runtime.end.Reset(2);
  asio::co_spawn(runtime.pool, ReceiveAll(&channel, &sum, &runtime.end),
                 asio::detached);
  asio::co_spawn(runtime.pool, SendAll(&channel, n),
                 [end = &runtime.end](std::exception_ptr) { end->Done(); });
  runtime.end.Wait();
  return sum;
}

// ---- Idle. ----

std::int64_t WakeIdle(Runtime& runtime, std::int64_t n, Recorder& recorder) {
  for (std::int64_t i = 0; i < n; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    Clock::time_point woken;
    runtime.end.Reset(1);
    const Clock::time_point begin = Clock::now();
    runtime.Spawn([&] {
      woken = Clock::now();
      runtime.end.Done();
    });
    runtime.end.Wait();
    recorder.Add(
        std::chrono::duration<double, std::nano>(woken - begin).count());
  }
  return n;
}

std::int64_t IdleCpu(Runtime& runtime, std::int64_t n, Recorder& recorder) {
  SpawnManyRemote(runtime, 10'000, recorder);
  RecordIdleCpu(n, recorder);
  return n;
}

constexpr Workload<Runtime> kWorkloads[] = {
    {"chained_spawn", "detached", ChainedSpawn},
    {"chained_spawn_deep", "detached", ChainedSpawn},
    {"ping_pong", "detached", PingPong},
    {"spawn_many_local", "detached", SpawnManyLocal},
    {"spawn_many_remote", "detached", SpawnManyRemote},
    {"spawn_many_remote_busy", "detached", SpawnManyRemoteBusy},
    {"yield_many", "detached", YieldMany},
    {"fib", "joined", Fib},
    {"skynet", "joined", Skynet},
    {"mpsc", "detached", Mpsc},
    {"wake_idle", "detached", WakeIdle},
    {"idle_cpu", "detached", IdleCpu},
};

constexpr std::string_view kNoHandles = "a handler has no handle";
constexpr std::string_view kNoForks =
    "no other way than handlers: see fib and skynet";
constexpr std::string_view kNoGraphs = "no graphs; handlers know no results";
constexpr Missing kMissing[] = {
    {"chained_spawn", "joined", kNoHandles},
    {"chained_spawn_deep", "joined", kNoHandles},
    {"ping_pong", "joined", kNoHandles},
    {"spawn_many_local", "joined", kNoHandles},
    {"spawn_many_remote", "joined", kNoHandles},
    {"mutex", "detached",
     "Asio has none; a strand keeps handlers apart without one"},
    {"fork_fib", "joined", kNoForks},
    {"fork_skynet", "joined", kNoForks},
    {"fork_nqueens", "joined", kNoForks},
    {"flow_chain", "flow", kNoGraphs},
    {"flow_chain", "joined", kNoHandles},
    {"flow_wide", "flow", kNoGraphs},
    {"flow_wide", "joined", kNoHandles},
    {"flow_wide_work", "flow", kNoGraphs},
    {"flow_wide_work", "joined", kNoHandles},
    {"flow_wavefront", "flow", kNoGraphs},
    {"rss_parked", "detached", "a handler does not wait"},
};

}  // namespace
}  // namespace weft::compare

int main(int argc, char** argv) {
  using namespace weft::compare;  // NOLINT
  return RunPort<Runtime>("asio", kWorkloads, kMissing, argc, argv);
}
