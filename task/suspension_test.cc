// The suspension word against a table of its legal edges, in every state there
// is; and every order in which a task, two completers and two cancellers can
// take their steps.

#include "weft/task/suspension.h"

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/check.h"

namespace weft {
namespace {

using Word = SuspensionState::Word;

class IdleOperation final : public SuspendedOperation {
 public:
  bool TryCancel() noexcept override { return false; }
};

IdleOperation operation;

// P: the operation; R, C, B: ready, cancelled, busy.
Word FromName(const std::string& name) {
  Word word = 0;
  for (const char letter : name) {
    if (letter == 'P') word |= reinterpret_cast<Word>(&operation);
    if (letter == 'R') word |= SuspensionState::kReady;
    if (letter == 'C') word |= SuspensionState::kCancelled;
    if (letter == 'B') word |= SuspensionState::kBusy;
  }
  return word;
}

std::string Name(SuspensionState state) {
  std::string name;
  if (state.suspended()) name += state.operation() == &operation ? "P" : "?";
  if (state.ready()) name += "R";
  if (state.cancelled()) name += "C";
  if (state.busy()) name += "B";
  return name;
}

const std::vector<std::string> kAllWords = {
    "",  "R",  "C",  "RC",  "B",  "RB",  "CB",  "RCB",
    "P", "PR", "PC", "PRC", "PB", "PRB", "PCB", "PRCB"};

// The ones that the class comment lists: no other may ever occur.
const std::set<std::string> kLegalWords = {"",   "P",  "R",   "C",
                                           "RC", "PC", "PCB", "PRCB"};

// ---- The transitions, as they are. ----

std::string ToString(CommitAction action) {
  switch (action) {
    case CommitAction::kStay:
      return "stay";
    case CommitAction::kResume:
      return "resume";
    case CommitAction::kCancelOperation:
      return "cancel operation";
    case CommitAction::kSubmit:
      return "submit";
  }
  return "?";
}
std::string ToString(ReadyAction action) {
  return action == ReadyAction::kSubmit ? "submit" : "nothing";
}
std::string ToString(CancelAction action) {
  return action == CancelAction::kNothing ? "nothing" : "cancel operation";
}

struct Transition {
  std::string name;
  std::function<std::string(Suspension&)> run;
};

const std::vector<Transition> kTransitions = {
    {"Begin", [](Suspension& s) { return s.Begin() ? "destroy" : "run"; }},
    {"Commit", [](Suspension& s) { return ToString(s.Commit(operation)); }},
    {"Ready", [](Suspension& s) { return ToString(s.Ready()); }},
    {"Cancel", [](Suspension& s) { return ToString(s.Cancel()); }},
    {"Won",
     [](Suspension& s) {
       s.CancelWon();
       return std::string("submit");
     }},
    {"Lost", [](Suspension& s) { return ToString(s.CancelLost()); }},
};

// ---- The table. ----

struct Edge {
  std::string to;
  std::string action;
  bool operator==(const Edge&) const = default;
};

void PrintTo(const Edge& edge, std::ostream* out) {
  *out << edge.to << " " << edge.action;
}

// By transition and word. What is not here is not legal.
const std::map<std::string, std::map<std::string, Edge>> kTable = {
    {"Begin", {{"", {"", "run"}}, {"C", {"C", "destroy"}}}},
    {"Commit",
     {{"", {"P", "stay"}},
      {"R", {"", "resume"}},
      {"C", {"PCB", "cancel operation"}},
      {"RC", {"C", "submit"}}}},
    {"Ready",
     {{"", {"R", "nothing"}},
      {"P", {"", "submit"}},
      {"C", {"RC", "nothing"}},
      {"PC", {"C", "submit"}},
      {"PCB", {"PRCB", "nothing"}}}},
    {"Cancel",
     {{"", {"C", "nothing"}},
      {"R", {"RC", "nothing"}},
      {"P", {"PCB", "cancel operation"}},
      {"C", {"C", "nothing"}},
      {"RC", {"RC", "nothing"}},
      {"PC", {"PC", "nothing"}},
      {"PCB", {"PCB", "nothing"}},
      {"PRCB", {"PRCB", "nothing"}}}},
    {"Won", {{"PCB", {"C", "submit"}}}},
    {"Lost", {{"PCB", {"PC", "nothing"}}, {"PRCB", {"C", "submit"}}}},
};

TEST(Suspension, EveryTransitionFromEveryWordIsTheTables) {
  for (const Transition& transition : kTransitions) {
    const auto& edges = kTable.at(transition.name);
    for (const std::string& word : kAllWords) {
      const auto edge = edges.find(word);
      if (edge == edges.end()) continue;
      SCOPED_TRACE(transition.name + " from " + word);
      Suspension suspension{SuspensionState(FromName(word))};
      const std::string action = transition.run(suspension);
      EXPECT_EQ((Edge{Name(suspension.Load()), action}), edge->second);
    }
  }
}

TEST(Suspension, ExactlyTheDocumentedWordsAreReached) {
  std::set<std::string> seen = {""};
  std::deque<std::string> todo = {""};
  while (!todo.empty()) {
    const std::string word = todo.front();
    todo.pop_front();
    for (const auto& [name, edges] : kTable) {
      const auto edge = edges.find(word);
      if (edge == edges.end()) continue;
      if (seen.insert(edge->second.to).second) todo.push_back(edge->second.to);
    }
  }
  EXPECT_EQ(seen, kLegalWords);
}

TEST(Suspension, PredicatesSayWhatTheBitsSay) {
  for (const std::string& word : kAllWords) {
    const SuspensionState state(FromName(word));
    const auto has = [&](char c) { return word.find(c) != std::string::npos; };
    EXPECT_EQ(state.suspended(), has('P'));
    EXPECT_EQ(state.operation(), has('P') ? &operation : nullptr);
    EXPECT_EQ(state.ready(), has('R'));
    EXPECT_EQ(state.cancelled(), has('C'));
    EXPECT_EQ(state.busy(), has('B'));
  }
}

TEST(SuspensionDeathTest, ASecondCommitIsCaught) {
  if constexpr (!kDCheckEnabled) return;
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Suspension suspension;
  ASSERT_EQ(suspension.Commit(operation), CommitAction::kStay);
  EXPECT_DEATH((void)suspension.Commit(operation), "suspended twice");
}

// ---- Every interleaving. ----
//
// A task suspends in two operations, one after the other, and ends. Each has a
// completer; two cancellers abort at any moment; two workers run what is
// scheduled. Each atomic operation is one step, and all orders of the steps are
// tried. The transitions are the real ones.

constexpr int kRounds = 2;

class World {
 public:
  enum Agent {
    kWorkerA,
    kWorkerB,
    kCompleter0,
    kCompleter1,
    kCancellerA,
    kCancellerB,
    kAgents
  };

  // Lets `agent` take its next step; false if it cannot take one now.
  bool Step(Agent agent) {
    Thread& me = threads_[agent];
    switch (me.at) {
      case At::kStart:
        return Begin(agent, me);
      case At::kRegister:
        operations_[frame_round_].state = Operation::kArmed;
        me.at = At::kCommit;
        return true;
      case At::kCommit:
        Commit(me);
        return true;
      case At::kReady:
        me.Go(suspension_.Ready() == ReadyAction::kSubmit, At::kSchedule);
        return true;
      case At::kTryCancel: {
        Operation* current =
            static_cast<Operation*>(suspension_.Load().operation());
        EXPECT_EQ(frame_, Frame::kSuspended) << "the frame is not at rest";
        EXPECT_EQ(current, &operations_[frame_round_]) << "a stale operation";
        me.at = current->TryCancel() ? At::kWon : At::kLost;
        return true;
      }
      case At::kWon:
        suspension_.CancelWon();
        me.at = At::kSchedule;
        return true;
      case At::kLost:
        me.Go(suspension_.CancelLost() == ReadyAction::kSubmit, At::kSchedule);
        return true;
      case At::kSchedule:
        EXPECT_EQ(frame_, Frame::kSuspended) << "scheduled while it runs";
        EXPECT_EQ(entries_, 0) << "scheduled twice";
        ++entries_;
        me.at = At::kStart;
        me.done = agent >= kCompleter0;
        return true;
    }
    return false;
  }

  // What distinguishes this from other positions.
  std::vector<int> Key() const {
    const SuspensionState state = suspension_.Load();
    std::vector<int> key = {static_cast<int>(state.word() & 7),
                            state.suspended(),
                            static_cast<int>(frame_),
                            frame_round_,
                            entries_,
                            destroyed_};
    for (const Operation& op : operations_) key.push_back(op.state);
    for (const Thread& thread : threads_) {
      key.push_back(static_cast<int>(thread.at));
      key.push_back(thread.done);
    }
    return key;
  }

  // Nobody can take a step any more.
  void ExpectEnded() const {
    EXPECT_EQ(frame_, Frame::kGone) << "the task is stuck";
    EXPECT_EQ(entries_, 0);
  }
  bool destroyed() const { return destroyed_; }

 private:
  enum class At {
    kStart,
    kRegister,
    kCommit,
    kReady,
    kTryCancel,
    kWon,
    kLost,
    kSchedule
  };
  enum class Frame { kSuspended, kRunning, kGone };

  struct Thread {
    At at = At::kStart;
    bool done = false;
    void Go(bool on, At next) {
      at = on ? next : At::kStart;
      done = !on;
    }
  };

  class Operation final : public SuspendedOperation {
   public:
    enum { kNone, kArmed, kCompleted, kCancelled };
    bool TryCancel() noexcept override {
      if (state != kArmed) return false;
      state = kCancelled;
      return true;
    }
    bool TryComplete() {
      if (state != kArmed) return false;
      state = kCompleted;
      return true;
    }
    int state = kNone;
  };

  bool Begin(Agent agent, Thread& me) {
    if (me.done) return false;
    switch (agent) {
      case kWorkerA:
      case kWorkerB:
        if (entries_ == 0) return false;
        EXPECT_EQ(frame_, Frame::kSuspended) << "run while it runs";
        EXPECT_FALSE(suspension_.Load().suspended()) << "run in an operation";
        EXPECT_FALSE(suspension_.Load().ready()) << "a flag was left over";
        --entries_;
        if (suspension_.Begin()) {
          frame_ = Frame::kGone;
          destroyed_ = true;
        } else {
          frame_ = Frame::kRunning;
          Resume(me);
        }
        return true;
      case kCompleter0:
      case kCompleter1: {
        Operation& mine = operations_[agent - kCompleter0];
        if (mine.state == Operation::kNone) return false;
        me.Go(mine.TryComplete(), At::kReady);
        return true;
      }
      default:
        if (suspension_.Cancel() == CancelAction::kCancelOperation) {
          EXPECT_EQ(frame_, Frame::kSuspended) << "cancelled while it runs";
          me.at = At::kTryCancel;
        } else {
          me.done = true;
        }
        return true;
    }
  }

  void Resume(Thread& me) {
    if (++frame_round_ == kRounds) {
      frame_ = Frame::kGone;
      me.at = At::kStart;
    } else {
      me.at = At::kRegister;
    }
  }

  void Commit(Thread& me) {
    const CommitAction action = suspension_.Commit(operations_[frame_round_]);
    if (action == CommitAction::kResume) return Resume(me);
    frame_ = Frame::kSuspended;
    me.at = action == CommitAction::kStay     ? At::kStart
            : action == CommitAction::kSubmit ? At::kSchedule
                                              : At::kTryCancel;
  }

  Suspension suspension_;
  std::array<Operation, kRounds> operations_;
  std::array<Thread, kAgents> threads_;
  Frame frame_ = Frame::kSuspended;
  // Which operation the frame is in; none before its first run.
  int frame_round_ = -1;
  int entries_ = 1;
  bool destroyed_ = false;
};

TEST(Suspension, InEveryOrderTheTaskIsRunOrDestroyedExactlyOnce) {
  using Path = std::vector<World::Agent>;
  std::set<std::vector<int>> seen;
  std::deque<Path> todo = {{}};
  std::size_t ends = 0;
  std::size_t destroyed = 0;
  while (!todo.empty() && !::testing::Test::HasFailure()) {
    const Path path = todo.front();
    todo.pop_front();
    bool stuck = true;
    for (int agent = 0; agent < World::kAgents; ++agent) {
      // There is no copying of atomics: go there again.
      World world;
      for (const World::Agent step : path) world.Step(step);
      if (!world.Step(static_cast<World::Agent>(agent))) continue;
      stuck = false;
      if (!seen.insert(world.Key()).second) continue;
      todo.push_back(path);
      todo.back().push_back(static_cast<World::Agent>(agent));
    }
    if (stuck) {
      World world;
      for (const World::Agent step : path) world.Step(step);
      world.ExpectEnded();
      ++ends;
      destroyed += world.destroyed();
    }
  }
  EXPECT_GT(seen.size(), 300u);
  EXPECT_GT(destroyed, 0u);
  // Every abort that comes early enough destroys; there are ends of both kinds.
  EXPECT_GT(ends, destroyed);
}

}  // namespace
}  // namespace weft
