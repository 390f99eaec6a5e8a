#ifndef WEFT_POOL_TESTING_STRESS_SIZE_H_
#define WEFT_POOL_TESTING_STRESS_SIZE_H_

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "weft/base/test_seed.h"

namespace weft::testing {

/// `full` in an ordinary build, and wherever the environment has
/// WEFT_STRESS=full; a tenth of it where a sanitizer or model mode makes
/// everything some ten times dearer.
inline std::uint64_t StressSize(std::uint64_t full) {
  const char* asked = std::getenv("WEFT_STRESS");
  if (asked != nullptr && std::string_view(asked) == "full") return full;
  return StressIterations(full);
}

}  // namespace weft::testing

#endif  // WEFT_POOL_TESTING_STRESS_SIZE_H_
