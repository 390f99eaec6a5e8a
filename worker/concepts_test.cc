// What is no part of a worker, by name: a model that lacks one function, or has
// it with another type, is refused. The messages are in nocompile/.

#include "weft/worker/concepts.h"

#include <chrono>
#include <cstdint>
#include <optional>

#include "gtest/gtest.h"
#include "weft/worker/fairness.h"
#include "weft/worker/idle.h"
#include "weft/worker/observer.h"
#include "weft/worker/parker.h"
#include "weft/worker/victims.h"

namespace weft {
namespace {

struct Nothing {};

struct ParkerWithoutTimeout {
  void Park() {}
  bool Unpark() { return false; }
};
struct ParkerThatDoesNotSayWhetherItWoke : FutexParker {
  void Unpark() {}
};
static_assert(ParkerPolicy<FutexParker>);
static_assert(!ParkerPolicy<Nothing>);
static_assert(!ParkerPolicy<ParkerWithoutTimeout>);
static_assert(!ParkerPolicy<ParkerThatDoesNotSayWhetherItWoke>);

struct IdleOfNobodyInParticular : Idle {
  IdleOfNobodyInParticular() : Idle(1) {}
};
struct IdleThatClaimsByNumber : Idle {
  using Idle::Idle;
  int Claim() { return -1; }
};
struct IdleThatMustBeWrittenToBeRead : Idle {
  using Idle::Idle;
  bool AllAsleep() { return Idle::AllAsleep(); }
};
static_assert(IdlePolicy<Idle>);
static_assert(!IdlePolicy<Nothing>);
static_assert(!IdlePolicy<IdleOfNobodyInParticular>);
static_assert(!IdlePolicy<IdleThatClaimsByNumber>);
static_assert(!IdlePolicy<IdleThatMustBeWrittenToBeRead>);

struct VictimsWithoutSeed : NextVictims {
  VictimsWithoutSeed(std::uint32_t self, std::uint32_t count)
      : NextVictims(self, count, 0) {}
};
static_assert(VictimPolicy<RandomVictims>);
static_assert(!VictimPolicy<Nothing>);
static_assert(!VictimPolicy<VictimsWithoutSeed>);

struct FairnessWithoutPause {
  bool Tick() { return false; }
};
static_assert(FairnessPolicy<FixedFairness>);
static_assert(!FairnessPolicy<Nothing>);
static_assert(!FairnessPolicy<FairnessWithoutPause>);

struct ObserverThatCannotBeRead {
  void Count(WorkerEvent, std::uint64_t) {}
};
static_assert(ObserverPolicy<CountingObserver>);
static_assert(!ObserverPolicy<Nothing>);
static_assert(!ObserverPolicy<ObserverThatCannotBeRead>);

TEST(Concepts, WrongPartsAreRefused) {
  SUCCEED() << "by the compiler: see the static assertions above";
}

}  // namespace
}  // namespace weft
