#ifndef WEFT_TASK_TESTING_COUNTING_NEW_H_
#define WEFT_TASK_TESTING_COUNTING_NEW_H_

#include <cstdint>

#include "weft/base/atomic.h"

namespace weft::task_testing {

/// Whether this counts: not under ThreadSanitizer, whose own operators new
/// cannot be replaced in every compiler. The functions then return 0.
inline constexpr bool kCountsAllocations = !base_internal::kThreadSanitizer;

/// How often this thread has called any `operator new` of the global scope: a
/// program that links this has all of them replaced by ones that count.
std::uint64_t AllocationsByThisThread();

/// How many of what they returned have not been deleted, by any thread.
std::int64_t LiveAllocations();

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_COUNTING_NEW_H_
