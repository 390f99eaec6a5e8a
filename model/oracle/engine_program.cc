#include "weft/model/oracle/engine_program.h"

#include <atomic>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/oracle/axiomatic.h"
#include "weft/model/oracle/outcome.h"
#include "weft/model/oracle/shrink.h"
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
        cells(std::make_unique<Cell<int>[]>(program.cells.size())),
        registers(program.registers.size()),
        was_read(program.registers.size()) {}

  std::unique_ptr<Atomic<int>[]> locations;
  std::unique_ptr<Cell<int>[]> cells;
  // Each belongs to one thread; the main thread looks after all have ended.
  std::vector<int> registers;
  std::vector<char> was_read;
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

void RunThread(const Program& program, int number, Memory& memory) {
  std::map<int, Thread> started;
  for (const Op& op : program.threads[number]) {
    if (op.guard >= 0 && memory.registers[op.guard] != op.guard_value) continue;
    if (op.kind == Kind::kSpawn) {
      started.emplace(op.thread, [&program, &op, &memory] {
        RunThread(program, op.thread, memory);
      });
    } else if (op.kind == Kind::kJoin) {
      if (!started.contains(op.thread)) continue;
      started[op.thread].join();
      started.erase(op.thread);
    } else if (op.kind == Kind::kFence) {
      AtomicThreadFence(ToStd(op.order));
    } else if (op.kind == Kind::kCellWrite) {
      memory.cells[op.location].Set(1);
    } else if (op.kind == Kind::kCellRead) {
      memory.cells[op.location].Get();
    } else {
      const int value =
          op.value + (op.value_from < 0 ? 0 : memory.registers[op.value_from]);
      const int read = Execute(op, value, memory.locations[op.location]);
      if (!op.Reads()) continue;
      memory.registers[op.result] = read;
      memory.was_read[op.result] = 1;
    }
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
  for (size_t i = 0; i < program.registers.size(); ++i) {
    if (memory.was_read[i] == 0) continue;
    Note(program.registers[i], memory.registers[i]);
  }
  for (const int location : program.finals) {
    Note(FinalName(program.locations[location]),
         memory.locations[location].load(std::memory_order_relaxed));
  }
}

/// Says which outcomes only one of them has.
std::string SetDifference(const OutcomeSet& oracle, const OutcomeSet& engine) {
  std::string text;
  for (const std::string& outcome : oracle) {
    if (!engine.contains(outcome)) {
      text += "  the oracle alone: " + outcome + "\n";
    }
  }
  for (const std::string& outcome : engine) {
    if (!oracle.contains(outcome)) {
      text += "  the engine alone: " + outcome + "\n";
    }
  }
  return text;
}

}  // namespace

Result ExploreProgram(const Program& program) {
  return Explore([&program] { RunProgram(program); });
}

std::string Difference(const Program& program) {
  const AxiomaticResult oracle = Judge(program);
  const Result engine = ExploreProgram(program);
  const Verdict expected = oracle.races ? Verdict::kDataRace : Verdict::kPassed;
  if (engine.verdict != expected) {
    return "  the oracle: " + std::string(VerdictName(expected)) +
           "\n  the engine: " + std::string(VerdictName(engine.verdict)) +
           "\n" + engine.report;
  }
  if (oracle.races) return "";
  std::string text = SetDifference(oracle.outcomes, engine.outcomes);
  if (oracle.graphs != engine.complete) {
    text += "  executions: oracle " + std::to_string(oracle.graphs) +
            ", engine " + std::to_string(engine.complete) + "\n";
  }
  return text;
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
