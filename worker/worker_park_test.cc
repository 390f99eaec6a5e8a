// How a worker goes to sleep, and what it takes itself for when it wakes.

#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "weft/worker/testing/crew.h"

namespace weft::worker_testing {
namespace {

// An injector that lets the test act while a worker looks at it.
struct WatchedInjector : StepPolicies::Injector {
  static inline std::function<void()> when_looked_at;
  bool Empty() const {
    if (when_looked_at) when_looked_at();
    return StepPolicies::Injector::Empty();
  }
};
struct WatchedPolicies : StepPolicies {
  using Injector = WatchedInjector;
};

struct WatchedCrew : Crew<WatchedPolicies> {
  using Crew<WatchedPolicies>::Crew;
  ~WatchedCrew() override { WatchedInjector::when_looked_at = nullptr; }

  /// Does `act` during worker `i`'s next look between saying that it sleeps and
  /// sleeping.
  void DuringTheLastLookOf(std::uint32_t i, std::function<void()> act) {
    WatchedInjector::when_looked_at = [this, i, act = std::move(act)] {
      if (!shared.idle().Asleep(i)) return;
      auto once = act;
      WatchedInjector::when_looked_at = nullptr;
      once();
    };
  }
};

// Nobody is counted as searching: new work wakes a sleeper.
template <class SomeCrew>
void ExpectNobodySearches(SomeCrew& crew) {
  auto sleeper = crew.shared.idle().Claim();
  ASSERT_TRUE(sleeper.has_value());
  EXPECT_TRUE(crew.shared.idle().Retract(*sleeper)) << "claimed";
  (void)crew.shared.idle().Announce(*sleeper, /*searching=*/true);
}

TEST(WorkerPark, AWorkerWithNothingToDoSleeps) {
  Crew<> crew(2);
  crew.parker(0).while_asleep = [&] {
    EXPECT_TRUE(crew.shared.idle().Asleep(0));
    ExpectNobodySearches(crew);
  };
  crew.Step(0);
  EXPECT_EQ(crew.parker(0).parks, 1);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kPark), 1u);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSearch), 1u);
  EXPECT_FALSE(crew.shared.idle().Asleep(0));
  EXPECT_EQ(crew.after_parks, 1);
}

// Known bugs W15, Tokio #7834: a hook makes work; the worker must not sleep.
TEST(WorkerPark, W15WorkThatTheHookMakesIsRunInsteadOfSleeping) {
  Crew<> crew(2);
  crew.before_park = [&] {
    crew.before_park = nullptr;
    crew.worker(0).Schedule(crew.Task('h'));
  };
  crew.Step(0, 2);
  EXPECT_EQ(crew.order, "h");
  EXPECT_EQ(crew.parker(0).parks, 0);
  EXPECT_EQ(crew.after_parks, 0);
  ASSERT_TRUE(crew.PutToSleep(1));
  ExpectNobodySearches(crew);
}

TEST(WorkerPark, W15SoIsWorkThatTheHookInjects) {
  Crew<> crew(2);
  crew.before_park = [&] {
    crew.before_park = nullptr;
    crew.shared.Inject(crew.Task('h'));
  };
  crew.Step(0, 2);
  EXPECT_EQ(crew.order, "h");
  EXPECT_EQ(crew.parker(0).parks, 0);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kRecheckHit), 1u);
}

// The push came after the search and before the worker said that it sleeps: the
// pusher saw a searcher, and left it to him.
TEST(WorkerPark, WorkThatCameDuringTheSearchIsFoundByTheLastLook) {
  WatchedCrew crew(2);
  crew.DuringTheLastLookOf(
      0, [&] { EXPECT_TRUE(crew.shared.injector().Push(crew.Task('a'))); });
  crew.Step(0, 2);
  EXPECT_EQ(crew.order, "a");
  EXPECT_EQ(crew.Count(0, WorkerEvent::kRecheckHit), 1u);
  EXPECT_EQ(crew.parker(0).parks, 0);
  EXPECT_EQ(crew.after_parks, 1) << "it was asleep, as far as others know";
  ASSERT_TRUE(crew.PutToSleep(1));
  ExpectNobodySearches(crew);
}

// Known bugs W6, Kotlin #2381: claimed while it looks. The token that is on its
// way belongs to this sleep and must not end the next.
TEST(WorkerPark, W6AWorkerClaimedDuringItsLastLookTakesTheToken) {
  WatchedCrew crew(2);
  crew.DuringTheLastLookOf(0, [&] { crew.shared.Inject(crew.Task('a')); });
  crew.Step(0);
  EXPECT_EQ(crew.parker(0).unparks, 1);
  EXPECT_EQ(crew.parker(0).parks, 1) << "for the token";
  EXPECT_FALSE(crew.parker(0).token);
  crew.Step(0);
  EXPECT_EQ(crew.order, "a");
  ASSERT_TRUE(crew.PutToSleep(1));
  ExpectNobodySearches(crew);
}

// Known bugs W6: the claim is of this sleep, the token of an older one; the
// claim's own token comes late. No wake is lost, no count is wrong.
TEST(WorkerPark, W6AClaimWhoseTokenComesLateCounts) {
  Crew<> crew(2);
  crew.parker(0).while_asleep = [&] {
    ASSERT_TRUE(crew.shared.injector().Push(crew.Task('a')));
    EXPECT_EQ(crew.shared.idle().Claim(), std::optional<std::uint32_t>(0));
  };
  crew.Step(0, 2);
  EXPECT_EQ(crew.order, "a");
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSearch), 1u)
      << "before it slept; afterwards the injector came first";
  // Now the token comes, and ends a sleep for which nobody claimed.
  crew.parker(0).while_asleep = [&] { crew.parker(0).Unpark(); };
  crew.Step(0);
  EXPECT_FALSE(crew.shared.idle().Asleep(0));
  ASSERT_TRUE(crew.PutToSleep(1));
  ExpectNobodySearches(crew);
}

TEST(WorkerPark, AWorkerWokenWithoutAClaimIsNoSearcher) {
  Crew<> crew(2);
  crew.parker(0).while_asleep = [&] { crew.parker(0).Unpark(); };
  crew.Step(0);
  ASSERT_TRUE(crew.PutToSleep(1));
  ExpectNobodySearches(crew);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kUselessWake), 0u);
}

// A searcher that leaves its loop leaves what it was woken for to another.
TEST(WorkerPark, ASearcherThatStopsHandsTheSearchOn) {
  Crew<> crew(3);
  ASSERT_TRUE(crew.PutToSleep(2));
  crew.parker(1).while_asleep = [&] { crew.shared.Inject(crew.Task('a')); };
  crew.Step(1);
  EXPECT_EQ(crew.order, "");
  EXPECT_EQ(crew.parker(2).unparks, 1);
}

// The throttle keeps all but half from searching, not from the last look.
TEST(WorkerPark, AWorkerKeptFromSearchingStillLooksBeforeItSleeps) {
  WatchedCrew crew(2);
  ASSERT_TRUE(crew.shared.idle().StartSearching(1));
  crew.before_park = [&] {
    crew.before_park = nullptr;
    // The only searcher finds something; nobody sleeps yet, so it wakes nobody.
    EXPECT_FALSE(crew.shared.idle().StopSearching(1));
    EXPECT_TRUE(crew.shared.injector().Push(crew.Task('a')));
  };
  crew.Step(0, 2);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kSearch), 0u);
  EXPECT_EQ(crew.Count(0, WorkerEvent::kRecheckHit), 1u);
  EXPECT_EQ(crew.order, "a");
}

TEST(WorkerPark, AWorkerThatSleepsBesideASearcherDoesNotLook) {
  WatchedCrew crew(2);
  ASSERT_TRUE(crew.shared.idle().StartSearching(1));
  bool looked = false;
  crew.DuringTheLastLookOf(0, [&] { looked = true; });
  crew.Step(0);
  EXPECT_FALSE(looked);
  EXPECT_EQ(crew.parker(0).parks, 1);
}

// Known bugs W12, Tokio #7910: whatever happened to a worker, in the end it is
// neither asleep nor searching, and the count is not off.
TEST(WorkerPark, W12AfterItsLoopAWorkerIsNeitherAsleepNorSearching) {
  Crew<> crew(3);
  const std::function<void()> events[] = {
      [&] { crew.shared.Inject(crew.Task('a')); },
      [&] { crew.parker(0).Unpark(); },
      [&] { (void)crew.shared.idle().Claim(); },
      [&] { (void)crew.shared.idle().ClaimAnother(); },
      [] {},
  };
  for (const auto& event : events) {
    for (int steps = 1; steps <= 4; ++steps) {
      crew.parker(0).while_asleep = event;
      crew.Step(0, steps);
      EXPECT_FALSE(crew.shared.idle().Asleep(0));
      ASSERT_TRUE(crew.PutToSleep(1)) << "nobody searches";
      EXPECT_FALSE(crew.shared.idle().Retract(1));
      while (TaskHeader* task = crew.worker(0).TakeAny()) task->Run();
      crew.parker(0).while_asleep = nullptr;
    }
  }
}

TEST(WorkerPark, StopWakesEverybodyAndEndsTheLoop) {
  Crew<> crew(2);
  crew.parker(0).while_asleep = [&] { crew.shared.SetMode(RunMode::kStop); };
  crew.worker(0).Loop();
  EXPECT_EQ(crew.unparks(), 2);
  EXPECT_EQ(crew.parker(0).parks, 1);
}

TEST(WorkerPark, TheModeNeverGoesBack) {
  Crew<> crew(1);
  EXPECT_EQ(crew.shared.mode(), RunMode::kRun);
  crew.shared.SetMode(RunMode::kStop);
  crew.shared.SetMode(RunMode::kDrain);
  EXPECT_EQ(crew.shared.mode(), RunMode::kStop);
}

TEST(WorkerPark, ADrainEndsWhenTheDelegateSaysThatNothingIsLeft) {
  Crew<> crew(2);
  crew.shared.SetMode(RunMode::kDrain);
  crew.Step(0);
  EXPECT_EQ(crew.shared.mode(), RunMode::kDrain);
  crew.drained = true;
  crew.worker(0).Loop();
  EXPECT_EQ(crew.shared.mode(), RunMode::kStop);
  EXPECT_EQ(crew.parker(1).unparks, 2) << "once for each change";
}

TEST(WorkerPark, WithoutADrainTheDelegateIsNotAsked) {
  Crew<> crew(1);
  crew.drained = true;
  crew.Step(0);
  EXPECT_EQ(crew.shared.mode(), RunMode::kRun);
}

// A task that waits for something from outside: its worker sleeps inside it,
// and is woken by a token alone.
TEST(WorkerPark, AWorkerMaySleepInsideATask) {
  Crew<> crew(1);
  bool ready = false;
  crew.worker(0).Schedule(
      crew.Task('a', [&] { crew.worker(0).RunWhile([&] { return !ready; }); }));
  crew.parker(0).while_asleep = [&] {
    EXPECT_TRUE(crew.shared.idle().AllAsleep());
    ready = true;
    crew.parker(0).Unpark();
  };
  crew.Step(0);
  EXPECT_EQ(crew.order, "a");
  EXPECT_TRUE(ready);
}

}  // namespace
}  // namespace weft::worker_testing
