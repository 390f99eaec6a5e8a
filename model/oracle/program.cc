#include "weft/model/oracle/program.h"

#include <array>
#include <set>

#include "weft/model/oracle/statement.h"

namespace weft::model::oracle {
namespace {

using Kind = Op::Kind;

constexpr std::array<std::string_view, 5> kOrders = {"rlx", "acq", "rel", "ar",
                                                     "sc"};

struct Verb {
  Kind kind;
  std::string_view name;
  size_t arguments;
};

constexpr std::array<Verb, 15> kVerbs = {{
    {Kind::kWrite, "store", 2},
    {Kind::kRead, "load", 1},
    {Kind::kFence, "fence", 1},
    {Kind::kFetchAdd, "add", 2},
    {Kind::kExchange, "swap", 2},
    {Kind::kCas, "cas", 4},
    {Kind::kWeakCas, "weak", 4},
    {Kind::kLock, "lock", 0},
    {Kind::kUnlock, "unlock", 0},
    {Kind::kPark, "park", 0},
    {Kind::kUnpark, "unpark", 0},
    {Kind::kCellWrite, "write", 0},
    {Kind::kCellRead, "read", 0},
    {Kind::kSpawn, "spawn", 1},
    {Kind::kJoin, "join", 1},
}};

Order ParseOrder(std::string_view name) {
  for (size_t i = 0; i < kOrders.size(); ++i) {
    if (kOrders[i] == name) return static_cast<Order>(i);
  }
  Malformed("not a memory order", name);
}

/// "1", "a" or "a+1".
void ParseValue(std::string_view text, Program& program, Op& op) {
  if (IsNumber(text)) {
    op.value = ParseNumber(text);
    return;
  }
  const size_t plus = text.find('+');
  op.value_from = IndexOf(text.substr(0, plus), program.registers);
  if (plus != std::string_view::npos) {
    op.value = ParseNumber(text.substr(plus + 1));
  }
}

std::string ValueToString(const Program& program, const Op& op) {
  if (op.value_from < 0) return std::to_string(op.value);
  const std::string& name = program.registers[op.value_from];
  return op.value == 0 ? name : name + "+" + std::to_string(op.value);
}

Op ParseOp(const Statement& statement, Program& program) {
  Op op;
  const Verb* verb = nullptr;
  for (const Verb& v : kVerbs) {
    if (v.name == statement.verb) verb = &v;
  }
  const auto& arguments = statement.arguments;
  if (verb == nullptr || verb->arguments != arguments.size()) {
    Malformed("no such operation", ToString(statement));
  }
  op.kind = verb->kind;
  const bool has_object = op.kind != Kind::kFence && !op.NamesThread();
  if (statement.object.empty() == has_object ||
      statement.result.empty() == op.HasResult()) {
    Malformed("the object or the result", ToString(statement));
  }
  if (has_object) {
    op.location = IndexOf(statement.object,
                          op.IsCell() ? program.cells : program.locations);
  }
  if (op.NamesThread()) {
    op.thread = ParseNumber(arguments[0]);
  } else if (op.IsCas()) {
    op.expected = ParseNumber(arguments[0]);
    ParseValue(arguments[1], program, op);
    op.order = ParseOrder(arguments[2]);
    op.failure = ParseOrder(arguments[3]);
  } else if (op.IsBlocking()) {
    op.expected = op.kind == Kind::kPark ? 1 : 0;
    op.value = op.kind == Kind::kLock || op.kind == Kind::kUnpark ? 1 : 0;
    op.order = op.Awaits() ? Order::kAcquire : Order::kRelease;
  } else if (!op.IsCell()) {
    if (op.MayWrite()) ParseValue(arguments[0], program, op);
    op.order = ParseOrder(arguments.back());
  }
  if (!statement.guard.empty()) {
    op.guard = IndexOf(statement.guard, program.registers);
    op.guard_value = statement.guard_value;
  }
  if (!statement.result.empty()) {
    op.result = IndexOf(statement.result, program.registers);
  }
  return op;
}

Statement ToStatement(const Program& program, const Op& op) {
  Statement statement;
  if (op.guard >= 0) {
    statement.guard = program.registers[op.guard];
    statement.guard_value = op.guard_value;
  }
  if (op.result >= 0) statement.result = program.registers[op.result];
  if (op.location >= 0) {
    statement.object = op.IsCell() ? program.cells[op.location]
                                   : program.locations[op.location];
  }
  for (const Verb& verb : kVerbs) {
    if (verb.kind == op.kind) statement.verb = verb.name;
  }
  if (op.IsCell() || op.IsBlocking()) return statement;
  if (op.NamesThread()) {
    statement.arguments.push_back(std::to_string(op.thread));
    return statement;
  }
  if (op.IsCas()) {
    statement.arguments.push_back(std::to_string(op.expected));
  }
  if (op.MayWrite()) {
    statement.arguments.push_back(ValueToString(program, op));
  }
  statement.arguments.emplace_back(Name(op.order));
  if (op.IsCas()) statement.arguments.emplace_back(Name(op.failure));
  return statement;
}

}  // namespace

std::string_view Name(Order order) {
  return kOrders[static_cast<size_t>(order)];
}

Program ParseProgram(std::string_view text, std::string_view finals) {
  Program program;
  for (const std::vector<Statement>& thread : ParseStatements(text)) {
    std::vector<Op>& ops = program.threads.emplace_back();
    for (const Statement& statement : thread) {
      ops.push_back(ParseOp(statement, program));
    }
  }
  while (!finals.empty()) {
    const size_t end = finals.find(' ');
    program.finals.push_back(IndexOf(finals.substr(0, end), program.locations));
    finals = end == std::string_view::npos ? "" : finals.substr(end + 1);
  }
  if (!IsWellFormed(program)) Malformed("not well formed", text);
  return program;
}

bool IsWellFormed(const Program& program) {
  const int threads = static_cast<int>(program.threads.size());
  std::set<int> spawned;
  for (int t = 0; t < threads; ++t) {
    std::set<int> started;
    std::set<int> held;
    for (const Op& op : program.threads[t]) {
      if (op.kind == Kind::kSpawn) {
        if (op.thread <= t || op.thread >= threads) return false;
        if (!spawned.insert(op.thread).second) return false;
        started.insert(op.thread);
      } else if (op.kind == Kind::kJoin) {
        if (started.erase(op.thread) == 0) return false;
      } else if (op.kind == Kind::kLock) {
        if (op.guard >= 0 || !held.insert(op.location).second) return false;
      } else if (op.kind == Kind::kUnlock) {
        if (op.guard >= 0 || held.erase(op.location) == 0) return false;
      }
    }
    if (!held.empty()) return false;
  }
  return true;
}

std::string ToString(const Program& program) {
  std::string text;
  for (const std::vector<Op>& thread : program.threads) {
    std::string line;
    for (const Op& op : thread) {
      if (!line.empty()) line += "; ";
      line += ToString(ToStatement(program, op));
    }
    text += line + "\n";
  }
  if (program.finals.empty()) return text;
  text += "final";
  for (const int location : program.finals) {
    text += " " + program.locations[location];
  }
  return text + "\n";
}

}  // namespace weft::model::oracle
