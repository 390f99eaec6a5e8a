#ifndef WEFT_TASK_STACK_MARK_H_
#define WEFT_TASK_STACK_MARK_H_

#include <cstdint>

namespace weft::task_internal {

/// Where the calling thread's stack stands, coarsely: how a task knows that its
/// awaits have nested too deep.
///
/// An await and its end go on by symmetric transfer: a jump where the compiler
/// makes a tail call of it, else a call, and the stack grows with every await
/// of a loop. GCC makes no tail calls below -O2 and under sanitizers (GCC
/// #100897). So each transfer compares the stack with the mark that was set
/// when a worker resumed the task; if it has grown too much, the task goes
/// through the run queue instead. Costs a load and a subtraction; in an
/// optimised build the answer is always no.
///
/// A plain value, in KiB modulo 64 MiB. For the thread that runs the task.
class StackMark {
 public:
  /// Sets the mark here.
  void Set() { position_ = Position(); }

  /// Whether the stack has grown by more than `kLimitKiB` since `Set` was
  /// called on this thread.
  bool Exceeded() const {
    return static_cast<std::int16_t>(position_ - Position()) > kLimitKiB;
  }

  /// Far above what one coroutine's body is likely to use, and far below the
  /// stack that a thread has.
  static constexpr std::int16_t kLimitKiB = 256;

 private:
  // The stack pointer where that is one instruction: asking for the frame's
  // address makes the compiler set up a frame.
  static std::uint16_t Position() {
#if defined(__x86_64__)
    std::uintptr_t position;
    asm volatile("mov %%rsp, %0" : "=r"(position));
#else
    const auto position =
        reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
#endif
    return static_cast<std::uint16_t>(position >> 10);
  }

  std::uint16_t position_ = 0;
};

}  // namespace weft::task_internal

#endif  // WEFT_TASK_STACK_MARK_H_
