#include "weft/worker/idle.h"

#include <algorithm>

#include "weft/base/check.h"

namespace weft {
namespace {

std::uint32_t GroupsFor(std::uint32_t workers) {
  return (workers + IdleState::kWorkers - 1) / IdleState::kWorkers;
}

}  // namespace

Idle::Idle(std::uint32_t workers)
    : group_count_(GroupsFor(workers)), groups_(new Group[group_count_]) {
  Check(workers > 0, "Idle: at least one worker");
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    groups_[g].members =
        std::min(workers - g * IdleState::kWorkers, IdleState::kWorkers);
  }
}

std::optional<std::uint32_t> Idle::ClaimIn(std::uint32_t group,
                                           bool even_if_searching) {
  atomic<IdleState::Word>& word = groups_[group].word;
  // Relaxed: the caller's fence orders this load after the work it published.
  IdleState::Word old = word.load(std::memory_order_relaxed);
  for (;;) {
    const IdleState state(old);
    if (state.sleepers() == 0) return std::nullopt;
    if (state.searching() != 0 && !even_if_searching) return std::nullopt;
    const std::uint32_t member = state.next_to_wake();
    // ORDER(idle.claim): release. Pairs with the acquire in Retract and
    // ClaimSelf: a worker that learns of the claim from the word, before the
    // token comes, sees what it was claimed for. Relaxed would let it search in
    // vain. Acquire would add nothing: the claimer reads nothing of the
    // sleeper's. A failed exchange only retries: relaxed.
    if (word.compare_exchange_weak(old, state.Claimed(member).word(),
                                   std::memory_order_release,
                                   std::memory_order_relaxed)) {
      return group * IdleState::kWorkers + member;
    }
  }
}

std::optional<std::uint32_t> Idle::ClaimIfNobodySearches() {
  // Relaxed: ordered by the fence in Claim.
  for (std::uint32_t g = 0; group_count_ > 1 && g < group_count_; ++g) {
    const IdleState state(groups_[g].word.load(std::memory_order_relaxed));
    if (state.searching() != 0) return std::nullopt;
  }
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    if (auto worker = ClaimIn(g, /*even_if_searching=*/false)) return worker;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Idle::ClaimAnother() {
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    if (auto worker = ClaimIn(g, /*even_if_searching=*/true)) return worker;
  }
  return std::nullopt;
}

bool Idle::Announce(std::uint32_t worker, bool searching) {
  const IdleState::Word change =
      IdleState::AnnounceDelta(MemberOf(worker), searching);
  // ORDER(idle.leave): acq_rel. Acquire pairs with the release here and in
  // StopSearching of whoever left the search before: what it moved into its own
  // queue is visible to our look. Release, for those that leave after us, and
  // for AllAsleep. No stronger order: the caller's fence does the rest.
  //
  // Not "was I the last searcher" but "does nobody search now": a worker that
  // the throttle kept from searching must look as well (Go #45867; the hole in
  // Tokio's rule).
  const IdleState::Word old =
      GroupOf(worker).word.fetch_add(change, std::memory_order_acq_rel);
  DCheck(!IdleState(old).asleep(MemberOf(worker)), "Idle: asleep twice");
  DCheck(!searching || IdleState(old).searching() > 0,
         "Idle: a searcher that is not counted");
  return IdleState(old + change).searching() == 0;
}

bool Idle::ClaimSelf(std::uint32_t worker) {
  atomic<IdleState::Word>& word = GroupOf(worker).word;
  const std::uint32_t member = MemberOf(worker);
  // ORDER(idle.claim): acquire. Pairs with the release in ClaimIn if the bit is
  // found clear: see there.
  IdleState::Word old = word.load(std::memory_order_acquire);
  while (IdleState(old).asleep(member)) {
    // ORDER(idle.claim): acquire for the failure, as above. Success needs no
    // order, having nothing to tell or to learn.
    if (word.compare_exchange_weak(old, IdleState(old).Claimed(member).word(),
                                   std::memory_order_acquire,
                                   std::memory_order_acquire)) {
      return true;
    }
  }
  return false;
}

bool Idle::Retract(std::uint32_t worker) {
  atomic<IdleState::Word>& word = GroupOf(worker).word;
  const std::uint32_t member = MemberOf(worker);
  // ORDER(idle.claim): acquire. Pairs with the release in ClaimIn. With relaxed
  // only the token would publish, and that may be another one.
  IdleState::Word old = word.load(std::memory_order_acquire);
  while (IdleState(old).asleep(member)) {
    // ORDER(idle.claim): acquire for the failure, as in ClaimSelf.
    if (word.compare_exchange_weak(old, IdleState(old).Retracted(member).word(),
                                   std::memory_order_acquire,
                                   std::memory_order_acquire)) {
      return false;
    }
  }
  return true;
}

bool Idle::StartSearching(std::uint32_t worker) {
  Group& group = GroupOf(worker);
  // Relaxed, both: to begin a search publishes nothing. Too many may get in
  // between the two; the limit is a throttle.
  const IdleState state(group.word.load(std::memory_order_relaxed));
  if (!state.may_search(group.members)) return false;
  group.word.fetch_add(IdleState::kSearcher, std::memory_order_relaxed);
  return true;
}

bool Idle::StopSearching(std::uint32_t worker) {
  // ORDER(idle.leave): acq_rel. Release pairs with the acquire here and in
  // Announce of whoever leaves the search after us: what we moved into our own
  // queue is visible to its look. Acquire, for what others moved before us.
  const IdleState::Word old = GroupOf(worker).word.fetch_sub(
      IdleState::kSearcher, std::memory_order_acq_rel);
  DCheck(IdleState(old).searching() > 0, "Idle: nobody searches");
  if (IdleState(old).searching() != 1) return false;
  // ORDER(idle.dekker): sequentially consistent. Pairs with the fence in Claim:
  // a pusher that saw us searching left its work to the caller's look. Anything
  // weaker would let the look miss it.
  FullFence();
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    const IdleState state(groups_[g].word.load(std::memory_order_relaxed));
    if (state.sleepers() != 0) return true;
  }
  return false;
}

// Whether each group was asleep when it was looked at; adds up their wakes.
bool Idle::SeesAllAsleep(std::uint64_t& wakes) const {
  wakes = 0;
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    // ORDER(idle.leave): acquire. Pairs with Announce: what the sleepers did
    // before, wakes of workers of other groups included, is visible to us.
    // Relaxed would let a second pass miss such a wake.
    const IdleState state(groups_[g].word.load(std::memory_order_acquire));
    if (!state.all_asleep(groups_[g].members)) return false;
    wakes += state.wakes();
  }
  return true;
}

bool Idle::AllAsleep() const {
  // ORDER(idle.dekker): sequentially consistent. Two workers of different
  // groups that fall asleep at once must not both miss the other.
  FullFence();
  std::uint64_t before;
  if (!SeesAllAsleep(before)) return false;
  if (group_count_ == 1) return true;
  // While we looked at one group, a worker of another may have woken somebody
  // there and gone to sleep. If no wake was counted between the two passes, all
  // were asleep at the end of the first.
  std::uint64_t after;
  return SeesAllAsleep(after) && before == after;
}

bool Idle::Asleep(std::uint32_t worker) const {
  const Group& group = groups_[worker / IdleState::kWorkers];
  return IdleState(group.word.load(std::memory_order_relaxed))
      .asleep(MemberOf(worker));
}

}  // namespace weft
