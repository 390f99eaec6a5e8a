// oneTBB's task_group, as tools/compare runs it; what each workload is:
// tools/compare/workloads.txt. Where a task awaits, the rest of it is a
// callback: a task of a task_group cannot wait without keeping its thread.
//
// A task_group has no handles: all of its tasks are joined by one wait. The
// tasks of `fib` and `skynet` have groups of their own, as its manual does it.
// It has no yield either: a task spawns itself anew, which is at the front of
// the worker's stack and so runs next. That is less than the workload asks for.
//
// Its graphs are of the flow graph's `continue_node`s, connected by
// `make_edge`, with their values in an array, as its manual has a dependence
// graph. Such a graph cannot run before all of it has been made; the task that
// made it waits for all of it, which runs nodes meanwhile.

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "weft/tools/compare/ports/common/callback_oneshot.h"
#include "weft/tools/compare/ports/common/countdown.h"
#include "weft/tools/compare/ports/common/grain.h"
#include "weft/tools/compare/ports/common/port.h"
#include "weft/tools/compare/ports/common/queens.h"

namespace weft::compare {
namespace {

using tbb::task_group;

/// An arena of workers, none of whose places is the caller's.
struct Runtime {
  explicit Runtime(int count)
      : workers(count),
        parallelism(tbb::global_control::max_allowed_parallelism, count + 1),
        arena(count, /*reserved_for_masters=*/0) {}
  ~Runtime() { group.wait(); }

  /// Spawns from outside.
  template <class F>
  void Enqueue(F task) {
    arena.enqueue(group.defer(std::move(task)));
  }

  int workers;
  tbb::global_control parallelism;
  tbb::task_arena arena;
  task_group group;
  Countdown end;
};

struct Scheduler {
  template <class F>
  void Submit(F task) {
    group->run(std::move(task));
  }
  task_group* group;
};

// ---- The four scheduler benchmarks. ----

struct Link {
  void operator()() const {
    ++*spawned;
    if (left > 1) {
      runtime->group.run(Link{runtime, spawned, left - 1});
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
  runtime.Enqueue(Link{&runtime, &spawned, n});
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
  task_group* group = &match->runtime->group;
  auto* channel = new CallbackOneshot<Scheduler, Received>(Scheduler{group});
  group->run([channel] { channel->Send(1); });
  channel->Receive(Received{match});
}

std::int64_t PingPong(Runtime& runtime, std::int64_t n, Recorder&) {
  Match match{.runtime = &runtime};
  runtime.end.Reset(n);
  runtime.Enqueue([&match, n] {
    for (std::int64_t i = 0; i < n; ++i) {
      match.runtime->group.run([m = &match] { Ping(m); });
    }
  });
  runtime.end.Wait();
  return match.received.load(std::memory_order_relaxed);
}

std::int64_t SpawnManyLocal(Runtime& runtime, std::int64_t n, Recorder&) {
  runtime.end.Reset(n);
  runtime.Enqueue([&runtime, n] {
    for (std::int64_t i = 0; i < n; ++i) {
      runtime.group.run([end = &runtime.end] { end->Done(); });
    }
  });
  return n - runtime.end.Wait();
}

std::int64_t SpawnManyRemote(Runtime& runtime, std::int64_t n, Recorder&) {
  runtime.end.Reset(n);
  for (std::int64_t i = 0; i < n; ++i) {
    runtime.Enqueue([end = &runtime.end] { end->Done(); });
  }
  return n - runtime.end.Wait();
}

// Goes on in a new task until `stop`.
struct Busy {
  void operator()() const {
    if (stop->load(std::memory_order_relaxed)) {
      end->Done();
    } else {
      runtime->group.run(Busy{runtime, stop, end});
    }
  }
  Runtime* runtime;
  const std::atomic<bool>* stop;
  Countdown* end;
};

constexpr int kYielders = 200;

struct Yielder {
  void operator()() const {
    if (left > 0) {
      runtime->group.run(Yielder{runtime, yields, n, left - 1});
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
    runtime.Enqueue(Yielder{&runtime, &yields, n, n});
  }
  runtime.end.Wait();
  return yields.load(std::memory_order_relaxed);
}

// ---- The recursive ones. ----

std::int64_t FibCall(std::int64_t n) {
  if (n < 2) return n;
  std::int64_t a = 0;
  std::int64_t b = 0;
  task_group children;
  children.run([&a, n] { a = FibCall(n - 1); });
  children.run_and_wait([&b, n] { b = FibCall(n - 2); });
  return a + b;
}

std::int64_t Subtree(std::int64_t first, std::int64_t leaves) {
  if (leaves == 1) return first;
  std::int64_t sums[10];
  task_group children;
  for (std::int64_t& sum : sums) {
    children.run([&sum, first, leaves] { sum = Subtree(first, leaves / 10); });
    first += leaves / 10;
  }
  children.wait();
  std::int64_t sum = 0;
  for (std::int64_t s : sums) sum += s;
  return sum;
}

std::int64_t Place(const Board& board, int rows, int n) {
  if (rows == n) return 1;
  std::array<std::int64_t, kMaxBoard> sums;
  std::size_t count = 0;
  task_group children;
  for (int column = 0; column < n; ++column) {
    if (!Fits(board, rows, column)) continue;
    Board next = board;
    next[static_cast<std::size_t>(rows)] = static_cast<char>(column);
    children.run([&sum = sums[count++], next, rows, n] {
      sum = Place(next, rows + 1, n);
    });
  }
  children.wait();
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += sums[i];
  return sum;
}

// A call instead of the second task: the quickest of oneTBB's ways here
// (run_and_wait and parallel_invoke are no quicker).
std::int64_t ForkFibCall(std::int64_t n) {
  if (n < 2) return n;
  std::int64_t a = 0;
  task_group children;
  children.run([&a, n] { a = ForkFibCall(n - 1); });
  const std::int64_t b = ForkFibCall(n - 2);
  children.wait();
  return a + b;
}

template <auto kRoot>
std::int64_t Root(Runtime& runtime, std::int64_t n) {
  std::int64_t result = 0;
  runtime.end.Reset(1);
  runtime.Enqueue([&] {
    result = kRoot(n);
    runtime.end.Done();
  });
  runtime.end.Wait();
  return result;
}

std::int64_t Fib(Runtime& runtime, std::int64_t n, Recorder&) {
  return Root<FibCall>(runtime, n);
}

std::int64_t Skynet(Runtime& runtime, std::int64_t n, Recorder&) {
  return Root<[](std::int64_t leaves) { return Subtree(0, leaves); }>(runtime,
                                                                      n);
}

std::int64_t ForkFib(Runtime& runtime, std::int64_t n, Recorder&) {
  return Root<ForkFibCall>(runtime, n);
}

std::int64_t ForkQueens(Runtime& runtime, std::int64_t n, Recorder&) {
  return Root<[](std::int64_t size) {
    return Place(Board(), 0, static_cast<int>(size));
  }>(runtime, n);
}

// ---- Graphs. ----

namespace flow = tbb::flow;
using Node = flow::continue_node<flow::continue_msg>;

std::int64_t Chain(std::int64_t n) {
  flow::graph graph;
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  std::deque<Node> nodes;
  for (std::size_t i = 0; i < values.size(); ++i) {
    nodes.emplace_back(graph, [&values, i](flow::continue_msg) {
      values[i] = 1 + (i == 0 ? 0 : values[i - 1]);
    });
    if (i > 0) flow::make_edge(nodes[i - 1], nodes[i]);
  }
  nodes.front().try_put(flow::continue_msg());
  graph.wait_for_all();
  return values.back();
}

template <bool kWorks>
std::int64_t Wide(std::int64_t n) {
  flow::graph graph;
  std::int64_t source = 0;
  std::int64_t sum = 0;
  std::vector<std::int64_t> values(static_cast<std::size_t>(n));
  Node first(graph, [&](flow::continue_msg) { source = 1; });
  Node last(graph, [&](flow::continue_msg) {
    for (std::int64_t value : values) sum += value;
  });
  std::deque<Node> leaves;
  for (std::int64_t i = 0; i < n; ++i) {
    std::int64_t& value = values[static_cast<std::size_t>(i)];
    leaves.emplace_back(graph, [&source, &value, i](flow::continue_msg) {
      value = kWorks ? source * Grain(i) : source;
    });
    flow::make_edge(first, leaves.back());
    flow::make_edge(leaves.back(), last);
  }
  first.try_put(flow::continue_msg());
  graph.wait_for_all();
  return sum;
}

std::int64_t Wavefront(std::int64_t n) {
  flow::graph graph;
  const auto side = static_cast<std::size_t>(n);
  std::vector<std::int64_t> values(side * side);
  std::deque<Node> nodes;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t x = i % side;
    const std::size_t y = i / side;
    nodes.emplace_back(graph, [&values, i, x, y, side](flow::continue_msg) {
      values[i] =
          1 + std::max(y > 0 ? values[i - side] : 0, x > 0 ? values[i - 1] : 0);
    });
    if (y > 0) flow::make_edge(nodes[i - side], nodes[i]);
    if (x > 0) flow::make_edge(nodes[i - 1], nodes[i]);
  }
  nodes.front().try_put(flow::continue_msg());
  graph.wait_for_all();
  return values.back();
}

template <auto kGraph>
std::int64_t Graph(Runtime& runtime, std::int64_t n, Recorder&) {
  return Root<kGraph>(runtime, n);
}

// ---- Idle and parked. ----

std::int64_t WakeIdle(Runtime& runtime, std::int64_t n, Recorder& recorder) {
  for (std::int64_t i = 0; i < n; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    Clock::time_point woken;
    runtime.end.Reset(1);
    const Clock::time_point begin = Clock::now();
    runtime.Enqueue([&] {
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
    {"yield_many", "detached", YieldMany},
    {"fib", "joined", Fib},
    {"skynet", "joined", Skynet},
    {"fork_fib", "joined", ForkFib},
    {"fork_skynet", "joined", Skynet},
    {"fork_nqueens", "joined", ForkQueens},
    {"flow_chain", "flow", Graph<Chain>},
    {"flow_wide", "flow", Graph<Wide<false>>},
    {"flow_wide_work", "flow", Graph<Wide<true>>},
    {"flow_wavefront", "flow", Graph<Wavefront>},
    {"wake_idle", "detached", WakeIdle},
    {"idle_cpu", "detached", IdleCpu},
};

constexpr std::string_view kNoHandles =
    "a task_group has no handles, and a chain of groups would nest as many "
    "waits on one stack";
constexpr Missing kMissing[] = {
    {"chained_spawn", "joined", kNoHandles},
    {"chained_spawn_deep", "joined", kNoHandles},
    {"ping_pong", "joined", kNoHandles},
    {"spawn_many_local", "joined", kNoHandles},
    {"spawn_many_remote", "joined", kNoHandles},
    {"spawn_many_remote_busy", "detached",
     "a task that spawns itself anew is always next: the workers would never "
     "come to what is enqueued"},
    {"flow_chain", "joined", kNoHandles},
    {"flow_wide", "joined", kNoHandles},
    {"flow_wide_work", "joined", kNoHandles},
    {"mpsc", "detached",
     "concurrent_bounded_queue blocks the thread, not the task"},
    {"mutex", "detached", "its mutexes block the thread, not the task"},
    {"rss_parked", "detached", "a task cannot wait without its thread"},
};

}  // namespace
}  // namespace weft::compare

int main(int argc, char** argv) {
  using namespace weft::compare;  // NOLINT
  return RunPort<Runtime>("onetbb", kWorkloads, kMissing, argc, argv);
}
