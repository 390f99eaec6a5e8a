// Who sleeps and who searches. The protocol, its proof, and what goes wrong
// without each of its steps are in worker/idle_protocol.md.

#ifndef WEFT_WORKER_IDLE_H_
#define WEFT_WORKER_IDLE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/fence.h"
#include "weft/worker/idle_state.h"

namespace weft {

/// Decides, for new work, whether a worker has to be woken, and which.
///
/// A worker is running, searching (counted), asleep (its bit is set) or claimed
/// (its bit was cleared by a waker, who counted it as searching already).
///
/// One word for each group of 32 workers, so that "claim exactly one sleeper
/// and count it as a searcher" is one compare-and-swap and needs no lock. The
/// word is written only when somebody falls asleep, wakes, or starts or stops
/// searching; a push only reads it.
///
/// Use when: always. Costs: a push one private fence and a load; a sleep and a
/// wake one read-modify-write each, and two for a search.
///
/// Source: the Tokio article ("Reducing cross thread synchronization") with
/// Go's rule for parking workers (Go #45867), which Tokio lacks.
class Idle {
 public:
  /// For `workers` workers, all of them running. At least one.
  explicit Idle(std::uint32_t workers);
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

  /// Work has been published: if nobody searches and somebody sleeps, claims
  /// one sleeper, which the caller must unpark. Any thread. A full fence and a
  /// load for each group when nobody has to be woken.
  [[nodiscard]] std::optional<std::uint32_t> Claim() {
    // ORDER(idle.dekker): sequentially consistent. Pairs with the fence of the
    // worker that goes to sleep or stops searching: either this load sees its
    // change of the word, or its look sees the work. Anything weaker lets both
    // read old values, and work waits beside a sleeper (Tokio #1768).
    FullFence();
    if (group_count_ == 1) [[likely]] {
      // Relaxed: ordered by the fence.
      const IdleState state(groups_[0].word.load(std::memory_order_relaxed));
      if (!state.needs_waking()) return std::nullopt;
    }
    return ClaimIfNobodySearches();
  }

  /// As `Claim`, even if others search already: for a batch of work, and for
  /// the watchdog. No fence: the caller has had one since it published.
  [[nodiscard]] std::optional<std::uint32_t> ClaimAnother();

  /// `worker` is about to sleep; `searching` says whether it was counted. True:
  /// nobody of its group searches, so it must look for work once more, after a
  /// full fence of its own, before it sleeps. By the worker itself.
  [[nodiscard]] bool Announce(std::uint32_t worker, bool searching);

  /// The look after `Announce` found work: `worker` is searching, and counted,
  /// whatever the answer. False: somebody had claimed it meanwhile, and a token
  /// is on its way. By the worker itself.
  bool ClaimSelf(std::uint32_t worker);

  /// `worker` has been woken. True: it was claimed, so it is searching and
  /// counted, and sees what the claimer published. False: it was woken for
  /// another reason and is running. By the worker itself.
  [[nodiscard]] bool Retract(std::uint32_t worker);

  /// `worker` ran out of work. True: it is counted as searching. False: enough
  /// of its group do already (half of it; a throttle, not an exact limit). By
  /// the worker itself.
  [[nodiscard]] bool StartSearching(std::uint32_t worker);

  /// `worker`, which was counted as searching, is so no more: it found work, or
  /// gives up. True: it was the last of its group, and somebody sleeps; the
  /// caller looks whether there is (more) work, and if so calls `Claim`. By the
  /// worker itself.
  [[nodiscard]] bool StopSearching(std::uint32_t worker);

  /// Whether there was a moment during this call at which all workers were
  /// asleep. Of several workers that call it after Announce, the last gets
  /// true if nobody has woken. Any thread; a full fence and two loads for each
  /// group at most. Acquires what the sleepers did before they slept.
  bool AllAsleep() const;

  /// Whether `worker` was asleep. A hint; any thread.
  bool Asleep(std::uint32_t worker) const;

 private:
  struct alignas(kFalseSharingRange) Group {
    // Written by sleepers, wakers and searchers, by read-modify-writes only, so
    // that a release reaches whoever acquires any later value; read by pushes.
    atomic<IdleState::Word> word{0};
    // Written once.
    std::uint32_t members = 0;
  };
  static_assert(sizeof(Group) == kFalseSharingRange);

  Group& GroupOf(std::uint32_t worker) {
    return groups_[worker / IdleState::kWorkers];
  }
  static std::uint32_t MemberOf(std::uint32_t worker) {
    return worker % IdleState::kWorkers;
  }
  std::optional<std::uint32_t> ClaimIfNobodySearches();
  std::optional<std::uint32_t> ClaimIn(std::uint32_t group,
                                       bool even_if_searching);
  bool SeesAllAsleep(std::uint64_t& wakes) const;

  const std::uint32_t group_count_;
  const std::unique_ptr<Group[]> groups_;
};

}  // namespace weft

#endif  // WEFT_WORKER_IDLE_H_
