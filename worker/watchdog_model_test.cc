// The watchdog under the model checker: its sleep for good, and its end. It is
// a thread of its own; the test's thread is whoever it has to see.

#include <chrono>
#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/worker/shared.h"
#include "weft/worker/testing/model_crew.h"
#include "weft/worker/watchdog.h"

namespace weft::worker_testing {
namespace {

// Two workers without threads.
class Kennel : private WorkerDelegate {
 public:
  explicit Kennel(bool asleep) {
    for (std::uint32_t i = 0; asleep && i < 2; ++i) {
      (void)shared.idle().Announce(i, /*searching=*/false);
    }
  }

  WorkerShared<ModelPolicies> shared{2, *this, /*shards=*/1};
  Watchdog<ModelPolicies> watchdog{shared, std::chrono::milliseconds(1)};

 private:
  void BeforePark(std::uint32_t) override {}
  bool Drained() override { return false; }
  void AfterPark(std::uint32_t) override {}
};

// It sleeps for good after its third look at nobody awake.
constexpr ModelOptions kUntilItSleeps = {.max_timeouts = 2};

TEST(WatchdogModel, StopPublishesWhatCameBeforeIt) {
  ModelCheck([] {
    Kennel kennel(/*asleep=*/false);
    Cell<int> before(0);
    Thread dog([&] {
      kennel.watchdog.Loop();
      model::Assert(before.Get() == 1);
    });
    before.Set(1);
    kennel.watchdog.Stop();
    dog.join();
  });
}

TEST(WatchdogModel, StopWakesItFromItsSleep) {
  ModelCheck(
      [] {
        Kennel kennel(/*asleep=*/true);
        Thread dog([&] { kennel.watchdog.Loop(); });
        kennel.watchdog.Stop();
        dog.join();
      },
      kUntilItSleeps);
}

// A worker wakes while the watchdog falls asleep, and then computes for long
// with a task behind it: the watchdog sends the other one.
TEST(WatchdogModel, AWorkerThatWakesIsWatched) {
  ModelCheck(
      [] {
        Kennel kennel(/*asleep=*/true);
        auto sites = kennel.shared.sites();
        ModelTask task;
        (void)sites[0].slot.Put(&task);
        Thread dog([&] { kennel.watchdog.Loop(); });
        (void)kennel.shared.idle().ClaimSelf(0);
        kennel.watchdog.Poke();
        sites[1].parker.Park();
        model::Assert(sites[0].slot.Take() == &task);
        kennel.watchdog.Stop();
        dog.join();
      },
      kUntilItSleeps);
}

}  // namespace
}  // namespace weft::worker_testing
