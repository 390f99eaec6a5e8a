#ifndef WEFT_WORKER_CONCEPTS_H_
#define WEFT_WORKER_CONCEPTS_H_

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>

#include "weft/queue/concepts.h"
#include "weft/task/header.h"
#include "weft/worker/observer.h"

namespace weft {

/// A thread's place to sleep, with one token (parker.h).
template <class P>
concept ParkerPolicy = std::default_initializable<P> &&
    requires(P& parker, std::chrono::nanoseconds timeout) {
  parker.Park();
  { parker.ParkFor(timeout) } -> std::same_as<bool>;
  { parker.Unpark() } -> std::same_as<bool>;
};

/// Who sleeps and who searches (idle.h).
template <class I>
concept IdlePolicy = std::constructible_from<I, std::uint32_t> &&
    requires(I& idle, std::uint32_t worker) {
  { idle.Claim() } -> std::same_as<std::optional<std::uint32_t>>;
  { idle.ClaimAnother() } -> std::same_as<std::optional<std::uint32_t>>;
  { idle.Announce(worker, true) } -> std::same_as<bool>;
  { idle.ClaimSelf(worker) } -> std::same_as<bool>;
  { idle.Retract(worker) } -> std::same_as<bool>;
  { idle.StartSearching(worker) } -> std::same_as<bool>;
  { idle.StopSearching(worker) } -> std::same_as<bool>;
  { idle.AllAsleep() } -> std::same_as<bool>;
  { idle.Asleep(worker) } -> std::same_as<bool>;
};

/// In what order siblings are robbed (victims.h).
template <class V>
concept VictimPolicy =
    std::constructible_from<V, std::uint32_t, std::uint32_t, std::uint64_t> &&
    requires(V& victims) {
  {
    victims.ForEach([](std::uint32_t) { return true; })
    } -> std::same_as<bool>;
};

/// When the injector comes before the own queue (fairness.h).
template <class F>
concept FairnessPolicy = std::default_initializable<F> &&
    requires(F& fairness) {
  { fairness.Tick() } -> std::same_as<bool>;
  fairness.Pause();
  fairness.Resume();
};

/// Who counts events (observer.h).
template <class O>
concept ObserverPolicy = std::default_initializable<O> &&
    requires(O& observer, const O& reader) {
  observer.Count(WorkerEvent::kPoll, std::uint64_t{1});
  { reader.Get(WorkerEvent::kPoll) } -> std::same_as<std::uint64_t>;
};

}  // namespace weft

#endif  // WEFT_WORKER_CONCEPTS_H_
