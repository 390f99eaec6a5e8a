#ifndef WEFT_POOL_CORE_INL_H_
#define WEFT_POOL_CORE_INL_H_

// The longer functions of Core. Included by core.h only.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "weft/base/exception.h"
#include "weft/base/fence.h"
#include "weft/base/thread.h"
#include "weft/pool/core.h"

namespace weft::pool_internal {

template <class Policies>
void Core<Policies>::Unhandled(std::exception_ptr exception) noexcept {
  if (options_.on_unhandled_exception) {
    options_.on_unhandled_exception(std::move(exception));
  } else {
    // Leaves a noexcept function: the program ends with the usual message.
    Rethrow(std::move(exception));
  }
}

template <class Policies>
void Core<Policies>::AdmitBatch(Chain<TaskHeader> tasks) noexcept {
  Chain<TaskHeader> entered;
  WorkerType* const worker = ThisWorker();
  if (worker != nullptr) {
    if (shared_.mode() != RunMode::kStop) {
      while (TaskHeader* task = tasks.PopFront()) {
        EnterBy(*worker, task);
        entered.PushBack(task);
      }
    }
  } else {
    MutexLock lock(outside_mutex_);
    if (accepting_) {
      while (TaskHeader* task = tasks.PopFront()) {
        EnterLocked(task);
        entered.PushBack(task);
      }
    }
  }
  if (entered.empty()) {
    const std::shared_ptr<Core> alive = this->shared_from_this();
    while (TaskHeader* task = tasks.PopFront()) Refuse(task);
  } else if (worker != nullptr) {
    worker->EnqueueBatch(std::move(entered));
  } else {
    const Visit visit(*this);
    if constexpr (kPinned<Policies>) {
      while (TaskHeader* task = entered.PopFront()) {
        shared_.Deliver(homes_.IndexOf(task), task);
      }
    } else {
      shared_.InjectBatch(std::move(entered));
    }
  }
}

template <class Policies>
void Core<Policies>::WorkerMain(std::uint32_t index,
                                [[maybe_unused]] bool takes_over) {
  SetThreadName(options_.name + "-" + std::to_string(index));
  [[maybe_unused]] Thread retired;
  if constexpr (kRetires<Policies>) retired = threads_.TakeBefore(index);
  bool stays = true;
  {
    WorkerType worker(shared_, index, seed_ + index);
    Waiter waiter(*this, worker);
    const WorkingAs scope({this, &worker, this});
    ThreadWaiter* const before = ThreadWaiter::ExchangeCurrent(&waiter);
    const int number = static_cast<int>(index);
    if constexpr (kRetires<Policies>) {
      if (takes_over) worker.TakeOver();
    }
    if (options_.on_thread_start) options_.on_thread_start(number);
    worker.Loop();
    stays = !worker.retired();
    if (stays) {
      stop_meeting_.Leave(waiter.member(),
                          [&] { return CancelEverything(worker); });
      if (options_.on_thread_stop) options_.on_thread_stop(number);
    }
    ThreadWaiter::ExchangeCurrent(before);
  }
  if constexpr (kRetires<Policies>) {
    if (!stays) AfterRetirement(index);
    // Not at our start: it may wait for a task that we are to run.
    if (retired.joinable()) retired.join();
  }
  // The thread holds a reference to us until after this.
  if (stays && stop_meeting_.Exit()) watchdog_.Stop();
}

template <class Policies>
void Core<Policies>::AfterRetirement(std::uint32_t index) {
  // No worker any more, but still one of our threads, up to its thread-local
  // variables: the next in its place joins it, so it cannot wait for that one.
  ThisThread::Get().home = this;
  const WorkingAs scope({this, nullptr, this});
  if (options_.on_thread_stop) options_.on_thread_stop(static_cast<int>(index));
}

template <class Policies>
void Core<Policies>::Replace(std::uint32_t index) noexcept {
  if constexpr (kRetires<Policies>) {
    auto& parker = shared_.sites()[index].parker;
    while (!StartThread(index, /*takes_over=*/true)) {
      // Refused. In the worker's place, we take the token and what comes with
      // it, find nothing, and fall asleep again.
      parker.Park();
      const bool searching = shared_.idle().Retract(index);
      static_cast<void>(shared_.idle().Announce(index, searching));
      if (shared_.mode() == RunMode::kStop) {
        // Nobody leaves the meeting before all have come: we are in time. Nor
        // will anybody come here again for this worker, since it is not gone.
        return stop_meeting_.ExpectOneLess();
      }
      if (!parker.Go()) continue;
      // Somebody may have relied on this worker's search, before the word said
      // that it sleeps. Worker 0 looks instead.
      //
      // ORDER(idle.dekker): sequentially consistent. Pairs with the fence in
      // Idle::Claim, as before a worker's last look (worker.h).
      FullFence();
      shared_.sites()[0].parker.Unpark();
      return;
    }
  }
}

template <class Policies>
void Core<Policies>::WatchdogMain() {
  SetThreadName(options_.name + "-watch");
  watchdog_.Loop();
}

template <class Policies>
void Core<Policies>::Waiter::Park() {
  // We may be called by a task of another pool, which is being destroyed here.
  const WorkingAs scope({&core_, &worker_, &core_});
  bool woken = false;
  worker_.RunWhile([&] {
    woken = token_.Consume();
    return !woken && core_.shared_.mode() != RunMode::kStop;
  });
  if (woken) return;
  core_.stop_meeting_.WaitInside(
      member_, [&] { return token_.Consume(); },
      [&] { return core_.CancelEverything(worker_); });
}

template <class Policies>
bool Core<Policies>::CancelOne(WorkerType& worker) {
  TaskHeader* task = worker.TakeAny();
  if (task == nullptr) return false;
  task->Abort();
  task->Run();
  return true;
}

template <class Policies>
bool Core<Policies>::CancelEverything(WorkerType& worker) {
  // No task ends in here: an abort only makes it runnable.
  ForEachTask([](TaskHeader* task) {
    task->Abort();
    return true;
  });
  while (CancelOne(worker)) {
  }
  // What is left is in the hands of a thread outside that has completed its
  // operation and is about to schedule it, or waits inside a task.
  //
  // ORDER(pool.visitors): acquire. See Visit.
  return ForEachTask([](TaskHeader*) { return false; }) &&
         visitors_.load(std::memory_order_acquire) == 0;
}

template <class Policies>
PoolMetrics Core<Policies>::Metrics() const {
  PoolMetrics metrics;
  metrics.workers.resize(shared_.count());
  for (std::uint32_t i = 0; i < shared_.count(); ++i) {
    const auto& site = shared_.sites()[i];
    PoolMetrics::Worker& worker = metrics.workers[i];
    worker.queued = site.Count();
    worker.asleep = shared_.idle().Asleep(i);
    worker.polls = site.polls.load(std::memory_order_relaxed);
    for (std::size_t e = 0; e < kWorkerEvents; ++e) {
      worker.events[e] = site.observer.Get(static_cast<WorkerEvent>(e));
    }
  }
  metrics.injector_queued = shared_.injector().Size();
  if constexpr (kPinned<Policies>) {
    for (const auto& site : shared_.sites()) {
      metrics.injector_queued += site.inbox.Size();
    }
  }
  {
    MutexLock lock(outside_mutex_);
    metrics.spawned_outside = spawned_outside_;
  }
  // After the spawns were counted: who is spawned from here on may be alive
  // without having been counted, but nobody is taken for complete who is not.
  ForEachTask([&](TaskHeader*) {
    ++metrics.alive;
    return true;
  });
  const std::uint64_t spawned =
      metrics.spawned_outside + metrics.Total(WorkerEvent::kSpawn);
  metrics.completed = spawned - std::min(spawned, metrics.alive);
  return metrics;
}

}  // namespace weft::pool_internal

#endif  // WEFT_POOL_CORE_INL_H_
