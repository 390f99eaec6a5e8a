// The idle protocol (idle_protocol.md) in every order of its steps, on a
// machine with store buffers: no work waits beside a sleeper, the counts are
// right in the end, and nobody goes round for nothing. And each step left out
// fails, which shows that the exploration would notice.
//
// Known bugs W4 (Go #45867, stdexec #1305), W6 (Kotlin #2381), W10 (rayon
// c3a5304d: each rule of the protocol is shown to matter), Tokio #1768 (the
// fence), Tokio #6847 (the last-searcher rule).

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "weft/worker/testing/explorer.h"
#include "weft/worker/testing/idle_model.h"

namespace weft::worker_testing {
namespace {

constexpr std::uint64_t kLimit = 400'000;

Exploration Explore(const IdleModelConfig& config) {
  const IdleModel model(config);
  Exploration result = Explorer<IdleModel>(model).Run(kLimit);
  EXPECT_TRUE(result.complete) << "more than " << kLimit << " states";
  return result;
}

void ExpectRight(const IdleModelConfig& config) {
  SCOPED_TRACE(::testing::Message()
               << +config.workers << " workers, " << +config.asleep
               << " asleep, groups of " << +config.group_size);
  const Exploration result = Explore(config);
  EXPECT_EQ(result.wrong, "");
  // Even one worker and one pusher have this many.
  EXPECT_GE(result.states, 10u);
}

// Every number of sleepers to begin with.
void ExpectRightHoweverManySleep(IdleModelConfig config) {
  for (config.asleep = 0; config.asleep <= config.workers; ++config.asleep) {
    ExpectRight(config);
  }
}

constexpr Pusher kAllPushers[] = {Pusher::kQueue, Pusher::kSlot,
                                  Pusher::kOutside, Pusher::kMover};

IdleModelConfig With(Pusher pusher) {
  IdleModelConfig config;
  config.pushers = {pusher};
  config.pushes = 3;
  if (pusher == Pusher::kMover) config.injected = 3;
  return config;
}

TEST(IdleExplore, OneWorkerConservesWork) {
  for (const Pusher pusher : kAllPushers) {
    IdleModelConfig config = With(pusher);
    config.workers = 1;
    ExpectRightHoweverManySleep(config);
  }
}

TEST(IdleExplore, TwoWorkersConserveWork) {
  for (const Pusher pusher : kAllPushers) {
    ExpectRightHoweverManySleep(With(pusher));
  }
}

TEST(IdleExplore, TwoWorkersOfDifferentGroupsConserveWork) {
  for (const Pusher pusher : kAllPushers) {
    IdleModelConfig config = With(pusher);
    config.group_size = 1;
    ExpectRightHoweverManySleep(config);
  }
}

TEST(IdleExplore, ThreeWorkersConserveWork) {
  for (const Pusher pusher : {Pusher::kSlot, Pusher::kOutside}) {
    IdleModelConfig config = With(pusher);
    config.workers = 3;
    config.asleep = 1;
    config.pushes = 2;
    config.queued = pusher == Pusher::kSlot ? 1 : 0;
    ExpectRight(config);
    config.asleep = 2;
    config.group_size = 2;
    ExpectRight(config);
  }
}

TEST(IdleExplore, TwoPushersAtOnceConserveWork) {
  IdleModelConfig config;
  config.pushers = {Pusher::kSlot, Pusher::kQueue};
  config.workers = 1;
  ExpectRightHoweverManySleep(config);
  config.pushers = {Pusher::kOutside, Pusher::kMover};
  config.injected = 2;
  config.workers = 2;
  config.asleep = 2;
  ExpectRight(config);
}

TEST(IdleExplore, PushersThatAlsoRunWhatTheyQueuedConserveWork) {
  for (const Pusher pusher : {Pusher::kQueue, Pusher::kSlot}) {
    IdleModelConfig config = With(pusher);
    config.pops = true;
    config.queued = 1;
    config.pushes = 2;
    ExpectRightHoweverManySleep(config);
  }
}

TEST(IdleExplore, WorkersThatComeBackForMoreConserveWork) {
  for (const Pusher pusher : kAllPushers) {
    IdleModelConfig config = With(pusher);
    config.finite = true;
    config.pushes = 2;
    ExpectRightHoweverManySleep(config);
  }
}

// A token for a changed mode or a waiter in a task, or one that a claim left
// behind (W6): the worker may be asleep, claimed, searching or running then.
TEST(IdleExplore, W6TokensThatNobodyClaimedForConserveWork) {
  for (const Pusher pusher : kAllPushers) {
    IdleModelConfig config = With(pusher);
    config.pokes = 1;
    config.pushes = 2;
    ExpectRightHoweverManySleep(config);
  }
}

std::string FirstLine(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

void ExpectWrong(Mutant mutant, IdleModelConfig config, const char* what) {
  ExpectRight(config);
  config.mutant = mutant;
  EXPECT_EQ(FirstLine(Explore(config).wrong), what);
}

constexpr char kLost[] = "work waits beside a sleeper";

// Tokio #1768, oneTBB #2136, zio df3f4ba5.
TEST(IdleExploreMutants, WithoutThePushersFenceWorkIsLost) {
  IdleModelConfig config = With(Pusher::kQueue);
  config.workers = 1;
  ExpectWrong(Mutant::kNoFence, config, kLost);
}

TEST(IdleExploreMutants, WithoutTheLookBeforeSleepWorkIsLost) {
  IdleModelConfig config = With(Pusher::kOutside);
  config.workers = 1;
  ExpectWrong(Mutant::kNoRecheck, config, kLost);
}

// W4, Tokio #6847: a worker that the throttle kept from searching goes to sleep
// without a look, after the last searcher has looked for sleepers.
TEST(IdleExploreMutants, W4WhenOnlyTheLastSearcherLooksWorkIsLost) {
  for (const Pusher pusher : {Pusher::kQueue, Pusher::kOutside}) {
    ExpectWrong(Mutant::kLastSearcherOnly, With(pusher), kLost);
  }
}

// W4, Go #45867: the same if every searcher looks, but nobody else.
TEST(IdleExploreMutants, W4WhenOnlySearchersLookWorkIsLost) {
  for (const Pusher pusher : {Pusher::kQueue, Pusher::kOutside}) {
    ExpectWrong(Mutant::kSearchersOnly, With(pusher), kLost);
  }
}

TEST(IdleExploreMutants, WhenTheFinderWakesNobodyWorkIsLost) {
  ExpectWrong(Mutant::kNoChain, With(Pusher::kOutside), kLost);
}

TEST(IdleExploreMutants, WhenTheFinderIgnoresOtherGroupsWorkIsLost) {
  IdleModelConfig config = With(Pusher::kOutside);
  config.group_size = 1;
  ExpectWrong(Mutant::kOwnGroupChain, config, kLost);
}

TEST(IdleExploreMutants, WhenFillingTheSlotBesideAQueuedTaskIsSilentItIsLost) {
  IdleModelConfig config = With(Pusher::kSlot);
  config.pushes = 1;
  config.queued = 1;
  config.asleep = 1;
  ExpectWrong(Mutant::kSilentSlot, config, kLost);
}

TEST(IdleExploreMutants, WhenABatchComesFromTheInjectorSilentlyItIsLost) {
  ExpectWrong(Mutant::kSilentMove, With(Pusher::kMover), kLost);
}

// W19, zio #562: who looks for what nobody may take, looks for ever.
TEST(IdleExploreMutants, WhenTheLookCountsMoreThanThievesTakeItGoesRound) {
  ExpectWrong(Mutant::kLookCountsSingles, With(Pusher::kQueue),
              "a cycle: threads go round without getting anywhere");
}

// W12, Tokio #4383: a worker woken for another reason is no searcher.
TEST(IdleExploreMutants, W12WhenEveryTokenMeansAClaimTheCountIsWrong) {
  IdleModelConfig config = With(Pusher::kQueue);
  config.pokes = 1;
  config.pushes = 2;
  ExpectWrong(Mutant::kTokenMeansClaimed, config,
              "more searchers than workers");
}

TEST(IdleExploreMutants, W12WhenNoTokenMeansAClaimTheCountStaysForEver) {
  ExpectWrong(Mutant::kTokenMeansUnclaimed, With(Pusher::kQueue),
              "somebody counts as searching for ever");
}

}  // namespace
}  // namespace weft::worker_testing
