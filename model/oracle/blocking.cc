#include "weft/model/oracle/blocking.h"

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace weft::model::oracle {
namespace {

using Kind = BlockingOp::Kind;

/// Where a thread stands within its operation.
enum Phase : char {
  kReady,     // before it
  kLooked,    // after the variable of a kWaitUntil or kParkUntil was 0
  kWaiting,   // in a queue
  kNotified,  // out of it, and in need of the mutex if there is one
  kTimedOut,  // out of it because the time was over
};

constexpr char kNobody = -1;

/// Everything that can change, in bytes, so that states compare as strings.
class State {
 public:
  explicit State(const BlockingProgram& program)
      : threads_(program.threads.size()),
        mutexes_(program.mutexes.size()),
        variables_(program.variables.size()),
        bytes_(
            4 * threads_ + 2 * mutexes_ + variables_ + program.registers.size(),
            0) {
    for (size_t i = 0; i < mutexes_; ++i) Owner(static_cast<int>(i)) = kNobody;
  }

  /// The number of the thread's next operation.
  char& Position(int thread) { return bytes_[At(thread)]; }
  char& InPhase(int thread) { return bytes_[threads_ + At(thread)]; }
  char& Token(int thread) { return bytes_[2 * threads_ + At(thread)]; }
  /// Which kinds of waits of this thread have ended for no reason, as bits.
  char& Spurious(int thread) { return bytes_[3 * threads_ + At(thread)]; }
  char& Owner(int mutex) { return bytes_[4 * threads_ + At(mutex)]; }
  char& Readers(int mutex) {
    return bytes_[4 * threads_ + mutexes_ + At(mutex)];
  }
  char& Variable(int variable) {
    return bytes_[4 * threads_ + 2 * mutexes_ + At(variable)];
  }
  char& Register(int reg) {
    return bytes_[4 * threads_ + 2 * mutexes_ + variables_ + At(reg)];
  }

  const std::string& bytes() const { return bytes_; }

 private:
  static size_t At(int index) { return static_cast<size_t>(index); }

  size_t threads_;
  size_t mutexes_;
  size_t variables_;
  std::string bytes_;
};

class Interleaver {
 public:
  Interleaver(const BlockingProgram& program, const BlockingOptions& options)
      : program_(program),
        options_(options),
        threads_(static_cast<int>(program.threads.size())) {}

  BlockingResult Run() {
    State start(program_);
    for (int t = 0; t < threads_; ++t) SkipGuarded(start, t);
    Reach(start);
    while (!todo_.empty()) {
      const State state = std::move(todo_.back());
      todo_.pop_back();
      moved_ = false;
      for (int t = 0; t < threads_; ++t) Move(state, t);
      if (!moved_) End(state);
    }
    result_.states = seen_.size();
    return std::move(result_);
  }

 private:
  const BlockingOp* Next(State& state, int thread) const {
    const auto& ops = program_.threads[static_cast<size_t>(thread)];
    const auto position = static_cast<size_t>(state.Position(thread));
    return position < ops.size() ? &ops[position] : nullptr;
  }

  /// Passes over the operations whose condition does not hold.
  void SkipGuarded(State& state, int thread) const {
    for (;;) {
      const BlockingOp* op = Next(state, thread);
      if (op == nullptr || op->guard < 0) return;
      if (state.Register(op->guard) == op->guard_value) return;
      ++state.Position(thread);
    }
  }

  void Reach(const State& state) {
    moved_ = true;
    if (seen_.insert(state.bytes()).second) todo_.push_back(state);
  }

  /// Reaches `state` with the thread in another phase of its operation.
  void Enter(State state, int thread, Phase phase) {
    state.InPhase(thread) = phase;
    Reach(state);
  }

  /// Reaches `state` after the thread's operation is over.
  void Finish(State state, int thread) {
    state.InPhase(thread) = kReady;
    ++state.Position(thread);
    SkipGuarded(state, thread);
    Reach(state);
  }

  /// The same, with a result.
  void Finish(State state, int thread, int result) {
    state.Register(Next(state, thread)->result) = static_cast<char>(result);
    Finish(std::move(state), thread);
  }

  /// Reaches all states that one step of the thread leads to.
  void Move(State state, int thread) {
    const BlockingOp* const next = Next(state, thread);
    if (next == nullptr) return;
    const BlockingOp& op = *next;
    if (state.InPhase(thread) == kWaiting) return Wait(state, thread, op);
    switch (op.kind) {
      case Kind::kStore:
        state.Variable(op.variable) = static_cast<char>(op.value);
        return Finish(state, thread);
      case Kind::kLoad:
        return Finish(state, thread, state.Variable(op.variable));
      case Kind::kAdd: {
        const char before = state.Variable(op.variable);
        state.Variable(op.variable) += static_cast<char>(op.value);
        return Finish(state, thread, before);
      }
      case Kind::kSpin:
        if (state.Variable(op.variable) != op.value) Finish(state, thread);
        return;

      case Kind::kLock:
        if (TryLock(state, thread, op.mutex)) Finish(state, thread);
        return;
      case Kind::kTryLock: {
        const bool locked = TryLock(state, thread, op.mutex);
        return Finish(state, thread, locked ? 1 : 0);
      }
      case Kind::kUnlock:
        state.Owner(op.mutex) = kNobody;
        return Finish(state, thread);
      case Kind::kLockShared:
        if (state.Owner(op.mutex) != kNobody) return;
        ++state.Readers(op.mutex);
        return Finish(state, thread);
      case Kind::kUnlockShared:
        --state.Readers(op.mutex);
        return Finish(state, thread);

      case Kind::kWait:
      case Kind::kWaitUntil:
      case Kind::kWaitFor:
        return WaitWithMutex(state, thread, op);
      case Kind::kNotifyOne:
      case Kind::kAtomicOne:
        return Wake(state, thread, op, 1);
      case Kind::kNotifyAll:
      case Kind::kAtomicAll:
        return Wake(state, thread, op, threads_);
      case Kind::kFutexWake:
        return Wake(state, thread, op, op.value);

      case Kind::kPark:
      case Kind::kParkUntil:
      case Kind::kParkFor:
        return Park(state, thread, op);
      case Kind::kUnpark:
        state.Token(op.thread) = 1;
        return Finish(state, thread);

      case Kind::kFutexWait:
        if (state.InPhase(thread) == kNotified ||
            state.Variable(op.variable) != op.value) {
          return Finish(state, thread);
        }
        return Enter(state, thread, kWaiting);
      case Kind::kAtomicWait:
        if (state.Variable(op.variable) != op.value) {
          return Finish(state, thread);
        }
        return Enter(state, thread, kWaiting);
    }
  }

  bool TryLock(State& state, int thread, int mutex) const {
    if (state.Owner(mutex) != kNobody || state.Readers(mutex) != 0) {
      return false;
    }
    state.Owner(mutex) = static_cast<char>(thread);
    return true;
  }

  void WaitWithMutex(State& state, int thread, const BlockingOp& op) {
    const char phase = state.InPhase(thread);
    if (phase == kNotified || phase == kTimedOut) {
      if (!TryLock(state, thread, op.mutex)) return;
      if (op.kind == Kind::kWait) return Finish(state, thread);
      if (op.kind == Kind::kWaitUntil) return Enter(state, thread, kReady);
      return Finish(state, thread, phase == kNotified ? 1 : 0);
    }
    if (op.kind == Kind::kWaitUntil && phase == kReady) {
      if (state.Variable(op.variable) != 0) return Finish(state, thread);
      return Enter(state, thread, kLooked);
    }
    // Giving the mutex back and queueing up is one step.
    state.Owner(op.mutex) = kNobody;
    Enter(state, thread, kWaiting);
  }

  /// What a thread in a queue can do by itself.
  void Wait(State& state, int thread, const BlockingOp& op) {
    if (op.kind == Kind::kWaitFor) Enter(state, thread, kTimedOut);
    if (!options_.spurious_wakeups) return;
    const int bit = op.kind == Kind::kFutexWait    ? 1
                    : op.kind == Kind::kAtomicWait ? 2
                    : op.kind == Kind::kWaitUntil  ? 4
                    : op.kind == Kind::kWaitFor    ? 8
                                                   : 16;
    if ((state.Spurious(thread) & bit) != 0) return;
    state.Spurious(thread) |= static_cast<char>(bit);
    // Nobody can rely on it: if nothing else can happen, it is a deadlock.
    const bool moved = moved_;
    Enter(state, thread, kNotified);
    moved_ = moved;
  }

  /// Whether `thread` is in the queue that `wake` wakes.
  bool WaitsFor(State& state, int thread, const BlockingOp& wake) const {
    if (state.InPhase(thread) != kWaiting) return false;
    const BlockingOp& op = *Next(state, thread);
    return wake.condition >= 0
               ? op.condition == wake.condition
               : op.condition < 0 && op.variable == wake.variable;
  }

  /// Wakes `n` threads, any of those that wait, in one step: now those from
  /// `first` on, so that each choice of threads comes once.
  void Wake(State& state, int thread, const BlockingOp& op, int n,
            int first = 0) {
    int waiting = 0;
    for (int t = 0; t < threads_; ++t) waiting += WaitsFor(state, t, op);
    if (n == 0 || waiting == 0) return Finish(state, thread);
    for (int t = first; t < threads_; ++t) {
      if (!WaitsFor(state, t, op)) continue;
      State next = state;
      next.InPhase(t) = kNotified;
      Wake(next, thread, op, n - 1, t + 1);
    }
  }

  void Park(State& state, int thread, const BlockingOp& op) {
    if (op.kind == Kind::kParkUntil && state.InPhase(thread) == kReady) {
      if (state.Variable(op.variable) != 0) return Finish(state, thread);
      return Enter(state, thread, kLooked);
    }
    if (std::exchange(state.Token(thread), 0) == 0) {
      if (op.kind == Kind::kParkFor) Finish(state, thread, 0);
      return;
    }
    if (op.kind == Kind::kPark) return Finish(state, thread);
    if (op.kind == Kind::kParkFor) return Finish(state, thread, 1);
    Enter(state, thread, kReady);
  }

  void End(State state) {
    Outcome outcome;
    std::vector<int> positions;
    bool ended = true;
    for (int t = 0; t < threads_; ++t) {
      const auto& ops = program_.threads[static_cast<size_t>(t)];
      positions.push_back(state.Position(t));
      ended &= Next(state, t) == nullptr;
      for (int i = 0; i < state.Position(t); ++i) {
        const BlockingOp& op = ops[static_cast<size_t>(i)];
        if (op.result < 0) continue;
        if (op.guard >= 0 && state.Register(op.guard) != op.guard_value) {
          continue;
        }
        outcome[program_.registers[static_cast<size_t>(op.result)]] =
            state.Register(op.result);
      }
    }
    if (ended) {
      result_.outcomes.insert(ToString(outcome));
    } else {
      result_.deadlocks.insert(DeadlockToString(program_, outcome, positions));
    }
  }

  const BlockingProgram& program_;
  const BlockingOptions options_;
  const int threads_;
  std::unordered_set<std::string> seen_;
  std::vector<State> todo_;
  bool moved_ = false;
  BlockingResult result_;
};

}  // namespace

BlockingResult Interleave(const BlockingProgram& program,
                          const BlockingOptions& options) {
  return Interleaver(program, options).Run();
}

std::string DeadlockToString(const BlockingProgram& program,
                             const Outcome& outcome,
                             const std::vector<int>& positions) {
  std::string text = ToString(outcome);
  for (size_t t = 0; t < positions.size(); ++t) {
    const auto& ops = program.threads[t];
    const auto position = static_cast<size_t>(positions[t]);
    if (position == ops.size()) continue;
    text += " | " + std::to_string(t) + ": " + ToString(program, ops[position]);
  }
  return text;
}

}  // namespace weft::model::oracle
