#include "weft/worker/ramping_idle.h"

#include <algorithm>
#include <bit>

#include "weft/base/check.h"

namespace weft {
namespace {

// Spreads the bits of a count over a word: neighbours have nothing in common.
constexpr std::uint32_t Mix(std::uint32_t n) {
  n *= 0x9E37'79B1u;
  n ^= n >> 15;
  n *= 0x85EB'CA6Bu;
  return n ^ (n >> 13);
}

// One of the sleepers of `state`, of which there are some.
constexpr std::uint32_t AnySleeper(IdleState state) {
  std::uint32_t sleepers = state.sleepers();
  const auto count = static_cast<std::uint32_t>(std::popcount(sleepers));
  for (std::uint32_t n = Mix(state.wakes()) % count; n > 0; --n) {
    sleepers &= sleepers - 1;
  }
  return static_cast<std::uint32_t>(std::countr_zero(sleepers));
}

}  // namespace

RampingIdle::RampingIdle(std::uint32_t workers)
    : group_count_((workers + IdleState::kWorkers - 1) / IdleState::kWorkers),
      groups_(new Group[group_count_]) {
  Check(workers > 0, "RampingIdle: at least one worker");
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    groups_[g].members =
        std::min(workers - g * IdleState::kWorkers, IdleState::kWorkers);
  }
}

std::optional<std::uint32_t> RampingIdle::ClaimAnother() {
  // Relaxed, here and below: ordered by the caller's fence. The first group's
  // wakes say with which to begin, so that all have their turn.
  const IdleState first(groups_[0].word.load(std::memory_order_relaxed));
  std::uint32_t g =
      group_count_ == 1 ? 0 : (Mix(first.wakes()) >> 16) % group_count_;
  for (std::uint32_t i = 0; i < group_count_; ++i) {
    atomic<IdleState::Word>& word = groups_[g].word;
    IdleState::Word old = word.load(std::memory_order_relaxed);
    while (IdleState(old).sleepers() != 0) {
      const std::uint32_t member = AnySleeper(IdleState(old));
      // ORDER(idle.claim): release. Pairs with the acquire in Retract: who
      // learns of the claim from the word, before the token comes, sees what it
      // was claimed for. A failed exchange only retries: relaxed.
      if (word.compare_exchange_weak(
              old, IdleState(old).Retracted(member).word(),
              std::memory_order_release, std::memory_order_relaxed)) {
        return g * IdleState::kWorkers + member;
      }
    }
    g = g + 1 == group_count_ ? 0 : g + 1;
  }
  return std::nullopt;
}

bool RampingIdle::Announce(std::uint32_t worker, bool) {
  const std::uint32_t member = worker % IdleState::kWorkers;
  // ORDER(idle.asleep): release. Pairs with Asleep and AllAsleep: what the
  // sleeper did before, and what is in its queue. No stronger order: the
  // caller's fence does the rest.
  const IdleState::Word old =
      groups_[worker / IdleState::kWorkers].word.fetch_add(
          IdleState::Bit(member), std::memory_order_release);
  DCheck(!IdleState(old).asleep(member), "RampingIdle: asleep twice");
  return true;
}

bool RampingIdle::Retract(std::uint32_t worker) {
  atomic<IdleState::Word>& word = groups_[worker / IdleState::kWorkers].word;
  const std::uint32_t member = worker % IdleState::kWorkers;
  // ORDER(idle.claim): acquire. Pairs with the release in ClaimAnother: who
  // finds its bit gone sees what it was claimed for, which relaxed would hide.
  IdleState::Word old = word.load(std::memory_order_acquire);
  while (IdleState(old).asleep(member)) {
    // ORDER(idle.claim): acquire on failure, as above. Success publishes and
    // learns nothing; its order must not be the weaker of the two (g++ warns).
    if (word.compare_exchange_weak(old, IdleState(old).Retracted(member).word(),
                                   std::memory_order_acquire,
                                   std::memory_order_acquire)) {
      return false;
    }
  }
  return true;
}

bool RampingIdle::StopSearching(std::uint32_t) {
  // ORDER(idle.dekker): sequentially consistent. Pairs with the fence of who
  // looks before it sleeps: either it sees what we have moved into our own
  // queue, or we see that it sleeps. Anything weaker lets both miss it.
  FullFence();
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    const IdleState state(groups_[g].word.load(std::memory_order_relaxed));
    if (state.sleepers() != 0) return true;
  }
  return false;
}

// Two awake, of whom the caller is one. Each that is seen awake after the
// caller's fence will look at the caller's work before it sleeps, whatever the
// others do meanwhile: the words need not be of one moment.
bool RampingIdle::AnotherAwake() const {
  std::uint32_t awake = 0;
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    const IdleState state(groups_[g].word.load(std::memory_order_relaxed));
    awake += groups_[g].members -
             static_cast<std::uint32_t>(std::popcount(state.sleepers()));
    if (awake > 1) return true;
  }
  return false;
}

// As in Idle: whether each group was asleep when it was looked at; adds up
// their wakes.
bool RampingIdle::SeesAllAsleep(std::uint64_t& wakes) const {
  wakes = 0;
  for (std::uint32_t g = 0; g < group_count_; ++g) {
    // ORDER(idle.asleep): acquire. Pairs with Announce: what the sleepers did
    // before, wakes of workers of other groups included, is visible to us.
    const IdleState state(groups_[g].word.load(std::memory_order_acquire));
    if (!state.all_asleep(groups_[g].members)) return false;
    wakes += state.wakes();
  }
  return true;
}

bool RampingIdle::AllAsleep() const {
  // ORDER(idle.dekker): sequentially consistent. Two workers of different
  // groups that fall asleep at once must not both miss the other.
  FullFence();
  std::uint64_t before;
  if (!SeesAllAsleep(before)) return false;
  if (group_count_ == 1) return true;
  std::uint64_t after;
  return SeesAllAsleep(after) && before == after;
}

}  // namespace weft
