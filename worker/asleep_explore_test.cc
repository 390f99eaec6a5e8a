// Two small protocols around "all are asleep", in every order of their steps:
// Idle::AllAsleep with more than one group, and the watchdog's deep sleep. With
// a step left out each goes wrong.

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "weft/worker/idle_state.h"
#include "weft/worker/testing/explorer.h"

namespace weft::worker_testing {
namespace {

constexpr std::uint64_t kLimit = 200'000;
constexpr int kWorkers = 3;  // each is a group of its own

template <class Model>
std::string WhatGoesWrong(const Model& model) {
  const Exploration result = Explorer<Model>(model).Run(kLimit);
  EXPECT_TRUE(result.complete);
  EXPECT_TRUE(!result.wrong.empty() || result.states >= 50);
  return result.wrong.substr(0, result.wrong.find('\n'));
}

IdleState After(IdleState state, bool asleep) {
  return asleep ? IdleState(state.word() + IdleState::AnnounceDelta(0, false))
                : state.Retracted(0);
}

// Workers wake each other (whoever is awake, somebody who sleeps) and go to
// sleep, while one thread calls AllAsleep. If that says yes, there was a moment
// at which all were asleep.
class AllAsleepModel {
 public:
  struct State {
    IdleState::Word words[kWorkers];
    std::uint64_t wakes;       // what the first pass added up
    std::uint8_t pass, group;  // where the call is; pass 3: it said yes
    std::uint8_t was_so;       // all were asleep at some moment of the call
    std::uint8_t wakes_left;
    std::uint8_t unused[4];
  };

  AllAsleepModel(bool one_pass, bool without_wakes)
      : one_pass_(one_pass), without_wakes_(without_wakes) {}

  State Initial() const {
    State state = {};
    state.wakes_left = 3;
    for (int w = 1; w < kWorkers; ++w) {
      state.words[w] = After(IdleState(0), true).word();
    }
    return state;
  }

  void Steps(const State& state, std::vector<State>* next) const {
    for (int w = 0; w < kWorkers; ++w) {
      if (IdleState(state.words[w]).asleep(0)) continue;
      State to = state;
      to.words[w] = After(IdleState(to.words[w]), true).word();
      next->push_back(Noted(to));
      for (int v = 0; v < kWorkers; ++v) {
        if (!IdleState(state.words[v]).asleep(0) || !state.wakes_left) continue;
        to = state;
        --to.wakes_left;
        to.words[v] = After(IdleState(to.words[v]), false).word();
        next->push_back(Noted(to));
      }
    }
    if (state.pass < 2) next->push_back(Noted(Look(state)));
  }

  const char* Wrong(const State& state, bool) const {
    return state.pass == 3 && !state.was_so ? "it said yes, and it was not so"
                                            : nullptr;
  }
  std::string Describe(const State& state) const {
    std::string text;
    for (const IdleState::Word word : state.words) {
      text += IdleState(word).asleep(0) ? "z" : "W";
    }
    return text + " pass " + std::to_string(state.pass) + " group " +
           std::to_string(state.group);
  }

 private:
  static State Noted(State state) {
    bool all = true;
    for (const IdleState::Word word : state.words) {
      all &= IdleState(word).asleep(0);
    }
    if (all) state.was_so = 1;
    return state;
  }

  // Looks at one group. Pass 2 is the end without a yes.
  State Look(State state) const {
    const IdleState idle(state.words[state.group]);
    if (!idle.all_asleep(1)) {
      state.pass = 2;
      return state;
    }
    // The first pass adds up, the second takes away.
    state.wakes += state.pass == 0 ? idle.wakes() : 0 - idle.wakes();
    if (++state.group < kWorkers) return state;
    state.group = 0;
    if (state.pass == 0 && !one_pass_) {
      state.pass = 1;
    } else {
      const bool same = one_pass_ || without_wakes_ || state.wakes == 0;
      state.pass = same ? 3 : 2;
    }
    return state;
  }

  const bool one_pass_;
  const bool without_wakes_;
};

TEST(AllAsleepExplore, YesMeansThatThereWasSuchAMoment) {
  EXPECT_EQ(WhatGoesWrong(AllAsleepModel(false, false)), "");
}

TEST(AllAsleepExploreMutants, OnePassIsNotEnough) {
  EXPECT_EQ(WhatGoesWrong(AllAsleepModel(true, false)),
            "it said yes, and it was not so");
}

TEST(AllAsleepExploreMutants, NorAreTwoWithoutTheCountOfWakes) {
  EXPECT_EQ(WhatGoesWrong(AllAsleepModel(false, true)),
            "it said yes, and it was not so");
}

// One worker and the watchdog. The worker goes to sleep, looks, and may find
// work; or it is woken. Whatever happens, the watchdog does not sleep for good
// beside a worker that runs. The watchdog's store of `asleep_` may wait in its
// store buffer; the worker's changes of its word are locked instructions.
class WatchdogModel {
 public:
  struct State {
    IdleState::Word word;
    std::uint8_t worker;    // 0 runs, 1 looks, 2 sleeps, 3 woke, 4 looks at the
                            // watchdog
    std::uint8_t dog;       // 0 stores, 1 fence, 2 looks, 3 sleeps, 4 is up
    std::uint8_t asleep;    // in memory
    std::uint8_t buffered;  // the store is still in the buffer
    std::uint8_t token;
    std::uint8_t sleeps_left, wakes_left;
    std::uint8_t unused;
  };

  WatchdogModel(bool fence, bool poke_after_look)
      : fence_(fence), poke_after_look_(poke_after_look) {}

  State Initial() const {
    State state = {};
    state.sleeps_left = 2;
    state.wakes_left = 1;
    return state;
  }

  void Steps(const State& state, std::vector<State>* next) const {
    StepWorker(state, next);
    StepDog(state, next);
    if (state.buffered) {
      State to = state;
      to.buffered = 0;
      to.asleep = 1;
      next->push_back(to);
    }
  }

  const char* Wrong(const State& state, bool last) const {
    return last && state.dog == 3 && state.worker == 0
               ? "the watchdog sleeps beside a running worker"
               : nullptr;
  }
  std::string Describe(const State& state) const {
    return "worker " + std::to_string(state.worker) + " dog " +
           std::to_string(state.dog);
  }

 private:
  void StepWorker(const State& state, std::vector<State>* next) const {
    const auto go = [&](std::uint8_t worker) -> State& {
      next->push_back(state);
      next->back().worker = worker;
      return next->back();
    };
    switch (state.worker) {
      case 0:
        if (state.sleeps_left > 0) {
          State& to = go(1);
          --to.sleeps_left;
          to.word = After(IdleState(state.word), true).word();
        }
        return;
      case 1: {
        go(2);
        // It found work after all.
        State& to = go(poke_after_look_ ? 4 : 0);
        to.word =
            IdleState(state.word).Claimed(0).word() - IdleState::kSearcher;
        return;
      }
      case 2:
        if (state.wakes_left > 0) {
          State& to = go(3);
          --to.wakes_left;
          to.word = After(IdleState(state.word), false).word();
        }
        return;
      case 3:
        go(4);
        return;
      default:
        if (State& to = go(0); state.asleep) to.token = 1;
    }
  }

  void StepDog(const State& state, std::vector<State>* next) const {
    if (state.dog == 4 || (state.dog == 3 && state.token == 0) ||
        (state.dog == 1 && state.buffered && fence_)) {
      return;
    }
    State to = state;
    ++to.dog;
    if (state.dog == 0) to.buffered = 1;
    if (state.dog == 2 && !IdleState(state.word).asleep(0)) to.dog = 4;
    next->push_back(to);
  }

  const bool fence_;
  const bool poke_after_look_;
};

TEST(WatchdogExplore, ItNeverSleepsForGoodBesideARunningWorker) {
  EXPECT_EQ(WhatGoesWrong(WatchdogModel(true, true)), "");
}

TEST(WatchdogExploreMutants, WithoutItsFenceItDoes) {
  EXPECT_EQ(WhatGoesWrong(WatchdogModel(false, true)),
            "the watchdog sleeps beside a running worker");
}

TEST(WatchdogExploreMutants, SoItDoesIfOnlyTokensPokeIt) {
  EXPECT_EQ(WhatGoesWrong(WatchdogModel(true, false)),
            "the watchdog sleeps beside a running worker");
}

}  // namespace
}  // namespace weft::worker_testing
