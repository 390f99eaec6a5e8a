// In what order a worker robs its siblings. Two models of one concept
// (worker/concepts.h).

#ifndef WEFT_WORKER_VICTIMS_H_
#define WEFT_WORKER_VICTIMS_H_

#include <cstdint>
#include <numeric>

#include "weft/base/xorshift.h"

namespace weft {

/// From a random sibling on, with a random stride that visits each once, so
/// that searchers that start together do not walk together.
///
/// Use when: always. Costs: two random numbers and a few divisions a search, no
/// memory.
///
/// Source: the random start is the Tokio article's; the stride is Go's.
class RandomVictims {
 public:
  /// For worker `self` of `count`. Any seed is good (Kotlin #4052).
  RandomVictims(std::uint32_t self, std::uint32_t count, std::uint64_t seed)
      : self_(self), count_(count), random_(seed) {}

  /// Calls `visit(victim)` for every other worker until one returns true;
  /// returns whether one did. Owner only.
  template <class Visit>
  bool ForEach(Visit&& visit) {
    if (count_ < 2) return false;
    std::uint32_t victim = random_.Below(count_);
    std::uint32_t stride = 1 + random_.Below(count_ - 1);
    // Ends at the latest at 1. Coprime, so that `count_` steps visit each once.
    while (std::gcd(stride, count_) != 1) stride = stride % (count_ - 1) + 1;
    for (std::uint32_t i = 0; i < count_; ++i) {
      if (victim != self_ && visit(victim)) return true;
      victim += stride;
      if (victim >= count_) victim -= count_;
    }
    return false;
  }

 private:
  std::uint32_t self_;
  std::uint32_t count_;
  XorShift64 random_;
};

/// The reference model: the next sibling first, then the one after it.
///
/// Use when: the order must be known, in tests and models.
class NextVictims {
 public:
  NextVictims(std::uint32_t self, std::uint32_t count, std::uint64_t /*seed*/)
      : self_(self), count_(count) {}

  /// See RandomVictims.
  template <class Visit>
  bool ForEach(Visit&& visit) {
    for (std::uint32_t i = 1; i < count_; ++i) {
      if (visit((self_ + i) % count_)) return true;
    }
    return false;
  }

 private:
  std::uint32_t self_;
  std::uint32_t count_;
};

}  // namespace weft

#endif  // WEFT_WORKER_VICTIMS_H_
