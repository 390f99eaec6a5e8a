// Workers for model tests: the parts that ship, as small as they get, and
// nothing that only measures.

#ifndef WEFT_WORKER_TESTING_MODEL_CREW_H_
#define WEFT_WORKER_TESTING_MODEL_CREW_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "weft/base/cell.h"
#include "weft/base/thread.h"
#include "weft/base/thread_local.h"
#include "weft/model/check.h"
#include "weft/queue/injector.h"
#include "weft/queue/lifo_slot.h"
#include "weft/queue/ring_queue.h"
#include "weft/task/header.h"
#include "weft/worker/fairness.h"
#include "weft/worker/idle.h"
#include "weft/worker/observer.h"
#include "weft/worker/parker.h"
#include "weft/worker/shared.h"
#include "weft/worker/victims.h"
#include "weft/worker/worker.h"

namespace weft::worker_testing {

struct ModelPolicies {
  using Queue = RingQueue<TaskHeader, 2, std::uint8_t>;
  using Slot = LifoSlot<TaskHeader>;
  using Injector = weft::Injector<TaskHeader>;
  using Idle = weft::Idle;
  using Parker = FutexParker;
  using Victims = NextVictims;
  using Fairness = FixedFairness;
  using Observer = NullObserver;
};

/// A task that calls a function. Its count of runs is plain memory: a task that
/// is run twice, or not published, is a data race.
class ModelTask final : public TaskHeader {
 public:
  using Body = void (*)(void* arg);

  explicit ModelTask(Body body = nullptr, void* arg = nullptr)
      : TaskHeader(TaskState::Queued(/*joinable=*/false), &kVTable),
        body_(body),
        arg_(arg) {
    runs_.Set(0);
  }

  /// After the threads were joined.
  int runs() const { return runs_.Get(); }

 private:
  static void Run(TaskHeader* task) noexcept {
    auto& self = *static_cast<ModelTask*>(task);
    self.runs_.WithMut([](int& runs) { ++runs; });
    if (self.body_ != nullptr) self.body_(self.arg_);
  }
  static constexpr TaskVTable kVTable = [] {
    TaskVTable table = {};
    table.run = Run;
    return table;
  }();

  const Body body_;
  void* const arg_;
  Cell<int> runs_{-1};
};

/// `kWorkers` threads with a worker each. They stop when `tasks` tasks have
/// said so (`Done`), which the last of them does for all; a task that is never
/// run leaves the others asleep, which the checker reports as a deadlock.
template <std::uint32_t kWorkers, class Policies = ModelPolicies>
class ModelCrew : private WorkerDelegate {
 public:
  using WorkerType = Worker<Policies>;

  explicit ModelCrew(int tasks) : shared(kWorkers, *this, /*shards=*/1) {
    left_.store(tasks, std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < kWorkers; ++i) {
      threads_[i] = Thread([this, i] {
        WorkerType worker(shared, i, i + 1);
        Current::Get() = &worker;
        worker.Loop();
        Current::Get() = nullptr;
      });
    }
  }
  ~ModelCrew() { Join(); }

  /// Until all workers have stopped.
  void Join() {
    for (Thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  /// From outside: as a pool does.
  void Inject(TaskHeader* task) { shared.Inject(task); }

  /// What a task's body calls last.
  void Done() {
    // Relaxed: the mode publishes.
    if (left_.fetch_sub(1, std::memory_order_relaxed) == 1) {
      shared.SetMode(RunMode::kStop);
    }
  }

  /// The worker of the calling thread.
  static WorkerType& Me() { return *Current::Get(); }

  WorkerShared<Policies> shared;

 private:
  void BeforePark(std::uint32_t) override {}
  bool Drained() override { return false; }
  void AfterPark(std::uint32_t) override {}

  struct CurrentTag;
  using Current = ThreadLocal<WorkerType*, CurrentTag>;

  atomic<int> left_{0};
  std::array<Thread, kWorkers> threads_;
};

}  // namespace weft::worker_testing

#endif  // WEFT_WORKER_TESTING_MODEL_CREW_H_
