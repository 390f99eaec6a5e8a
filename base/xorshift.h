// A random number generator for scheduling choices: which victim to steal from
// first, which shard to try. One word of state, three shifts and a multiply per
// number; not for statistics, not for secrets.
//
// The generator is xorshift64*: S. Vigna, "An experimental exploration of
// Marsaglia's xorshift generators, scrambled", ACM TOMS 42(4), 2016. The seed
// is spread by the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast
// splittable pseudorandom number generators", OOPSLA 2014), so that the seeds
// 0, 1, 2, ... of neighbouring workers give unrelated sequences.

#ifndef WEFT_BASE_XORSHIFT_H_
#define WEFT_BASE_XORSHIFT_H_

#include <cstdint>

namespace weft {

/// A pseudo-random generator of 64 bits of state. Not shared between threads:
/// give each its own.
///
/// No seed is bad. Zero state is the one fixed point of a xorshift (such a
/// worker would rob the same victim for ever: Kotlin coroutines #4052, tokio
/// #8078), and it cannot be reached from a non-zero state, so it is enough that
/// the constructor avoids it.
class XorShift64 {
 public:
  /// Starts the sequence of `seed`; every value is good, 0 included, and so is
  /// one with an empty half.
  constexpr explicit XorShift64(uint64_t seed = 0) noexcept
      : state_(NonZero(Spread(seed))) {}

  /// The next 64 bits, each number but 0 equally often in a period of 2^64 - 1.
  constexpr uint64_t Next() noexcept {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1DULL;
  }

  /// A number from 0 to n - 1; 0 if `n` is 0. By a multiply and a shift of the
  /// better upper half and not by a division: a number is favoured by at most
  /// n / 2^32, which no scheduling choice can notice (D. Lemire, "Fast random
  /// integer generation in an interval", ACM TOMACS 29(1), 2019).
  constexpr uint32_t Below(uint32_t n) noexcept {
    return static_cast<uint32_t>(((Next() >> 32) * n) >> 32);
  }

 private:
  static constexpr uint64_t Spread(uint64_t x) noexcept {
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
  }

  /// Spread() is a bijection, so exactly one seed lands on 0.
  static constexpr uint64_t NonZero(uint64_t x) noexcept {
    return x != 0 ? x : 0x9E3779B97F4A7C15ULL;
  }

  uint64_t state_;
};

}  // namespace weft

#endif  // WEFT_BASE_XORSHIFT_H_
