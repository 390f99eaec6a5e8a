#include "weft/task/block.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <vector>

#include "gtest/gtest.h"

namespace weft::task_internal {
namespace {

bool OnALine(const Block& block) {
  return reinterpret_cast<std::uintptr_t>(block.memory) % kBlockAlignment == 0;
}

TEST(BlockSource, KnowsWhatItIs) {
  EXPECT_TRUE(BlockSource::PlainNew().plain_new());
  EXPECT_FALSE(BlockSource::PlainNew().aligned_new());
  EXPECT_TRUE(BlockSource::AlignedNew().aligned_new());
  EXPECT_FALSE(BlockSource::AlignedNew().plain_new());
  std::pmr::memory_resource* const resource = std::pmr::new_delete_resource();
  const BlockSource from(resource);
  EXPECT_FALSE(from.plain_new());
  EXPECT_FALSE(from.aligned_new());
  EXPECT_EQ(from.resource(), resource);
}

// Whatever the allocator does: with the system's, most plain news are beside a
// line.
TEST(AllocateBlock, EachBlockIsOnALine) {
  for (std::size_t lines = 1; lines <= 40; ++lines) {
    const std::size_t size = lines * kBlockAlignment;
    std::vector<Block> blocks;
    for (int i = 0; i < 20; ++i) {
      blocks.push_back(AllocateBlock(size, nullptr));
      EXPECT_TRUE(OnALine(blocks.back())) << size;
      std::memset(blocks.back().memory, 1, size);
    }
    for (const Block& block : blocks) {
      FreeBlock(block.memory, size, block.source);
    }
  }
}

// Remembers the one block that it gave.
class OneBlock final : public std::pmr::memory_resource {
 public:
  void* given = nullptr;
  std::size_t size = 0;

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    EXPECT_EQ(alignment, kBlockAlignment);
    size = bytes;
    return given = std::pmr::new_delete_resource()->allocate(bytes, alignment);
  }
  void do_deallocate(void* block, std::size_t bytes,
                     std::size_t alignment) override {
    EXPECT_EQ(alignment, kBlockAlignment);
    EXPECT_EQ(bytes, size);
    EXPECT_EQ(block, given);
    given = nullptr;
    std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }
};

TEST(AllocateBlock, AResourceIsAskedAndGetsItBack) {
  OneBlock resource;
  const Block block = AllocateBlock(128, &resource);
  EXPECT_TRUE(OnALine(block));
  EXPECT_EQ(block.memory, resource.given);
  EXPECT_EQ(resource.size, 128u);
  FreeBlock(block.memory, 128, block.source);
  EXPECT_EQ(resource.given, nullptr);
}

TEST(PlainNewIsAligned, OneThatIsNotIsRememberedForItsSize) {
  constexpr std::size_t kSize = 13 * kBlockAlignment;
  PlainNewIsAligned::Refute(kSize);
  EXPECT_FALSE(PlainNewIsAligned::Expected(kSize));
  const Block block = AllocateBlock(kSize, nullptr);
  EXPECT_TRUE(block.source.aligned_new());
  FreeBlock(block.memory, kSize, block.source);
}

TEST(PlainNewIsAligned, IsNotExpectedOfLargeBlocks) {
  EXPECT_FALSE(PlainNewIsAligned::Expected(std::size_t{1} << 20));
}

}  // namespace
}  // namespace weft::task_internal
