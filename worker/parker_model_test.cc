// Both parkers under the model checker: no token is lost, each publishes.

#include <chrono>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/worker/parker.h"
#include "weft/worker/retiring_parker.h"

namespace weft {
namespace {

template <class Parker>
class ParkerModel : public ::testing::Test {};
using Parkers = ::testing::Types<FutexParker, CondvarParker, RetiringParker>;
TYPED_TEST_SUITE(ParkerModel, Parkers);

TYPED_TEST(ParkerModel, AParkSeesWhatCameBeforeTheToken) {
  ModelCheck([] {
    TypeParam parker;
    Cell<int> payload(0);
    Thread unparking([&] {
      payload.Set(1);
      parker.Unpark();
    });
    parker.Park();
    model::Assert(payload.Get() == 1);
    unparking.join();
  });
}

// A token that is there already is no excuse for not publishing.
TYPED_TEST(ParkerModel, EveryUnparkPublishes) {
  ModelCheck([] {
    TypeParam parker;
    atomic<int> flags[2] = {0, 0};
    Thread threads[2];
    for (int i = 0; i < 2; ++i) {
      threads[i] = Thread([&parker, &flag = flags[i]] {
        flag.store(1, std::memory_order_relaxed);
        parker.Unpark();
      });
    }
    for (auto& flag : flags) {
      while (flag.load(std::memory_order_relaxed) == 0) parker.Park();
    }
    for (Thread& thread : threads) thread.join();
  });
}

// W7, W16: a token that comes between the look and the sleep.
TYPED_TEST(ParkerModel, W7TwoRounds) {
  ModelCheck([] {
    TypeParam parker, back;
    Thread other([&] {
      parker.Unpark();
      back.Park();
      parker.Unpark();
    });
    parker.Park();
    back.Unpark();
    parker.Park();
    other.join();
  });
}

// A sleep that ends by its time still takes a token that came meanwhile, and a
// token that came later is there for the next.
TYPED_TEST(ParkerModel, ATimeoutAgainstAToken) {
  ModelCheck([] {
    TypeParam parker;
    Cell<int> payload(0);
    Thread unparking([&] {
      payload.Set(1);
      parker.Unpark();
    });
    if (!parker.ParkFor(std::chrono::milliseconds(1))) parker.Park();
    model::Assert(payload.Get() == 1);
    unparking.join();
  });
}

}  // namespace
}  // namespace weft
