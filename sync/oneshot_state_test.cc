#include "weft/sync/oneshot_state.h"

#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "gtest/gtest.h"

namespace weft::sync_internal {
namespace {

// The flags of a state in words; the count of wakers taken back is left out.
std::string Name(OneshotState state) {
  std::string name;
  if (state.waiting()) name += " waiting";
  if (state.sent()) name += " sent";
  if (state.done() && !state.sent()) name += " hung-up";
  if (state.closed()) name += " closed";
  if (state.left()) name += " left";
  return name.empty() ? "new" : name.substr(1);
}

struct Transition {
  const char* name;
  bool (*allowed)(OneshotState);
  OneshotState (*apply)(OneshotState);
};

// What oneshot_state.h says about when each may be taken.
const std::vector<Transition>& Transitions() {
  using S = OneshotState;
  static const std::vector<Transition> transitions = {
      {"Waiting", [](S s) { return !s.waiting() && !s.settled() && !s.left(); },
       [](S s) { return s.Waiting(); }},
      {"TakenBack", [](S s) { return s.waiting(); },
       [](S s) { return s.TakenBack(); }},
      {"Closed", [](S s) { return !s.settled() && !s.left(); },
       [](S s) { return s.Closed(); }},
      {"Left", [](S s) { return !s.done() && !s.left(); },
       [](S s) { return s.Left(); }},
      {"Sent", [](S s) { return !s.done() && !s.refuses(); },
       [](S s) { return s.Sent(); }},
      {"HungUp", [](S s) { return !s.done() && !s.left(); },
       [](S s) { return s.HungUp(); }},
  };
  return transitions;
}

TEST(OneshotState, HasTheseStatesAndEdgesAndNoOthers) {
  using Edge = std::tuple<std::string, std::string, std::string>;
  const std::set<Edge> legal = {
      {"new", "Waiting", "waiting"},     {"new", "Closed", "closed"},
      {"new", "Left", "left"},           {"new", "Sent", "sent"},
      {"new", "HungUp", "hung-up"},      {"waiting", "TakenBack", "new"},
      {"waiting", "Closed", "closed"},   {"waiting", "Left", "left"},
      {"waiting", "Sent", "sent"},       {"waiting", "HungUp", "hung-up"},
      {"closed", "Left", "closed left"}, {"closed", "HungUp", "hung-up closed"},
  };
  std::set<Edge> found;
  std::map<std::string, OneshotState> seen = {{"new", OneshotState()}};
  std::vector<OneshotState> open = {OneshotState()};
  while (!open.empty()) {
    const OneshotState from = open.back();
    open.pop_back();
    for (const Transition& transition : Transitions()) {
      if (!transition.allowed(from)) continue;
      const OneshotState to = transition.apply(from);
      found.emplace(Name(from), transition.name, Name(to));
      if (seen.emplace(Name(to), to).second) open.push_back(to);
    }
  }
  EXPECT_EQ(found, legal);
  EXPECT_EQ(seen.size(), 8u);
}

// Over all words of flags, reachable or not, and the counts at both ends: no
// transition disturbs what it is not about.
TEST(OneshotState, TransitionsChangeTheirOwnFlagsAndCountOnly) {
  constexpr OneshotState::Word kFlags = 32;
  const OneshotState::Word last =
      std::numeric_limits<OneshotState::Word>::max() / kFlags;
  for (OneshotState::Word count : {OneshotState::Word{0}, last / 2, last}) {
    for (OneshotState::Word flags = 0; flags < kFlags; ++flags) {
      const OneshotState from(count * kFlags + flags);
      for (const Transition& transition : Transitions()) {
        if (!transition.allowed(from)) continue;
        SCOPED_TRACE(Name(from) + " " + transition.name);
        const std::string name = transition.name;
        const OneshotState to = transition.apply(from);
        EXPECT_EQ(to.waiting(), name == "Waiting");
        EXPECT_EQ(to.sent(), from.sent() || name == "Sent");
        EXPECT_EQ(to.done(), from.done() || name == "Sent" || name == "HungUp");
        EXPECT_EQ(to.closed(), from.closed() || name == "Closed");
        EXPECT_EQ(to.left(), from.left() || name == "Left");
        const bool taken_back =
            from.waiting() && name != "Sent" && name != "HungUp";
        const OneshotState::Word next = count == last ? 0 : count + 1;
        EXPECT_EQ(to.word() / kFlags, taken_back ? next : count);
      }
    }
  }
}

TEST(OneshotState, PredicatesFollowFromTheFlags) {
  EXPECT_FALSE(OneshotState().settled());
  EXPECT_FALSE(OneshotState().refuses());
  EXPECT_FALSE(OneshotState().Waiting().settled());
  EXPECT_TRUE(OneshotState().Sent().settled());
  EXPECT_TRUE(OneshotState().HungUp().settled());
  EXPECT_TRUE(OneshotState().Closed().settled());
  EXPECT_TRUE(OneshotState().Closed().refuses());
  EXPECT_TRUE(OneshotState().Left().refuses());
  EXPECT_FALSE(OneshotState().Closed().done());
  EXPECT_TRUE(OneshotState().Closed().HungUp().done());
}

// The word that announces a waker is never seen again after the waker was taken
// back: the sender's copy of the slot relies on it.
TEST(OneshotState, NoTwoWakersAreAnnouncedByTheSameWord) {
  OneshotState state;
  std::set<OneshotState::Word> words;
  for (int i = 0; i < 100; ++i) {
    state = state.Waiting();
    EXPECT_TRUE(words.insert(state.word()).second);
    state = state.TakenBack();
  }
}

}  // namespace
}  // namespace weft::sync_internal
