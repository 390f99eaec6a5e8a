#include "weft/examples/flowlang/parallel.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "weft/dataflow/dataflow.h"
#include "weft/examples/flowlang/builtins.h"
#include "weft/examples/flowlang/labels.h"
#include "weft/examples/flowlang/limits.h"
#include "weft/examples/flowlang/operators.h"
#include "weft/pool/pool.h"
#include "weft/task/task.h"

namespace flowlang {
namespace {

// What an expression comes to, and which node computed it.
struct Answer {
  Result result;
  NodeId made_by = 0;
};

// Every expression is one from the moment on that it is looked at.
using Future = weft::Flow<Answer>;
using Futures = std::vector<Future>;

Future Known(Result result, NodeId made_by) {
  return weft::MakeFlow(Answer{std::move(result), made_by});
}
// One that the pool cancelled, at the program's end, is never known.
bool IsKnown(const Future& future) { return future.Done() && future.ok(); }

// Requires that it is known, and no error.
const Value& ValueOf(const Future& future) { return *future.value().result; }
Values ValuesOf(std::span<const Future> futures) {
  Values values;
  values.reserve(futures.size());
  for (const Future& future : futures) values.push_back(ValueOf(future));
  return values;
}

// A call of a function. Shared by the nodes that evaluate its body, each of
// which writes slots of its own and reads slots that were written before it was
// made.
struct Frame {
  int depth = 0;
  NodeId node = 0;  // the call's
  Futures slots;
};
using FramePtr = std::shared_ptr<Frame>;

// Where in the program a node is, and in which call.
struct Site {
  const Expression* expression;
  int depth;
  NodeId made_by;

  Position at() const { return expression->position; }
};

class Evaluator {
 public:
  Evaluator(const Program& program, const std::string& folder,
            Recorder* recorder)
      : program_(program),
        folder_(folder),
        recorder_(recorder),
        globals_(program.globals) {}

  // The futures of all statements. On a worker, as all that follows.
  Futures Start() {
    const auto main = std::make_shared<Frame>();
    main->slots.resize(program_.slots);
    Futures values;
    for (const Statement& statement : program_.statements) {
      values.push_back(Evaluate(*statement.value, main));
      if (statement.slot >= 0) globals_[statement.slot] = values.back();
    }
    return values;
  }

 private:
  // ---- The two ways to go on with futures. ----

  // The first error among them, else what `f` makes of them, in this node.
  template <class F>
  static Future Continue(const Futures& known, NodeId node, const F& f) {
    for (const Future& future : known) {
      if (!future.value().result.ok()) return future;
    }
    return f(known, node);
  }

  // Makes a node that continues when `futures` are known.
  template <class F>
  Future Node(const Site& site, Futures futures, F f) {
    return weft::Async(
        [this, site, f = std::move(f)](const Futures& known) -> Future {
          return RunNode(site, known, f);
        },
        std::move(futures));
  }
  template <class F>
  Future RunNode(const Site& site, const Futures& known, const F& f) {
    if (recorder_ == nullptr) return Continue(known, 0, f);
    NodeRecord record = recorder_->Begin();
    const NodeId node = record.id;
    Future answer = Continue(known, node, f);
    // What is known by now is this node's work.
    if (IsKnown(answer)) answer = Known(answer.value().result, node);
    for (const Future& input : known) {
      record.inputs.push_back(input.value().made_by);
    }
    record.made_by = site.made_by;
    record.position = site.at();
    record.label = LabelOf(*site.expression, [&](std::size_t i) {
      const Result& input = known[i].value().result;
      return input.ok() ? &*input : nullptr;
    });
    recorder_->End(std::move(record));
    return answer;
  }

  // Continues at once if `futures` are known: an operator is not worth a node.
  // For a picture only what was known before the call began: else it would show
  // fewer operators or more, by chance.
  template <class F>
  Future WhenKnown(const Site& site, Futures futures, F f) {
    const bool known = std::ranges::all_of(futures, [&](const Future& future) {
      return IsKnown(future) &&
             (recorder_ == nullptr || future.value().made_by <= site.made_by);
    });
    if (known) {
      return Continue(futures, site.made_by, f);
    }
    return Node(site, std::move(futures), std::move(f));
  }

  // ---- Expressions. ----

  Future Evaluate(const Expression& expression, const FramePtr& frame) {
    const Site site{&expression, frame->depth, frame->node};
    return std::visit(
        [&](const auto& node) { return Evaluate(node, site, frame); },
        expression.node);
  }
  Futures EvaluateAll(const std::vector<ExpressionPtr>& list,
                      const FramePtr& frame) {
    Futures futures;
    futures.reserve(list.size());
    for (const ExpressionPtr& expression : list) {
      futures.push_back(Evaluate(*expression, frame));
    }
    return futures;
  }

  Future Evaluate(const Literal& node, const Site&, const FramePtr&) {
    return Known(node.value, 0);
  }

  Future Evaluate(const Name& node, const Site&, const FramePtr& frame) {
    return node.global ? globals_[node.slot] : frame->slots[node.slot];
  }

  Future Evaluate(const If& node, const Site& site, const FramePtr& frame) {
    return WhenKnown(
        site, {Evaluate(*node.condition, frame)},
        [this, &node, at = site.at(), frame](const Futures& known, NodeId id) {
          const auto holds = Condition(node.word, ValueOf(known[0]), at);
          if (!holds.ok()) return Known(holds.error(), id);
          return Evaluate(*holds ? *node.then : *node.otherwise, frame);
        });
  }

  Future Evaluate(const Operation& node, const Site& site,
                  const FramePtr& frame) {
    return WhenKnown(
        site, EvaluateAll(node.operands, frame),
        [op = node.op, at = site.at()](const Futures& known, NodeId id) {
          return Known(Operate(op, ValuesOf(known), at), id);
        });
  }

  Future Evaluate(const Lambda& node, const Site& site, const FramePtr& frame) {
    Futures captured;
    for (int slot : node.captured) captured.push_back(frame->slots[slot]);
    return WhenKnown(
        site, std::move(captured),
        [&node, at = site.at()](const Futures& known, NodeId id) {
          return Known(MakeClosure(node.function.get(), ValuesOf(known), at),
                       id);
        });
  }

  Future Evaluate(const Call& node, const Site& site, const FramePtr& frame) {
    return CallNode(site, EvaluateAll(node.parts, frame));
  }

  // Its assignments are of use to what comes after, and their errors are its
  // own.
  Future Evaluate(const Block& node, const Site& site, const FramePtr& frame) {
    Futures all;
    for (const Assignment& assignment : node.assignments) {
      all.push_back(Evaluate(*assignment.value, frame));
      frame->slots[assignment.slot] = all.back();
    }
    all.push_back(Evaluate(*node.result, frame));
    return WhenKnown(site, std::move(all),
                     [](const Futures& known, NodeId) { return known.back(); });
  }

  // ---- Calls. ----

  // Calls the first of what is known with the others.
  auto CallIn(const Site& site) {
    return [this, site](const Futures& known, NodeId node) {
      return Apply(known, {site.expression, site.depth, node});
    };
  }
  // The same in a node, when all are known.
  Future CallNode(const Site& site, Futures parts) {
    return Node(site, std::move(parts), CallIn(site));
  }

  Future Apply(std::span<const Future> known, const Site& site) {
    const std::span<const Future> arguments = known.subspan(1);
    const auto callable =
        CheckCall(ValueOf(known[0]), arguments.size(), site.at());
    if (!callable.ok()) return Known(callable.error(), site.made_by);
    if (const Builtin* builtin = (*callable)->builtin) {
      return ApplyBuiltin(*builtin, arguments, site);
    }
    const Function& function = *(*callable)->function;
    const int depth = site.depth + function.body->height;
    if (depth > kMaxDepth) {
      return Known(TooDeepCalls(site.at()), site.made_by);
    }
    const auto frame = std::make_shared<Frame>(Frame{depth, site.made_by, {}});
    frame->slots.assign(arguments.begin(), arguments.end());
    frame->slots.resize(function.slots);
    for (std::size_t i = 0; i < function.captures.size(); ++i) {
      frame->slots[function.captures[i]] = Known((*callable)->captured[i], 0);
    }
    return Evaluate(*function.body, frame);
  }

  Future ApplyBuiltin(const Builtin& builtin, std::span<const Future> arguments,
                      const Site& site) {
    const Values values = ValuesOf(arguments);
    const Result result =
        builtin.function({builtin.name, values, site.at(), folder_});
    if (!result.ok()) return Known(result, site.made_by);
    switch (builtin.kind) {
      case Builtin::Kind::kPlain:
        return Known(result, site.made_by);
      case Builtin::Kind::kMap:
      case Builtin::Kind::kFilter:
        return Map(builtin.kind, site, arguments[0], *result);
      case Builtin::Kind::kReduce:
        return Reduce(site, arguments[0], result->AsList()->elements);
      case Builtin::Kind::kFold:
        break;
    }
    return weft::Async(
        [this, site, function = arguments[0], start = arguments[1],
         list = *result] { return Fold(site, function, start, list); });
  }

  // All at once, but so many at most that a long list does not fill the memory.
  Future Map(Builtin::Kind kind, const Site& site, const Future& function,
             const Value& list) {
    const auto at = [this, site, function, list](std::size_t i) {
      const Value& element = list.AsList()->elements[i];
      return RunNode(site, {function, Known(element, site.made_by)},
                     CallIn(site));
    };
    const std::size_t size = list.AsList()->elements.size();
    auto answers = weft::Map(std::views::iota(std::size_t{0}, size),
                             std::clamp(size, std::size_t{1}, kInFlight), at);
    return weft::Async(
        [kind, site, list](const std::vector<Answer>& all) {
          return Answer{Collect(kind, list, all, site.at()), site.made_by};
        },
        std::move(answers));
  }

  static Result Collect(Builtin::Kind kind, const Value& list,
                        const std::vector<Answer>& answers, Position at) {
    Values results;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const Result& result = answers[i].result;
      if (!result.ok()) return result;
      if (kind == Builtin::Kind::kMap) {
        results.push_back(*result);
        continue;
      }
      const OrError<bool> chosen = Chosen(*result, at);
      if (!chosen.ok()) return chosen.error();
      if (*chosen) results.push_back(list.AsList()->elements[i]);
    }
    return MakeList(std::move(results), at);
  }

  // The function of what the two halves give.
  Future Reduce(const Site& site, const Future& function,
                std::span<const Value> list) {
    if (list.size() == 1) return Known(list[0], site.made_by);
    const std::size_t half = list.size() / 2;
    return CallNode(site, {function, Reduce(site, function, list.first(half)),
                           Reduce(site, function, list.subspan(half))});
  }

  // One call after the other. It could make all nodes at once, each waiting for
  // the one before; this way there is one.
  weft::Task<Future> Fold(Site site, Future function, Future sum, Value list) {
    for (const Value& element : list.AsList()->elements) {
      sum = CallNode(site, {function, sum, Known(element, site.made_by)});
      co_await sum.Settled();
      if (!sum.ok() || !sum.value().result.ok()) break;
    }
    co_return sum;
  }

  // Calls of one `map` at a time.
  static constexpr std::size_t kInFlight = 1024;

  const Program& program_;
  const std::string& folder_;
  Recorder* const recorder_;
  Futures globals_;
};

}  // namespace

std::optional<Error> RunInParallel(
    const Program& program, const std::string& folder, weft::Options options,
    Recorder* recorder, absl::FunctionRef<void(const Value&)> print) {
  if (recorder != nullptr) options.on_thread_start = Recorder::NameWorker;
  Evaluator evaluator(program, folder, recorder);
  weft::Pool pool(std::move(options));
  const Futures values = pool.BlockOn([&] { return evaluator.Start(); });
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Result& result = values[i].Get().result;
    if (!result.ok()) return result.error();
    if (program.statements[i].name.name.empty()) print(*result);
  }
  return std::nullopt;
}

}  // namespace flowlang
