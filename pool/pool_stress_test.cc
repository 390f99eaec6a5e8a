// Far more workers than processors, and tasks of every kind: nothing is lost,
// nothing runs twice, and the end is clean. 10^7 tasks; see StressSize.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/stress_size.h"
#include "weft/sync/oneshot.h"
#include "weft/task/yield.h"
#include "weft/waker/poll.h"

namespace weft {
namespace {

// What became of each task.
class Ledger {
 public:
  explicit Ledger(std::uint64_t tasks) : entries_(tasks) {}

  void Ran(std::uint64_t task) { Add(task, kRan); }
  void Ended(std::uint64_t task) { Add(task, kEnded); }
  // It may end without having run.
  void Aborted(std::uint64_t task) { Add(task, kAborted); }

  std::uint64_t size() const { return entries_.size(); }

  // How many have not ended, or have not run though nobody aborted them.
  std::uint64_t Lost() const {
    std::uint64_t lost = 0;
    for (const auto& entry : entries_) {
      const std::uint8_t seen = entry.load(std::memory_order_relaxed);
      if ((seen & kEnded) == 0 || (seen & (kRan | kAborted)) == 0) ++lost;
    }
    return lost;
  }

 private:
  static constexpr std::uint8_t kRan = 1;
  static constexpr std::uint8_t kEnded = 2;
  static constexpr std::uint8_t kAborted = 4;

  void Add(std::uint64_t task, std::uint8_t event) {
    const std::uint8_t before =
        entries_[task].fetch_or(event, std::memory_order_relaxed);
    Check((before & event) == 0, "a task ran, ended or was aborted twice");
  }

  std::vector<atomic<std::uint8_t>> entries_;
};

// In the body of each task: says when that is destroyed.
class Ticket {
 public:
  Ticket(Ledger& ledger, std::uint64_t task) : ledger_(&ledger), task_(task) {}
  Ticket(Ticket&& other) noexcept
      : ledger_(std::exchange(other.ledger_, nullptr)), task_(other.task_) {}
  Ticket& operator=(Ticket&&) = delete;
  ~Ticket() {
    if (ledger_ != nullptr) ledger_->Ended(task_);
  }
  void Run() { ledger_->Ran(task_); }

 private:
  Ledger* ledger_;
  std::uint64_t task_;
};

struct Callable {
  Ticket ticket;
  void operator()() { ticket.Run(); }
};

struct Future {
  Ticket ticket;
  std::uint32_t polls;
  weft::Poll<void> Poll(Context& context) {
    if (polls-- == 0) {
      ticket.Run();
      return kReady;
    }
    context.waker().WakeByRef();
    return kPending;
  }
};

Task<> Coroutine(Ticket ticket, std::uint32_t yields) {
  while (yields-- > 0) co_await YieldNow();
  ticket.Run();
}

// Receives, and passes it on.
Task<> Relay(Ticket ticket, OneshotReceiver<int> from, OneshotSender<int> to) {
  std::optional<int> value = co_await from;
  ticket.Run();
  (void)std::move(to).Send(*value);
}

// Waits for what is never sent: ends by being aborted, or because the sender
// goes.
Task<> Endless(Ticket ticket, OneshotReceiver<int> never) {
  ticket.Run();
  Check(!(co_await never).has_value(), "nothing is ever sent");
}

// A stretch of the tasks, and what is done with them.
class Driver {
 public:
  Driver(Ledger& ledger, Executor& executor, std::uint64_t begin,
         std::uint64_t end, std::uint64_t seed)
      : ledger_(ledger),
        executor_(executor),
        next_(begin),
        end_(end),
        random_(seed) {}

  bool Over() const { return next_ == end_; }

  /// One step; the handles of what has to be joined go to `joins`.
  void Step(std::vector<JoinHandle<void>>& joins) {
    switch (random_.Below(9)) {
      case 0:
        return SpawnDetachedOn(executor_, Callable{NewTicket()});
      case 1:
        return joins.push_back(SpawnOn(executor_, Callable{NewTicket()}));
      case 2:
        return SpawnDetachedOn(executor_,
                               Coroutine(NewTicket(), random_.Below(4)));
      case 3:
        return joins.push_back(
            SpawnOn(executor_, Coroutine(NewTicket(), random_.Below(4))));
      case 4:
        return SpawnDetachedOn(executor_,
                               Future{NewTicket(), random_.Below(4)});
      case 5:
        return Batch(joins);
      case 6:
        return Chain(joins);
      case 7:
        return Abort(joins);
      default:
        return Children(joins);
    }
  }

 private:
  Ticket NewTicket() { return Ticket(ledger_, next_++); }
  std::uint64_t Left(std::uint64_t most) const {
    return std::min(most, end_ - next_);
  }

  void Batch(std::vector<JoinHandle<void>>& joins) {
    std::vector<Callable> bodies;
    for (std::uint64_t n = Left(1 + random_.Below(40)); n > 0; --n) {
      bodies.push_back(Callable{NewTicket()});
    }
    if (random_.Below(2) == 0) return SpawnDetachedBatchOn(executor_, bodies);
    for (auto& handle : SpawnBatchOn(executor_, bodies)) {
      joins.push_back(std::move(handle));
    }
  }

  // Each wakes the next.
  void Chain(std::vector<JoinHandle<void>>& joins) {
    auto [first, from] = Oneshot<int>();
    for (std::uint64_t n = Left(1 + random_.Below(4)); n > 0; --n) {
      auto [sender, receiver] = Oneshot<int>();
      joins.push_back(SpawnOn(
          executor_, Relay(NewTicket(), std::move(from), std::move(sender))));
      from = std::move(receiver);
    }
    (void)std::move(first).Send(1);
  }

  void Abort(std::vector<JoinHandle<void>>& joins) {
    auto [sender, receiver] = Oneshot<int>();
    const std::uint64_t task = next_;
    ledger_.Aborted(task);
    auto handle = SpawnOn(executor_, Endless(NewTicket(), std::move(receiver)));
    handle.Abort();
    if (random_.Below(2) == 0) joins.push_back(std::move(handle));
    // The sender goes here, and races the abort.
  }

  // A task that spawns and joins where it runs.
  void Children(std::vector<JoinHandle<void>>& joins) {
    if (Left(3) < 3)
      return joins.push_back(SpawnOn(executor_, Callable{NewTicket()}));
    Ticket parent = NewTicket();
    Ticket first = NewTicket();
    Ticket second = NewTicket();
    joins.push_back(
        SpawnOn(executor_, Parent(std::move(parent), std::move(first),
                                  std::move(second), random_.Below(50) == 0)));
  }

  static Task<> Parent(Ticket ticket, Ticket first, Ticket second,
                       bool blocks) {
    auto a = Spawn(Callable{std::move(first)});
    auto b = Spawn(Coroutine(std::move(second), 1));
    if (blocks) {
      Check(std::move(a).Join().ok(), "the child has run");
    } else {
      Check((co_await a).ok(), "the child has run");
    }
    Check((co_await b).ok(), "the child has run");
    ticket.Run();
  }

  Ledger& ledger_;
  Executor& executor_;
  std::uint64_t next_;
  const std::uint64_t end_;
  XorShift64 random_;
};

constexpr std::size_t kMostJoins = 64;

Task<> DriveInside(Driver driver) {
  std::vector<JoinHandle<void>> joins;
  while (!driver.Over()) {
    driver.Step(joins);
    if (joins.size() < kMostJoins && !driver.Over()) continue;
    for (auto& handle : joins) (void)co_await handle;
    joins.clear();
  }
}

void DriveOutside(Driver driver) {
  std::vector<JoinHandle<void>> joins;
  while (!driver.Over()) {
    driver.Step(joins);
    if (joins.size() < kMostJoins && !driver.Over()) continue;
    for (auto& handle : joins) (void)std::move(handle).Join();
    joins.clear();
  }
}

void RunTasks(const Options& options, std::uint64_t tasks, std::uint64_t seed) {
  constexpr std::uint64_t kInside = 24;
  constexpr std::uint64_t kOutside = 4;
  const auto begin = std::chrono::steady_clock::now();
  Ledger ledger(tasks);
  {
    Pool pool(options);
    const auto driver = [&,
                         each = tasks / (kInside + kOutside)](std::uint64_t i) {
      return Driver(ledger, pool.executor(), i * each,
                    i + 1 == kInside + kOutside ? tasks : (i + 1) * each,
                    seed + i);
    };
    std::vector<JoinHandle<void>> inside;
    for (std::uint64_t i = 0; i < kInside; ++i) {
      inside.push_back(pool.Spawn(DriveInside(driver(i))));
    }
    std::vector<Thread> outside;
    for (std::uint64_t i = kInside; i < kInside + kOutside; ++i) {
      outside.emplace_back([&, i] { DriveOutside(driver(i)); });
    }
    for (Thread& thread : outside) thread.join();
    for (auto& handle : inside) EXPECT_TRUE(std::move(handle).Join().ok());
    EXPECT_TRUE(pool.Shutdown().ok());
    const PoolMetrics metrics = pool.Metrics();
    EXPECT_EQ(metrics.alive, 0u);
    EXPECT_EQ(metrics.completed, tasks + kInside);
    EXPECT_EQ(metrics.spawned_outside + metrics.Total(WorkerEvent::kSpawn),
              tasks + kInside);
  }
  EXPECT_EQ(ledger.Lost(), 0u);
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - begin;
  std::printf("%llu tasks on %d workers in %.1f s\n",
              static_cast<unsigned long long>(tasks), options.workers,
              took.count());
}

TEST(PoolStress, ManyWorkersLoseNothingAndRunNothingTwice) {
  const std::uint64_t seed = TestSeed();
  Options options;
  options.workers = 64;
  options.seed = seed | 1;
  RunTasks(options, testing::StressSize(10'000'000), seed);
}

TEST(PoolStress, OneAndTwoWorkersToo) {
  const std::uint64_t seed = TestSeed();
  for (int workers = 1; workers <= 2; ++workers) {
    Options options;
    options.workers = workers;
    options.watchdog_period = std::chrono::milliseconds(workers == 1 ? 0 : 1);
    RunTasks(options, testing::StressSize(1'000'000), seed);
  }
}

}  // namespace
}  // namespace weft
