// A few workers in the hands of a test: on the test's own thread, step by step,
// with parkers that never block and an order that is known.

#ifndef WEFT_WORKER_TESTING_CREW_H_
#define WEFT_WORKER_TESTING_CREW_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "weft/queue/chain.h"
#include "weft/queue/injector.h"
#include "weft/queue/lifo_slot.h"
#include "weft/queue/ring_queue.h"
#include "weft/worker/idle.h"
#include "weft/worker/observer.h"
#include "weft/worker/shared.h"
#include "weft/worker/testing/test_task.h"
#include "weft/worker/victims.h"
#include "weft/worker/worker.h"

namespace weft::worker_testing {

/// A parker for one thread: `Park` runs what the test wants to happen while the
/// worker sleeps, and returns, token or not.
struct StepParker {
  std::function<void()> while_asleep;
  int parks = 0;
  int unparks = 0;
  bool token = false;

  void Park() {
    ++parks;
    if (while_asleep) std::exchange(while_asleep, nullptr)();
    token = false;
  }
  bool ParkFor(std::chrono::nanoseconds) { return std::exchange(token, false); }
  bool Unpark() {
    ++unparks;
    return !std::exchange(token, true);
  }
};

/// The injector comes first every `interval` ticks; 0: never. One number for
/// the whole program.
struct StepFairness {
  static inline std::uint32_t interval = 0;
  std::uint32_t ticks = 0;

  bool Tick() { return interval != 0 && ++ticks % interval == 0; }
  void Pause() {}
  void Resume() {}
};

/// Parts whose every move is known. Change one by inheriting.
struct StepPolicies {
  using Queue = RingQueue<TaskHeader, 8>;
  using Slot = LifoSlot<TaskHeader>;
  using Injector = weft::Injector<TaskHeader>;
  using Idle = weft::Idle;
  using Parker = StepParker;
  using Victims = NextVictims;
  using Fairness = StepFairness;
  using Observer = CountingObserver;
};

/// `count` workers that share one thread. Names the tasks it makes, and notes
/// in which order they run.
template <class Policies = StepPolicies>
class Crew : public WorkerDelegate {
 public:
  using WorkerType = Worker<Policies>;

  explicit Crew(std::uint32_t count) : shared(count, *this, /*shards=*/1) {
    StepFairness::interval = 0;
    for (std::uint32_t i = 0; i < count; ++i) {
      workers_.push_back(std::make_unique<WorkerType>(shared, i, /*seed=*/i));
    }
  }
  virtual ~Crew() {
    for (auto& worker : workers_) {
      while (worker->TakeAny() != nullptr) {
      }
    }
  }

  WorkerType& worker(std::uint32_t i) { return *workers_[i]; }
  auto& site(std::uint32_t i) { return shared.sites()[i]; }
  StepParker& parker(std::uint32_t i) { return site(i).parker; }
  std::uint64_t Count(std::uint32_t i, WorkerEvent event) {
    return site(i).observer.Get(event);
  }
  std::uint64_t Polls(std::uint32_t i) {
    return site(i).polls.load(std::memory_order_relaxed);
  }

  /// A task that notes its name when it runs, then does `then`.
  TestTask* Task(char name, std::function<void()> then = {}) {
    tasks_.push_back(
        std::make_unique<TestTask>([this, name, then = std::move(then)] {
          order += name;
          if (then) then();
        }));
    return tasks_.back().get();
  }
  Chain<TaskHeader> Tasks(int count) {
    Chain<TaskHeader> chain;
    for (int i = 0; i < count; ++i) chain.PushBack(Task('.'));
    return chain;
  }

  /// Worker `i` goes `times` times round its loop: a task or a sleep each time.
  void Step(std::uint32_t i, int times = 1) {
    worker(i).RunWhile([&] { return times-- > 0; });
  }

  /// Worker `i` goes to sleep as far as the others can tell. True: it would
  /// have looked for work once more.
  bool PutToSleep(std::uint32_t i) {
    return shared.idle().Announce(i, /*searching=*/false);
  }

  /// How many times anybody was unparked.
  int unparks() {
    int sum = 0;
    for (auto& site : shared.sites()) sum += site.parker.unparks;
    return sum;
  }

  void BeforePark(std::uint32_t) override {
    if (before_park) before_park();
  }
  bool Drained() override { return drained; }
  void AfterPark(std::uint32_t) override { ++after_parks; }

  WorkerShared<Policies> shared;
  std::string order;
  std::function<void()> before_park;
  bool drained = false;
  int after_parks = 0;

 private:
  std::vector<std::unique_ptr<TestTask>> tasks_;
  std::vector<std::unique_ptr<WorkerType>> workers_;
};

}  // namespace weft::worker_testing

#endif  // WEFT_WORKER_TESTING_CREW_H_
