#include "weft/model/oracle/blocking_program.h"

#include <array>
#include <map>
#include <set>

#include "weft/model/oracle/statement.h"

namespace weft::model::oracle {
namespace {

using Kind = BlockingOp::Kind;

/// What stands before the verb, or between its parentheses. The two strings of
/// a Verb are made of these letters, in this order.
enum Part : char {
  kVariable = 'x',
  kMutex = 'm',
  kCondition = 'c',
  kThread = 't',
  kNumber = 'n',
};

/// How an operation is written: `result = object.name(arguments)`.
struct Verb {
  Kind kind;
  std::string_view name;
  std::string_view object;
  std::string_view arguments;
  bool result;
};

constexpr std::array<Verb, 23> kVerbs = {{
    {Kind::kStore, "store", "x", "n", false},
    {Kind::kLoad, "load", "x", "", true},
    {Kind::kAdd, "add", "x", "n", true},
    {Kind::kLock, "lock", "m", "", false},
    {Kind::kTryLock, "try_lock", "m", "", true},
    {Kind::kUnlock, "unlock", "m", "", false},
    {Kind::kLockShared, "lock_shared", "m", "", false},
    {Kind::kUnlockShared, "unlock_shared", "m", "", false},
    {Kind::kWait, "wait", "c", "m", false},
    {Kind::kWaitUntil, "wait", "c", "mx", false},
    {Kind::kWaitFor, "wait_for", "c", "m", true},
    {Kind::kNotifyOne, "notify_one", "c", "", false},
    {Kind::kNotifyAll, "notify_all", "c", "", false},
    {Kind::kPark, "park", "", "", false},
    {Kind::kParkUntil, "park", "", "x", false},
    {Kind::kParkFor, "park_for", "", "", true},
    {Kind::kUnpark, "unpark", "", "t", false},
    {Kind::kFutexWait, "futex_wait", "x", "n", false},
    {Kind::kFutexWake, "futex_wake", "x", "n", false},
    {Kind::kAtomicWait, "wait_while", "x", "n", false},
    {Kind::kAtomicOne, "wake_one", "x", "", false},
    {Kind::kAtomicAll, "wake_all", "x", "", false},
    {Kind::kSpin, "spin", "x", "n", false},
}};

const Verb& VerbOf(Kind kind) { return kVerbs[static_cast<size_t>(kind)]; }

void ParsePart(char part, const std::string& text, BlockingProgram& program,
               BlockingOp& op) {
  switch (part) {
    case kVariable:
      op.variable = IndexOf(text, program.variables);
      break;
    case kMutex:
      op.mutex = IndexOf(text, program.mutexes);
      break;
    case kCondition:
      op.condition = IndexOf(text, program.conditions);
      break;
    case kThread:
      op.thread = ParseNumber(text);
      break;
    default:
      op.value = ParseNumber(text);
  }
}

std::string PartToString(char part, const BlockingProgram& program,
                         const BlockingOp& op) {
  switch (part) {
    case kVariable:
      return program.variables[op.variable];
    case kMutex:
      return program.mutexes[op.mutex];
    case kCondition:
      return program.conditions[op.condition];
    case kThread:
      return std::to_string(op.thread);
    default:
      return std::to_string(op.value);
  }
}

BlockingOp ParseOp(const Statement& statement, BlockingProgram& program) {
  const auto& arguments = statement.arguments;
  const Verb* verb = nullptr;
  for (const Verb& v : kVerbs) {
    if (v.name == statement.verb && v.arguments.size() == arguments.size()) {
      verb = &v;
    }
  }
  if (verb == nullptr) Malformed("no such operation", ToString(statement));
  if (statement.object.empty() != verb->object.empty() ||
      statement.result.empty() == verb->result) {
    Malformed("the object or the result", ToString(statement));
  }
  BlockingOp op;
  op.kind = verb->kind;
  if (!verb->object.empty()) {
    ParsePart(verb->object[0], statement.object, program, op);
  }
  for (size_t i = 0; i < arguments.size(); ++i) {
    ParsePart(verb->arguments[i], arguments[i], program, op);
  }
  if (!statement.guard.empty()) {
    op.guard = IndexOf(statement.guard, program.registers);
    op.guard_value = statement.guard_value;
  }
  if (verb->result) op.result = IndexOf(statement.result, program.registers);
  return op;
}

/// What a thread holds, on its way through its operations.
class Holdings {
 public:
  /// Whether the operation is allowed; then does it.
  bool Do(const BlockingOp& op) {
    const bool known = held_.contains(op.mutex);
    switch (op.kind) {
      case Kind::kLock:
      case Kind::kLockShared:
        held_[op.mutex] = {op.kind == Kind::kLockShared, -1};
        return !known && op.guard < 0;
      case Kind::kTryLock:
        held_[op.mutex] = {false, op.result};
        return !known && op.guard < 0;
      case Kind::kUnlock:
      case Kind::kUnlockShared: {
        if (!known) return false;
        const Held held = held_[op.mutex];
        held_.erase(op.mutex);
        if (held.shared != (op.kind == Kind::kUnlockShared)) return false;
        return op.guard == held.if_register &&
               (op.guard < 0 || op.guard_value == 1);
      }
      default:
        return op.mutex < 0 ||
               (known && !held_[op.mutex].shared &&
                held_[op.mutex].if_register < 0 && op.guard < 0);
    }
  }

  bool empty() const { return held_.empty(); }

 private:
  struct Held {
    bool shared = false;
    int if_register = -1;  // held only if this is 1
  };

  std::map<int, Held> held_;
};

}  // namespace

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
  const Verb& verb = VerbOf(op.kind);
  Statement statement;
  statement.verb = verb.name;
  if (op.guard >= 0) {
    statement.guard = program.registers[op.guard];
    statement.guard_value = op.guard_value;
  }
  if (op.result >= 0) statement.result = program.registers[op.result];
  if (!verb.object.empty()) {
    statement.object = PartToString(verb.object[0], program, op);
  }
  for (const char part : verb.arguments) {
    statement.arguments.push_back(PartToString(part, program, op));
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
  std::set<int> shared;
  std::set<int> waited_with;
  for (const std::vector<BlockingOp>& thread : program.threads) {
    Holdings holdings;
    for (const BlockingOp& op : thread) {
      if (!holdings.Do(op)) return false;
      if (op.thread >= static_cast<int>(program.threads.size())) return false;
      if (op.kind == Kind::kLockShared) shared.insert(op.mutex);
      if (op.condition >= 0 && op.mutex >= 0) waited_with.insert(op.mutex);
    }
    if (!holdings.empty()) return false;
  }
  for (const int mutex : waited_with) {
    if (shared.contains(mutex)) return false;
  }
  return true;
}

}  // namespace weft::model::oracle
