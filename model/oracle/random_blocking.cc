#include "weft/model/oracle/random_blocking.h"

#include <string>
#include <utility>
#include <vector>

#include "weft/model/oracle/blocking.h"
#include "weft/model/oracle/random.h"

namespace weft::model::oracle {
namespace {

using Kind = BlockingOp::Kind;

class Generator {
 public:
  Generator(uint64_t seed, BlockOn block_on)
      : random_(seed),
        all_(block_on == BlockOn::kTimed || block_on == BlockOn::kEverything),
        mutexes_(all_ || block_on == BlockOn::kMutex ||
                 block_on == BlockOn::kCondition),
        conditions_(all_ || block_on == BlockOn::kCondition),
        parks_(all_ || block_on == BlockOn::kPark),
        futexes_(all_ || block_on == BlockOn::kFutex),
        shared_(block_on == BlockOn::kMutex ||
                block_on == BlockOn::kEverything),
        timed_(block_on == BlockOn::kTimed) {}

  BlockingProgram Make() {
    program_.variables = {"x", "y"};
    if (mutexes_) program_.mutexes = {"m"};
    if (mutexes_ && random_.Percent(conditions_ ? 15 : 50)) {
      program_.mutexes.emplace_back("n");
    }
    if (shared_ && random_.Percent(50)) program_.mutexes.emplace_back("s");
    if (conditions_) program_.conditions = {"c"};
    const int threads = random_.OneOf({2, 2, 3, 3, 4});
    program_.threads.resize(static_cast<size_t>(threads));
    for (thread_ = 0; thread_ < threads; ++thread_) {
      may_time_out_ = timed_;
      const int length = 1 + random_.Below(threads == 2   ? 6
                                           : threads == 3 ? 4
                                                          : 3);
      while (static_cast<int>(Ops().size()) < length) AddSomething();
    }
    return std::move(program_);
  }

 private:
  std::vector<BlockingOp>& Ops() {
    return program_.threads[static_cast<size_t>(thread_)];
  }

  int OneVariable() { return random_.Below(2); }

  void Add(BlockingOp op) { Ops().push_back(op); }

  int NewRegister() {
    const auto number = static_cast<int>(program_.registers.size());
    // Two digits, so that the order of names is the order of registers.
    program_.registers.push_back("r" + std::to_string(10 + number));
    return number;
  }

  void AddSomething() {
    std::vector<void (Generator::*)()> choices = {&Generator::AddAccess,
                                                  &Generator::AddAccess};
    if (mutexes_) {
      choices.push_back(&Generator::AddCriticalSection);
      choices.push_back(&Generator::AddCriticalSection);
    }
    if (mutexes_ && !conditions_) choices.push_back(&Generator::AddTryLock);
    if (conditions_) choices.push_back(&Generator::AddNotify);
    if (parks_) choices.push_back(&Generator::AddPark);
    if (parks_) choices.push_back(&Generator::AddUnpark);
    if (futexes_) choices.push_back(&Generator::AddFutex);
    if (futexes_) choices.push_back(&Generator::AddWake);
    (this->*random_.OneOf(choices))();
  }

  // --- Locks and condition variables. ---

  void AddCriticalSection() {
    const int mutexes = static_cast<int>(program_.mutexes.size());
    const int outer = random_.Below(mutexes);
    if (program_.mutexes[static_cast<size_t>(outer)] == "s") {
      const bool shared = random_.Percent(60);
      Add({.kind = shared ? Kind::kLockShared : Kind::kLock, .mutex = outer});
      AddAccess();
      Add({.kind = shared ? Kind::kUnlockShared : Kind::kUnlock,
           .mutex = outer});
      return;
    }
    Add({.kind = Kind::kLock, .mutex = outer});
    AddBody(outer);
    if (mutexes > 1 && random_.Percent(40)) {
      const int inner = (outer + 1 + random_.Below(mutexes - 1)) % mutexes;
      Add({.kind = Kind::kLock, .mutex = inner});
      AddBody(outer);
      // Not always in the order of a stack.
      const bool crossed = random_.Percent(20);
      Add({.kind = Kind::kUnlock, .mutex = crossed ? outer : inner});
      Add({.kind = Kind::kUnlock, .mutex = crossed ? inner : outer});
    } else {
      Add({.kind = Kind::kUnlock, .mutex = outer});
    }
  }

  /// What is done with `mutex` held.
  void AddBody(int mutex) {
    if (!conditions_ || random_.Percent(40)) {
      AddAccess();
    } else if (random_.Percent(40)) {
      Add({.kind = Kind::kStore,
           .variable = OneVariable(),
           .value = random_.OneOf({1, 1, 1, 0})});
      AddNotify();
    } else if (TakesTime()) {
      Add({.kind = Kind::kWaitFor,
           .mutex = mutex,
           .condition = 0,
           .result = NewRegister()});
    } else if (random_.Percent(40)) {
      Add({.kind = Kind::kWait, .mutex = mutex, .condition = 0});
    } else {
      Add({.kind = Kind::kWaitUntil,
           .variable = OneVariable(),
           .mutex = mutex,
           .condition = 0});
    }
  }

  void AddTryLock() {
    const int mutex = random_.Below(static_cast<int>(program_.mutexes.size()));
    const int locked = NewRegister();
    Add({.kind = Kind::kTryLock, .mutex = mutex, .result = locked});
    Add({.kind = Kind::kAdd,
         .variable = OneVariable(),
         .value = 1,
         .result = NewRegister(),
         .guard = locked,
         .guard_value = 1});
    Add({.kind = Kind::kUnlock,
         .mutex = mutex,
         .guard = locked,
         .guard_value = 1});
  }

  void AddNotify() {
    BlockingOp op{.kind = random_.OneOf({Kind::kNotifyOne, Kind::kNotifyAll}),
                  .condition = 0};
    MaybeGuard(op);
    Add(op);
  }

  /// Whether the wait to be added now has a time: one of each thread, as often
  /// as the model checker lets one time out at will.
  bool TakesTime() {
    if (!may_time_out_ || !random_.Percent(60)) return false;
    may_time_out_ = false;
    return true;
  }

  // --- Tokens, futexes. ---

  void AddPark() {
    BlockingOp op{.kind = Kind::kPark};
    if (TakesTime()) {
      op.kind = Kind::kParkFor;
    } else if (random_.Percent(40)) {
      op.kind = Kind::kParkUntil;
      op.variable = OneVariable();
    }
    MaybeGuard(op);
    if (op.kind == Kind::kParkFor) op.result = NewRegister();
    Add(op);
  }

  void AddUnpark() {
    const int others = static_cast<int>(program_.threads.size()) - 1;
    BlockingOp op{
        .kind = Kind::kUnpark,
        .thread = (thread_ + 1 + random_.Below(others)) % (others + 1)};
    MaybeGuard(op);
    Add(op);
  }

  void AddFutex() {
    BlockingOp op{.kind = random_.OneOf({Kind::kFutexWait, Kind::kFutexWait,
                                         Kind::kAtomicWait, Kind::kSpin}),
                  .variable = OneVariable(),
                  .value = random_.OneOf({0, 0, 0, 1})};
    MaybeGuard(op);
    Add(op);
  }

  void AddWake() {
    if (random_.Percent(50)) AddAccess();
    BlockingOp op{.kind = random_.OneOf(
                      {Kind::kFutexWake, Kind::kAtomicOne, Kind::kAtomicAll}),
                  .variable = OneVariable()};
    if (op.kind == Kind::kFutexWake) op.value = random_.OneOf({1, 1, 2, 99});
    MaybeGuard(op);
    Add(op);
  }

  // --- Variables. ---

  void AddAccess() {
    BlockingOp op{
        .kind = random_.OneOf({Kind::kStore, Kind::kLoad, Kind::kAdd}),
        .variable = OneVariable()};
    if (op.kind != Kind::kLoad) op.value = random_.OneOf({1, 1, 2});
    MaybeGuard(op);
    if (op.kind != Kind::kStore) op.result = NewRegister();
    Add(op);
  }

  /// Lets the operation depend on something that the thread read.
  void MaybeGuard(BlockingOp& op) {
    std::vector<int> registers;
    for (const BlockingOp& before : Ops()) {
      if (before.result >= 0) registers.push_back(before.result);
    }
    if (registers.empty() || !random_.Percent(30)) return;
    op.guard = random_.OneOf(registers);
    op.guard_value = random_.OneOf({0, 1});
  }

  Random random_;
  const bool all_;
  const bool mutexes_;
  const bool conditions_;
  const bool parks_;
  const bool futexes_;
  const bool shared_;
  const bool timed_;
  BlockingProgram program_;
  int thread_ = 0;
  bool may_time_out_ = false;
};

}  // namespace

BlockingProgram RandomBlockingProgram(uint64_t seed, BlockOn block_on) {
  Random seeds(seed * 8 + static_cast<uint64_t>(block_on));
  // Most programs drawn blindly can only deadlock, and so show little.
  for (int tries = 0;; ++tries) {
    BlockingProgram program = Generator(seeds.Next(), block_on).Make();
    if (tries == 6 || !Interleave(program).outcomes.empty()) return program;
  }
}

}  // namespace weft::model::oracle
