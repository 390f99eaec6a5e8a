#include "weft/task/testing/counting_new.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/base/thread_local.h"

namespace weft::task_testing {
namespace {

struct CountTag;
using Count = ThreadLocal<std::uint64_t, CountTag>;
constinit atomic<std::int64_t> live{0};

[[maybe_unused]] void* Allocate(std::size_t size, std::size_t alignment) {
  ++Count::Get();
  live.fetch_add(1, std::memory_order_relaxed);
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* block =
      std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  Check(block != nullptr, "weft: a test is out of memory");
  return block;
}

[[maybe_unused]] void Free(void* block) {
  if (block == nullptr) return;
  live.fetch_sub(1, std::memory_order_relaxed);
  std::free(block);
}

}  // namespace

std::uint64_t AllocationsByThisThread() { return Count::Get(); }
std::int64_t LiveAllocations() { return live.load(std::memory_order_relaxed); }

}  // namespace weft::task_testing

// All of them, so that none of a sanitizer's or the standard library's is mixed
// with ours.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WEFT_TASK_TESTING_KEEP_NEW
#endif
#elif defined(__SANITIZE_THREAD__)
#define WEFT_TASK_TESTING_KEEP_NEW
#endif

#if !defined(WEFT_TASK_TESTING_KEEP_NEW)

namespace {
using weft::task_testing::Allocate;
using weft::task_testing::Free;
// Whole cache lines begin on one, as with allocators that have size classes.
std::size_t Default(std::size_t n) {
  return n % 64 == 0 ? 64 : __STDCPP_DEFAULT_NEW_ALIGNMENT__;
}
std::size_t Bytes(std::align_val_t a) { return static_cast<std::size_t>(a); }
}  // namespace

void* operator new(std::size_t n) { return Allocate(n, Default(n)); }
void* operator new[](std::size_t n) { return Allocate(n, Default(n)); }
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
  return Allocate(n, Default(n));
}
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept {
  return Allocate(n, Default(n));
}
void* operator new(std::size_t n, std::align_val_t a) {
  return Allocate(n, Bytes(a));
}
void* operator new[](std::size_t n, std::align_val_t a) {
  return Allocate(n, Bytes(a));
}
void* operator new(std::size_t n, std::align_val_t a,
                   const std::nothrow_t&) noexcept {
  return Allocate(n, Bytes(a));
}
void* operator new[](std::size_t n, std::align_val_t a,
                     const std::nothrow_t&) noexcept {
  return Allocate(n, Bytes(a));
}

void operator delete(void* p) noexcept { Free(p); }
void operator delete[](void* p) noexcept { Free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { Free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { Free(p); }
void operator delete(void* p, std::size_t) noexcept { Free(p); }
void operator delete[](void* p, std::size_t) noexcept { Free(p); }
void operator delete(void* p, std::align_val_t) noexcept { Free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { Free(p); }
void operator delete(void* p, std::align_val_t,
                     const std::nothrow_t&) noexcept {
  Free(p);
}
void operator delete[](void* p, std::align_val_t,
                       const std::nothrow_t&) noexcept {
  Free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
  Free(p);
}
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept {
  Free(p);
}

#endif
