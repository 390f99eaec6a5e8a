// For stress tests: two functions run against each other, again and again.

#ifndef WEFT_WAKER_TEST_RACE_H_
#define WEFT_WAKER_TEST_RACE_H_

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/spin.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"

namespace weft {

/// A short random delay, most often none: shifts the two sides of a race
/// against each other.
inline void RaceDelay(XorShift64& random) {
  for (std::uint32_t i = random.Below(2) * random.Below(64); i > 0; --i) {
    CpuRelax();
  }
}

/// For each round from 0 to `rounds` - 1: `prepare(round)` on the calling
/// thread, then `left(round, random)` there and `right(round, random)` on a
/// second thread at the same time, then `check(round)` on the calling thread.
/// What a step writes is visible to the next.
template <class Prepare, class Left, class Right, class Verify>
void Race(std::uint64_t rounds, std::uint64_t seed, Prepare prepare, Left left,
          Right right, Verify check) {
  CacheAligned<atomic<std::uint64_t>> begun{0};
  CacheAligned<atomic<std::uint64_t>> ready{0};
  CacheAligned<atomic<std::uint64_t>> ended{0};
  auto await = [](const atomic<std::uint64_t>& word, std::uint64_t value) {
    // Acquire: pairs with the release stores below.
    for (std::uint32_t spins = 1; word.load(std::memory_order_acquire) < value;
         ++spins) {
      if (spins % 128 == 0) YieldThread();
      CpuRelax();
    }
  };
  Thread other([&] {
    XorShift64 random(seed + 1);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      await(*begun, round + 1);
      // Relaxed: only says when.
      ready->store(round + 1, std::memory_order_relaxed);
      RaceDelay(random);
      right(round, random);
      // Release: `check` sees what `right` did.
      ended->store(round + 1, std::memory_order_release);
    }
  });
  XorShift64 random(seed);
  for (std::uint64_t round = 0; round < rounds; ++round) {
    prepare(round);
    // Release: `right` sees what `prepare` did.
    begun->store(round + 1, std::memory_order_release);
    // Not always: with one core for both, who waits here comes second.
    if (random.Below(2) == 0) await(*ready, round + 1);
    RaceDelay(random);
    left(round, random);
    await(*ended, round + 1);
    check(round);
  }
  other.join();
}

}  // namespace weft

#endif  // WEFT_WAKER_TEST_RACE_H_
