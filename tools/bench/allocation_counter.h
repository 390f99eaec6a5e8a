#ifndef WEFT_TOOLS_BENCH_ALLOCATION_COUNTER_H_
#define WEFT_TOOLS_BENCH_ALLOCATION_COUNTER_H_

#include <cstdint>

namespace weft::bench {

/// Counts what `operator new` is asked for in this program, whichever allocator
/// answers: the linker (--wrap) leads every call to a counter in front of it.
/// Calls inside shared libraries are not seen. While nothing is counted, a call
/// costs a load and a branch more.
class AllocationCounter {
 public:
  /// Counts the allocations of all threads from now on. One counter at a time.
  static void Start();
  /// Stops counting; returns how many there were. An allocation that happens
  /// before this call, and after `Start`, is among them.
  static std::int64_t Stop();
};

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_ALLOCATION_COUNTER_H_
