#include "weft/pool/testing/allocations.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/check.h"

namespace {

weft::atomic<std::uint64_t> allocations{0};
constinit thread_local std::uint64_t allocations_here = 0;
constinit thread_local std::uint64_t fail_in = 0;

void* Allocate(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  ++allocations_here;
  if (fail_in != 0 && --fail_in == 0) {
#if defined(__cpp_exceptions)
    throw std::bad_alloc();
#else
    weft::Check(false, "FailAllocation needs exceptions");
#endif
  }
  void* block =
      std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1));
  weft::Check(block != nullptr, "the test has memory");
  return block;
}

}  // namespace

void* operator new(std::size_t size) {
  return Allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return Allocate(size, static_cast<std::size_t>(alignment));
}
// A sanitizer's would not go with our delete.
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
#if defined(__cpp_exceptions)
  try {
    return ::operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
#else
  return ::operator new(size);
#endif
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept {
  std::free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  std::free(block);
}

namespace weft::testing {

std::uint64_t Allocations() {
  return allocations.load(std::memory_order_relaxed);
}

std::uint64_t AllocationsHere() { return allocations_here; }

bool FailAllocation(std::uint64_t n) { return std::exchange(fail_in, n) != 0; }

}  // namespace weft::testing
