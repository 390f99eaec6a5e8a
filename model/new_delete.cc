// Replaces operator new and delete of the whole program. Inside an execution,
// memory comes from the arenas of its threads; elsewhere from malloc.

#include <cstdlib>
#include <new>

#include "weft/model/execution.h"

namespace {

using weft::model::Arena;
using weft::model::Execution;

[[noreturn]] void OutOfMemory() {
#if defined(__cpp_exceptions)
  throw std::bad_alloc();
#else
  std::abort();
#endif
}

void* TryAllocate(size_t size, size_t alignment, const void* caller) {
  if (Execution* e = Execution::Allocating()) {
    return e->Allocate(size, alignment, caller);
  }
  if (size == 0) size = 1;
  if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) return std::malloc(size);
  return std::aligned_alloc(alignment,
                            (size + alignment - 1) / alignment * alignment);
}

void* Allocate(size_t size, size_t alignment, const void* caller) {
  void* memory = TryAllocate(size, alignment, caller);
  if (memory == nullptr) OutOfMemory();
  return memory;
}

void Free(void* memory, const void* caller) {
  if (memory == nullptr) return;
  Execution* e = Execution::Allocating();
  if (e != nullptr && e->Owns(memory)) {
    e->Free(memory, caller);
  } else if (!Arena::InAnyArena(memory)) {
    std::free(memory);
  }
  // Else the engine drops something of a run, which takes its memory with it.
}

constexpr size_t kDefault = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

}  // namespace

#define WEFT_MODEL_CALLER __builtin_return_address(0)

void* operator new(size_t n) {
  return Allocate(n, kDefault, WEFT_MODEL_CALLER);
}
void* operator new[](size_t n) {
  return Allocate(n, kDefault, WEFT_MODEL_CALLER);
}
void* operator new(size_t n, std::align_val_t a) {
  return Allocate(n, static_cast<size_t>(a), WEFT_MODEL_CALLER);
}
void* operator new[](size_t n, std::align_val_t a) {
  return Allocate(n, static_cast<size_t>(a), WEFT_MODEL_CALLER);
}
void* operator new(size_t n, const std::nothrow_t&) noexcept {
  return TryAllocate(n, kDefault, WEFT_MODEL_CALLER);
}
void* operator new[](size_t n, const std::nothrow_t&) noexcept {
  return TryAllocate(n, kDefault, WEFT_MODEL_CALLER);
}
void* operator new(size_t n, std::align_val_t a,
                   const std::nothrow_t&) noexcept {
  return TryAllocate(n, static_cast<size_t>(a), WEFT_MODEL_CALLER);
}
void* operator new[](size_t n, std::align_val_t a,
                     const std::nothrow_t&) noexcept {
  return TryAllocate(n, static_cast<size_t>(a), WEFT_MODEL_CALLER);
}

void operator delete(void* p) noexcept { Free(p, WEFT_MODEL_CALLER); }
void operator delete[](void* p) noexcept { Free(p, WEFT_MODEL_CALLER); }
void operator delete(void* p, size_t) noexcept { Free(p, WEFT_MODEL_CALLER); }
void operator delete[](void* p, size_t) noexcept { Free(p, WEFT_MODEL_CALLER); }
void operator delete(void* p, std::align_val_t) noexcept {
  Free(p, WEFT_MODEL_CALLER);
}
void operator delete[](void* p, std::align_val_t) noexcept {
  Free(p, WEFT_MODEL_CALLER);
}
void operator delete(void* p, size_t, std::align_val_t) noexcept {
  Free(p, WEFT_MODEL_CALLER);
}
void operator delete[](void* p, size_t, std::align_val_t) noexcept {
  Free(p, WEFT_MODEL_CALLER);
}
void operator delete(void* p, const std::nothrow_t&) noexcept {
  Free(p, WEFT_MODEL_CALLER);
}
void operator delete[](void* p, const std::nothrow_t&) noexcept {
  Free(p, WEFT_MODEL_CALLER);
}
void operator delete(void* p, std::align_val_t,
                     const std::nothrow_t&) noexcept {
  Free(p, WEFT_MODEL_CALLER);
}
void operator delete[](void* p, std::align_val_t,
                       const std::nothrow_t&) noexcept {
  Free(p, WEFT_MODEL_CALLER);
}
