#include "weft/tools/bench/allocation_counter.h"

#include <cstddef>
#include <memory>
#include <new>

#include "gtest/gtest.h"
#include "weft/base/thread.h"

namespace weft::bench {
namespace {

// Compilers may drop an allocation that nobody looks at.
template <class T>
T* Seen(T* pointer) {
  asm volatile("" : "+r"(pointer) : : "memory");
  return pointer;
}

struct alignas(64) Aligned {
  std::byte bytes[64];
};

TEST(AllocationCounter, EveryKindOfNewCountsOnce) {
  AllocationCounter::Start();
  std::unique_ptr<int> one(Seen(new int));
  std::unique_ptr<int[]> array(Seen(new int[3]));
  std::unique_ptr<Aligned> aligned(Seen(new Aligned));
  std::unique_ptr<Aligned[]> aligned_array(Seen(new Aligned[3]));
  EXPECT_EQ(AllocationCounter::Stop(), 4);
}

TEST(AllocationCounter, NothingIsCountedBeforeStartAndAfterStop) {
  std::unique_ptr<int> before(Seen(new int));
  AllocationCounter::Start();
  EXPECT_EQ(AllocationCounter::Stop(), 0);
  std::unique_ptr<int> after(Seen(new int));
  EXPECT_EQ(AllocationCounter::Stop(), 0);
}

TEST(AllocationCounter, AllThreadsCount) {
  AllocationCounter::Start();
  std::unique_ptr<int> theirs;
  Thread thread([&] { theirs.reset(Seen(new int)); });
  thread.join();
  EXPECT_GE(AllocationCounter::Stop(), 1);
}

}  // namespace
}  // namespace weft::bench
