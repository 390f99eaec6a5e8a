#include "weft/tools/bench/schedulers.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "weft/pool/cycling.h"
#include "weft/pool/pool.h"
#include "weft/pool/ramping.h"
#include "weft/pool/sharded.h"
#include "weft/pool/single_queue.h"
#include "weft/pool/tokio01.h"
#include "weft/tools/bench/names.h"

namespace weft::bench {
namespace {

template <class Pool>
class PoolOf final : public AnyPool {
 public:
  explicit PoolOf(Pool pool) : pool_(std::move(pool)) {}
  Executor& executor() override { return pool_.executor(); }

 private:
  Pool pool_;
};

template <class Pool>
absl::StatusOr<std::unique_ptr<AnyPool>> Create(Options options) {
  absl::StatusOr<Pool> pool = Pool::Create(std::move(options));
  if (!pool.ok()) return pool.status();
  return std::make_unique<PoolOf<Pool>>(*std::move(pool));
}

struct Scheduler {
  std::string_view name;
  absl::StatusOr<std::unique_ptr<AnyPool>> (*create)(Options options);
};

constexpr Scheduler kTable[] = {
    {kWeft, Create<Pool>},           {kSingleQueue, Create<SingleQueuePool>},
    {kSharded, Create<ShardedPool>}, {kTokio01, Create<Tokio01Pool>},
    {kRamping, Create<RampingPool>}, {kCycling, Create<CyclingPool>},
};

}  // namespace

absl::StatusOr<std::unique_ptr<AnyPool>> CreatePool(std::string_view scheduler,
                                                    Options options) {
  for (const Scheduler& one : kTable) {
    if (one.name == scheduler) return one.create(std::move(options));
  }
  return absl::InvalidArgumentError("there is no scheduler '" +
                                    std::string(scheduler) + "'");
}

}  // namespace weft::bench
