#include "weft/model/oracle/engine_blocking.h"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "weft/model/atomic.h"
#include "weft/model/futex.h"
#include "weft/model/mutex.h"
#include "weft/model/oracle/blocking.h"
#include "weft/model/oracle/outcome.h"
#include "weft/model/oracle/shrink.h"
#include "weft/model/park.h"
#include "weft/model/spin.h"
#include "weft/model/thread.h"

namespace weft::model::oracle {
namespace {

using Kind = BlockingOp::Kind;

constexpr auto kSeqCst = std::memory_order_seq_cst;
constexpr std::chrono::nanoseconds kSomeTime = std::chrono::milliseconds(1);

/// "@0": how far thread 0 has come, as a note. Names of registers are letters.
std::string PositionName(int thread) { return "@" + std::to_string(thread); }

/// Runs a program within an execution.
class Runner {
 public:
  Runner(const BlockingProgram& program, const BlockingComparison& how)
      : program_(program),
        fences_(how.strictness == Strictness::kEqual),
        variables_(program.variables.size()),
        mutexes_(program.mutexes.size()),
        shared_mutexes_(program.mutexes.size()),
        is_shared_(program.mutexes.size()),
        conditions_(program.conditions.size()),
        parkers_(program.threads.size()),
        registers_(program.registers.size()) {
    for (const std::vector<BlockingOp>& ops : program.threads) {
      for (const BlockingOp& op : ops) {
        if (op.kind == Kind::kLockShared) is_shared_[op.mutex] = true;
      }
    }
  }

  void Run() {
    std::vector<Thread> threads;
    threads.reserve(program_.threads.size());
    for (int t = 0; t < static_cast<int>(program_.threads.size()); ++t) {
      Note(PositionName(t), 0);
      threads.emplace_back([this, t] { RunThread(t); });
    }
    for (Thread& thread : threads) thread.join();
  }

 private:
  void RunThread(int thread) {
    int position = 0;
    for (const BlockingOp& op : program_.threads[thread]) {
      if (op.guard < 0 || registers_[op.guard] == op.guard_value) {
        if (fences_ && position != 0) AtomicThreadFence(kSeqCst);
        const int result = Execute(op, thread);
        if (op.result >= 0) {
          registers_[op.result] = result;
          Note(program_.registers[op.result], result);
        }
      }
      Note(PositionName(thread), ++position);
    }
  }

  int Execute(const BlockingOp& op, int thread) {
    if (op.mutex >= 0) return UseMutex(op);
    if (op.condition >= 0) {
      CondVar& condition = conditions_[op.condition];
      op.kind == Kind::kNotifyOne ? condition.notify_one()
                                  : condition.notify_all();
      return 0;
    }
    if (op.kind == Kind::kUnpark) {
      parkers_[op.thread].Unpark();
      return 0;
    }
    if (op.kind == Kind::kPark) {
      parkers_[thread].Park();
      return 0;
    }
    if (op.kind == Kind::kParkFor) {
      return parkers_[thread].ParkFor(kSomeTime) ? 1 : 0;
    }
    return UseVariable(op, thread);
  }

  int UseVariable(const BlockingOp& op, int thread) {
    Atomic<uint32_t>& variable = variables_[op.variable];
    const auto value = static_cast<uint32_t>(op.value);
    switch (op.kind) {
      case Kind::kStore:
        variable.store(value, kSeqCst);
        return 0;
      case Kind::kLoad:
        return static_cast<int>(variable.load(kSeqCst));
      case Kind::kAdd:
        return static_cast<int>(variable.fetch_add(value, kSeqCst));
      case Kind::kParkUntil:
        while (variable.load(kSeqCst) == 0) {
          Fence();
          parkers_[thread].Park();
          Fence();
        }
        return 0;
      case Kind::kFutexWait:
        FutexWait(variable, value);
        return 0;
      case Kind::kFutexWake:
        FutexWake(variable, op.value);
        return 0;
      case Kind::kAtomicWait:
        variable.wait(value, kSeqCst);
        return 0;
      case Kind::kAtomicOne:
        variable.notify_one();
        return 0;
      case Kind::kAtomicAll:
        variable.notify_all();
        return 0;
      default:
        while (variable.load(kSeqCst) == value) SpinHint();
        return 0;
    }
  }

  int UseMutex(const BlockingOp& op) {
    if (is_shared_[op.mutex]) return UseSharedMutex(op);
    Mutex& mutex = mutexes_[op.mutex];
    switch (op.kind) {
      case Kind::kLock:
        mutex.lock();
        return 0;
      case Kind::kTryLock:
        return mutex.try_lock() ? 1 : 0;
      case Kind::kUnlock:
        mutex.unlock();
        return 0;
      default:
        return WaitWith(mutex, op);
    }
  }

  int UseSharedMutex(const BlockingOp& op) {
    SharedMutex& mutex = shared_mutexes_[op.mutex];
    switch (op.kind) {
      case Kind::kLock:
        mutex.lock();
        return 0;
      case Kind::kTryLock:
        return mutex.try_lock() ? 1 : 0;
      case Kind::kUnlock:
        mutex.unlock();
        return 0;
      case Kind::kLockShared:
        mutex.lock_shared();
        return 0;
      default:
        mutex.unlock_shared();
        return 0;
    }
  }

  int WaitWith(Mutex& mutex, const BlockingOp& op) {
    MutexLock lock(mutex, std::adopt_lock);
    CondVar& condition = conditions_[op.condition];
    int result = 0;
    if (op.kind == Kind::kWaitUntil) {
      condition.wait(lock, [&] {
        Fence();
        const bool set = variables_[op.variable].load(kSeqCst) != 0;
        Fence();
        return set;
      });
    } else if (op.kind == Kind::kWaitFor) {
      result = condition.wait_for(lock, kSomeTime) == std::cv_status::timeout
                   ? 0
                   : 1;
    } else {
      condition.wait(lock);
    }
    lock.release();
    return result;
  }

  void Fence() const {
    if (fences_) AtomicThreadFence(kSeqCst);
  }

  const BlockingProgram& program_;
  const bool fences_;
  std::deque<Atomic<uint32_t>> variables_;
  std::deque<Mutex> mutexes_;
  std::deque<SharedMutex> shared_mutexes_;
  std::vector<char> is_shared_;
  std::deque<CondVar> conditions_;
  std::deque<Parker> parkers_;
  std::vector<int> registers_;  // each of one thread
};

/// What the engine says, in the oracle's words.
BlockingResult Translate(const BlockingProgram& program, const Result& result) {
  BlockingResult translated;
  const auto parse = [&](std::string_view text, std::vector<int>& positions) {
    Outcome outcome;
    positions.assign(program.threads.size(), 0);
    while (!text.empty()) {
      const std::string word(text.substr(0, text.find(' ')));
      text.remove_prefix(std::min(text.size(), word.size() + 1));
      const size_t equals = word.find('=');
      const int value = std::atoi(word.c_str() + equals + 1);
      if (word[0] == '@') {
        positions[std::atoi(word.c_str() + 1)] = value;
      } else {
        outcome[word.substr(0, equals)] = value;
      }
    }
    return outcome;
  };
  std::vector<int> positions;
  for (const std::string& text : result.outcomes) {
    translated.outcomes.insert(ToString(parse(text, positions)));
  }
  for (const std::string& text : result.deadlock_outcomes) {
    const Outcome outcome = parse(text, positions);
    translated.deadlocks.insert(DeadlockToString(program, outcome, positions));
  }
  return translated;
}

/// Says what `other` lacks.
std::string Missing(const OutcomeSet& outcomes, const OutcomeSet& other,
                    std::string_view what) {
  std::string text;
  for (const std::string& outcome : outcomes) {
    if (other.contains(outcome)) continue;
    text.append("  ").append(what).append(": ").append(outcome).append("\n");
  }
  return text;
}

}  // namespace

Result ExploreBlocking(const BlockingProgram& program,
                       const BlockingComparison& how) {
  return Explore(
      [&] {
        Runner runner(program, how);
        runner.Run();
      },
      {.max_executions = how.max_executions,
       .stop_at_deadlock = false,
       .count_distinct = true,
       .spurious_wakeups = how.spurious_wakeups});
}

std::string Difference(const BlockingProgram& program,
                       const BlockingComparison& how) {
  const BlockingResult oracle =
      Interleave(program, {.spurious_wakeups = how.spurious_wakeups});
  const Result result = ExploreBlocking(program, how);
  const BlockingResult engine = Translate(program, result);
  std::string text;
  const bool cut = result.verdict == Verdict::kNotExhaustive;
  if (!cut) {
    // Deadlocks are counted, and are not what Explore stops for.
    if (result.verdict != Verdict::kPassed) {
      text += "  the engine: " + std::string(VerdictName(result.verdict)) +
              "\n" + result.report;
    }
    text += Missing(oracle.outcomes, engine.outcomes, "the oracle alone");
    text += Missing(oracle.deadlocks, engine.deadlocks,
                    "the oracle alone, deadlock");
  }
  if (how.strictness == Strictness::kEqual) {
    text += Missing(engine.outcomes, oracle.outcomes, "the engine alone");
    text += Missing(engine.deadlocks, oracle.deadlocks,
                    "the engine alone, deadlock");
  }
  if (result.complete != result.distinct) {
    text += "  the engine: " + std::to_string(result.complete) +
            " complete executions, of which " +
            std::to_string(result.distinct) + " are different\n";
  }
  return text;
}

std::string ShrunkDifference(const BlockingProgram& program,
                             const BlockingComparison& how) {
  const std::string difference = Difference(program, how);
  if (difference.empty()) return "";
  const BlockingProgram small =
      Shrink(program, [&](const BlockingProgram& candidate) {
        return !Difference(candidate, how).empty();
      });
  return ToString(program) + difference + "shrunk:\n" + ToString(small) +
         Difference(small, how);
}

}  // namespace weft::model::oracle
