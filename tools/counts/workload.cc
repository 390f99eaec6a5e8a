// One scheduler operation, many times, on one worker: what tools/counts/run
// counts the instructions of.
//
//     workload --list               the operations, one a line
//     workload --compiler           what this program was compiled with
//     workload OPERATION COUNT      runs OPERATION that often
//
// It keeps no time. What one operation costs is the difference between two
// counts, divided by the difference of what they cost: so the start of the
// program, and of the pool, is in neither.

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "weft/dataflow/dataflow.h"
#include "weft/fork/fork_task.h"
#include "weft/pool/pool.h"
#include "weft/sync/mpsc.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"

namespace weft::counts {
namespace {

// How many tasks are spawned before they run, where an operation fans out: less
// than the local queue holds, so that none of them overflows.
constexpr std::uint64_t kFan = 64;

// ---- Bodies: each ends at once and has counted itself. ----

Task<> CountingCoroutine(std::uint64_t* count) {
  ++*count;
  co_return;
}

struct CountingCallable {
  std::uint64_t* count;
  void operator()() const { ++*count; }
};

struct CountingFuture {
  std::uint64_t* count;
  weft::Poll<void> Poll(Context&) {
    ++*count;
    return kReady;
  }
};

// ---- Spawn, run, complete. ----

// One task at a time, each spawned by the one before: through the next-task
// slot. The last one sends on `done`.
struct Chain {
  std::uint64_t left;
  OneshotSender<std::monostate> done;

  // Whether there is another link.
  bool Next() {
    if (--left != 0) return true;
    auto last = std::move(done);
    std::move(last).Send({});
    return false;
  }
};

Task<> ChainCoroutine(Chain* chain) {
  if (chain->Next()) SpawnDetached(ChainCoroutine(chain));
  co_return;
}

struct ChainCallable {
  Chain* chain;
  void operator()() const {
    if (chain->Next()) SpawnDetached(ChainCallable{chain});
  }
};

struct ChainFuture {
  Chain* chain;
  weft::Poll<void> Poll(Context&) {
    if (chain->Next()) SpawnDetached(ChainFuture{chain});
    return kReady;
  }
};

template <auto kFirst>
Task<std::uint64_t> ChainSpawns(std::uint64_t count) {
  auto [sender, receiver] = Oneshot<std::monostate>();
  Chain chain{count, std::move(sender)};
  SpawnDetached(kFirst(&chain));
  co_await receiver;
  co_return count - chain.left;
}

// Groups of kFan tasks, through the local queue.
template <auto kBody>
Task<std::uint64_t> FanDetached(std::uint64_t count) {
  std::uint64_t ran = 0;
  for (std::uint64_t i = 0; i < count; i += kFan) {
    for (std::uint64_t j = 0; j < kFan; ++j) SpawnDetached(kBody(&ran));
    // To the back of the queue: all of them run first.
    co_await YieldNow();
  }
  co_return ran;
}

template <auto kBody>
Task<std::uint64_t> FanJoined(std::uint64_t count) {
  std::uint64_t ran = 0;
  std::array<JoinHandle<void>, kFan> handles;
  for (std::uint64_t i = 0; i < count; i += kFan) {
    for (JoinHandle<void>& handle : handles) handle = Spawn(kBody(&ran));
    co_await YieldNow();
    for (JoinHandle<void>& handle : handles) {
      Outcome<void> outcome = co_await handle;
      std::move(outcome).value();
    }
  }
  co_return ran;
}

template <auto kBody>
std::vector<decltype(kBody(nullptr))> Bodies(std::uint64_t* ran) {
  std::vector<decltype(kBody(nullptr))> bodies;
  bodies.reserve(kFan);
  for (std::uint64_t i = 0; i < kFan; ++i) bodies.push_back(kBody(ran));
  return bodies;
}

template <auto kBody>
Task<std::uint64_t> BatchDetached(std::uint64_t count) {
  std::uint64_t ran = 0;
  for (std::uint64_t i = 0; i < count; i += kFan) {
    SpawnDetachedBatch(Bodies<kBody>(&ran));
    co_await YieldNow();
  }
  co_return ran;
}

template <auto kBody>
Task<std::uint64_t> BatchJoined(std::uint64_t count) {
  std::uint64_t ran = 0;
  for (std::uint64_t i = 0; i < count; i += kFan) {
    std::vector<JoinHandle<void>> handles = SpawnBatch(Bodies<kBody>(&ran));
    co_await YieldNow();
    for (JoinHandle<void>& handle : handles) {
      Outcome<void> outcome = co_await handle;
      std::move(outcome).value();
    }
  }
  co_return ran;
}

// Spawn a task and wait for it, each time.
template <auto kBody>
Task<std::uint64_t> SpawnAwait(std::uint64_t count) {
  std::uint64_t ran = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    JoinHandle<void> handle = Spawn(kBody(&ran));
    Outcome<void> outcome = co_await handle;
    std::move(outcome).value();
  }
  co_return ran;
}

// A coroutine awaited as part of the same task: no scheduling.
Task<std::uint64_t> ChildAwait(std::uint64_t count) {
  std::uint64_t ran = 0;
  for (std::uint64_t i = 0; i < count; ++i) co_await CountingCoroutine(&ran);
  co_return ran;
}

// ---- Yield. ----

Task<std::uint64_t> YieldCoroutine(std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) co_await YieldNow();
  co_return count;
}

class YieldFuture {
 public:
  explicit YieldFuture(std::uint64_t count) : left_(count), count_(count) {}

  weft::Poll<std::uint64_t> Poll(Context& context) {
    while (left_ != 0) {
      if (!yield_.Poll(context).ready()) return kPending;
      yield_ = YieldNow();
      --left_;
    }
    return count_;
  }

 private:
  std::uint64_t left_;
  std::uint64_t count_;
  YieldNow yield_;
};

// ---- Ping-pong: two tasks and a channel for each. ----

Task<> PongCoroutine(OneshotSender<std::uint64_t> sender) {
  std::move(sender).Send(1);
  co_return;
}

Task<std::uint64_t> PingPongCoroutine(std::uint64_t count) {
  std::uint64_t received = 0;
  struct Ping {
    static Task<> Run(std::uint64_t* received) {
      auto [sender, receiver] = Oneshot<std::uint64_t>();
      SpawnDetached(PongCoroutine(std::move(sender)));
      *received += (co_await receiver).value_or(0);
    }
  };
  for (std::uint64_t i = 0; i < count; i += kFan) {
    for (std::uint64_t j = 0; j < kFan; ++j)
      SpawnDetached(Ping::Run(&received));
    while (received < i + kFan) co_await YieldNow();
  }
  co_return received;
}

class PongFuture {
 public:
  explicit PongFuture(OneshotSender<std::uint64_t> sender)
      : sender_(std::move(sender)) {}
  weft::Poll<void> Poll(Context&) {
    std::move(sender_).Send(1);
    return kReady;
  }

 private:
  OneshotSender<std::uint64_t> sender_;
};

class PingFuture {
 public:
  explicit PingFuture(std::uint64_t* received) : received_(received) {}
  weft::Poll<void> Poll(Context& context) {
    if (!receiver_) {
      auto [sender, receiver] = Oneshot<std::uint64_t>();
      SpawnDetached(PongFuture(std::move(sender)));
      receiver_ = std::move(receiver);
    }
    auto answer = receiver_->Poll(context);
    if (!answer.ready()) return kPending;
    *received_ += answer.value().value_or(0);
    return kReady;
  }

 private:
  std::uint64_t* received_;
  std::optional<OneshotReceiver<std::uint64_t>> receiver_;
};

Task<std::uint64_t> PingPongPoll(std::uint64_t count) {
  std::uint64_t received = 0;
  for (std::uint64_t i = 0; i < count; i += kFan) {
    for (std::uint64_t j = 0; j < kFan; ++j) {
      SpawnDetached(PingFuture(&received));
    }
    while (received < i + kFan) co_await YieldNow();
  }
  co_return received;
}

// ---- A channel with room: one task sends, another receives. ----

Task<std::uint64_t> ReceiveAll(MpscReceiver<std::uint64_t> receiver) {
  std::uint64_t received = 0;
  for (;;) {
    const std::optional<std::uint64_t> message = co_await receiver.Receive();
    if (!message.has_value()) co_return received;
    received += *message;
  }
}

Task<> SendAll(MpscSender<std::uint64_t> sender, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::optional<std::uint64_t> refused = co_await sender.Send(1);
    if (refused.has_value()) co_return;
  }
}

Task<std::uint64_t> MessageCoroutine(std::uint64_t count) {
  auto [sender, receiver] = Mpsc<std::uint64_t>(1024);
  SpawnDetached(SendAll(std::move(sender), count));
  co_return co_await ReceiveAll(std::move(receiver));
}

// ---- Fork and join: a tree of calls with kFan leaves, each time. ----

ForkTask<std::uint64_t> Leaves(std::uint64_t leaves) {
  if (leaves == 1) co_return 1;
  auto [a, b] =
      co_await ForkJoin(Leaves(leaves / 2), Leaves(leaves - leaves / 2));
  co_return a + b;
}

Task<std::uint64_t> ForkJoinCoroutine(std::uint64_t count) {
  std::uint64_t leaves = 0;
  for (std::uint64_t i = 0; i < count; i += kFan) {
    leaves += co_await Leaves(kFan);
  }
  co_return leaves;
}

// ---- Dataflow. ----

std::uint64_t AddOne(std::uint64_t before) { return before + 1; }

// Groups of kFan nodes, each of which waits for the one before; then they run.
Task<std::uint64_t> FlowChain(std::uint64_t count) {
  std::uint64_t ran = 0;
  for (std::uint64_t i = 0; i < count; i += kFan) {
    Flow<std::uint64_t> last = Async([] { return AddOne(0); });
    for (std::uint64_t j = 1; j < kFan; ++j) {
      last = Async([](std::uint64_t before) { return AddOne(before); },
                   std::move(last));
    }
    ran += co_await last;
  }
  co_return ran;
}

// Groups of kFan nodes that all wait for one, and one that waits for them.
Task<std::uint64_t> FlowFan(std::uint64_t count) {
  std::uint64_t ran = 0;
  for (std::uint64_t i = 0; i < count; i += kFan) {
    Flow<std::uint64_t> first = Async([] { return AddOne(0); });
    std::vector<Flow<std::uint64_t>> nodes;
    nodes.reserve(kFan);
    for (std::uint64_t j = 0; j < kFan; ++j) {
      nodes.push_back(Async([](std::uint64_t one) { return one; }, first));
    }
    ran += co_await Async(
        [](const std::vector<Flow<std::uint64_t>>& all) {
          std::uint64_t sum = 0;
          for (const auto& flow : all) sum += flow.value();
          return sum;
        },
        std::move(nodes));
  }
  co_return ran;
}

// ---- The list. ----

constexpr auto kCoroutine = [](std::uint64_t* n) {
  return CountingCoroutine(n);
};
constexpr auto kCallable = [](std::uint64_t* n) { return CountingCallable{n}; };
constexpr auto kPoll = [](std::uint64_t* n) { return CountingFuture{n}; };
constexpr auto kCoroutineLink = [](Chain* c) { return ChainCoroutine(c); };
constexpr auto kCallableLink = [](Chain* c) { return ChainCallable{c}; };
constexpr auto kPollLink = [](Chain* c) { return ChainFuture{c}; };

// Runs an operation on a pool and returns how many of it were done.
template <auto kBody>
std::uint64_t Block(Pool& pool, std::uint64_t count) {
  return pool.BlockOn(kBody(count));
}

struct Operation {
  const char* name;
  std::uint64_t (*run)(Pool& pool, std::uint64_t count);
};

constexpr Operation kOperations[] = {
    {"chain-detached-coroutine", Block<ChainSpawns<kCoroutineLink>>},
    {"chain-detached-callable", Block<ChainSpawns<kCallableLink>>},
    {"chain-detached-poll", Block<ChainSpawns<kPollLink>>},
    {"fan-detached-coroutine", Block<FanDetached<kCoroutine>>},
    {"fan-detached-callable", Block<FanDetached<kCallable>>},
    {"fan-detached-poll", Block<FanDetached<kPoll>>},
    {"fan-joined-coroutine", Block<FanJoined<kCoroutine>>},
    {"fan-joined-callable", Block<FanJoined<kCallable>>},
    {"fan-joined-poll", Block<FanJoined<kPoll>>},
    {"batch-detached-coroutine", Block<BatchDetached<kCoroutine>>},
    {"batch-detached-poll", Block<BatchDetached<kPoll>>},
    {"batch-joined-coroutine", Block<BatchJoined<kCoroutine>>},
    {"batch-joined-poll", Block<BatchJoined<kPoll>>},
    {"spawn-await-coroutine", Block<SpawnAwait<kCoroutine>>},
    {"spawn-await-callable", Block<SpawnAwait<kCallable>>},
    {"spawn-await-poll", Block<SpawnAwait<kPoll>>},
    {"child-await-coroutine", Block<ChildAwait>},
    {"yield-coroutine", Block<YieldCoroutine>},
    {"yield-poll",
     Block<[](std::uint64_t count) { return YieldFuture(count); }>},
    {"ping-pong-coroutine", Block<PingPongCoroutine>},
    {"ping-pong-poll", Block<PingPongPoll>},
    {"message-coroutine", Block<MessageCoroutine>},
    {"fork-join-coroutine", Block<ForkJoinCoroutine>},
    {"flow-chain-callable", Block<FlowChain>},
    {"flow-fan-callable", Block<FlowFan>},
};

int Usage() {
  std::fprintf(stderr,
               "usage: workload --list | --compiler | OPERATION COUNT\n"
               "COUNT is a multiple of %d, at least that.\n",
               static_cast<int>(kFan));
  return 2;
}

int Main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  if (argc == 2 && first == "--list") {
    for (const Operation& o : kOperations) std::puts(o.name);
    return 0;
  }
  if (argc == 2 && first == "--compiler") {
#if defined(__clang__)
    std::puts(__VERSION__);
#else
    std::puts("GCC " __VERSION__);
#endif
    return 0;
  }
  if (argc != 3) return Usage();
  std::uint64_t count = 0;
  const char* end = argv[2] + std::strlen(argv[2]);
  if (auto [at, error] = std::from_chars(argv[2], end, count);
      at != end || error != std::errc() || count == 0 || count % kFan != 0) {
    return Usage();
  }
  for (const Operation& o : kOperations) {
    if (o.name != first) continue;
    Options options;
    options.workers = 1;
    options.seed = 1;
    // Its looks would be counted as well.
    options.watchdog_period = std::chrono::nanoseconds::zero();
    Pool pool(options);
    const std::uint64_t done = o.run(pool, count);
    if (done == count) return 0;
    std::fprintf(stderr, "workload: %s: %llu done, %llu expected\n", o.name,
                 static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(count));
    return 1;
  }
  std::fprintf(stderr, "workload: no operation '%s'; see --list\n", argv[1]);
  return 2;
}

}  // namespace
}  // namespace weft::counts

int main(int argc, char** argv) { return weft::counts::Main(argc, argv); }
