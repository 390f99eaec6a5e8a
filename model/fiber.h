// Stacks of our own, so that all threads of a test run on one thread of the
// system and change places only where the checker says so.

#ifndef WEFT_MODEL_FIBER_H_
#define WEFT_MODEL_FIBER_H_

#include <cstddef>
#include <cstdint>

namespace weft::model {

/// A point of execution with its stack. The default one stands for the system's
/// own stack; Start() gives a fiber a stack and a function. A fiber that is not
/// resumed any more costs nothing and can be started again: what was on its
/// stack is forgotten, no destructor runs.
///
/// Fibers must stay on one thread of the system.
class Fiber {
 public:
  using Entry = void (*)(void* argument);

  /// Bytes of a stack, guard page not included. Only what is used takes memory.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static constexpr size_t kStackSize = size_t{1} << 20;
#else
  static constexpr size_t kStackSize = size_t{256} << 10;
#endif

  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  /// Makes this a fiber that will call `entry(argument)` on a fresh stack when
  /// it is resumed for the first time. `entry` must not return.
  void Start(Entry entry, void* argument);

  /// Leaves `from`, which is running, for `to`. Returns when something resumes
  /// `from`.
  static void Switch(Fiber& from, Fiber& to);

  /// Whether the address lies in this fiber's stack.
  bool Contains(const void* address) const {
    const auto* p = static_cast<const char*>(address);
    return stack_ != nullptr && p >= stack_ && p < stack_ + kStackSize;
  }

 private:
  struct ExceptionState {  // the Itanium ABI's __cxa_eh_globals
    void* caught = nullptr;
    uintptr_t uncaught = 0;
  };

  static void Trampoline();
  static void AfterSwitch(Fiber& self);

  void* sp_ = nullptr;
  char* stack_ = nullptr;
  Entry entry_ = nullptr;
  void* argument_ = nullptr;
  ExceptionState exceptions_;
  // ASan's fake stack or TSan's fiber; for ASan also the system's own stack.
  [[maybe_unused]] void* sanitizer_stack_ = nullptr;
  [[maybe_unused]] const void* bottom_ = nullptr;
  [[maybe_unused]] size_t bottom_size_ = 0;
};

}  // namespace weft::model

#endif  // WEFT_MODEL_FIBER_H_
