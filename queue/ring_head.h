// The head word of a ring queue as a value: two indices packed into one
// unsigned integer, and the arithmetic on them. No atomics here; the word's
// life as an atomic is ring_queue.h's.

#ifndef WEFT_QUEUE_RING_HEAD_H_
#define WEFT_QUEUE_RING_HEAD_H_

#include <concepts>
#include <cstdint>
#include <limits>

namespace weft::queue_internal {

/// The unsigned integer of twice the width of `Index`.
template <std::unsigned_integral Index>
struct WordForIndex;
template <>
struct WordForIndex<uint8_t> {
  using type = uint16_t;
};
template <>
struct WordForIndex<uint16_t> {
  using type = uint32_t;
};
template <>
struct WordForIndex<uint32_t> {
  using type = uint64_t;
};

/// How far `to` is ahead of `from`, counted around the wrap. Exact as long as
/// the true distance is below the index range. The cast is what makes it right
/// for indices narrower than int, which the language widens before it subtracts
/// (tokio #2361).
template <std::unsigned_integral Index>
constexpr uint32_t Distance(Index from, Index to) {
  return static_cast<Index>(to - from);
}

/// `index + n`, around the wrap.
template <std::unsigned_integral Index>
constexpr Index Advance(Index index, uint32_t n) {
  return static_cast<Index>(index + n);
}

/// Where the front of the ring is. `real` is the next index to be taken.
/// `steal` trails it while a thief copies: [steal, real) are slots a thief has
/// claimed and may still be reading. Indices grow without bound and wrap.
template <std::unsigned_integral Index>
struct RingHead {
  using Word = typename WordForIndex<Index>::type;
  static constexpr int kIndexBits = std::numeric_limits<Index>::digits;

  Index steal = 0;
  Index real = 0;

  /// The head with no thief at work and `index` next.
  static constexpr RingHead At(Index index) { return {index, index}; }

  static constexpr RingHead Unpack(Word word) {
    return {static_cast<Index>(word >> kIndexBits), static_cast<Index>(word)};
  }

  constexpr Word Pack() const {
    return static_cast<Word>((static_cast<Word>(steal) << kIndexBits) | real);
  }

  /// True while a thief is at work.
  constexpr bool busy() const { return steal != real; }

  /// After the owner took one item: steal stays behind if a thief holds it.
  constexpr RingHead AfterPop() const {
    const Index next = Advance(real, 1);
    return {busy() ? steal : next, next};
  }

  /// After a thief claimed `n` items. Only from a head that is not busy.
  constexpr RingHead AfterClaim(uint32_t n) const {
    return {steal, Advance(real, n)};
  }

  /// After the thief has read what it claimed.
  constexpr RingHead AfterCompletion() const { return At(real); }

  friend constexpr bool operator==(RingHead, RingHead) = default;
};

static_assert(sizeof(RingHead<uint32_t>) == 8);

}  // namespace weft::queue_internal

#endif  // WEFT_QUEUE_RING_HEAD_H_
