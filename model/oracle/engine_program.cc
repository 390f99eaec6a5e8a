#include "weft/model/oracle/engine_program.h"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/mutex.h"
#include "weft/model/oracle/axiomatic.h"
#include "weft/model/oracle/outcome.h"
#include "weft/model/oracle/shrink.h"
#include "weft/model/park.h"
#include "weft/model/thread.h"

namespace weft::model::oracle {
namespace {

using Kind = Op::Kind;

std::memory_order ToStd(Order order) {
  switch (order) {
    case Order::kRelaxed:
      return std::memory_order_relaxed;
    case Order::kAcquire:
      return std::memory_order_acquire;
    case Order::kRelease:
      return std::memory_order_release;
    case Order::kAcqRel:
      return std::memory_order_acq_rel;
    case Order::kSeqCst:
      break;
  }
  return std::memory_order_seq_cst;
}

/// What the threads of one execution share.
struct Memory {
  explicit Memory(const Program& program)
      : locations(std::make_unique<Atomic<int>[]>(program.locations.size())),
        mutexes(program.locations.size()),
        tokens(program.locations.size()),
        cells(std::make_unique<Cell<int>[]>(program.cells.size())),
        registers(program.registers.size()) {}

  // Of each location one of these is used.
  std::unique_ptr<Atomic<int>[]> locations;
  std::deque<Mutex> mutexes;
  std::deque<Parker> tokens;
  std::unique_ptr<Cell<int>[]> cells;
  // Each belongs to one thread.
  std::vector<int> registers;
};

int Execute(const Op& op, int value, Atomic<int>& location) {
  const std::memory_order order = ToStd(op.order);
  switch (op.kind) {
    case Kind::kRead:
      return location.load(order);
    case Kind::kFetchAdd:
      return location.fetch_add(value, order);
    case Kind::kExchange:
      return location.exchange(value, order);
    case Kind::kCas: {
      int read = op.expected;
      location.compare_exchange_strong(read, value, order, ToStd(op.failure));
      return read;
    }
    case Kind::kWeakCas: {
      int read = op.expected;
      location.compare_exchange_weak(read, value, order, ToStd(op.failure));
      return read;
    }
    default:
      location.store(value, order);
      return 0;
  }
}

void RunThread(const Program& program, int number, Memory& memory);

/// Runs an operation on an atomic.
void UseAtomic(const Program& program, const Op& op, Memory& memory) {
  const int value =
      op.value + (op.value_from < 0 ? 0 : memory.registers[op.value_from]);
  const int read = Execute(op, value, memory.locations[op.location]);
  if (!op.HasResult()) return;
  memory.registers[op.result] = read;
  Note(program.registers[op.result], read);
}

/// Runs an operation. `started` are the threads that this one has to join.
void Run(const Program& program, const Op& op, Memory& memory,
         std::map<int, Thread>& started) {
  switch (op.kind) {
    case Kind::kSpawn:
      started.emplace(op.thread, [&program, &op, &memory] {
        RunThread(program, op.thread, memory);
      });
      break;
    case Kind::kJoin:
      if (!started.contains(op.thread)) break;
      started[op.thread].join();
      started.erase(op.thread);
      break;
    case Kind::kFence:
      AtomicThreadFence(ToStd(op.order));
      break;
    case Kind::kLock:
      memory.mutexes[op.location].lock();
      break;
    case Kind::kUnlock:
      memory.mutexes[op.location].unlock();
      break;
    case Kind::kPark:
      memory.tokens[op.location].Park();
      break;
    case Kind::kUnpark:
      memory.tokens[op.location].Unpark();
      break;
    case Kind::kCellWrite:
      memory.cells[op.location].Set(1);
      break;
    case Kind::kCellRead:
      memory.cells[op.location].Get();
      break;
    default:
      UseAtomic(program, op, memory);
  }
}

void RunThread(const Program& program, int number, Memory& memory) {
  std::map<int, Thread> started;
  for (const Op& op : program.threads[number]) {
    if (op.guard >= 0 && memory.registers[op.guard] != op.guard_value) continue;
    Run(program, op, memory, started);
  }
  for (auto& [unused, thread] : started) thread.join();
}

bool IsSpawned(const Program& program, int thread) {
  for (const std::vector<Op>& ops : program.threads) {
    for (const Op& op : ops) {
      if (op.kind == Kind::kSpawn && op.thread == thread) return true;
    }
  }
  return false;
}

void RunProgram(const Program& program) {
  Memory memory(program);
  std::vector<Thread> threads;
  threads.reserve(program.threads.size());
  for (int t = 0; t < static_cast<int>(program.threads.size()); ++t) {
    if (IsSpawned(program, t)) continue;
    threads.emplace_back(
        [&program, t, &memory] { RunThread(program, t, memory); });
  }
  for (Thread& thread : threads) thread.join();
  for (const int location : program.finals) {
    Note(FinalName(program.locations[location]),
         memory.locations[location].load(std::memory_order_relaxed));
  }
}

/// Says which outcomes only one of them has.
std::string SetDifference(const OutcomeSet& oracle, const OutcomeSet& engine,
                          std::string_view what) {
  std::string text;
  for (const std::string& outcome : oracle) {
    if (engine.contains(outcome)) continue;
    text.append("  the oracle alone").append(what).append(": ");
    text.append(outcome).append("\n");
  }
  for (const std::string& outcome : engine) {
    if (oracle.contains(outcome)) continue;
    text.append("  the engine alone").append(what).append(": ");
    text.append(outcome).append("\n");
  }
  return text;
}

std::string CountDifference(uint64_t oracle, uint64_t engine,
                            std::string_view what) {
  if (oracle == engine) return "";
  return std::string("  ").append(what) + ": oracle " + std::to_string(oracle) +
         ", engine " + std::to_string(engine) + "\n";
}

}  // namespace

Result ExploreProgram(const Program& program, Options options) {
  options.stop_at_deadlock = false;
  return Explore([&program] { RunProgram(program); }, options);
}

std::string Difference(const Program& program) {
  const AxiomaticResult oracle = Judge(program);
  const Result engine = ExploreProgram(program, {.count_distinct = true});
  const Verdict expected = oracle.races ? Verdict::kDataRace : Verdict::kPassed;
  if (engine.verdict != expected) {
    return "  the oracle: " + std::string(VerdictName(expected)) +
           "\n  the engine: " + std::string(VerdictName(engine.verdict)) +
           "\n" + engine.report;
  }
  if (oracle.races) return "";
  return SetDifference(oracle.outcomes, engine.outcomes, "") +
         SetDifference(oracle.deadlocks, engine.deadlock_outcomes,
                       ", deadlock") +
         CountDifference(oracle.graphs, engine.complete, "executions") +
         CountDifference(oracle.graphs, engine.distinct,
                         "different executions") +
         CountDifference(oracle.deadlocked_graphs, engine.deadlocked,
                         "deadlocks");
}

std::string ShrunkDifference(const Program& program) {
  const std::string difference = Difference(program);
  if (difference.empty()) return "";
  const Program small =
      Shrink(program, [](const Program& p) { return !Difference(p).empty(); });
  return ToString(program) + difference + "shrunk:\n" + ToString(small) +
         Difference(small) + "all of the oracle's outcomes:\n" +
         ToString(Judge(small).outcomes, "  ") + "all of the engine's:\n" +
         ToString(ExploreProgram(small).outcomes, "  ");
}

}  // namespace weft::model::oracle
