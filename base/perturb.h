// What the seam's types do in model mode until the model checker stands behind
// them: before an operation on shared memory, now and then, let another thread
// go first. Races that need a thread to be interrupted in a window of a few
// nanoseconds then show up within seconds instead of months.
//
// The choices come from a seed (environment variable WEFT_SEED, else 0) and
// the order in which threads first came here. The kernel still decides much, so
// a seed repeats the tendency of a run and not the run.
//
// Internal to base/: only the model-mode halves of its headers call this. It is
// compiled in every build so that its own test runs everywhere.

#ifndef WEFT_BASE_PERTURB_H_
#define WEFT_BASE_PERTURB_H_

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <thread>

#include "weft/base/spin.h"
#include "weft/base/xorshift.h"

namespace weft::base_internal {

/// One operation in this many is perturbed. Low, so that a test under model
/// mode stays usable (the cost is in the yield); high enough that a loop of
/// some thousand operations meets every window.
inline constexpr uint32_t kPerturbEvery = 64;

/// The longest spin, in CpuRelax() steps: some microseconds, so longer than
/// most windows between two operations of a protocol.
inline constexpr uint32_t kPerturbMaxSpin = 128;

/// How many operations were perturbed so far, by all threads. Written by every
/// perturbing thread; read by tests.
inline constinit std::atomic<uint64_t> perturb_count{0};

/// How many threads have come here. Written once per thread; gives each its own
/// sequence.
inline constinit std::atomic<uint64_t> perturb_threads{0};

/// The seed of this process.
inline uint64_t PerturbSeed() noexcept {
  static const uint64_t seed = [] {
    const char* text = std::getenv("WEFT_SEED");
    return text == nullptr ? uint64_t{0} : std::strtoull(text, nullptr, 0);
  }();
  return seed;
}

/// The calling thread's generator.
inline XorShift64& PerturbRandom() noexcept {
  static thread_local XorShift64 random(
      PerturbSeed() + perturb_threads.fetch_add(1, std::memory_order_relaxed));
  return random;
}

/// Decides whether something that is allowed but rare shall happen now (a
/// spurious failure, a spurious wake), and counts it.
inline bool PerturbChance() noexcept {
  if (PerturbRandom().Below(kPerturbEvery) != 0) return false;
  perturb_count.fetch_add(1, std::memory_order_relaxed);
  return true;
}

/// Perhaps yields the processor or spins for a moment. Any thread; orders
/// nothing.
inline void Perturb() noexcept {
  if (!PerturbChance()) return;
  const uint32_t spins = PerturbRandom().Below(2 * kPerturbMaxSpin);
  if (spins >= kPerturbMaxSpin) {
    std::this_thread::yield();
    return;
  }
  for (uint32_t i = 0; i < spins; ++i) CpuRelax();
}

}  // namespace weft::base_internal

#endif  // WEFT_BASE_PERTURB_H_
