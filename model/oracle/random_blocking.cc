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
        mutexes_(block_on != BlockOn::kPark),
        conditions_(block_on == BlockOn::kCondition ||
                    block_on == BlockOn::kEverything),
        parks_(block_on == BlockOn::kPark || block_on == BlockOn::kEverything) {
  }

  BlockingProgram Make() {
    program_.variables = {"x", "y"};
    if (mutexes_) program_.mutexes = {"m"};
    if (mutexes_ && random_.Percent(conditions_ ? 15 : 50)) {
      program_.mutexes.emplace_back("n");
    }
    if (conditions_) program_.conditions = {"c"};
    program_.threads.resize(
        static_cast<size_t>(random_.OneOf({2, 2, 3, 3, 4})));
    const int budget = program_.threads.size() == 2   ? 6
                       : program_.threads.size() == 3 ? 4
                                                      : 3;
    for (size_t t = 0; t < program_.threads.size(); ++t) {
      thread_ = static_cast<int>(t);
      const int length = 1 + random_.Below(budget);
      while (static_cast<int>(Ops().size()) < length) AddSomething();
    }
    return std::move(program_);
  }

 private:
  std::vector<BlockingOp>& Ops() {
    return program_.threads[static_cast<size_t>(thread_)];
  }

  int OneVariable() { return random_.Below(2); }

  void AddSomething() {
    const int what = random_.Below(100);
    if (mutexes_ && what < (parks_ ? 30 : 45)) {
      AddCriticalSection();
    } else if (conditions_ && what < 50) {
      AddNotify();
    } else if (parks_ && what < 80) {
      AddPark();
    } else {
      AddAccess();
    }
  }

  void AddCriticalSection() {
    const int mutexes = static_cast<int>(program_.mutexes.size());
    const int outer = random_.Below(mutexes);
    Ops().push_back({.kind = Kind::kLock, .mutex = outer});
    AddBody(outer);
    if (mutexes > 1 && random_.Percent(40)) {
      const int inner = 1 - outer;
      Ops().push_back({.kind = Kind::kLock, .mutex = inner});
      AddBody(random_.OneOf({inner, outer}));
      // Not always in the order of a stack.
      const bool crossed = random_.Percent(20);
      Ops().push_back(
          {.kind = Kind::kUnlock, .mutex = crossed ? outer : inner});
      Ops().push_back(
          {.kind = Kind::kUnlock, .mutex = crossed ? inner : outer});
    } else {
      Ops().push_back({.kind = Kind::kUnlock, .mutex = outer});
    }
  }

  /// What is done with `mutex` held.
  void AddBody(int mutex) {
    if (!conditions_ || random_.Percent(40)) {
      AddAccess();
    } else if (random_.Percent(40)) {
      Ops().push_back({.kind = Kind::kStore,
                       .variable = OneVariable(),
                       .value = random_.OneOf({1, 1, 1, 0})});
      AddNotify();
    } else if (random_.Percent(40)) {
      Ops().push_back({.kind = Kind::kWait, .mutex = mutex, .condition = 0});
    } else {
      Ops().push_back({.kind = Kind::kWaitUntil,
                       .variable = OneVariable(),
                       .mutex = mutex,
                       .condition = 0});
    }
  }

  void AddNotify() {
    BlockingOp op{.kind = random_.OneOf({Kind::kNotifyOne, Kind::kNotifyAll}),
                  .condition = 0};
    MaybeGuard(op);
    Ops().push_back(op);
  }

  void AddPark() {
    BlockingOp op;
    if (random_.Percent(55)) {
      const int others = static_cast<int>(program_.threads.size()) - 1;
      op.kind = Kind::kUnpark;
      op.thread = (thread_ + 1 + random_.Below(others)) % (others + 1);
    } else if (random_.Percent(60)) {
      op.kind = Kind::kPark;
    } else {
      op.kind = Kind::kParkUntil;
      op.variable = OneVariable();
    }
    MaybeGuard(op);
    Ops().push_back(op);
  }

  void AddAccess() {
    BlockingOp op{
        .kind = random_.OneOf({Kind::kStore, Kind::kLoad, Kind::kAdd}),
        .variable = OneVariable()};
    if (op.kind != Kind::kLoad) op.value = random_.OneOf({1, 1, 2});
    MaybeGuard(op);
    if (op.HasResult()) {
      op.result = static_cast<int>(program_.registers.size());
      program_.registers.push_back("r" + std::to_string(10 + op.result));
    }
    Ops().push_back(op);
  }

  /// Lets the operation depend on something that the thread read.
  void MaybeGuard(BlockingOp& op) {
    std::vector<int> registers;
    for (const BlockingOp& before : Ops()) {
      if (before.HasResult()) registers.push_back(before.result);
    }
    if (registers.empty() || !random_.Percent(30)) return;
    op.guard = random_.OneOf(registers);
    op.guard_value = random_.OneOf({0, 1});
  }

  Random random_;
  const bool mutexes_;
  const bool conditions_;
  const bool parks_;
  BlockingProgram program_;
  int thread_ = 0;
};

}  // namespace

BlockingProgram RandomBlockingProgram(uint64_t seed, BlockOn block_on) {
  Random seeds(seed * 4 + static_cast<uint64_t>(block_on));
  // Most programs drawn blindly can only deadlock, and so show little.
  for (int tries = 0;; ++tries) {
    BlockingProgram program = Generator(seeds.Next(), block_on).Make();
    if (tries == 4 || !Interleave(program).outcomes.empty()) return program;
  }
}

}  // namespace weft::model::oracle
