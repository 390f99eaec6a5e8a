#ifndef WEFT_TOOLS_BENCH_SCHEDULERS_H_
#define WEFT_TOOLS_BENCH_SCHEDULERS_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "weft/pool/executor.h"
#include "weft/pool/options.h"

namespace weft::bench {

/// A pool whose type is forgotten. Destroying it ends the pool.
class AnyPool {
 public:
  virtual ~AnyPool() = default;
  /// To spawn on.
  virtual Executor& executor() = 0;
};

/// A pool of the scheduler that names.h has by this name; or what
/// BasicPool::Create says is wrong.
absl::StatusOr<std::unique_ptr<AnyPool>> CreatePool(std::string_view scheduler,
                                                    Options options);

}  // namespace weft::bench

#endif  // WEFT_TOOLS_BENCH_SCHEDULERS_H_
