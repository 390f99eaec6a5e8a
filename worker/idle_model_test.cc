// The idle protocol under the model checker, by itself: publishers, and workers
// that fall asleep as worker/idle_protocol.md says. What is published is a
// relaxed count, so that nothing but the protocol orders it. The same protocol
// with every step an atom is idle_explore_test.cc.

#include <cstdint>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/fence.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/worker/idle.h"
#include "weft/worker/idle_state.h"
#include "weft/worker/parker.h"

namespace weft {
namespace {

// Work that anybody may take, and workers who do nothing else.
template <std::uint32_t kWorkers>
class Site {
 public:
  explicit Site(int tasks) { left_.store(tasks, std::memory_order_relaxed); }

  void Publish() {
    work_.fetch_add(1, std::memory_order_relaxed);
    if (auto worker = idle_.Claim()) parkers_[*worker].Unpark();
  }

  void Work(std::uint32_t me) {
    bool searching = false;
    while (left_.load(std::memory_order_relaxed) > 0) {
      if (!searching) searching = idle_.StartSearching(me);
      if (searching && Take()) {
        searching = false;
        if (idle_.StopSearching(me) && Visible()) {
          if (auto other = idle_.Claim()) parkers_[*other].Unpark();
        }
        if (left_.fetch_sub(1, std::memory_order_relaxed) == 1) End();
        continue;
      }
      if (idle_.Announce(me, std::exchange(searching, false))) {
        FullFence();
        if (Visible()) {
          searching = true;
          if (!idle_.ClaimSelf(me)) parkers_[me].Park();
          continue;
        }
      }
      parkers_[me].Park();
      searching = idle_.Retract(me);
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
  Idle idle_{kWorkers};
  FutexParker parkers_[kWorkers];
};

TEST(IdleModel, OneWorkerAndOneTask) {
  ModelCheck([] {
    Site<1> site(1);
    Thread worker([&] { site.Work(0); });
    site.Publish();
    worker.join();
  });
}

TEST(IdleModel, OneWorkerAndTwoTasks) {
  ModelCheck([] {
    Site<1> site(2);
    Thread worker([&] { site.Work(0); });
    site.Publish();
    site.Publish();
    worker.join();
  });
}

TEST(IdleModel, OneWorkerAndTwoPublishers) {
  ModelCheck([] {
    Site<1> site(2);
    Thread worker([&] { site.Work(0); });
    Thread other([&] { site.Publish(); });
    site.Publish();
    worker.join();
    other.join();
  });
}

TEST(IdleModel, TwoWorkersAndOneTask) {
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

// The look before sleep (Dekker), alone: exhaustive.
TEST(IdleModel, APublisherAgainstAnAnnouncement) {
  ModelCheck([] {
    Idle idle(1);
    atomic<int> work(0);
    bool claimed = false, seen = false;
    Thread publisher([&] {
      work.store(1, std::memory_order_relaxed);
      claimed = idle.Claim().has_value();
    });
    if (idle.Announce(0, /*searching=*/false)) {
      FullFence();
      seen = work.load(std::memory_order_relaxed) != 0;
    }
    publisher.join();
    model::Assert(claimed || seen, "one of them sees the other");
  });
}

// Two publishers claim two sleepers, never the same one.
TEST(IdleModel, TwoClaimsAreOfTwoWorkers) {
  ModelCheck([] {
    Idle idle(2);
    (void)idle.Announce(0, false);
    (void)idle.Announce(1, false);
    std::uint32_t claimed[2] = {9, 9};
    Thread other([&] { claimed[0] = idle.ClaimAnother().value_or(9); });
    claimed[1] = idle.ClaimAnother().value_or(9);
    other.join();
    model::Assert(claimed[0] + claimed[1] == 1, "both are woken");
  });
}

// W6 (Kotlin #2381), W12: a worker that gives up its sleep by itself, against
// the claim of it. Whoever lost knows.
TEST(IdleModel, W6ClaimSelfAgainstAClaim) {
  ModelCheck([] {
    Idle idle(1);
    (void)idle.Announce(0, false);
    bool claimed = false;
    Thread claimer([&] { claimed = idle.Claim().has_value(); });
    const bool mine = idle.ClaimSelf(0);
    claimer.join();
    model::Assert(mine != claimed, "one of them has it");
    model::Assert(idle.StopSearching(0) == false, "and it is counted once");
  });
}

TEST(IdleModel, W6RetractAgainstAClaim) {
  ModelCheck([] {
    Idle idle(1);
    (void)idle.Announce(0, false);
    bool claimed = false;
    Thread claimer([&] { claimed = idle.Claim().has_value(); });
    const bool learned = idle.Retract(0);
    claimer.join();
    model::Assert(learned == claimed, "it knows whether it was claimed");
  });
}

// A worker that learns of its claim from the word sees what it was claimed for.
TEST(IdleModel, AClaimPublishes) {
  ModelCheck([] {
    Idle idle(1);
    Cell<int> work(0);
    (void)idle.Announce(0, false);
    Thread claimer([&] {
      work.Set(1);
      (void)idle.Claim();
    });
    if (idle.Retract(0)) model::Assert(work.Get() == 1);
    claimer.join();
  });
}

// The same for one that gives up its sleep by itself: it may find an older
// token and not that of the claim.
TEST(IdleModel, AClaimPublishesToClaimSelf) {
  ModelCheck([] {
    Idle idle(1);
    Cell<int> work(0);
    (void)idle.Announce(0, false);
    Thread claimer([&] {
      work.Set(1);
      (void)idle.Claim();
    });
    if (!idle.ClaimSelf(0)) model::Assert(work.Get() == 1);
    claimer.join();
  });
}

// A publisher leaves its work to the worker that searches; that one has found
// other work, and looks, or tells the one that sleeps.
TEST(IdleModel, APublisherAgainstTheLastSearcher) {
  ModelCheck([] {
    Idle idle(2);
    atomic<int> work(0);
    (void)idle.StartSearching(0);
    (void)idle.Announce(1, false);
    bool claimed = false, seen = false;
    Thread publisher([&] {
      work.store(1, std::memory_order_relaxed);
      claimed = idle.Claim().has_value();
    });
    if (idle.StopSearching(0)) {
      seen = work.load(std::memory_order_relaxed) != 0;
    }
    publisher.join();
    model::Assert(claimed || seen, "one of them sees the other");
  });
}

// What a searcher has moved into its own queue is visible to whoever stops
// searching after it, and looks.
TEST(IdleModel, WhoLeavesTheSearchShowsWhatItMoved) {
  ModelCheck([] {
    Idle idle(4);
    atomic<int> moved(0);
    (void)idle.StartSearching(0);
    (void)idle.StartSearching(1);
    (void)idle.Announce(2, false);
    Thread first([&] {
      moved.store(1, std::memory_order_relaxed);
      (void)idle.StopSearching(0);
    });
    if (idle.StopSearching(1)) {
      model::Assert(moved.load(std::memory_order_relaxed) == 1);
    }
    first.join();
  });
}

TEST(IdleModel, WhoFallsAsleepSeesWhatASearcherMoved) {
  ModelCheck([] {
    Idle idle(4);
    atomic<int> moved(0);
    (void)idle.StartSearching(0);
    Thread first([&] {
      moved.store(1, std::memory_order_relaxed);
      (void)idle.StopSearching(0);
    });
    if (idle.Announce(1, /*searching=*/false)) {
      FullFence();
      model::Assert(moved.load(std::memory_order_relaxed) == 1);
    }
    first.join();
  });
}

// Who sees all asleep sees what they did before.
TEST(IdleModel, AllAsleepSeesWhatTheSleepersDid) {
  ModelCheck([] {
    Idle idle(1);
    Cell<int> done(0);
    Thread worker([&] {
      done.Set(1);
      (void)idle.Announce(0, false);
    });
    if (idle.AllAsleep()) model::Assert(done.Get() == 1);
    worker.join();
  });
}

// Two groups, of which the first has one worker less asleep than it has.
class TwoGroups {
 public:
  static constexpr std::uint32_t kOther = IdleState::kWorkers;

  TwoGroups() {
    for (std::uint32_t i = 1; i < kOther; ++i) (void)idle.Announce(i, false);
  }

  Idle idle{kOther + 1};
};

// Of the last two that fall asleep, one sees that all do.
TEST(IdleModel, TheLastOfTwoGroupsSeesThatAllSleep) {
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

// A worker of the second group wakes one of the first and falls asleep: at no
// moment do all sleep, whatever a look at one after the other shows.
TEST(IdleModel, AWakeBetweenTheLooksIsSeen) {
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
