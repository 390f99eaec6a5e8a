#ifndef WEFT_POOL_CPU_COUNT_H_
#define WEFT_POOL_CPU_COUNT_H_

#include <string>

namespace weft {

/// How many processors this process may use: those in its affinity mask, but no
/// more than its cgroup's quota (version 1 or 2, the tightest level), rounded
/// up. Never 0, also when nothing can be read (oneTBB #2056).
///
/// Reads the files each time: some 50 microseconds. Any thread. `root` is the
/// file system's root, for tests.
int AvailableCpus(const std::string& root = "");

}  // namespace weft

#endif  // WEFT_POOL_CPU_COUNT_H_
