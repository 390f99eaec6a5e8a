#include "weft/model/oracle/blocking_program.h"

#include <array>
#include <set>

#include "weft/model/oracle/statement.h"

namespace weft::model::oracle {
namespace {

using Kind = BlockingOp::Kind;

struct Verb {
  Kind kind;
  std::string_view name;
  size_t arguments;
};

constexpr std::array<Verb, 12> kVerbs = {{
    {Kind::kStore, "store", 1},
    {Kind::kLoad, "load", 0},
    {Kind::kAdd, "add", 1},
    {Kind::kLock, "lock", 0},
    {Kind::kUnlock, "unlock", 0},
    {Kind::kWait, "wait", 1},
    {Kind::kWaitUntil, "wait", 2},
    {Kind::kNotifyOne, "notify_one", 0},
    {Kind::kNotifyAll, "notify_all", 0},
    {Kind::kPark, "park", 0},
    {Kind::kParkUntil, "park", 1},
    {Kind::kUnpark, "unpark", 1},
}};

bool HasObject(Kind kind) {
  return kind != Kind::kPark && kind != Kind::kParkUntil &&
         kind != Kind::kUnpark;
}

BlockingOp ParseOp(const Statement& statement, BlockingProgram& program) {
  BlockingOp op;
  const auto& arguments = statement.arguments;
  const Verb* verb = nullptr;
  for (const Verb& v : kVerbs) {
    if (v.name == statement.verb && v.arguments == arguments.size()) verb = &v;
  }
  if (verb == nullptr) Malformed("no such operation", ToString(statement));
  op.kind = verb->kind;
  if (statement.object.empty() == HasObject(op.kind) ||
      statement.result.empty() == op.HasResult()) {
    Malformed("the object or the result", ToString(statement));
  }
  if (op.UsesCondition()) {
    op.condition = IndexOf(statement.object, program.conditions);
    if (op.UsesMutex()) op.mutex = IndexOf(arguments[0], program.mutexes);
    if (op.UsesVariable()) {
      op.variable = IndexOf(arguments[1], program.variables);
    }
  } else if (op.UsesMutex()) {
    op.mutex = IndexOf(statement.object, program.mutexes);
  } else if (op.kind == Kind::kParkUntil) {
    op.variable = IndexOf(arguments[0], program.variables);
  } else if (op.UsesVariable()) {
    op.variable = IndexOf(statement.object, program.variables);
    if (!arguments.empty()) op.value = ParseNumber(arguments[0]);
  } else if (op.kind == Kind::kUnpark) {
    op.thread = ParseNumber(arguments[0]);
  }
  if (!statement.guard.empty()) {
    op.guard = IndexOf(statement.guard, program.registers);
    op.guard_value = statement.guard_value;
  }
  if (op.HasResult()) op.result = IndexOf(statement.result, program.registers);
  return op;
}

bool IsWellFormed(const BlockingProgram& program,
                  const std::vector<BlockingOp>& thread) {
  std::set<int> held;
  for (const BlockingOp& op : thread) {
    if (op.UsesMutex() && op.guard >= 0) return false;
    if (op.kind == Kind::kLock) {
      if (!held.insert(op.mutex).second) return false;
    } else if (op.kind == Kind::kUnlock) {
      if (held.erase(op.mutex) == 0) return false;
    } else if (op.UsesMutex() && !held.contains(op.mutex)) {
      return false;
    }
    if (op.thread >= static_cast<int>(program.threads.size())) return false;
  }
  return held.empty();
}

}  // namespace

bool BlockingOp::UsesVariable() const {
  return kind == Kind::kStore || HasResult() || kind == Kind::kWaitUntil ||
         kind == Kind::kParkUntil;
}

bool BlockingOp::UsesCondition() const {
  return kind == Kind::kWait || kind == Kind::kWaitUntil ||
         kind == Kind::kNotifyOne || kind == Kind::kNotifyAll;
}

bool BlockingOp::UsesMutex() const {
  return kind == Kind::kLock || kind == Kind::kUnlock || kind == Kind::kWait ||
         kind == Kind::kWaitUntil;
}

BlockingProgram ParseBlockingProgram(std::string_view text) {
  BlockingProgram program;
  for (const std::vector<Statement>& thread : ParseStatements(text)) {
    std::vector<BlockingOp>& ops = program.threads.emplace_back();
    for (const Statement& statement : thread) {
      ops.push_back(ParseOp(statement, program));
    }
  }
  if (!IsWellFormed(program)) Malformed("not well formed", text);
  return program;
}

std::string ToString(const BlockingProgram& program, const BlockingOp& op) {
  Statement statement;
  if (op.guard >= 0) {
    statement.guard = program.registers[op.guard];
    statement.guard_value = op.guard_value;
  }
  if (op.HasResult()) statement.result = program.registers[op.result];
  for (const Verb& verb : kVerbs) {
    if (verb.kind == op.kind) statement.verb = verb.name;
  }
  auto& arguments = statement.arguments;
  if (op.UsesCondition()) {
    statement.object = program.conditions[op.condition];
    if (op.UsesMutex()) arguments.push_back(program.mutexes[op.mutex]);
  } else if (op.UsesMutex()) {
    statement.object = program.mutexes[op.mutex];
  }
  if (op.kind == Kind::kWaitUntil || op.kind == Kind::kParkUntil) {
    arguments.push_back(program.variables[op.variable]);
  } else if (op.UsesVariable()) {
    statement.object = program.variables[op.variable];
    if (op.kind != Kind::kLoad) arguments.push_back(std::to_string(op.value));
  } else if (op.kind == Kind::kUnpark) {
    arguments.push_back(std::to_string(op.thread));
  }
  return ToString(statement);
}

std::string ToString(const BlockingProgram& program) {
  std::string text;
  for (size_t t = 0; t < program.threads.size(); ++t) {
    std::string line;
    for (const BlockingOp& op : program.threads[t]) {
      if (!line.empty()) line += "; ";
      line += ToString(program, op);
    }
    // An empty line would be no thread, and the numbers after it would change.
    if (line.empty()) line = "unpark(" + std::to_string(t) + ")";
    text += line + "\n";
  }
  return text;
}

bool IsWellFormed(const BlockingProgram& program) {
  for (const std::vector<BlockingOp>& thread : program.threads) {
    if (!IsWellFormed(program, thread)) return false;
  }
  return true;
}

}  // namespace weft::model::oracle
