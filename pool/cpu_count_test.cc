#include "weft/pool/cpu_count.h"

#include <sched.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace weft {
namespace {

using pool_internal::AffinityCpus;
using pool_internal::CgroupCpuLimit;

// A file system with nothing in it but what a test writes.
class FakeTree : public testing::Test {
 protected:
  FakeTree() : root_(testing::TempDir() + "/cpu_count_test_tree") {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~FakeTree() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  // The mounts of a machine with version 2 only, seen from the host.
  void MountV2(const std::string& top = "/",
               const std::string& directory = "/sys/fs/cgroup") {
    Write("/proc/self/mountinfo",
          "22 29 0:21 / /proc rw,nosuid - proc proc rw\n"
          "30 22 0:26 " +
              top + " " + directory +
              " rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
              "31 22 0:27 / /sys/fs/bpf rw - bpf bpf rw\n");
  }

  void MountV1(const std::string& top = "/") {
    Write("/proc/self/mountinfo",
          "33 31 0:29 " + top +
              " /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
              "32 31 0:30 " +
              top +
              " /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
              "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
  }

  std::optional<int> Limit() { return CgroupCpuLimit(root_); }

  const std::string root_;
};

TEST_F(FakeTree, WithNothingToReadThereIsNoLimitAndStillAProcessor) {
  EXPECT_EQ(Limit(), std::nullopt);
  EXPECT_GE(AvailableCpus(root_), 1);
  EXPECT_EQ(AvailableCpus(root_), AffinityCpus());
}

TEST_F(FakeTree, V2QuotaIsRoundedUp) {
  MountV2();
  Write("/proc/self/cgroup", "0::/work\n");
  Write("/sys/fs/cgroup/work/cpu.max", "250000 100000\n");
  EXPECT_EQ(Limit(), 3);
}

TEST_F(FakeTree, V2QuotaOfLessThanOneProcessorIsOne) {
  MountV2();
  Write("/proc/self/cgroup", "0::/work\n");
  Write("/sys/fs/cgroup/work/cpu.max", "1000 100000\n");
  EXPECT_EQ(Limit(), 1);
  EXPECT_EQ(AvailableCpus(root_), 1);
}

TEST_F(FakeTree, V2ExactMultipleIsNotRoundedUp) {
  MountV2();
  Write("/proc/self/cgroup", "0::/work\n");
  Write("/sys/fs/cgroup/work/cpu.max", "400000 100000\n");
  EXPECT_EQ(Limit(), 4);
}

TEST_F(FakeTree, V2MaxIsNoLimit) {
  MountV2();
  Write("/proc/self/cgroup", "0::/work\n");
  Write("/sys/fs/cgroup/work/cpu.max", "max 100000\n");
  EXPECT_EQ(Limit(), std::nullopt);
}

TEST_F(FakeTree, V2QuotaAloneHasTheDefaultPeriod) {
  MountV2();
  Write("/proc/self/cgroup", "0::/work\n");
  Write("/sys/fs/cgroup/work/cpu.max", "300000\n");
  EXPECT_EQ(Limit(), 3);
}

TEST_F(FakeTree, TheTightestLevelCounts) {
  MountV2();
  Write("/proc/self/cgroup", "0::/a/b/c\n");
  Write("/sys/fs/cgroup/a/b/c/cpu.max", "800000 100000\n");
  Write("/sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  Write("/sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  EXPECT_EQ(Limit(), 2);
  Write("/sys/fs/cgroup/a/b/c/cpu.max", "100000 100000\n");
  EXPECT_EQ(Limit(), 1);
}

TEST_F(FakeTree, TheTopLevelCountsToo) {
  // In a container with a cgroup namespace the own cgroup is the mounted top.
  MountV2();
  Write("/proc/self/cgroup", "0::/\n");
  Write("/sys/fs/cgroup/cpu.max", "500000 100000\n");
  EXPECT_EQ(Limit(), 5);
}

TEST_F(FakeTree, AContainersMountShowsOnlyItsOwnPart) {
  MountV2("/docker/1234");
  Write("/proc/self/cgroup", "0::/docker/1234/inner\n");
  Write("/sys/fs/cgroup/inner/cpu.max", "max 100000\n");
  Write("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  EXPECT_EQ(Limit(), 2);
}

TEST_F(FakeTree, ACgroupOutsideOfTheMountIsReadAtItsTop) {
  MountV2("/docker/1234");
  Write("/proc/self/cgroup", "0::/docker/12345/other\n");
  Write("/sys/fs/cgroup/cpu.max", "200000 100000\n");
  Write("/sys/fs/cgroup/5/other/cpu.max", "100000 100000\n");
  EXPECT_EQ(Limit(), 2);
  Write("/proc/self/cgroup", "0::/../elsewhere\n");
  EXPECT_EQ(Limit(), 2);
}

TEST_F(FakeTree, TheMountPointMayBeAnywhereAndHaveBlanksInItsName) {
  MountV2("/", R"(/run/my\040cgroups)");
  Write("/proc/self/cgroup", "0::/work\n");
  Write("/run/my cgroups/work/cpu.max", "700000 100000\n");
  EXPECT_EQ(Limit(), 7);
}

TEST_F(FakeTree, WithoutMountinfoTheUsualPlacesAreTried) {
  Write("/proc/self/cgroup", "0::/work\n");
  Write("/sys/fs/cgroup/work/cpu.max", "300000 100000\n");
  EXPECT_EQ(Limit(), 3);
  Write("/proc/self/cgroup", "4:cpu,cpuacct:/work\n");
  Write("/sys/fs/cgroup/cpu/work/cpu.cfs_quota_us", "200000\n");
  Write("/sys/fs/cgroup/cpu/work/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Limit(), 2);
}

TEST_F(FakeTree, V1QuotaOverPeriodIsRoundedUp) {
  MountV1();
  Write("/proc/self/cgroup",
        "9:cpuset:/elsewhere\n4:cpu,cpuacct:/work\n0::/\n");
  const std::string directory = "/sys/fs/cgroup/cpu,cpuacct/work";
  Write(directory + "/cpu.cfs_quota_us", "120000\n");
  Write(directory + "/cpu.cfs_period_us", "50000\n");
  EXPECT_EQ(Limit(), 3);
}

TEST_F(FakeTree, V1MinusOneIsNoLimitButALevelAboveMayHaveOne) {
  MountV1();
  Write("/proc/self/cgroup", "4:cpu,cpuacct:/work/inner\n");
  const std::string directory = "/sys/fs/cgroup/cpu,cpuacct/work";
  Write(directory + "/inner/cpu.cfs_quota_us", "-1\n");
  Write(directory + "/inner/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Limit(), std::nullopt);
  Write(directory + "/cpu.cfs_quota_us", "400000\n");
  Write(directory + "/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(Limit(), 4);
}

TEST_F(FakeTree, NonsenseIsNoLimit) {
  MountV2();
  Write("/proc/self/cgroup", "0::/work\n:::\nx\n");
  for (const char* text : {"", "\n", "abc def\n", "100000 0\n", "100000 -5\n",
                           "-1 100000\n", "99999999999999999999 100000\n"}) {
    Write("/sys/fs/cgroup/work/cpu.max", text);
    EXPECT_EQ(Limit(), std::nullopt) << text;
  }
  Write("/sys/fs/cgroup/work/cpu.max", "9223372036854775807 1\n");
  EXPECT_GE(Limit(), 1024);
  EXPECT_EQ(AvailableCpus(root_), AffinityCpus());
}

TEST(AvailableCpus, NeverIsZeroHere) {
  EXPECT_GE(AvailableCpus(), 1);
  EXPECT_LE(AvailableCpus(), AffinityCpus());
}

TEST(AvailableCpus, FollowsTheAffinityMask) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &before)) {
      CPU_SET(cpu, &one);
      break;
    }
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(AvailableCpus(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
  EXPECT_EQ(AffinityCpus(), CPU_COUNT(&before));
}

// A kernel for 4096 processors: it refuses shorter masks.
int GetAffinityOfABigMachine(pid_t, std::size_t bytes, cpu_set_t* mask) {
  if (bytes < 4096 / 8) {
    errno = EINVAL;
    return -1;
  }
  std::memset(mask, 0, bytes);
  for (int cpu = 1000; cpu < 3000; ++cpu) CPU_SET_S(cpu, bytes, mask);
  return 0;
}

TEST(AvailableCpus, CountsMoreProcessorsThanAPlainMaskHolds) {
  EXPECT_EQ(AffinityCpus(GetAffinityOfABigMachine), 2000);
}

TEST(AvailableCpus, IsNotZeroWhenTheSystemDoesNotSay) {
  EXPECT_GE(AffinityCpus([](pid_t, std::size_t, cpu_set_t*) {
              errno = EPERM;
              return -1;
            }),
            1);
  EXPECT_EQ(AffinityCpus([](pid_t, std::size_t bytes, cpu_set_t* mask) {
              std::memset(mask, 0, bytes);
              return 0;
            }),
            1);
  EXPECT_GE(AffinityCpus([](pid_t, std::size_t, cpu_set_t*) {
              errno = EINVAL;
              return -1;
            }),
            1);
}

}  // namespace
}  // namespace weft
