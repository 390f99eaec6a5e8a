// Every atomic operation that Weft uses, once: shared by the test of the
// ordinary build and that of model mode, so that both accept the same code.

#ifndef WEFT_BASE_SEAM_OPERATIONS_H_
#define WEFT_BASE_SEAM_OPERATIONS_H_

#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"

namespace weft {

/// Expects that each operation on numbers, pointers, flags and enumerations
/// gives what the standard says.
inline void ExpectAllAtomicOperationsWork() {
  constexpr auto relaxed = std::memory_order_relaxed;

  static constinit atomic<uint32_t> global{7};
  EXPECT_EQ(global.load(relaxed), 7u);

  atomic<uint64_t> word;
  EXPECT_EQ(word.load(relaxed), 0u);
  word.store(5, relaxed);
  EXPECT_EQ(word.exchange(6, relaxed), 5u);
  EXPECT_EQ(word.fetch_add(10, relaxed), 6u);
  EXPECT_EQ(word.fetch_sub(1, relaxed), 16u);
  EXPECT_EQ(word.fetch_or(0x30, relaxed), 15u);
  EXPECT_EQ(word.fetch_and(0x3C, relaxed), 0x3Fu);
  EXPECT_EQ(word.fetch_xor(0x01, relaxed), 0x3Cu);
  EXPECT_EQ(word.load(relaxed), 0x3Du);

  uint64_t expected = 1;
  EXPECT_FALSE(word.compare_exchange_strong(expected, 2, relaxed, relaxed));
  EXPECT_EQ(expected, 0x3Du);
  EXPECT_TRUE(word.compare_exchange_strong(expected, 2, relaxed));
  expected = 1;
  EXPECT_FALSE(word.compare_exchange_weak(expected, 3, relaxed, relaxed));
  EXPECT_EQ(expected, 2u);
  while (!word.compare_exchange_weak(expected, 3, relaxed)) {
  }
  EXPECT_EQ(word.load(relaxed), 3u);

  // Stronger orders are accepted where the standard accepts them; alone on one
  // thread, they pair with nothing.
  word.store(1, std::memory_order_release);
  EXPECT_EQ(word.load(std::memory_order_acquire), 1u);
  EXPECT_EQ(word.fetch_add(1, std::memory_order_acq_rel), 1u);
  expected = 2;
  // The failure order follows from the success order, as above.
  EXPECT_TRUE(
      word.compare_exchange_strong(expected, 9, std::memory_order_acq_rel));
  // The default is sequentially consistent in both modes, as above.
  word.store(4);
  EXPECT_EQ(word.load(), 4u);
  EXPECT_EQ(word.exchange(5), 4u);

  int values[4] = {};
  atomic<int*> pointer{values};
  EXPECT_EQ(pointer.fetch_add(3, relaxed), values);
  EXPECT_EQ(pointer.fetch_sub(1, relaxed), values + 3);
  EXPECT_EQ(pointer.exchange(nullptr, relaxed), values + 2);

  atomic<bool> flag{false};
  EXPECT_FALSE(flag.exchange(true, relaxed));
  EXPECT_TRUE(flag.load(relaxed));

  enum class State : uint8_t { kIdle, kBusy };
  atomic<State> state{State::kIdle};
  State idle = State::kIdle;
  EXPECT_TRUE(state.compare_exchange_strong(idle, State::kBusy, relaxed));
  EXPECT_EQ(state.load(relaxed), State::kBusy);

  static_assert(atomic<uint64_t>::is_always_lock_free);
  atomic_thread_fence(std::memory_order_acquire);  // pairs with nothing here
  atomic_thread_fence(std::memory_order_release);  // as above
}

}  // namespace weft

#endif  // WEFT_BASE_SEAM_OPERATIONS_H_
