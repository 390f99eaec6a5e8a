#ifndef WEFT_POOL_CPU_COUNT_H_
#define WEFT_POOL_CPU_COUNT_H_

#include <sched.h>

#include <cstddef>
#include <optional>
#include <string>

namespace weft {

/// How many processors this process may use: those in its affinity mask, but no
/// more than its cgroup's quota (version 1 or 2, the tightest level), rounded
/// up. Never 0, also when nothing can be read (oneTBB #2056).
///
/// Reads the files each time: some 50 microseconds. Any thread. `root` is the
/// file system's root, for tests.
int AvailableCpus(const std::string& root = "");

namespace pool_internal {

/// sched_getaffinity, or a test's stand-in.
using GetAffinity = int (*)(pid_t pid, std::size_t bytes, cpu_set_t* mask);

/// The processors in the calling thread's affinity mask, also on machines with
/// more than the 1024 of a plain cpu_set_t; at least 1. A system call or two.
int AffinityCpus(GetAffinity get = sched_getaffinity);

/// What the quotas of the process's cgroup and of all those above it leave, in
/// processors and rounded up; at least 1. Nullopt: there is no limit, or none
/// that can be read.
///
/// The cgroup is the one in /proc/self/cgroup, its directory is found through
/// /proc/self/mountinfo, or else in /sys/fs/cgroup. Version 2 says
/// "<quota> <period>" in cpu.max; version 1 has cpu.cfs_quota_us and
/// cpu.cfs_period_us. See cgroups(7) and the kernel's cgroup-v2.rst.
std::optional<int> CgroupCpuLimit(const std::string& root);

}  // namespace pool_internal
}  // namespace weft

#endif  // WEFT_POOL_CPU_COUNT_H_
