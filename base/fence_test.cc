#include "weft/base/fence.h"

#include <array>
#include <span>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"

namespace weft {

#if defined(__x86_64__)
// The ends of the sections below, as the linker names them.
extern const unsigned char fence_begin[] asm("__start_weft_fence_scan");
extern const unsigned char fence_end[] asm("__stop_weft_fence_scan");
extern const unsigned char mfence_begin[] asm("__start_weft_mfence_scan");
extern const unsigned char mfence_end[] asm("__stop_weft_mfence_scan");
#endif

namespace {

TEST(FullFence, CanBeCalledFromAnywhere) {
  // The stack is used as the fence's memory: it must come back unchanged.
  volatile int before[32] = {};
  for (int i = 0; i < 32; ++i) before[i] = i;
  FullFence();
  for (int i = 0; i < 32; ++i) EXPECT_EQ(before[i], i);
}

#if defined(__x86_64__)

// The scanned functions lie in sections of their own, whose ends the linker
// provides. So the test reads exactly their machine code, under every compiler.

atomic<int> mine{0};
atomic<int> theirs{0};

[[gnu::noinline, gnu::section("weft_fence_scan")]] void Fence() { FullFence(); }

// The use on the hot path: publish, fence, look for sleepers.
[[gnu::noinline, gnu::section("weft_fence_scan")]] int PublishAndLook(int v) {
  mine.store(v, std::memory_order_relaxed);
  FullFence();
  return theirs.load(std::memory_order_relaxed);
}

[[gnu::noinline, gnu::section("weft_fence_scan")]] int Loop(int n) {
  int seen = 0;
  for (int i = 0; i < n; ++i) seen += PublishAndLook(i);
  FullFence();
  return seen;
}

// The control: the scan must be able to find what it looks for.
[[gnu::noinline, gnu::section("weft_mfence_scan")]] void Mfence() {
  asm volatile("mfence" ::: "memory");
}

using Code = std::span<const unsigned char>;

Code Between(const unsigned char* begin, const unsigned char* end) {
  return Code(begin, static_cast<std::size_t>(end - begin));
}

template <std::size_t kBytes>
int Count(Code code, const std::array<unsigned char, kBytes>& pattern) {
  int found = 0;
  for (std::size_t i = 0; i + kBytes <= code.size(); ++i) {
    bool same = true;
    for (std::size_t j = 0; j < kBytes; ++j) {
      same = same && code[i + j] == pattern[j];
    }
    found += same ? 1 : 0;
  }
  return found;
}

constexpr std::array<unsigned char, 3> kMfence = {0x0F, 0xAE, 0xF0};
// lock orl $0, -64(%rsp)
constexpr std::array<unsigned char, 6> kLockOr = {0xF0, 0x83, 0x4C,
                                                  0x24, 0xC0, 0x00};

TEST(FullFence, TheScanFindsAnMfenceWhereThereIsOne) {
  Mfence();
  EXPECT_EQ(Count(Between(mfence_begin, mfence_end), kMfence), 1);
}

TEST(FullFence, IsALockedInstructionAndNeverMfence) {
  Fence();
  EXPECT_EQ(Loop(3), 0);
  const Code code = Between(fence_begin, fence_end);
  ASSERT_GT(code.size(), 3 * kLockOr.size());
  EXPECT_EQ(Count(code, kMfence), 0);
  if (base_internal::kThreadSanitizer) {
    // A call into the tool's runtime, which locks the fence word there.
    EXPECT_EQ(Count(code, kLockOr), 0);
  } else {
    // One each in Fence and PublishAndLook, one in Loop and perhaps copies that
    // the compiler made by unrolling.
    EXPECT_GE(Count(code, kLockOr), 3);
  }
}

#endif  // defined(__x86_64__)

}  // namespace
}  // namespace weft
