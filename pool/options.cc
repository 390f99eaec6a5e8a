#include "weft/pool/options.h"

#include <bit>

#include "absl/strings/str_cat.h"

namespace weft {

absl::Status Options::Validate() const {
  if (workers < 0 || workers > kMaxWorkers) {
    return absl::InvalidArgumentError(
        absl::StrCat("Options::workers is ", workers, "; it must be 0 to ",
                     kMaxWorkers, " (0: one for each processor)"));
  }
  if (watchdog_period.count() < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("Options::watchdog_period is ", watchdog_period.count(),
                     " ns; it must be positive, or 0 for none"));
  }
  if (watchdog_period > std::chrono::hours(1)) {
    return absl::InvalidArgumentError(
        "Options::watchdog_period is more than an hour");
  }
  if (injector_shards < 0 || injector_shards > 64 ||
      (injector_shards > 0 &&
       !std::has_single_bit(static_cast<unsigned>(injector_shards)))) {
    return absl::InvalidArgumentError(
        absl::StrCat("Options::injector_shards is ", injector_shards,
                     "; it must be a power of two up to 64, or 0 for the "
                     "default"));
  }
  return absl::OkStatus();
}

}  // namespace weft
