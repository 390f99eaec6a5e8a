#include "weft/examples/flowlang/sequential.h"

#include <pthread.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "weft/base/check.h"
#include "weft/examples/flowlang/builtins.h"
#include "weft/examples/flowlang/limits.h"
#include "weft/examples/flowlang/operators.h"

namespace flowlang {
namespace {

struct Frame {
  int depth;
  std::vector<std::optional<Value>> slots;
};

class Evaluator {
 public:
  Evaluator(const Program& program, const std::string& folder)
      : program_(program), folder_(folder), globals_(program.globals) {}

  std::optional<Error> Run(absl::FunctionRef<void(const Value&)> print) {
    Frame main{0, {}};
    main.slots.resize(program_.slots);
    for (const Statement& statement : program_.statements) {
      Result value = Evaluate(*statement.value, main);
      if (!value.ok()) return value.error();
      if (statement.name.name.empty()) {
        print(*value);
      } else {
        globals_[statement.slot] = *std::move(value);
      }
    }
    return std::nullopt;
  }

 private:
  Result Evaluate(const Expression& expression, Frame& frame) {
    return std::visit(
        [&](const auto& node) {
          return Evaluate(node, expression.position, frame);
        },
        expression.node);
  }
  OrError<Values> EvaluateAll(const std::vector<ExpressionPtr>& list,
                              Frame& frame) {
    Values values;
    for (const ExpressionPtr& expression : list) {
      Result value = Evaluate(*expression, frame);
      if (!value.ok()) return value.error();
      values.push_back(*std::move(value));
    }
    return values;
  }

  Result Evaluate(const Literal& node, Position, Frame&) { return node.value; }

  Result Evaluate(const Name& node, Position, Frame& frame) {
    return node.global ? *globals_[node.slot] : *frame.slots[node.slot];
  }

  Result Evaluate(const If& node, Position at, Frame& frame) {
    const Result value = Evaluate(*node.condition, frame);
    if (!value.ok()) return value;
    const OrError<bool> holds = Condition(node.word, *value, at);
    if (!holds.ok()) return holds.error();
    return Evaluate(*holds ? *node.then : *node.otherwise, frame);
  }

  Result Evaluate(const Operation& node, Position at, Frame& frame) {
    const OrError<Values> operands = EvaluateAll(node.operands, frame);
    if (!operands.ok()) return operands.error();
    return Operate(node.op, *operands, at);
  }

  Result Evaluate(const Lambda& node, Position at, Frame& frame) {
    Values captured;
    for (int slot : node.captured) captured.push_back(*frame.slots[slot]);
    return MakeClosure(node.function.get(), std::move(captured), at);
  }

  Result Evaluate(const Call& node, Position at, Frame& frame) {
    const OrError<Values> parts = EvaluateAll(node.parts, frame);
    if (!parts.ok()) return parts.error();
    return Apply(parts->front(), std::span(*parts).subspan(1), at, frame.depth);
  }

  Result Evaluate(const Block& node, Position, Frame& frame) {
    for (const Assignment& assignment : node.assignments) {
      Result value = Evaluate(*assignment.value, frame);
      if (!value.ok()) return value;
      frame.slots[assignment.slot] = *std::move(value);
    }
    return Evaluate(*node.result, frame);
  }

  // A call at `at`, in a frame of that depth.
  Result Apply(const Value& callee, std::span<const Value> arguments,
               Position at, int depth) {
    const auto callable = CheckCall(callee, arguments.size(), at);
    if (!callable.ok()) return callable.error();
    if (const Builtin* builtin = (*callable)->builtin) {
      Result result =
          builtin->function({builtin->name, arguments, at, folder_});
      if (!result.ok() || builtin->kind == Builtin::Kind::kPlain) return result;
      return ApplyToList(builtin->kind, arguments, result->AsList()->elements,
                         at, depth);
    }
    const Function& function = *(*callable)->function;
    Frame frame{depth + function.body->height, {}};
    if (frame.depth > kMaxDepth) return TooDeepCalls(at);
    frame.slots.assign(arguments.begin(), arguments.end());
    frame.slots.resize(function.slots);
    for (std::size_t i = 0; i < function.captures.size(); ++i) {
      frame.slots[function.captures[i]] = (*callable)->captured[i];
    }
    return Evaluate(*function.body, frame);
  }

  Result ApplyToList(Builtin::Kind kind, std::span<const Value> arguments,
                     std::span<const Value> list, Position at, int depth) {
    const Value& function = arguments[0];
    if (kind == Builtin::Kind::kReduce) {
      return Reduce(function, list, at, depth);
    }
    if (kind == Builtin::Kind::kFold) {
      Result sum = arguments[1];
      for (const Value& element : list) {
        const Value both[] = {*sum, element};
        sum = Apply(function, both, at, depth);
        if (!sum.ok()) break;
      }
      return sum;
    }
    Values results;
    for (const Value& element : list) {
      Result result = Apply(function, {&element, 1}, at, depth);
      if (!result.ok()) return result;
      if (kind == Builtin::Kind::kMap) {
        results.push_back(*std::move(result));
        continue;
      }
      const OrError<bool> chosen = Chosen(*result, at);
      if (!chosen.ok()) return chosen.error();
      if (*chosen) results.push_back(element);
    }
    return MakeList(std::move(results), at);
  }

  // The function of what the two halves give.
  Result Reduce(const Value& function, std::span<const Value> list, Position at,
                int depth) {
    if (list.size() == 1) return list[0];
    const std::size_t half = list.size() / 2;
    const Result left = Reduce(function, list.first(half), at, depth);
    if (!left.ok()) return left;
    const Result right = Reduce(function, list.subspan(half), at, depth);
    if (!right.ok()) return right;
    const Value both[] = {*left, *right};
    return Apply(function, both, at, depth);
  }

  const Program& program_;
  const std::string& folder_;
  std::vector<std::optional<Value>> globals_;
};

// Enough for kMaxDepth in every build that we know. Only what is used of it is
// ever memory.
constexpr std::size_t kStackBytes = std::size_t{1} << 29;

void RunOnLargeStack(absl::FunctionRef<void()> function) {
  pthread_attr_t attributes;
  pthread_t thread;
  weft::Check(pthread_attr_init(&attributes) == 0 &&
                  pthread_attr_setstacksize(&attributes, kStackBytes) == 0,
              "flowlang: the system refused a stack");
  weft::Check(pthread_create(
                  &thread, &attributes,
                  [](void* f) -> void* {
                    (*static_cast<absl::FunctionRef<void()>*>(f))();
                    return nullptr;
                  },
                  &function) == 0,
              "flowlang: the system refused a thread");
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

}  // namespace

std::optional<Error> RunSequentially(
    const Program& program, const std::string& folder,
    absl::FunctionRef<void(const Value&)> print) {
  std::optional<Error> error;
  RunOnLargeStack([&] { error = Evaluator(program, folder).Run(print); });
  return error;
}

}  // namespace flowlang
