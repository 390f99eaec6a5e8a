// Tests that run on each kind of pool on which flows wait differently: counted
// down, and cycling through the queues. They are compiled once.

#ifndef WEFT_DATAFLOW_TESTING_EACH_POOL_H_
#define WEFT_DATAFLOW_TESTING_EACH_POOL_H_

#include <memory>
#include <ostream>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "weft/pool/executor.h"
#include "weft/pool/options.h"
#include "weft/pool/pool.h"
#include "weft/pool/testing/any_pool.h"

namespace weft::testing {

/// One kind; see kPoolKinds.
struct PoolKind {
  const char* name;
  bool cycles;
  std::unique_ptr<AnyPool> (*make)(Options options);
};
extern const PoolKind kPoolKinds[2];
inline void PrintTo(const PoolKind& kind, std::ostream* out) {
  *out << kind.name;
}

/// A fixture whose tests say `Pool`, and get the one that has its turn:
///
///     class FlowTest : public testing::EachPool {};
///     INSTANTIATE_TEST_SUITE_P(, FlowTest, testing::EachPool::Kinds(),
///                              testing::EachPool::NameOf);
class EachPool : public ::testing::TestWithParam<PoolKind> {
 public:
  static auto Kinds() { return ::testing::ValuesIn(kPoolKinds); }
  static std::string NameOf(const ::testing::TestParamInfo<PoolKind>& info) {
    return info.param.name;
  }

 protected:
  /// Whether flows wait in the queues. A canceller of a long chain is slow
  /// then: each cycle finds one more that can end.
  static bool Cycles() { return GetParam().cycles; }

  class Pool {
   public:
    explicit Pool(Options options)
        : pool_(GetParam().make(std::move(options))) {}
    Executor& executor() { return pool_->executor(); }
    absl::Status Shutdown(ShutdownOptions options = {}) {
      return pool_->Shutdown(options);
    }
    template <class B>
    auto Spawn(B&& body) {
      return pool_->Spawn(std::forward<B>(body));
    }
    template <class B>
    auto BlockOn(B&& body) {
      return pool_->BlockOn(std::forward<B>(body));
    }

   private:
    std::unique_ptr<AnyPool> pool_;
  };
};

}  // namespace weft::testing

#endif  // WEFT_DATAFLOW_TESTING_EACH_POOL_H_
