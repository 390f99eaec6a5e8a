// A parker whose thread may end in its sleep. Another takes its place when it
// is unparked.

#ifndef WEFT_WORKER_RETIRING_PARKER_H_
#define WEFT_WORKER_RETIRING_PARKER_H_

#include <chrono>
#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/clock.h"
#include "weft/base/futex.h"
#include "weft/worker/parker.h"

namespace weft {

/// A FutexParker with one state more: its owner has gone, and asks to be
/// replaced. Whoever leaves a token then has the hook called, on its own
/// thread, once for each time that an owner has gone; the token stays for the
/// next owner.
///
/// Use when: threads end after they have been idle for long (pool/tokio01.h).
/// Costs as FutexParker; an unpark one comparison more, and the hook.
class RetiringParker : public FutexParker {
 public:
  using Hook = void (*)(void* context, std::uint32_t index);

  /// What is called when a token is left for an owner that has gone. Before
  /// other threads know this parker.
  void OnGone(Hook hook, void* context, std::uint32_t index) {
    hook_ = hook;
    context_ = context;
    index_ = index;
  }

  /// As `ParkFor`, but an owner that gets false has gone: it may touch nothing
  /// any more that belongs to the owner. Publishes what it did to the next one,
  /// who takes the token. By the owner.
  bool ParkOrGo(std::chrono::nanoseconds timeout) {
    if (TakesTokenOrAnnounces()) return true;
    const auto deadline = worker_internal::DeadlineAfter(timeout);
    for (;;) {
      const auto left = deadline - Clock::now();
      if (left <= std::chrono::nanoseconds::zero()) break;
      FutexWaitFor(word_, kParked, left);
      if (TakeToken()) return true;
    }
    if (Leaves(kParked)) return false;
    // Only a token can have come instead.
    Park();
    return true;
  }

  /// Goes without having slept. False: there is a token. By the owner, or who
  /// stands in for it (the hook).
  bool Go() { return Leaves(kEmpty); }

  /// See FutexParker. Also true if it has called the hook.
  bool Unpark() {
    // ORDER(parker.token): release. As in FutexParker. If the owner has gone,
    // it also continues that one's release: see Leaves.
    const std::uint32_t old = word_.exchange(kToken, std::memory_order_release);
    if (old == kParked) {
      FutexWake(word_, 1);
      return true;
    }
    if (old == kGone) {
      hook_(context_, index_);
      return true;
    }
    return false;
  }

 private:
  static constexpr std::uint32_t kGone = 3;

  bool Leaves(std::uint32_t from) {
    // ORDER(parker.gone): release. Pairs with the acquire of the next owner,
    // which takes a token that was exchanged for this: it goes on with what is
    // the owner's. Relaxed would not publish that. Failure learns nothing.
    return word_.compare_exchange_strong(from, kGone, std::memory_order_release,
                                         std::memory_order_relaxed);
  }

  // Written once, before the first token.
  Hook hook_ = nullptr;
  void* context_ = nullptr;
  std::uint32_t index_ = 0;
};

static_assert(sizeof(RetiringParker) == kFalseSharingRange);

/// Whether the workers' threads end when they have been idle for long: if the
/// policies have a time for it, `kIdleThreadTimeout`, that is not zero. The
/// first worker's never does. Needs a parker such as RetiringParker, and
/// NoForks.
template <class Policies>
inline constexpr bool kRetires = [] {
  if constexpr (requires { Policies::kIdleThreadTimeout; }) {
    return Policies::kIdleThreadTimeout > std::chrono::nanoseconds::zero();
  }
  return false;
}();

}  // namespace weft

#endif  // WEFT_WORKER_RETIRING_PARKER_H_
