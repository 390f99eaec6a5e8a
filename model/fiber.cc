#include "weft/model/fiber.h"

#include <cxxabi.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#if __has_feature(thread_sanitizer) && !defined(__SANITIZE_THREAD__)
#define __SANITIZE_THREAD__ 1
#endif
#endif

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

// weft_model_switch(save, to): pushes the registers that a call must preserve,
// stores the stack pointer in *save, takes `to` as the stack pointer and pops.
#if defined(__x86_64__)
asm(R"(
.text
.globl weft_model_switch
.type weft_model_switch,@function
weft_model_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size weft_model_switch,.-weft_model_switch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.globl weft_model_switch
.type weft_model_switch,%function
weft_model_switch:
  sub sp, sp, #160
  stp x19, x20, [sp, #0]
  stp x21, x22, [sp, #16]
  stp x23, x24, [sp, #32]
  stp x25, x26, [sp, #48]
  stp x27, x28, [sp, #64]
  stp x29, x30, [sp, #80]
  stp d8, d9, [sp, #96]
  stp d10, d11, [sp, #112]
  stp d12, d13, [sp, #128]
  stp d14, d15, [sp, #144]
  mov x9, sp
  str x9, [x0]
  mov sp, x1
  ldp x19, x20, [sp, #0]
  ldp x21, x22, [sp, #16]
  ldp x23, x24, [sp, #32]
  ldp x25, x26, [sp, #48]
  ldp x27, x28, [sp, #64]
  ldp x29, x30, [sp, #80]
  ldp d8, d9, [sp, #96]
  ldp d10, d11, [sp, #112]
  ldp d12, d13, [sp, #128]
  ldp d14, d15, [sp, #144]
  add sp, sp, #160
  ret
.size weft_model_switch,.-weft_model_switch
)");
#else
#error "the model checker's fibers know x86-64 and aarch64 only"
#endif

extern "C" void weft_model_switch(void** save, void* to);

namespace weft::model {
namespace {

// The fiber that runs, for the trampoline of one that runs for the first time.
thread_local Fiber* running = nullptr;
// The fiber left last, for ASan's bookkeeping.
[[maybe_unused]] thread_local Fiber* left = nullptr;

size_t PageSize() {
  static const size_t size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

char* MapStack() {
  // The guard page lies below: stacks grow down.
  const size_t bytes = Fiber::kStackSize + PageSize();
  // As for the arenas: the same addresses in every process, if they are free.
#if defined(__SANITIZE_THREAD__)
  void* const hint = nullptr;
#else
  static std::atomic<uintptr_t> next{0x210000000000};
  void* const hint = reinterpret_cast<void*>(
      next.fetch_add(2 * Fiber::kStackSize, std::memory_order_relaxed));
#endif
  void* memory = mmap(hint, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, PageSize(), PROT_NONE) != 0) {
    std::perror("weft::model: no memory for a stack");
    std::abort();
  }
  return static_cast<char*>(memory) + PageSize();
}

/// The stacks that no fiber has at the moment. One for each thread of the
/// system, so that a thread's explorations have the same stacks.
class StackPool {
 public:
  ~StackPool() {
    for (char* stack : free_) {
      munmap(stack - PageSize(), Fiber::kStackSize + PageSize());
    }
  }

  char* Take() {
    if (free_.empty()) return MapStack();
    char* const stack = free_.back();
    free_.pop_back();
    return stack;
  }

  void Give(char* stack) { free_.push_back(stack); }

 private:
  std::vector<char*> free_;
};

StackPool& Stacks() {
  static thread_local StackPool pool;
  return pool;
}

}  // namespace

Fiber::~Fiber() {
  if (stack_ != nullptr) Stacks().Give(stack_);
#if defined(__SANITIZE_THREAD__)
  if (stack_ != nullptr && sanitizer_stack_ != nullptr) {
    __tsan_destroy_fiber(sanitizer_stack_);
  }
#endif
}

void Fiber::Start(Entry entry, void* argument) {
  if (stack_ == nullptr) stack_ = Stacks().Take();
  entry_ = entry;
  argument_ = argument;
  exceptions_ = ExceptionState();
#if defined(__SANITIZE_ADDRESS__)
  // What the last run left on the stack may have had poisoned borders.
  __asan_unpoison_memory_region(stack_, kStackSize);
  sanitizer_stack_ = nullptr;
#endif
#if defined(__SANITIZE_THREAD__)
  if (sanitizer_stack_ == nullptr) sanitizer_stack_ = __tsan_create_fiber(0);
#endif
  auto* top = reinterpret_cast<uintptr_t*>(stack_ + kStackSize);
#if defined(__x86_64__)
  // Six registers and the return address; the stack pointer is then 8 below a
  // multiple of 16, as after a call.
  *--top = 0;
  *--top = reinterpret_cast<uintptr_t>(&Trampoline);
  for (int i = 0; i < 6; ++i) *--top = 0;
#else
  top -= 20;
  std::memset(top, 0, 160);
  top[11] = reinterpret_cast<uintptr_t>(&Trampoline);  // x30
#endif
  sp_ = top;
}

void Fiber::Switch(Fiber& from, Fiber& to) {
  // Each stack has its own exceptions in flight.
  void* globals = abi::__cxa_get_globals();
  std::memcpy(&from.exceptions_, globals, sizeof(ExceptionState));
  std::memcpy(globals, &to.exceptions_, sizeof(ExceptionState));
  running = &to;
#if defined(__SANITIZE_ADDRESS__)
  left = &from;
  const void* bottom = to.stack_ != nullptr ? to.stack_ : to.bottom_;
  const size_t size = to.stack_ != nullptr ? kStackSize : to.bottom_size_;
  __sanitizer_start_switch_fiber(&from.sanitizer_stack_, bottom, size);
#endif
#if defined(__SANITIZE_THREAD__)
  if (from.stack_ == nullptr)
    from.sanitizer_stack_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(to.sanitizer_stack_, 0);
#endif
  weft_model_switch(&from.sp_, to.sp_);
  AfterSwitch(from);
}

void Fiber::AfterSwitch([[maybe_unused]] Fiber& self) {
#if defined(__SANITIZE_ADDRESS__)
  const void* bottom = nullptr;
  size_t size = 0;
  __sanitizer_finish_switch_fiber(self.sanitizer_stack_, &bottom, &size);
  if (left->stack_ == nullptr) {
    left->bottom_ = bottom;
    left->bottom_size_ = size;
  }
#endif
}

void Fiber::Trampoline() {
  Fiber* self = running;
  AfterSwitch(*self);
  self->entry_(self->argument_);
  std::abort();  // an entry does not return
}

}  // namespace weft::model
