// The rule of RampingIdle under the model checker: what it adds to the text's,
// each for itself, and workers that live by it. What is published is a relaxed
// count, so that nothing but the protocol orders it.

#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/fence.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/worker/idle_state.h"
#include "weft/worker/parker.h"
#include "weft/worker/ramping_idle.h"

namespace weft {
namespace {

// Workers who take from one heap, as Worker::Park and HandSearchOn do.
template <std::uint32_t kWorkers>
class Site {
 public:
  explicit Site(int tasks) { left_.store(tasks, std::memory_order_relaxed); }

  // From outside.
  void Publish() {
    work_.fetch_add(1, std::memory_order_relaxed);
    if (auto worker = idle_.Claim()) parkers_[*worker].Unpark();
  }
  // By a worker that then does something else.
  void Push() {
    work_.fetch_add(1, std::memory_order_relaxed);
    if (auto worker = idle_.ClaimIfAlone()) parkers_[*worker].Unpark();
  }

  void Work(std::uint32_t me) {
    while (left_.load(std::memory_order_relaxed) > 0) {
      if (Take()) {
        if (idle_.StopSearching(me) && Visible()) {
          if (auto other = idle_.Claim()) parkers_[*other].Unpark();
        }
        if (left_.fetch_sub(1, std::memory_order_relaxed) == 1) End();
        continue;
      }
      (void)idle_.Announce(me, true);
      FullFence();
      if (Visible()) {
        if (!idle_.ClaimSelf(me)) parkers_[me].Park();
        continue;
      }
      parkers_[me].Park();
      (void)idle_.Retract(me);
    }
  }

 private:
  bool Visible() const { return work_.load(std::memory_order_relaxed) > 0; }
  bool Take() {
    int n = work_.load(std::memory_order_relaxed);
    return n > 0 &&
           work_.compare_exchange_strong(n, n - 1, std::memory_order_relaxed,
                                         std::memory_order_relaxed);
  }
  void End() {
    for (FutexParker& parker : parkers_) parker.Unpark();
  }

  atomic<int> work_{0};
  atomic<int> left_{0};
  RampingIdle idle_{kWorkers};
  FutexParker parkers_[kWorkers];
};

TEST(RampingIdleModel, OneWorkerAndTwoTasks) {
  ModelCheck([] {
    Site<1> site(2);
    Thread worker([&] { site.Work(0); });
    site.Publish();
    site.Publish();
    worker.join();
  });
}

// Worker 0 pushes and does not help, as one that has a long task. Both of the
// others sleep, or are about to.
TEST(RampingIdleModel, ThePushOfALoneWorkerIsTaken) {
  ModelCheck([] {
    Site<2> site(1);
    Thread worker([&] { site.Work(1); });
    site.Push();
    worker.join();
  });
}

TEST(RampingIdleModel, TwoPushesOfALoneWorkerAreTaken) {
  ModelCheck(
      [] {
        Site<3> site(2);
        Thread first([&] { site.Work(1); });
        Thread second([&] { site.Work(2); });
        site.Push();
        site.Push();
        first.join();
        second.join();
      },
      {.max_deviations = 4, .samples = true});
}

TEST(RampingIdleModel, TwoWorkersAndATaskFromOutside) {
  ModelCheck(
      [] {
        Site<2> site(1);
        Thread first([&] { site.Work(0); });
        Thread second([&] { site.Work(1); });
        site.Publish();
        first.join();
        second.join();
      },
      {.max_deviations = 4, .samples = true});
}

// ---- Each step for itself: exhaustive. ----

template <class Claim>
void PublisherAgainstSleeper(std::uint32_t workers, Claim claim) {
  RampingIdle idle(workers);
  atomic<int> work(0);
  bool claimed = false;
  Thread publisher([&] {
    work.store(1, std::memory_order_relaxed);
    claimed = claim(idle);
  });
  (void)idle.Announce(1, true);
  FullFence();
  const bool seen = work.load(std::memory_order_relaxed) != 0;
  publisher.join();
  model::Assert(claimed || seen, "one of them sees the other");
}

TEST(RampingIdleModel, WorkFromOutsideAgainstAnAnnouncement) {
  ModelCheck([] {
    PublisherAgainstSleeper(
        2, [](RampingIdle& idle) { return idle.Claim().has_value(); });
  });
}

TEST(RampingIdleModel, APushAgainstAnAnnouncement) {
  ModelCheck([] {
    PublisherAgainstSleeper(
        2, [](RampingIdle& idle) { return idle.ClaimIfAlone().has_value(); });
  });
}

TEST(RampingIdleModel, AThiefThatLeavesSomethingAgainstAnAnnouncement) {
  ModelCheck([] {
    PublisherAgainstSleeper(
        2, [](RampingIdle& idle) { return idle.StopSearching(0); });
  });
}

// Of two groups: the pusher's other siblings sleep, the last is about to.
TEST(RampingIdleModel, APushAgainstTheLastOfTwoGroups) {
  ModelCheck([] {
    constexpr std::uint32_t kOther = IdleState::kWorkers;
    RampingIdle idle(kOther + 1);
    for (std::uint32_t i = 1; i < kOther; ++i) (void)idle.Announce(i, false);
    atomic<int> work(0);
    bool claimed = false;
    Thread pusher([&] {
      work.store(1, std::memory_order_relaxed);
      claimed = idle.ClaimIfAlone().has_value();
    });
    (void)idle.Announce(kOther, true);
    FullFence();
    const bool seen = work.load(std::memory_order_relaxed) != 0;
    pusher.join();
    model::Assert(claimed || seen, "one of them sees the other");
  });
}

TEST(RampingIdleModel, TwoClaimsAreOfTwoWorkers) {
  ModelCheck([] {
    RampingIdle idle(2);
    (void)idle.Announce(0, false);
    (void)idle.Announce(1, false);
    std::uint32_t claimed[2] = {9, 9};
    Thread other([&] { claimed[0] = idle.ClaimAnother().value_or(9); });
    claimed[1] = idle.ClaimAnother().value_or(9);
    other.join();
    model::Assert(claimed[0] + claimed[1] == 1, "both are woken");
  });
}

TEST(RampingIdleModel, AClaimPublishesAndIsKnown) {
  ModelCheck([] {
    RampingIdle idle(1);
    Cell<int> work(0);
    (void)idle.Announce(0, false);
    bool claimed = false;
    Thread claimer([&] {
      work.Set(1);
      claimed = idle.Claim().has_value();
    });
    const bool learned = idle.Retract(0);
    if (learned) model::Assert(work.Get() == 1);
    claimer.join();
    model::Assert(learned == claimed, "it knows whether it was claimed");
  });
}

TEST(RampingIdleModel, WhoIsSeenAsleepShowsWhatItDid) {
  ModelCheck([] {
    RampingIdle idle(1);
    Cell<int> done(0);
    Thread worker([&] {
      done.Set(1);
      (void)idle.Announce(0, false);
    });
    if (idle.Asleep(0)) model::Assert(done.Get() == 1);
    worker.join();
  });
}

TEST(RampingIdleModel, AllAsleepSeesWhatTheSleepersDid) {
  ModelCheck([] {
    RampingIdle idle(1);
    Cell<int> done(0);
    Thread worker([&] {
      done.Set(1);
      (void)idle.Announce(0, false);
    });
    if (idle.AllAsleep()) model::Assert(done.Get() == 1);
    worker.join();
  });
}

class TwoGroups {
 public:
  static constexpr std::uint32_t kOther = IdleState::kWorkers;

  TwoGroups() {
    for (std::uint32_t i = 1; i < kOther; ++i) (void)idle.Announce(i, false);
  }

  RampingIdle idle{kOther + 1};
};

TEST(RampingIdleModel, TheLastOfTwoGroupsSeesThatAllSleep) {
  ModelCheck([] {
    TwoGroups groups;
    bool seen[2] = {false, false};
    Thread other([&] {
      (void)groups.idle.Announce(TwoGroups::kOther, false);
      seen[1] = groups.idle.AllAsleep();
    });
    (void)groups.idle.Announce(0, false);
    seen[0] = groups.idle.AllAsleep();
    other.join();
    model::Assert(seen[0] || seen[1]);
  });
}

TEST(RampingIdleModel, AWakeBetweenTheLooksIsSeen) {
  ModelCheck([] {
    TwoGroups groups;
    (void)groups.idle.Announce(0, false);
    Thread other([&] {
      (void)groups.idle.ClaimAnother();
      (void)groups.idle.Announce(TwoGroups::kOther, false);
    });
    model::Assert(!groups.idle.AllAsleep(), "somebody is awake");
    other.join();
  });
}

}  // namespace
}  // namespace weft
