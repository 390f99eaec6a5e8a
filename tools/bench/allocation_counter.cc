#include "weft/tools/bench/allocation_counter.h"

#include <cstddef>
#include <new>

#include "weft/base/atomic.h"

namespace weft::bench {
namespace {

// Both relaxed: the caller has synchronised with the threads whose allocations
// it wants to know.
constinit atomic<bool> counting{false};
constinit atomic<std::int64_t> count{0};

void Count() {
  if (counting.load(std::memory_order_relaxed)) [[unlikely]] {
    count.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace

void AllocationCounter::Start() {
  count.store(0, std::memory_order_relaxed);
  counting.store(true, std::memory_order_relaxed);
}

std::int64_t AllocationCounter::Stop() {
  counting.store(false, std::memory_order_relaxed);
  return count.load(std::memory_order_relaxed);
}

}  // namespace weft::bench

// What the linker calls in place of each `operator new`, and what that is
// called then. The names are the linker's; the part after "wrap_" is the
// operator's, mangled.
extern "C" {

void* __real__Znwm(std::size_t size);
void* __wrap__Znwm(std::size_t size) {
  weft::bench::Count();
  return __real__Znwm(size);
}

void* __real__Znam(std::size_t size);
void* __wrap__Znam(std::size_t size) {
  weft::bench::Count();
  return __real__Znam(size);
}

void* __real__ZnwmSt11align_val_t(std::size_t size, std::align_val_t alignment);
void* __wrap__ZnwmSt11align_val_t(std::size_t size,
                                  std::align_val_t alignment) {
  weft::bench::Count();
  return __real__ZnwmSt11align_val_t(size, alignment);
}

void* __real__ZnamSt11align_val_t(std::size_t size, std::align_val_t alignment);
void* __wrap__ZnamSt11align_val_t(std::size_t size,
                                  std::align_val_t alignment) {
  weft::bench::Count();
  return __real__ZnamSt11align_val_t(size, alignment);
}

}  // extern "C"
