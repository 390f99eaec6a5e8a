// The word of the idle protocol as a value: its fields, its predicates, and its
// transitions as functions from word to word. No atomics here; idle.h applies
// them, and idle_explore_test.cc applies the same ones in every order.

#ifndef WEFT_WORKER_IDLE_STATE_H_
#define WEFT_WORKER_IDLE_STATE_H_

#include <bit>
#include <cstdint>

namespace weft {

/// One group's part of the idle protocol (worker/idle_protocol.md):
///
///     bits  0..31  sleepers   bit m: member m sleeps, or is about to
///     bits 32..39  searching  how many members are counted as searching
///     bits 40..63  wakes      how often a sleeper's bit was cleared; wraps
///
/// The fields never carry into each other: a bit is added only when clear,
/// `searching` goes from 0 to at most the 32 members, and `wakes` is on top.
class IdleState {
 public:
  using Word = std::uint64_t;
  static constexpr std::uint32_t kWorkers = 32;
  static constexpr Word kSearcher = Word{1} << 32;
  static constexpr Word kWake = Word{1} << 40;

  constexpr explicit IdleState(Word word) : word_(word) {}
  constexpr Word word() const { return word_; }

  static constexpr Word Bit(std::uint32_t member) { return Word{1} << member; }

  constexpr std::uint32_t sleepers() const {
    return static_cast<std::uint32_t>(word_);
  }
  constexpr std::uint32_t searching() const {
    return static_cast<std::uint32_t>(word_ / kSearcher) & 0xFF;
  }
  constexpr std::uint32_t wakes() const {
    return static_cast<std::uint32_t>(word_ / kWake);
  }
  constexpr bool asleep(std::uint32_t member) const {
    return (word_ & Bit(member)) != 0;
  }
  constexpr bool all_asleep(std::uint32_t members) const {
    return static_cast<std::uint32_t>(std::popcount(sleepers())) == members;
  }
  /// Whether somebody has to be woken for new work.
  constexpr bool needs_waking() const {
    return searching() == 0 && sleepers() != 0;
  }
  /// Which sleeper to wake. The lowest: so the same few workers are busy while
  /// there is little to do, and the others sleep long.
  constexpr std::uint32_t next_to_wake() const {
    return static_cast<std::uint32_t>(std::countr_zero(sleepers()));
  }
  /// Whether one more of `members` may search: at most half of them do.
  constexpr bool may_search(std::uint32_t members) const {
    return 2 * searching() < members;
  }

  /// `member` sleeps, and is awake and counted as searching from now on:
  /// claimed by a waker, or by itself.
  constexpr IdleState Claimed(std::uint32_t member) const {
    return IdleState(word_ - Bit(member) + kSearcher + kWake);
  }
  /// `member` sleeps, and is awake from now on, for a reason of its own.
  constexpr IdleState Retracted(std::uint32_t member) const {
    return IdleState(word_ - Bit(member) + kWake);
  }

  /// What is added when `member`, which may be counted as `searching`, is about
  /// to sleep.
  static constexpr Word AnnounceDelta(std::uint32_t member, bool searching) {
    return Bit(member) - (searching ? kSearcher : 0);
  }

 private:
  Word word_;
};

}  // namespace weft

#endif  // WEFT_WORKER_IDLE_STATE_H_
