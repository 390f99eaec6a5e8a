// Workers on threads of their own, with the parts that ship: for stress tests
// and benchmarks of the worker without a pool.

#ifndef WEFT_WORKER_TESTING_THREAD_CREW_H_
#define WEFT_WORKER_TESTING_THREAD_CREW_H_

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "weft/base/thread.h"
#include "weft/base/thread_local.h"
#include "weft/queue/injector.h"
#include "weft/queue/lifo_slot.h"
#include "weft/queue/ring_queue.h"
#include "weft/worker/fairness.h"
#include "weft/worker/idle.h"
#include "weft/worker/observer.h"
#include "weft/worker/parker.h"
#include "weft/worker/shared.h"
#include "weft/worker/victims.h"
#include "weft/worker/watchdog.h"
#include "weft/worker/worker.h"

namespace weft::worker_testing {

/// The parts that ship.
struct RealPolicies {
  using Queue = RingQueue<TaskHeader>;
  using Slot = LifoSlot<TaskHeader>;
  using Injector = weft::Injector<TaskHeader>;
  using Idle = weft::Idle;
  using Parker = FutexParker;
  using Victims = RandomVictims;
  using Fairness = TunedFairness<>;
  using Observer = CountingObserver;
};

/// Starts `count` workers, and a watchdog if `watchdog_period` is positive;
/// stops and joins them when destroyed. All tasks must have run by then.
template <class Policies = RealPolicies>
class ThreadCrew : private WorkerDelegate {
 public:
  using WorkerType = Worker<Policies>;

  ThreadCrew(std::uint32_t count, std::uint64_t seed,
             std::chrono::nanoseconds watchdog_period = {})
      : shared(count, *this, /*shards=*/1),
        watchdog(shared, watchdog_period),
        has_watchdog_(watchdog_period.count() > 0) {
    for (std::uint32_t i = 0; i < count; ++i) {
      threads_.emplace_back([this, i, seed] {
        WorkerType worker(shared, i, seed + i);
        Current::Get() = &worker;
        worker.Loop();
        Current::Get() = nullptr;
      });
    }
    if (has_watchdog_) threads_.emplace_back([this] { watchdog.Loop(); });
  }
  virtual ~ThreadCrew() {
    shared.SetMode(RunMode::kStop);
    watchdog.Stop();
    for (Thread& thread : threads_) thread.join();
  }

  /// The worker whose thread this is.
  static WorkerType& Me() { return *Current::Get(); }

  std::uint64_t Total(WorkerEvent event) const {
    std::uint64_t total = 0;
    for (const auto& site : shared.sites()) total += site.observer.Get(event);
    return total;
  }

  std::uint64_t Polls() const {
    std::uint64_t total = 0;
    for (const auto& site : shared.sites()) {
      total += site.polls.load(std::memory_order_relaxed);
    }
    return total;
  }

  /// Waits until `done()`. If that takes minutes, something is lost: prints
  /// where everybody stands, and ends the program.
  template <class Done>
  void WaitUntil(Done&& done, const char* what) {
    const auto begin = std::chrono::steady_clock::now();
    for (int spins = 0; !done(); ++spins) {
      if (spins < 1000) {
        YieldThread();
      } else {
        SleepFor(std::chrono::microseconds(100));
      }
      if (std::chrono::steady_clock::now() - begin > kDeadlock) {
        PrintState(what);
        std::abort();
      }
    }
  }
  void WaitUntilAllSleep() {
    WaitUntil([this] { return shared.idle().AllAsleep(); }, "all to sleep");
  }

  WorkerShared<Policies> shared;
  Watchdog<Policies> watchdog;

 private:
  // Far beyond what any of the tests takes under a sanitizer.
  static constexpr std::chrono::seconds kDeadlock{120};

  void PrintState(const char* what) {
    std::fprintf(stderr, "waited too long for %s; injector %zu\n", what,
                 shared.injector().Size());
    for (std::uint32_t i = 0; i < shared.count(); ++i) {
      const auto& site = shared.sites()[i];
      std::fprintf(stderr, "worker %u: %s, %u queued, %llu polls\n", i,
                   shared.idle().Asleep(i) ? "asleep" : "awake", site.Count(),
                   static_cast<unsigned long long>(
                       site.polls.load(std::memory_order_relaxed)));
    }
  }

  void BeforePark(std::uint32_t) override {}
  bool Drained() override { return false; }
  void AfterPark(std::uint32_t) override {
    if (has_watchdog_) watchdog.Poke();
  }

  struct CurrentTag;
  using Current = ThreadLocal<WorkerType*, CurrentTag>;

  const bool has_watchdog_;
  std::vector<Thread> threads_;
};

}  // namespace weft::worker_testing

#endif  // WEFT_WORKER_TESTING_THREAD_CREW_H_
