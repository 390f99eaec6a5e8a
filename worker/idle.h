#ifndef WEFT_WORKER_IDLE_H_
#define WEFT_WORKER_IDLE_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"

namespace weft {

/// One group's part of the idle protocol as a value: who sleeps, and how many
/// search.
class IdleState {
 public:
  using Word = std::uint64_t;
  static constexpr std::uint32_t kWorkers = 32;
  static constexpr Word kSearcher = Word{1} << kWorkers;

  constexpr explicit IdleState(Word word) : word_(word) {}

  static constexpr Word Bit(std::uint32_t member) { return Word{1} << member; }
  constexpr std::uint32_t sleepers() const {
    return static_cast<std::uint32_t>(word_);
  }
  constexpr std::uint32_t searching() const {
    return static_cast<std::uint32_t>(word_ >> kWorkers);
  }
  constexpr bool asleep(std::uint32_t member) const {
    return (word_ & Bit(member)) != 0;
  }
  /// Whether somebody has to be woken for new work.
  constexpr bool needs_waking() const {
    return searching() == 0 && sleepers() != 0;
  }

 private:
  Word word_;
};

/// Who sleeps and who searches: decides, for new work, whether a worker has to
/// be woken, and which. The protocol, its proof and what goes wrong without
/// each step are in worker/README.md.
///
/// A worker is running, searching (counted), asleep (its bit is set) or claimed
/// (its bit was cleared by a waker, who counted it as searching already).
///
/// One word for each group of 32 workers, so that "claim exactly one sleeper
/// and count it as a searcher" is one compare-and-swap and needs no lock. The
/// word is written only when somebody falls asleep, wakes, or starts or stops
/// searching; a push only reads it.
///
/// Source: the Tokio article ("Reducing cross thread synchronization") with
/// Go's rule for parking workers (Go #45867), which Tokio lacks.
class Idle {
 public:
  /// For `workers` workers, all of them running.
  explicit Idle(std::uint32_t workers);
  Idle(const Idle&) = delete;
  Idle& operator=(const Idle&) = delete;

  /// Work has been published: if nobody searches and somebody sleeps, claims
  /// one sleeper, which the caller must unpark. Any thread. Costs a full fence
  /// and a load when nobody has to be woken.
  [[nodiscard]] std::optional<std::uint32_t> Claim();

  /// As `Claim`, even if others search already: for a batch of work, and for
  /// the watchdog. No fence: the caller has had one since it published.
  [[nodiscard]] std::optional<std::uint32_t> ClaimAnother();

  /// `worker` is about to sleep; `searching` says whether it was counted. True:
  /// nobody searches, so it must look for work once more, after a full fence,
  /// before it sleeps.
  [[nodiscard]] bool Announce(std::uint32_t worker, bool searching);

  /// The look after `Announce` found work: `worker` is searching, and counted.
  /// False: somebody had claimed it meanwhile, a token is on its way.
  bool ClaimSelf(std::uint32_t worker);

  /// `worker` has been woken. True: it was claimed, so it is searching and
  /// counted. False: it was woken for another reason and is running.
  [[nodiscard]] bool Retract(std::uint32_t worker);

  /// `worker` ran out of work. False: enough others search already (half of
  /// the group, a throttle, not an exact limit).
  [[nodiscard]] bool StartSearching(std::uint32_t worker);

  /// `worker` found work. True: it was the last searcher and somebody sleeps;
  /// the caller looks whether there is more work, and if so claims another.
  [[nodiscard]] bool StopSearching(std::uint32_t worker);

  /// Whether all workers were asleep. A full fence precedes the look. Exact
  /// for the last of several workers that call it after Announce.
  bool AllAsleep() const;

  /// Whether `worker` was asleep. A hint.
  bool Asleep(std::uint32_t worker) const;

 private:
  struct alignas(kFalseSharingRange) Group {
    // Written by sleepers, wakers and searchers; read by every push.
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
  std::optional<std::uint32_t> ClaimIn(std::uint32_t group,
                                       bool even_if_searching);

  const std::uint32_t group_count_;
  const std::unique_ptr<Group[]> groups_;
};

}  // namespace weft

#endif  // WEFT_WORKER_IDLE_H_
