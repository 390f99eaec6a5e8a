// The benchmarks with tasks that are poll-style futures. What they do:
// workload.h.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/pool/spawn.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/tools/bench/countdown.h"
#include "weft/tools/bench/workload.h"

namespace weft::bench {
namespace {

// ---- chained_spawn ----

// One task runs at a time, so a plain count will do.
struct Chain {
  std::int64_t spawned = 0;
  Countdown end{1};
};

class Link {
 public:
  Link(Chain* chain, int left) : chain_(chain), left_(left) {}

  weft::Poll<void> Poll(Context&) {
    ++chain_->spawned;
    if (left_ > 1) {
      SpawnDetached(Link(chain_, left_ - 1));
    } else {
      chain_->end.Done();
    }
    return kReady;
  }

 private:
  Chain* chain_;
  int left_;
};

std::int64_t RunChain(Executor& executor, int links) {
  Chain chain;
  SpawnDetachedOn(executor, Link(&chain, links));
  chain.end.Wait();
  return chain.spawned;
}

class JoinedLink {
 public:
  explicit JoinedLink(int left) : left_(left) {}

  weft::Poll<std::int64_t> Poll(Context& context) {
    if (left_ == 1) return 1;
    if (!next_) next_ = Spawn(JoinedLink(left_ - 1));
    auto outcome = next_.Poll(context);
    if (!outcome.ready()) return kPending;
    return 1 + std::move(outcome).value().value();
  }

 private:
  int left_;
  JoinHandle<std::int64_t> next_;
};

std::int64_t ChainedSpawn(Executor& executor, const Sizes& sizes) {
  return RunChain(executor, sizes.chain);
}
std::int64_t ChainedSpawnJoined(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, JoinedLink(sizes.chain));
}
std::int64_t ChainedSpawnDeep(Executor& executor, const Sizes& sizes) {
  return RunChain(executor, sizes.deep_chain);
}
std::int64_t ChainedSpawnDeepJoined(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, JoinedLink(sizes.deep_chain));
}

// ---- ping_pong ----

// What came over the channels is added up: each Pong sends a one.
struct Match {
  explicit Match(int pairs) : end(pairs) {}

  atomic<std::int64_t> received{0};
  Countdown end;
};

class Pong {
 public:
  explicit Pong(OneshotSender<int> sender) : sender_(std::move(sender)) {}

  weft::Poll<void> Poll(Context&) {
    std::move(sender_).Send(1);
    return kReady;
  }

 private:
  OneshotSender<int> sender_;
};

class Ping {
 public:
  explicit Ping(Match* match) : match_(match) {}

  weft::Poll<void> Poll(Context& context) {
    if (!receiver_) {
      auto [sender, receiver] = Oneshot<int>();
      receiver_ = std::move(receiver);
      SpawnDetached(Pong(std::move(sender)));
    }
    auto value = receiver_->Poll(context);
    if (!value.ready()) return kPending;
    match_->received.fetch_add(value.value().value_or(0),
                               std::memory_order_relaxed);
    match_->end.Done();
    return kReady;
  }

 private:
  Match* match_;
  std::optional<OneshotReceiver<int>> receiver_;
};

class PingAll {
 public:
  PingAll(Match* match, int pairs) : match_(match), pairs_(pairs) {}

  weft::Poll<void> Poll(Context&) {
    for (int i = 0; i < pairs_; ++i) SpawnDetached(Ping(match_));
    return kReady;
  }

 private:
  Match* match_;
  int pairs_;
};

std::int64_t PingPong(Executor& executor, const Sizes& sizes) {
  Match match(sizes.pairs);
  SpawnDetachedOn(executor, PingAll(&match, sizes.pairs));
  match.end.Wait();
  return match.received.load(std::memory_order_relaxed);
}

class JoinedPing {
 public:
  weft::Poll<int> Poll(Context& context) {
    if (!receiver_) {
      auto [sender, receiver] = Oneshot<int>();
      receiver_ = std::move(receiver);
      pong_ = Spawn(Pong(std::move(sender)));
    }
    if (!value_) {
      auto value = receiver_->Poll(context);
      if (!value.ready()) return kPending;
      value_ = value.value().value_or(0);
    }
    auto outcome = pong_.Poll(context);
    if (!outcome.ready()) return kPending;
    std::move(outcome).value().value();
    return *value_;
  }

 private:
  JoinHandle<void> pong_;
  std::optional<OneshotReceiver<int>> receiver_;
  std::optional<int> value_;
};

// Joins a number of tasks, one after the other, and adds up their values.
class JoinAll {
 public:
  void Add(JoinHandle<int> task) { tasks_.push_back(std::move(task)); }
  void Reserve(int tasks) { tasks_.reserve(tasks); }
  bool empty() const { return tasks_.empty(); }

  weft::Poll<std::int64_t> Poll(Context& context) {
    for (; joined_ < tasks_.size(); ++joined_) {
      auto outcome = tasks_[joined_].Poll(context);
      if (!outcome.ready()) return kPending;
      sum_ += std::move(outcome).value().value();
    }
    return sum_;
  }

 private:
  std::vector<JoinHandle<int>> tasks_;
  std::size_t joined_ = 0;
  std::int64_t sum_ = 0;
};

// Spawns a number of `Body`s and joins them.
template <class Body>
class SpawnAndJoinAll {
 public:
  explicit SpawnAndJoinAll(int spawns) : spawns_(spawns) {}

  weft::Poll<std::int64_t> Poll(Context& context) {
    if (tasks_.empty()) {
      tasks_.Reserve(spawns_);
      for (int i = 0; i < spawns_; ++i) tasks_.Add(Spawn(Body()));
    }
    return tasks_.Poll(context);
  }

 private:
  int spawns_;
  JoinAll tasks_;
};

std::int64_t PingPongJoined(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, SpawnAndJoinAll<JoinedPing>(sizes.pairs));
}

// ---- spawn_many ----

class CountDown {
 public:
  explicit CountDown(Countdown* end) : end_(end) {}

  weft::Poll<void> Poll(Context&) {
    end_->Done();
    return kReady;
  }

 private:
  Countdown* end_;
};

class CountOne {
 public:
  weft::Poll<int> Poll(Context&) { return 1; }
};

std::int64_t SpawnManyOutside(Executor& executor, const Sizes& sizes) {
  Countdown end(sizes.spawns);
  for (int i = 0; i < sizes.spawns; ++i)
    SpawnDetachedOn(executor, CountDown(&end));
  return sizes.spawns - end.Wait();
}

std::int64_t SpawnManyOutsideJoined(Executor& executor, const Sizes& sizes) {
  std::vector<JoinHandle<int>> tasks;
  tasks.reserve(sizes.spawns);
  for (int i = 0; i < sizes.spawns; ++i) {
    tasks.push_back(SpawnOn(executor, CountOne()));
  }
  std::int64_t count = 0;
  for (JoinHandle<int>& task : tasks) count += std::move(task).Join().value();
  return count;
}

class SpawnAll {
 public:
  SpawnAll(Countdown* end, int spawns) : end_(end), spawns_(spawns) {}

  weft::Poll<void> Poll(Context&) {
    for (int i = 0; i < spawns_; ++i) SpawnDetached(CountDown(end_));
    return kReady;
  }

 private:
  Countdown* end_;
  int spawns_;
};

std::int64_t SpawnManyWorker(Executor& executor, const Sizes& sizes) {
  Countdown end(sizes.spawns);
  SpawnDetachedOn(executor, SpawnAll(&end, sizes.spawns));
  return sizes.spawns - end.Wait();
}

std::int64_t SpawnManyWorkerJoined(Executor& executor, const Sizes& sizes) {
  return BlockOn(executor, SpawnAndJoinAll<CountOne>(sizes.spawns));
}

// ---- yield_many ----

struct Yields {
  explicit Yields(int yielders) : end(yielders) {}

  atomic<std::int64_t> count{0};
  Countdown end;
};

class Yielder {
 public:
  Yielder(Yields* all, int yields) : all_(all), yields_(yields) {}

  weft::Poll<void> Poll(Context& context) {
    for (; done_ < yields_; ++done_) {
      if (!yield_.Poll(context).ready()) return kPending;
      yield_ = YieldNow();
    }
    all_->count.fetch_add(done_, std::memory_order_relaxed);
    all_->end.Done();
    return kReady;
  }

 private:
  Yields* all_;
  int yields_;
  int done_ = 0;
  YieldNow yield_;
};

std::int64_t YieldMany(Executor& executor, const Sizes& sizes) {
  Yields all(sizes.yielders);
  for (int i = 0; i < sizes.yielders; ++i) {
    SpawnDetachedOn(executor, Yielder(&all, sizes.yields));
  }
  all.end.Wait();
  return all.count.load(std::memory_order_relaxed);
}

constexpr Workload kWorkloads[] = {
    {kChainedSpawn, kPoll, kDetached, ChainSize, ChainedSpawn},
    {kChainedSpawn, kPoll, kJoined, ChainSize, ChainedSpawnJoined},
    {kChainedSpawnDeep, kPoll, kDetached, DeepSize, ChainedSpawnDeep},
    {kChainedSpawnDeep, kPoll, kJoined, DeepSize, ChainedSpawnDeepJoined},
    {kPingPong, kPoll, kDetached, PairCount, PingPong},
    {kPingPong, kPoll, kJoined, PairCount, PingPongJoined},
    {kSpawnManyOutside, kPoll, kDetached, SpawnCount, SpawnManyOutside},
    {kSpawnManyOutside, kPoll, kJoined, SpawnCount, SpawnManyOutsideJoined},
    {kSpawnManyWorker, kPoll, kDetached, SpawnCount, SpawnManyWorker},
    {kSpawnManyWorker, kPoll, kJoined, SpawnCount, SpawnManyWorkerJoined},
    {kYieldMany, kPoll, kDetached, YieldCount, YieldMany},
};

}  // namespace

std::span<const Workload> PollWorkloads() { return kWorkloads; }

}  // namespace weft::bench
