// The task's state word against a table of its legal edges, in every state
// there is; and what holds in every state that can be reached.

#include "weft/task/state.h"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/check.h"
#include "weft/task/state_word.h"

namespace weft {
namespace {

using Word = TaskState::Word;

// One letter per flag, as the table below writes them.
constexpr char kLetters[] = "RCNJWX";

Word Flags(const std::string& letters) {
  Word word = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    if (letters.find(kLetters[i]) != std::string::npos) word |= Word{1} << i;
  }
  return word;
}

std::string Name(Word word) {
  std::string name;
  for (std::size_t i = 0; i < 6; ++i) {
    if ((word >> i & 1) != 0) name += kLetters[i];
  }
  return name + "+" + std::to_string(word >> 8);
}

// What a transition did: the word afterwards, and what it told its caller.
struct Result {
  Word word;
  std::string action;
  bool operator==(const Result&) const = default;
};

void PrintTo(const Result& result, std::ostream* out) {
  *out << Name(result.word) << " " << result.action;
}

// ---- The transitions, as they are. ----

std::string ToString(WakeAction action) {
  switch (action) {
    case WakeAction::kNothing:
      return "nothing";
    case WakeAction::kSubmit:
      return "submit";
    case WakeAction::kDeallocate:
      return "deallocate";
  }
  return "?";
}
std::string ToString(IdleAction action) {
  switch (action) {
    case IdleAction::kNothing:
      return "nothing";
    case IdleAction::kRequeue:
      return "requeue";
    case IdleAction::kCancel:
      return "cancel";
  }
  return "?";
}
std::string ToString(StartAction action) {
  return action == StartAction::kPoll ? "poll" : "cancel";
}
std::string ToString(bool yes) { return yes ? "yes" : "no"; }
std::string ToString(TaskState before) { return Name(before.word()); }

struct Transition {
  std::string name;
  std::function<std::string(StateWord&)> run;
};

const std::vector<Transition>& Transitions() {
  static const std::vector<Transition> all = {
      {"Start", [](StateWord& w) { return ToString(w.Start()); }},
      {"Idle", [](StateWord& w) { return ToString(w.Idle()); }},
      {"WakeByRef", [](StateWord& w) { return ToString(w.WakeByRef()); }},
      {"WakeByValue", [](StateWord& w) { return ToString(w.WakeByValue()); }},
      {"Abort", [](StateWord& w) { return ToString(w.Abort()); }},
      {"ClaimIdle", [](StateWord& w) { return ToString(w.ClaimIdle()); }},
      {"Complete", [](StateWord& w) { return ToString(w.Complete()); }},
      {"CompleteUnawaited",
       [](StateWord& w) { return ToString(w.CompleteUnawaited(w.Load())); }},
      {"Publish", [](StateWord& w) { return ToString(w.PublishJoinWaker()); }},
      {"Retract", [](StateWord& w) { return ToString(w.RetractJoinWaker()); }},
      {"DropInterest",
       [](StateWord& w) { return ToString(w.DropJoinInterest()); }},
      {"AddReference",
       [](StateWord& w) {
         w.AddReference();
         return std::string("done");
       }},
      {"DropReference",
       [](StateWord& w) { return ToString(w.DropReference()); }},
      {"DropUnlessLast",
       [](StateWord& w) { return ToString(w.DropUnlessLast()); }},
  };
  return all;
}

// ---- The table: written from algorithms 5.3(b), not from the code. ----

// From every state that has all of `with`, none of `without`, and at least
// `references`: sets `set`, clears `clear`, changes the count by `count`, and
// answers `action` ("=" stands for the state before).
struct Edge {
  std::string transition;
  std::string with;
  std::string without;
  std::string set;
  std::string clear;
  int count;
  std::string action;
  // Of the count before.
  std::uint64_t at_least = 1;
  std::uint64_t at_most = 1000;
};

const std::vector<Edge>& Table() {
  static const std::vector<Edge> all = {
      // Only the holder of the queue entry starts, so it cannot fail.
      {"Start", "N", "RCX", "R", "N", 0, "poll"},
      {"Start", "NX", "RC", "R", "N", 0, "cancel"},
      {"Idle", "R", "CN", "", "R", 0, "nothing"},
      {"Idle", "RN", "CX", "", "R", 0, "requeue"},
      {"Idle", "RNX", "C", "", "R", 0, "cancel"},
      // A wake sets its bit whatever the state, for its release; it submits
      // only what nobody runs or will run.
      {"WakeByRef", "", "RCN", "N", "", 0, "submit"},
      {"WakeByRef", "R", "", "N", "", 0, "nothing"},
      {"WakeByRef", "C", "R", "N", "", 0, "nothing"},
      {"WakeByRef", "N", "RC", "N", "", 0, "nothing"},
      {"WakeByValue", "", "RCN", "N", "", -1, "submit", 2},
      {"WakeByValue", "R", "", "N", "", -1, "nothing", 2},
      {"WakeByValue", "C", "R", "N", "", -1, "nothing", 2},
      {"WakeByValue", "N", "RC", "N", "", -1, "nothing", 2},
      {"WakeByValue", "C", "R", "N", "", -1, "deallocate", 1, 1},
      {"Abort", "", "RCN", "NX", "", 0, "submit"},
      {"Abort", "R", "", "NX", "", 0, "nothing"},
      {"Abort", "C", "R", "NX", "", 0, "nothing"},
      {"Abort", "N", "RC", "NX", "", 0, "nothing"},
      {"ClaimIdle", "", "RCN", "N", "", 0, "yes"},
      {"ClaimIdle", "R", "", "", "", 0, "no"},
      {"ClaimIdle", "C", "R", "", "", 0, "no"},
      {"ClaimIdle", "N", "RC", "", "", 0, "no"},
      {"Complete", "R", "C", "C", "R", 0, "="},
      // With the owner's reference, which is not the last.
      {"CompleteUnawaited", "R", "CW", "C", "R", -1, "yes", 2},
      // The join-waker bit changes only before completion.
      {"Publish", "", "C", "W", "", 0, "yes"},
      {"Publish", "C", "", "", "", 0, "no"},
      {"Retract", "", "C", "", "W", 0, "yes"},
      {"Retract", "C", "", "", "", 0, "no"},
      {"DropInterest", "", "C", "", "JW", 0, "="},
      {"DropInterest", "C", "", "", "J", 0, "="},
      {"AddReference", "", "", "", "", +1, "done"},
      // The last one leaves the word as it is: nobody will look at it.
      {"DropReference", "", "", "", "", 0, "yes", 1, 1},
      {"DropReference", "", "", "", "", -1, "no", 2},
      {"DropUnlessLast", "", "", "", "", 0, "no", 1, 1},
      {"DropUnlessLast", "", "", "", "", -1, "yes", 2},
  };
  return all;
}

// What the table says; nothing for a step that is not legal.
std::vector<Result> Expected(const std::string& transition, Word word) {
  std::vector<Result> results;
  for (const Edge& edge : Table()) {
    const std::uint64_t references = word >> 8;
    if (edge.transition != transition ||
        (word & Flags(edge.with)) != Flags(edge.with) ||
        (word & Flags(edge.without)) != 0 || references < edge.at_least ||
        references > edge.at_most) {
      continue;
    }
    const Word next = ((word | Flags(edge.set)) & ~Flags(edge.clear)) +
                      static_cast<Word>(edge.count) * 256;
    results.push_back({next, edge.action == "=" ? Name(word) : edge.action});
  }
  return results;
}

std::vector<Word> AllWords() {
  std::vector<Word> words;
  for (Word flags = 0; flags < 64; ++flags) {
    for (Word references = 1; references <= 3; ++references) {
      words.push_back(flags | references << 8);
    }
  }
  return words;
}

Result Take(const Transition& transition, Word word) {
  StateWord state{TaskState(word)};
  std::string action = transition.run(state);
  return {state.Load().word(), action};
}

TEST(TaskState, EveryTransitionFromEveryWordIsTheTables) {
  std::map<std::string, int> legal;
  for (const Transition& transition : Transitions()) {
    for (const Word word : AllWords()) {
      SCOPED_TRACE(transition.name + " from " + Name(word));
      const std::vector<Result> expected = Expected(transition.name, word);
      ASSERT_LE(expected.size(), 1u) << "the table contradicts itself";
      if (expected.empty()) continue;
      EXPECT_EQ(Take(transition, word), expected.front());
      ++legal[transition.name];
    }
  }
  // Where each is legal: 64 flag words, one to three references.
  const std::map<std::string, int> everywhere_but = {
      {"Start", (64 - 8) * 3},      // needs N, neither R nor C
      {"Idle", (64 - 16) * 3},      // needs R, not C
      {"Complete", (64 - 16) * 3},  // likewise
      {"WakeByValue", 64 - 16},     // needs a waker's reference
      // Needs R, neither C nor W, and a second reference.
      {"CompleteUnawaited", 64 * 3 - 8 * 2},
  };
  for (const Transition& transition : Transitions()) {
    const auto but = everywhere_but.find(transition.name);
    EXPECT_EQ(legal[transition.name],
              64 * 3 - (but == everywhere_but.end() ? 0 : but->second))
        << transition.name;
  }
}

TEST(TaskState, EveryRowOfTheTableIsTaken) {
  for (const Edge& edge : Table()) {
    bool taken = false;
    for (const Word word : AllWords()) {
      for (const Result& result : Expected(edge.transition, word)) {
        taken |= edge.action == "=" ? result.action == Name(word)
                                    : result.action == edge.action;
      }
    }
    EXPECT_TRUE(taken) << edge.transition << " " << edge.with;
  }
}

TEST(TaskState, PredicatesSayWhatTheBitsSay) {
  for (const Word word : AllWords()) {
    SCOPED_TRACE(Name(word));
    const TaskState state(word);
    const auto has = [&](const char* flag) {
      return (word & Flags(flag)) != 0;
    };
    EXPECT_EQ(state.running(), has("R"));
    EXPECT_EQ(state.complete(), has("C"));
    EXPECT_EQ(state.notified(), has("N"));
    EXPECT_EQ(state.join_interest(), has("J"));
    EXPECT_EQ(state.join_waker(), has("W"));
    EXPECT_EQ(state.cancelled(), has("X"));
    EXPECT_EQ(state.references(), word / 256);
    EXPECT_EQ(state.idle(), !has("R") && !has("C") && !has("N"));
    EXPECT_EQ(state.unshared(),
              word / 256 == 1 && !has("C") && !has("J") && !has("W"));
  }
}

TEST(TaskState, NewTasksStartAsDocumented) {
  EXPECT_EQ(Name(TaskState::Queued(true).word()), "NJ+2");
  EXPECT_EQ(Name(TaskState::Queued(false).word()), "N+1");
  EXPECT_EQ(Name(TaskState::Coroutine(true).word()), "RJ+2");
  EXPECT_EQ(Name(TaskState::Coroutine(false).word()), "R+1");
}

// ---- Everything that a poll-style task can go through. ----

// The word, and who holds what of it.
struct Position {
  Word word;
  bool handle;
  int wakers;
  bool freed = false;
  auto operator<=>(const Position&) const = default;
};

class Explorer {
 public:
  explicit Explorer(bool joinable) {
    Add({TaskState::Queued(joinable).word(), joinable, 0});
  }

  // Visits every position that legal callers can reach; returns how many.
  std::size_t Explore() {
    while (!todo_.empty()) {
      const Position position = todo_.front();
      todo_.pop_front();
      ExpectInvariants(position);
      if (!position.freed) Expand(position);
    }
    return seen_.size();
  }
  bool saw_freed() const { return saw_freed_; }

 private:
  void Add(const Position& position) {
    if (seen_.insert(position).second) todo_.push_back(position);
  }

  static void ExpectInvariants(const Position& at) {
    SCOPED_TRACE(Name(at.word));
    const TaskState state(at.word);
    EXPECT_FALSE(state.running() && state.complete());
    // Owner, handle and wakers: nobody else counts, and the last one frees.
    EXPECT_EQ(state.references(),
              std::uint64_t{!state.complete()} + at.handle + at.wakers * 1u);
    EXPECT_EQ(at.freed, state.references() == 0);
    if (!state.complete()) {
      EXPECT_EQ(state.join_interest(), at.handle);
      EXPECT_LE(state.join_waker(), state.join_interest());
    }
    // An abort always leaves somebody who will run the task.
    EXPECT_FALSE(state.idle() && state.cancelled());
  }

  // One step by each of those who may take one.
  void Expand(const Position& at) {
    const TaskState state(at.word);
    if (state.notified() && !state.running() && !state.complete()) {
      Step(at, "Start");
    }
    if (state.running()) {
      // Who was told by Start to cancel does not poll, so never says Idle.
      if (state.notified() || !state.cancelled()) Step(at, "Idle");
      // The runner completes and gives up the owner's reference: in one step if
      // nobody waits.
      if (!state.join_waker() && state.references() > 1) {
        Step(at, "CompleteUnawaited");
      }
      for (const Result& result : Expected("Complete", at.word)) {
        Position next = at;
        next.word = result.word;
        Drop(next);
      }
      if (at.wakers < 2) {
        Position next = at;
        next.wakers += 1;
        Step(next, "AddReference");
      }
    }
    if (at.wakers > 0) {
      Step(at, "WakeByRef");
      Position next = at;
      next.wakers -= 1;
      Step(next, "WakeByValue");
      Step(next, "DropReference");
    }
    // By a handle, or by a scheduler that shuts down.
    if (at.handle || !state.complete()) Step(at, "Abort");
    if (at.handle) {
      if (state.join_waker()) {
        Step(at, "Retract");
      } else {
        Step(at, "Publish");
      }
      for (const Result& result : Expected("DropInterest", at.word)) {
        Position next = at;
        next.handle = false;
        next.word = result.word;
        Drop(next);
      }
    }
  }

  void Drop(const Position& at) { Step(at, "DropReference"); }

  void Step(Position at, const std::string& transition) {
    const std::vector<Result> results = Expected(transition, at.word);
    ASSERT_EQ(results.size(), 1u) << transition << " from " << Name(at.word);
    at.word = results.front().word;
    const bool dropped_last =
        transition == "DropReference" && results.front().action == "yes";
    // It leaves the word as it is.
    if (dropped_last) at.word -= TaskState::kReference;
    at.freed = results.front().action == "deallocate" || dropped_last;
    saw_freed_ |= at.freed;
    Add(at);
  }

  std::set<Position> seen_;
  std::deque<Position> todo_;
  bool saw_freed_ = false;
};

TEST(TaskState, WhateverHappensTheCountIsWhoHoldsTheTask) {
  for (const bool joinable : {false, true}) {
    Explorer explorer(joinable);
    EXPECT_GT(explorer.Explore(), joinable ? 100u : 30u);
    EXPECT_TRUE(explorer.saw_freed());
  }
}

TEST(TaskStateDeathTest, WrongCallersAreCaught) {
  if constexpr (!kDCheckEnabled) return;
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH((void)StateWord(TaskState(256)).Start(), "queue entry");
  EXPECT_DEATH((void)StateWord(TaskState(256)).Idle(), "does not run");
  EXPECT_DEATH((void)StateWord(TaskState(256)).Complete(), "Complete twice");
  EXPECT_DEATH((void)StateWord(TaskState(0)).DropReference(), "underflow");
}

}  // namespace
}  // namespace weft
