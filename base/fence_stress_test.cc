// The store-buffering litmus test: two threads write their own word, fence, and
// read the other's. At least one must see the other's write. A third of the
// rounds run without a fence as a control; how often those fail is printed and
// shows whether the run came near the window at all.

#include <cstdio>
#include <memory>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cache_line.h"
#include "weft/base/fence.h"
#include "weft/base/spin.h"
#include "weft/base/test_seed.h"
#include "weft/base/thread.h"
#include "weft/base/xorshift.h"

namespace weft {
namespace {

struct Words {
  CacheAligned<atomic<uint32_t>> mine[2];
  // Where each thread stands; the other waits for it, so that both meet in
  // every round.
  CacheAligned<atomic<uint64_t>> round[2];
};

enum class Kind { kFenceFence, kFenceExchange, kNothing };

Kind KindOf(uint64_t round) { return static_cast<Kind>(round % 3); }

// Runs one side and writes what it saw of the other's word in each round.
void RunSide(Words& words, int side, uint64_t rounds, uint64_t seed,
             uint8_t* saw) {
  XorShift64 random(seed + static_cast<uint64_t>(side));
  atomic<uint32_t>& mine = *words.mine[side];
  atomic<uint32_t>& theirs = *words.mine[1 - side];
  for (uint64_t round = 1; round <= rounds; ++round) {
    const auto value = static_cast<uint32_t>(round);
    // Release: pairs with the acquire below in the other thread, so that its
    // write of the last round is not taken for one of this round.
    words.round[side]->store(round, std::memory_order_release);
    uint32_t spins = 0;
    // Acquire: pairs with the release above in the other thread.
    while (words.round[1 - side]->load(std::memory_order_acquire) < round) {
      if (++spins % 256 == 0) YieldThread();
      CpuRelax();
    }
    for (uint32_t i = random.Below(16); i > 0; --i) CpuRelax();
    switch (KindOf(round)) {
      case Kind::kFenceFence:
        mine.store(value, std::memory_order_relaxed);
        FullFence();
        break;
      case Kind::kFenceExchange:
        if (side == 0) {
          mine.store(value, std::memory_order_relaxed);
          FullFence();
        } else {
          // Seq_cst: pairs with the other side's FullFence(); anything weaker
          // may be delayed past the load below.
          mine.exchange(value, std::memory_order_seq_cst);
        }
        break;
      case Kind::kNothing:
        mine.store(value, std::memory_order_relaxed);
        break;
    }
    // Seq_cst: the exchange's side must take its load after the exchange in the
    // single order; a plain load on x86-64.
    saw[round - 1] = theirs.load(std::memory_order_seq_cst) >= value;
  }
}

TEST(FullFenceStress, OfTwoFencedThreadsOneSeesTheOther) {
  const uint64_t seed = TestSeed();
  const uint64_t rounds = StressIterations(100'000);
  Words words;
  const auto saw_first = std::make_unique<uint8_t[]>(rounds);
  const auto saw_second = std::make_unique<uint8_t[]>(rounds);
  Thread other([&] { RunSide(words, 1, rounds, seed, saw_second.get()); });
  RunSide(words, 0, rounds, seed, saw_first.get());
  other.join();

  uint64_t failures = 0;
  uint64_t control = 0;
  for (uint64_t i = 0; i < rounds; ++i) {
    if (saw_first[i] != 0 || saw_second[i] != 0) continue;
    ++(KindOf(i + 1) == Kind::kNothing ? control : failures);
  }
  EXPECT_EQ(failures, 0u);
  std::printf("%llu of %llu rounds without a fence saw neither write\n",
              static_cast<unsigned long long>(control),
              static_cast<unsigned long long>(rounds / 3));
}

}  // namespace
}  // namespace weft
