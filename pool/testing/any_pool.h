#ifndef WEFT_POOL_TESTING_ANY_POOL_H_
#define WEFT_POOL_TESTING_ANY_POOL_H_

// A pool whose type is forgotten, so that one test, compiled once, runs on
// many: what it spawns knows an Executor only.

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "weft/pool/executor.h"
#include "weft/pool/metrics.h"
#include "weft/pool/options.h"
#include "weft/pool/pool.h"
#include "weft/pool/spawn.h"
#include "weft/worker/inbox.h"

namespace weft::testing {

/// The interface of BasicPool, as far as tests of all pools need it.
class AnyPool {
 public:
  virtual ~AnyPool() = default;
  virtual Executor& executor() = 0;
  virtual absl::Status Shutdown(ShutdownOptions options = {}) = 0;
  virtual PoolMetrics Metrics() const = 0;
  /// Whether tasks stay on the worker they were spawned on.
  virtual bool pinned() const = 0;

  template <class B>
  auto Spawn(B&& body) {
    return SpawnOn(executor(), std::forward<B>(body));
  }
  template <class B>
  void SpawnDetached(B&& body) {
    SpawnDetachedOn(executor(), std::forward<B>(body));
  }
  template <class B>
  auto BlockOn(B&& body) {
    return Spawn(std::forward<B>(body)).Join().value();
  }
};

/// A pool of the parts `Policies`.
template <class Policies>
std::unique_ptr<AnyPool> MakeAnyPool(Options options) {
  class Pool final : public AnyPool {
   public:
    explicit Pool(Options options) : pool_(std::move(options)) {}
    Executor& executor() override { return pool_.executor(); }
    absl::Status Shutdown(ShutdownOptions options) override {
      return pool_.Shutdown(options);
    }
    PoolMetrics Metrics() const override { return pool_.Metrics(); }
    bool pinned() const override { return kPinned<Policies>; }

   private:
    BasicPool<Policies> pool_;
  };
  return std::make_unique<Pool>(std::move(options));
}

}  // namespace weft::testing

#endif  // WEFT_POOL_TESTING_ANY_POOL_H_
