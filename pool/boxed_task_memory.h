// Two allocations for a task, as the schedulers had that Weft is compared with.

#ifndef WEFT_POOL_BOXED_TASK_MEMORY_H_
#define WEFT_POOL_BOXED_TASK_MEMORY_H_

#include <cstddef>
#include <memory_resource>
#include <new>

#include "weft/base/check.h"
#include "weft/task/block.h"

namespace weft {

/// Gives each task's block a box beside it, where the old scheduler kept the
/// future: a second allocation of a line, made and freed with the block. Each
/// of the two is where tasks of other pools come from: the fast path of
/// operator new.
///
/// One for all pools, and it never goes: handles may outlive their pool. So it
/// has nothing of a pool's in it, and a resource that a user gives
/// (`Options::memory_resource`) is used as it is, with one allocation.
class BoxedTaskMemory final : public std::pmr::memory_resource {
 public:
  /// What `Policies::TaskMemory` is asked for. Any thread.
  static std::pmr::memory_resource* Get() {
    // Never destroyed.
    alignas(BoxedTaskMemory) static std::byte storage[sizeof(BoxedTaskMemory)];
    static auto* const memory = new (storage) BoxedTaskMemory;
    return memory;
  }

 private:
  static constexpr std::size_t kLine = task_internal::kBlockAlignment;

  // In front of the block, on a line of its own.
  struct alignas(kLine) Front {
    task_internal::Block box;
    task_internal::BlockSource source;
  };
  static_assert(sizeof(Front) == kLine);

  void* do_allocate(std::size_t size, std::size_t alignment) override {
    Check(alignment <= kLine && size % kLine == 0,
          "weft: this memory is for tasks only");
    Held box(kLine);
    Held block(sizeof(Front) + size);
    auto* front = new (block.Get().memory) Front{box.Get(), block.Get().source};
    box.Keep();
    block.Keep();
    return front + 1;
  }

  void do_deallocate(void* memory, std::size_t size, std::size_t) override {
    const Front front = *(static_cast<Front*>(memory) - 1);
    task_internal::FreeBlock(front.box.memory, kLine, front.box.source);
    task_internal::FreeBlock(static_cast<Front*>(memory) - 1,
                             sizeof(Front) + size, front.source);
  }

  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  // A block that is given back, unless it is kept: the second may throw.
  class Held {
   public:
    explicit Held(std::size_t size)
        : size_(size), block_(task_internal::AllocateBlock(size, nullptr)) {}
    ~Held() {
      if (!kept_) task_internal::FreeBlock(block_.memory, size_, block_.source);
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

    const task_internal::Block& Get() const { return block_; }
    void Keep() { kept_ = true; }

   private:
    const std::size_t size_;
    const task_internal::Block block_;
    bool kept_ = false;
  };
};

}  // namespace weft

#endif  // WEFT_POOL_BOXED_TASK_MEMORY_H_
