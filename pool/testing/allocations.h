#ifndef WEFT_POOL_TESTING_ALLOCATIONS_H_
#define WEFT_POOL_TESTING_ALLOCATIONS_H_

// A test that links this has its own global operator new, which counts and can
// be made to fail.

#include <cstdint>

namespace weft::testing {

/// How many times operator new was called so far, by all threads.
std::uint64_t Allocations();

/// Those of them by the calling thread.
std::uint64_t AllocationsHere();

/// From now on the `n`th call of operator new by this thread (1: the next)
/// throws std::bad_alloc, once; 0: none does. Returns whether the failure asked
/// for before is still to come. Needs exceptions.
bool FailAllocation(std::uint64_t n);

}  // namespace weft::testing

#endif  // WEFT_POOL_TESTING_ALLOCATIONS_H_
