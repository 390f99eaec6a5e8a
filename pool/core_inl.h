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
void Core<Policies>::AdmitBatch(Chain<TaskHeader> tasks) {
  Chain<TaskHeader> admitted;
  WorkerType* worker = ThisWorker();
  const Visit visit(*this);
  while (TaskHeader* task = tasks.PopFront()) {
    task->Bind(this);
    if (worker == nullptr) {
      if (!RegisterOutside(task)) {
        Refuse(task);
        continue;
      }
    } else {
      if (shared_.mode() == RunMode::kStop) {
        Refuse(task);
        continue;
      }
      worker->site().observer.Count(WorkerEvent::kSpawn);
      worker->site().registry.Insert(task);
    }
    admitted.PushBack(task);
  }
  if (admitted.empty()) return;
  if (worker != nullptr) return worker->EnqueueBatch(std::move(admitted));
  shared_.InjectBatch(std::move(admitted));
}

template <class Policies>
void Core<Policies>::WorkerMain(std::uint32_t index) {
  SetThreadName(options_.name + "-" + std::to_string(index));
  if (options_.on_thread_start) {
    options_.on_thread_start(static_cast<int>(index));
  }
  {
    WorkerType worker(shared_, index, seed_ + index);
    Waiter waiter(*this, worker);
    ThisThread::Get() = {this, &worker};
    ThreadWaiter* before = ThreadWaiter::ExchangeCurrent(&waiter);
    worker.Loop();
    stop_meeting_.Leave([&] { return CancelEverything(worker, waiter); });
    ThreadWaiter::ExchangeCurrent(before);
    ThisThread::Get() = {};
  }
  if (options_.on_thread_stop) options_.on_thread_stop(static_cast<int>(index));
  if (stop_meeting_.Exit()) watchdog_.Stop();
}

template <class Policies>
void Core<Policies>::Waiter::Park() {
  bool woken = false;
  worker_.RunWhile([&] {
    woken = token_.Consume();
    return !woken && core_.shared_.mode() != RunMode::kStop;
  });
  if (woken) return;
  if (ending) {
    // A destructor blocks while everything is being cancelled.
    while (!token_.Consume()) {
      if (!CancelOne(worker_)) YieldThread();
    }
    return;
  }
  core_.stop_meeting_.WaitInside(
      [&] { return token_.Consume(); },
      [&] { return core_.CancelEverything(worker_, *this); });
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
bool Core<Policies>::CancelEverything(WorkerType& worker, Waiter& waiter) {
  waiter.ending = true;
  // No user code runs in here: an abort only makes a task runnable.
  ForEachTask([](TaskHeader* task) {
    task->Abort();
    return true;
  });
  while (CancelOne(worker)) {
  }
  waiter.ending = false;
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
    for (std::size_t e = 0; e < kWorkerEvents; ++e) {
      worker.events[e] = site.observer.Get(static_cast<WorkerEvent>(e));
    }
  }
  metrics.injector_queued = shared_.injector().Size();
  ForEachTask([&](TaskHeader*) {
    ++metrics.alive;
    return true;
  });
  MutexLock lock(outside_mutex_);
  metrics.spawned_outside = spawned_outside_;
  return metrics;
}

}  // namespace weft::pool_internal

#endif  // WEFT_POOL_CORE_INL_H_
