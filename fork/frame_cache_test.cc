#include "weft/fork/frame_cache.h"

#include <cstddef>
#include <vector>

#include "gtest/gtest.h"

namespace weft::fork_internal {
namespace {

TEST(FrameCache, ABlockIsUsedAgain) {
  if (FrameCache::kBypassed) GTEST_SKIP() << "every block is the system's";
  FrameCache cache;
  void* const block = FrameCache::Allocate(&cache, 100);
  FrameCache::Free(&cache, block, 100);
  // The same class, another size.
  EXPECT_EQ(FrameCache::Allocate(&cache, 128), block);
  FrameCache::Free(&cache, block, 128);
  void* const other = FrameCache::Allocate(&cache, 129);
  EXPECT_NE(other, block);
  FrameCache::Free(&cache, other, 129);
}

TEST(FrameCache, BlocksOfOneCacheGoToAnother) {
  FrameCache one, other;
  void* const block = FrameCache::Allocate(&one, 64);
  FrameCache::Free(&other, block, 64);
  FrameCache::Free(nullptr, FrameCache::Allocate(&other, 64), 64);
  FrameCache::Free(&one, FrameCache::Allocate(nullptr, 64), 64);
}

// A leak is found by the sanitizer.
TEST(FrameCache, FreesWhatItHasNoRoomFor) {
  FrameCache cache;
  std::vector<void*> blocks;
  for (std::uint32_t i = 0; i < 2 * FrameCache::kRoom; ++i) {
    blocks.push_back(FrameCache::Allocate(&cache, 200));
  }
  for (void* block : blocks) FrameCache::Free(&cache, block, 200);
}

TEST(FrameCache, LargeBlocksPassItBy) {
  FrameCache cache;
  constexpr std::size_t kLarge = FrameCache::kGrain * FrameCache::kClasses + 1;
  FrameCache::Free(&cache, FrameCache::Allocate(&cache, kLarge), kLarge);
  cache.Clear();
}

}  // namespace
}  // namespace weft::fork_internal
