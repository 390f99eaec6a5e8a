#include "weft/worker/idle.h"

#include <algorithm>
#include <bit>

#include "weft/base/check.h"
#include "weft/base/fence.h"

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
    const auto member = static_cast<std::uint32_t>(
        std::countr_zero(state.sleepers()));  // lowest: most recently used
    const IdleState::Word next =
        (old & ~IdleState::Bit(member)) + IdleState::kSearcher;
    // ORDER(idle.word): acq_rel. Keeps every change of the word in one chain of
    // read-modify-writes, which the proof leans on; acquire pairs with the
    // sleeper's Announce. A failed exchange only retries: relaxed.
    if (word.compare_exchange_weak(old, next, std::memory_order_acq_rel,
                                   std::memory_order_relaxed)) {
      return group * IdleState::kWorkers + member;
    }
  }
}

std::optional<std::uint32_t> Idle::Claim() {
  // ORDER(idle.dekker): sequentially consistent. Pairs with the fence of the
  // worker that goes to sleep or stops searching: either this load sees its
  // change of the word, or its look sees the work. Without it both may read old
  // values, and the work waits beside a sleeper (Tokio #1768, oneTBB #2136).
  FullFence();
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    if (IdleState(groups_[g].word.load(std::memory_order_relaxed))
            .searching() != 0) {
      return std::nullopt;
    }
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
      IdleState::Bit(MemberOf(worker)) - (searching ? IdleState::kSearcher : 0);
  // ORDER(idle.dekker): sequentially consistent, together with the caller's
  // fence: see Claim. Not "was I the last searcher" but "does nobody search
  // now": a worker that the throttle kept from searching must look as well
  // (Go #45867; the hole in Tokio's rule).
  const IdleState::Word old =
      GroupOf(worker).word.fetch_add(change, std::memory_order_seq_cst);
  DCheck(!IdleState(old).asleep(MemberOf(worker)), "Idle: asleep twice");
  return IdleState(old + change).searching() == 0;
}

bool Idle::ClaimSelf(std::uint32_t worker) {
  atomic<IdleState::Word>& word = GroupOf(worker).word;
  const std::uint32_t member = MemberOf(worker);
  IdleState::Word old = word.load(std::memory_order_relaxed);
  while (IdleState(old).asleep(member)) {
    const IdleState::Word next =
        (old & ~IdleState::Bit(member)) + IdleState::kSearcher;
    // ORDER(idle.word): acq_rel, as in ClaimIn.
    if (word.compare_exchange_weak(old, next, std::memory_order_acq_rel,
                                   std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

bool Idle::Retract(std::uint32_t worker) {
  atomic<IdleState::Word>& word = GroupOf(worker).word;
  const std::uint32_t member = MemberOf(worker);
  IdleState::Word old = word.load(std::memory_order_relaxed);
  while (IdleState(old).asleep(member)) {
    // ORDER(idle.word): acq_rel, as in ClaimIn.
    if (word.compare_exchange_weak(old, old & ~IdleState::Bit(member),
                                   std::memory_order_acq_rel,
                                   std::memory_order_relaxed)) {
      return false;
    }
  }
  return true;
}

bool Idle::StartSearching(std::uint32_t worker) {
  Group& group = GroupOf(worker);
  const IdleState state(group.word.load(std::memory_order_relaxed));
  if (2 * state.searching() >= group.members) return false;
  // ORDER(idle.word): acq_rel, as in ClaimIn. Too many may get in between the
  // load and this; the limit is a throttle.
  group.word.fetch_add(IdleState::kSearcher, std::memory_order_acq_rel);
  return true;
}

bool Idle::StopSearching(std::uint32_t worker) {
  // ORDER(idle.dekker): sequentially consistent, together with the fence below:
  // see Claim. A pusher that saw us searching left its work to this look.
  const IdleState::Word old = GroupOf(worker).word.fetch_sub(
      IdleState::kSearcher, std::memory_order_seq_cst);
  DCheck(IdleState(old).searching() > 0, "Idle: nobody searches");
  if (IdleState(old).searching() != 1) return false;
  FullFence();
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    if (IdleState(groups_[g].word.load(std::memory_order_relaxed)).sleepers() !=
        0) {
      return true;
    }
  }
  return false;
}

bool Idle::AllAsleep() const {
  // ORDER(idle.dekker): sequentially consistent. Two workers of different
  // groups that fall asleep at once must not both miss the other.
  FullFence();
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    const auto members = groups_[g].members;
    // ORDER(idle.word): acquire. Pairs with Announce: what the sleepers did
    // before is visible to the caller.
    const IdleState state(groups_[g].word.load(std::memory_order_acquire));
    if (static_cast<std::uint32_t>(std::popcount(state.sleepers())) !=
        members) {
      return false;
    }
  }
  return true;
}

bool Idle::Asleep(std::uint32_t worker) const {
  return IdleState(groups_[worker / IdleState::kWorkers].word.load(
                       std::memory_order_relaxed))
      .asleep(MemberOf(worker));
}

}  // namespace weft
