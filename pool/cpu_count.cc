#include "weft/pool/cpu_count.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace weft {
namespace pool_internal {
namespace {

using Words = std::vector<absl::string_view>;

// The whole file; empty if it cannot be read.
std::string ReadFile(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(path.c_str(), "re"), std::fclose);
  std::string text;
  if (file == nullptr) return text;
  char buffer[4096];
  while (std::size_t n = std::fread(buffer, 1, sizeof(buffer), file.get())) {
    text.append(buffer, n);
  }
  return text;
}

// ---- One level. ----

// Quota over period, rounded up; nullopt if that is no limit.
std::optional<int> Processors(absl::string_view quota,
                              absl::string_view period) {
  std::int64_t q = 0;
  std::int64_t p = 0;
  if (!absl::SimpleAtoi(quota, &q) || !absl::SimpleAtoi(period, &p)) {
    return std::nullopt;  // "max"
  }
  if (q < 0 || p <= 0) return std::nullopt;  // version 1 says -1
  const std::int64_t processors = q / p + (q % p != 0 ? 1 : 0);
  return static_cast<int>(
      std::clamp<std::int64_t>(processors, 1, std::numeric_limits<int>::max()));
}

std::optional<int> LimitOfV1(const std::string& directory) {
  const std::string quota = ReadFile(directory + "/cpu.cfs_quota_us");
  const std::string period = ReadFile(directory + "/cpu.cfs_period_us");
  return Processors(quota, period);  // SimpleAtoi drops the newline
}

std::optional<int> LimitOfV2(const std::string& directory) {
  const std::string text = ReadFile(directory + "/cpu.max");
  const Words words =
      absl::StrSplit(text, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  if (words.empty()) return std::nullopt;
  // Without a period it is the default of 100 ms.
  return Processors(words[0], words.size() > 1 ? words[1] : "100000");
}

// ---- Where the levels are. ----

// A mounted tree of cgroups: `directory` shows what the kernel calls `top`.
struct Hierarchy {
  std::string top;
  std::string directory;
};

// The tightest limit from the cgroup at `path` up to the top of what we see.
template <class LimitOf>
std::optional<int> TightestLimit(const std::string& root,
                                 const Hierarchy& hierarchy,
                                 absl::string_view path, LimitOf limit_of) {
  // What is below the mounted top. A cgroup that lies elsewhere ("/..": outside
  // of our cgroup namespace) has no directory here; the top has.
  std::string below;
  if (absl::ConsumePrefix(&path, hierarchy.top == "/" ? "" : hierarchy.top) &&
      (path.empty() || path.front() == '/') &&
      path.find("/..") == absl::string_view::npos) {
    below = std::string(absl::StripSuffix(path, "/"));
  }
  std::optional<int> tightest;
  for (;;) {
    if (auto limit = limit_of(root + hierarchy.directory + below)) {
      tightest = std::min(*limit, tightest.value_or(*limit));
    }
    if (below.empty()) return tightest;
    below.erase(below.rfind('/'));
  }
}

// mountinfo writes blanks and the like as \040.
std::string Unescape(absl::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) { return text[at] - '0'; };
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>(digit(i + 1) * 64 + digit(i + 2) * 8 +
                                 digit(i + 3));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool Contains(absl::string_view list, absl::string_view word) {
  const Words words = absl::StrSplit(list, ',');
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct Hierarchies {
  // Where they are on every machine we know of, if mountinfo does not say.
  Hierarchy v1{"/", "/sys/fs/cgroup/cpu"};
  Hierarchy v2{"/", "/sys/fs/cgroup"};
};

// See proc(5): "36 35 98:0 /top /directory options [tag]... - type source
// super-options".
Hierarchies FindHierarchies(const std::string& root) {
  Hierarchies found;
  const std::string text = ReadFile(root + "/proc/self/mountinfo");
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(line, absl::MaxSplits(" - ", 1));
    const Words left = absl::StrSplit(halves.first, ' ');
    const Words right = absl::StrSplit(halves.second, ' ');
    if (left.size() < 5 || right.size() < 3) continue;
    const Hierarchy hierarchy{Unescape(left[3]), Unescape(left[4])};
    if (right[0] == "cgroup2") {
      found.v2 = hierarchy;
    } else if (right[0] == "cgroup" && Contains(right[2], "cpu")) {
      found.v1 = hierarchy;
    }
  }
  return found;
}

}  // namespace

std::optional<int> CgroupCpuLimit(const std::string& root) {
  const Hierarchies hierarchies = FindHierarchies(root);
  std::optional<int> tightest;
  const std::string text = ReadFile(root + "/proc/self/cgroup");
  // "0::/path" for version 2, "4:cpu,cpuacct:/path" for version 1. With both
  // mounted the controller is in one of them, and the other has no such files.
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    const Words words = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (words.size() < 3) continue;
    std::optional<int> limit;
    if (words[1].empty()) {
      limit = TightestLimit(root, hierarchies.v2, words[2], LimitOfV2);
    } else if (Contains(words[1], "cpu")) {
      limit = TightestLimit(root, hierarchies.v1, words[2], LimitOfV1);
    }
    if (limit) tightest = std::min(*limit, tightest.value_or(*limit));
  }
  return tightest;
}

int AffinityCpus(GetAffinity get) {
  // The kernel refuses a mask shorter than its own; it has at most 8192
  // processors today.
  for (std::size_t cpus = CPU_SETSIZE; cpus <= (std::size_t{1} << 20);
       cpus *= 2) {
    std::vector<cpu_set_t> mask(cpus / CPU_SETSIZE);
    const std::size_t bytes = mask.size() * sizeof(cpu_set_t);
    if (get(0, bytes, mask.data()) == 0) {
      return std::max(1, CPU_COUNT_S(bytes, mask.data()));
    }
    if (errno != EINVAL) break;
  }
  return static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace pool_internal

int AvailableCpus(const std::string& root) {
  const int affinity = pool_internal::AffinityCpus();
  return std::min(affinity,
                  pool_internal::CgroupCpuLimit(root).value_or(affinity));
}

}  // namespace weft
