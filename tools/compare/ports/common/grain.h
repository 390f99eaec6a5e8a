#ifndef WEFT_TOOLS_COMPARE_PORTS_COMMON_GRAIN_H_
#define WEFT_TOOLS_COMPARE_PORTS_COMMON_GRAIN_H_

#include <cstdint>

namespace weft::compare {

/// For flow_wide_work: works for a while and gives one, which no compiler
/// knows.
inline std::int64_t Grain(std::int64_t seed) {
  std::uint64_t x = static_cast<std::uint64_t>(seed) | 1;
  for (int i = 0; i < 1000; ++i) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  return x != 0 ? 1 : 0;
}

}  // namespace weft::compare

#endif  // WEFT_TOOLS_COMPARE_PORTS_COMMON_GRAIN_H_
