// The parts of a worker, one named concept each. A concept checks names and
// types only; the sentences here and at its models are the contract.
//
//   role            models                              suite
//   ParkerPolicy    FutexParker, CondvarParker          parker_test.cc
//                   RetiringParker                      parker_test.cc
//   IdlePolicy      Idle, MutexIdle (testing/)          idle_test.cc
//                   EagerIdle                           pool/policies_test.cc
//                   RampingIdle                         ramping_idle_test.cc,
//                                                       pool/policies_test.cc
//   VictimPolicy    RandomVictims, NextVictims          victims_test.cc
//   FairnessPolicy  TunedFairness, FixedFairness        fairness_test.cc
//   ObserverPolicy  CountingObserver, NullObserver      observer_test.cc
//   ForkPolicy      ForkSite (fork/), NoForks           fork/fork_task_test.cc

#ifndef WEFT_WORKER_CONCEPTS_H_
#define WEFT_WORKER_CONCEPTS_H_

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>

#include "weft/task/header.h"
#include "weft/worker/observer.h"

namespace weft {

/// A thread's place to sleep, with one token: see FutexParker (parker.h).
template <class P>
concept ParkerPolicy = std::default_initializable<P> &&
    requires(P& parker, std::chrono::nanoseconds timeout) {
  parker.Park();
  { parker.ParkFor(timeout) } -> std::same_as<bool>;
  { parker.Unpark() } -> std::same_as<bool>;
};

/// Who sleeps and who searches: see Idle (idle.h).
template <class I>
concept IdlePolicy = std::constructible_from<I, std::uint32_t> &&
    requires(I& idle, const I& view, std::uint32_t worker) {
  { idle.Claim() } -> std::same_as<std::optional<std::uint32_t>>;
  { idle.ClaimAnother() } -> std::same_as<std::optional<std::uint32_t>>;
  { idle.Announce(worker, true) } -> std::same_as<bool>;
  { idle.ClaimSelf(worker) } -> std::same_as<bool>;
  { idle.Retract(worker) } -> std::same_as<bool>;
  { idle.StartSearching(worker) } -> std::same_as<bool>;
  { idle.StopSearching(worker) } -> std::same_as<bool>;
  { view.AllAsleep() } -> std::same_as<bool>;
  { view.Asleep(worker) } -> std::same_as<bool>;
};

/// Whether workers go by the rule that thieves wake others, and those who make
/// work do not: see RampingIdle (ramping_idle.h).
template <class Policies>
inline constexpr bool kRamps = requires(typename Policies::Idle& idle) {
  { idle.ClaimIfAlone() } -> std::same_as<std::optional<std::uint32_t>>;
};

/// In what order siblings are robbed: constructed from the worker's index, the
/// number of workers and a seed; `ForEach(visit)` calls `visit(victim)` for
/// every other worker once, until one returns true, and returns whether one
/// did. See RandomVictims (victims.h).
template <class V>
concept VictimPolicy =
    std::constructible_from<V, std::uint32_t, std::uint32_t, std::uint64_t> &&
    requires(V& victims) {
  {
    victims.ForEach([](std::uint32_t) { return true; })
    } -> std::same_as<bool>;
};

/// When the injector comes before the own queue: see TunedFairness
/// (fairness.h).
template <class F>
concept FairnessPolicy = std::default_initializable<F> &&
    requires(F& fairness) {
  { fairness.Tick() } -> std::same_as<bool>;
  fairness.Pause();
  fairness.Resume();
};

/// Who counts events: see CountingObserver (observer.h).
template <class O>
concept ObserverPolicy = std::default_initializable<O> &&
    requires(O& observer, const O& reader) {
  observer.Count(WorkerEvent::kSpawn, std::uint64_t{1});
  { reader.Get(WorkerEvent::kSpawn) } -> std::same_as<std::uint64_t>;
};

/// What a worker has beside its queue for fork-join code, one for each worker.
///   Attach     the calling thread is the worker; `wake(worker)` is to be
///   called
///              when something can be stolen that nobody was told of.
///   Detach     and is so no more.
///   StealInto  on the worker of the thief: takes one thing, and returns a task
///              that runs it there; or null. `busy`: another thief was faster.
///   Stealable  whether there is something; see RingQueue::Thief::Size.
template <class F>
concept ForkPolicy = std::default_initializable<F> &&
    requires(F& forks, const F& view, F& thief, void (*wake)(void*),
             void* worker, bool& busy) {
  forks.Attach(wake, worker);
  forks.Detach();
  { forks.StealInto(thief, busy) } -> std::same_as<TaskHeader*>;
  { view.Stealable() } -> std::same_as<bool>;
};

}  // namespace weft

#endif  // WEFT_WORKER_CONCEPTS_H_
