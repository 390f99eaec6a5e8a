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
  kLooked,    // after the variable of a kWaitUntil was 0
  kWaiting,   // in the queue of a condition variable
  kNotified,  // out of it, and in need of the mutex
  kParking,   // in the loop of kParkUntil, after the variable was 0
};

constexpr char kNobody = -1;

/// Everything that can change, in bytes, so that states compare as strings.
class State {
 public:
  explicit State(const BlockingProgram& program)
      : threads_(program.threads.size()),
        mutexes_(program.mutexes.size()),
        variables_(program.variables.size()),
        bytes_(3 * threads_ + mutexes_ + variables_ + program.registers.size(),
               0) {
    for (size_t i = 0; i < mutexes_; ++i) Owner(static_cast<int>(i)) = kNobody;
  }

  /// The number of the thread's next operation.
  char& Position(int thread) { return bytes_[At(thread)]; }
  char& InPhase(int thread) { return bytes_[threads_ + At(thread)]; }
  char& Token(int thread) { return bytes_[2 * threads_ + At(thread)]; }
  char& Owner(int mutex) { return bytes_[3 * threads_ + At(mutex)]; }
  char& Variable(int variable) {
    return bytes_[3 * threads_ + mutexes_ + At(variable)];
  }
  char& Register(int reg) {
    return bytes_[3 * threads_ + mutexes_ + variables_ + At(reg)];
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
  explicit Interleaver(const BlockingProgram& program)
      : program_(program), threads_(static_cast<int>(program.threads.size())) {}

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

  /// Reaches `state` after the thread's operation is over.
  void Finish(State state, int thread) {
    state.InPhase(thread) = kReady;
    ++state.Position(thread);
    SkipGuarded(state, thread);
    Reach(state);
  }

  /// Reaches all states that one step of the thread leads to.
  void Move(State state, int thread) {
    const BlockingOp* op = Next(state, thread);
    if (op == nullptr) return;
    switch (op->kind) {
      case Kind::kStore:
        state.Variable(op->variable) = static_cast<char>(op->value);
        return Finish(state, thread);
      case Kind::kLoad:
        state.Register(op->result) = state.Variable(op->variable);
        return Finish(state, thread);
      case Kind::kAdd:
        state.Register(op->result) = state.Variable(op->variable);
        state.Variable(op->variable) += static_cast<char>(op->value);
        return Finish(state, thread);
      case Kind::kLock:
        if (TryLock(state, thread, op->mutex)) Finish(state, thread);
        return;
      case Kind::kUnlock:
        state.Owner(op->mutex) = kNobody;
        return Finish(state, thread);
      case Kind::kWait:
      case Kind::kWaitUntil:
        return Wait(state, thread, *op);
      case Kind::kNotifyOne:
        return NotifyOne(state, thread, op->condition);
      case Kind::kNotifyAll:
        for (int t = 0; t < threads_; ++t) {
          if (WaitsFor(state, t, op->condition)) state.InPhase(t) = kNotified;
        }
        return Finish(state, thread);
      case Kind::kPark:
        if (TakeToken(state, thread)) Finish(state, thread);
        return;
      case Kind::kParkUntil:
        return ParkUntil(state, thread, *op);
      case Kind::kUnpark:
        state.Token(op->thread) = 1;
        return Finish(state, thread);
    }
  }

  bool TryLock(State& state, int thread, int mutex) const {
    if (state.Owner(mutex) != kNobody) return false;
    state.Owner(mutex) = static_cast<char>(thread);
    return true;
  }

  void Wait(State& state, int thread, const BlockingOp& op) {
    const bool looks = op.kind == Kind::kWaitUntil;
    switch (state.InPhase(thread)) {
      case kReady:
        if (looks) {
          if (state.Variable(op.variable) != 0) return Finish(state, thread);
          state.InPhase(thread) = kLooked;
          return Reach(state);
        }
        [[fallthrough]];
      case kLooked:
        // Giving the mutex back and queueing up is one step.
        state.Owner(op.mutex) = kNobody;
        state.InPhase(thread) = kWaiting;
        return Reach(state);
      case kNotified:
        if (!TryLock(state, thread, op.mutex)) return;
        if (!looks) return Finish(state, thread);
        state.InPhase(thread) = kReady;
        return Reach(state);
      default:
        return;
    }
  }

  bool WaitsFor(State& state, int thread, int condition) const {
    return state.InPhase(thread) == kWaiting &&
           Next(state, thread)->condition == condition;
  }

  void NotifyOne(State& state, int thread, int condition) {
    bool anybody = false;
    for (int t = 0; t < threads_; ++t) {
      if (!WaitsFor(state, t, condition)) continue;
      anybody = true;
      State next = state;
      next.InPhase(t) = kNotified;
      Finish(next, thread);
    }
    if (!anybody) Finish(state, thread);
  }

  bool TakeToken(State& state, int thread) const {
    return std::exchange(state.Token(thread), 0) != 0;
  }

  void ParkUntil(State& state, int thread, const BlockingOp& op) {
    if (state.InPhase(thread) == kReady) {
      if (state.Variable(op.variable) != 0) return Finish(state, thread);
      state.InPhase(thread) = kParking;
      Reach(state);
    } else if (TakeToken(state, thread)) {
      state.InPhase(thread) = kReady;
      Reach(state);
    }
  }

  void End(State state) {
    Outcome outcome;
    std::string blocked;
    for (int t = 0; t < threads_; ++t) {
      const auto& ops = program_.threads[static_cast<size_t>(t)];
      for (int i = 0; i < state.Position(t); ++i) {
        const BlockingOp& op = ops[static_cast<size_t>(i)];
        if (!op.HasResult()) continue;
        if (op.guard >= 0 && state.Register(op.guard) != op.guard_value) {
          continue;
        }
        outcome[program_.registers[static_cast<size_t>(op.result)]] =
            state.Register(op.result);
      }
      if (const BlockingOp* op = Next(state, t); op != nullptr) {
        blocked += " | " + std::to_string(t) + ": " + ToString(program_, *op);
      }
    }
    if (blocked.empty()) {
      result_.outcomes.insert(ToString(outcome));
    } else {
      result_.deadlocks.insert(ToString(outcome) + blocked);
    }
  }

  const BlockingProgram& program_;
  const int threads_;
  std::unordered_set<std::string> seen_;
  std::vector<State> todo_;
  bool moved_ = false;
  BlockingResult result_;
};

}  // namespace

BlockingResult Interleave(const BlockingProgram& program) {
  return Interleaver(program).Run();
}

}  // namespace weft::model::oracle
