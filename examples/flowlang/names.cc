#include "weft/examples/flowlang/names.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "weft/examples/flowlang/builtins.h"
#include "weft/examples/flowlang/syntax.h"

namespace flowlang {
namespace {

// The names of one function, or of the blocks among the statements.
struct Scope {
  struct Local {
    std::string_view name;
    int slot;
  };

  Scope* around = nullptr;
  Lambda* lambda = nullptr;  // whose scope it is, if there is one around
  int* slots = nullptr;
  std::vector<Local> locals = {};  // the innermost block's last
  std::vector<Local> captured = {};

  int NewSlot() { return (*slots)++; }
  static const Local* Find(const std::vector<Local>& among,
                           std::string_view name) {
    const auto found = std::ranges::find(among, name, &Local::name);
    return found == among.end() ? nullptr : &*found;
  }
};

class Resolver {
 public:
  explicit Resolver(Program& program) : program_(program) {}

  std::optional<Error> Run() {
    for (auto& function : program_.functions) Define(*function);
    // In the order of the text.
    std::size_t next = 0;
    const int statements = static_cast<int>(program_.statements.size());
    Scope main{.slots = &program_.slots};
    for (above_ = 0; above_ <= statements; ++above_) {
      for (; next < program_.functions.size() &&
             program_.functions[next]->statements_above == above_;
           ++next) {
        in_function_ = true;
        Resolve(*program_.functions[next], Scope{});
        in_function_ = false;
      }
      if (above_ < statements) Resolve(program_.statements[above_], main);
    }
    return std::move(error_);
  }

 private:
  void Wrong(Position at, std::string message) {
    if (!error_.has_value()) error_ = Error{at, std::move(message)};
  }

  // ---- Definitions. ----

  void Define(Function& function) {
    if (FindBuiltin(function.name) != nullptr) {
      Wrong(function.position, absl::StrCat("'", function.name,
                                            "' is a function of the language"));
    } else if (!functions_.emplace(function.name, &function).second) {
      Wrong(function.position,
            absl::StrCat("'", function.name, "' is defined twice"));
    }
  }

  void Resolve(Function& function, Scope scope) {
    scope.slots = &function.slots;
    for (const Word& parameter : function.parameters) {
      (void)Assign(parameter, scope);
    }
    Resolve(*function.body, scope);
  }

  void Resolve(Statement& statement, Scope& main) {
    Resolve(*statement.value, main);
    const Word& name = statement.name;
    if (name.name.empty()) return;
    if (FindBuiltin(name.name) != nullptr || functions_.contains(name.name)) {
      Wrong(name.position, absl::StrCat("'", name.name, "' is a function"));
    }
    statement.slot = program_.globals++;
    if (!globals_.emplace(name.name, statement.slot).second) {
      Wrong(name.position,
            absl::StrCat("'", name.name, "' has been assigned to above"));
    }
  }

  int Assign(const Word& name, Scope& scope) {
    if (Scope::Find(scope.locals, name.name) != nullptr) {
      Wrong(name.position,
            absl::StrCat("'", name.name, "' has a value in this function"));
    }
    scope.locals.push_back({name.name, scope.NewSlot()});
    return scope.locals.back().slot;
  }

  // ---- Uses. ----

  void Resolve(Expression& expression, Scope& scope) {
    std::visit([&](auto& node) { Resolve(node, expression, scope); },
               expression.node);
  }
  void ResolveAll(std::vector<ExpressionPtr>& list, Scope& scope) {
    for (ExpressionPtr& expression : list) Resolve(*expression, scope);
  }

  void Resolve(Literal&, Expression&, Scope&) {}

  void Resolve(Name& name, Expression& expression, Scope& scope) {
    if (const auto slot = FindLocal(name.name, scope)) {
      name.slot = *slot;
    } else if (auto global = globals_.find(name.name);
               global != globals_.end()) {
      name.global = true;
      name.slot = global->second;
    } else if (auto function = FindFunction(name.name, expression.position)) {
      expression.node = Literal{Value(std::move(function))};
    }
  }

  // In the function, or in those around it, from where it is captured.
  static std::optional<int> FindLocal(std::string_view name, Scope& scope) {
    for (const auto* among : {&scope.locals, &scope.captured}) {
      if (const auto* local = Scope::Find(*among, name)) return local->slot;
    }
    if (scope.around == nullptr) return std::nullopt;
    const auto outer = FindLocal(name, *scope.around);
    if (!outer.has_value()) return std::nullopt;
    const int slot = scope.NewSlot();
    scope.captured.push_back({name, slot});
    scope.lambda->captured.push_back(*outer);
    scope.lambda->function->captures.push_back(slot);
    return slot;
  }

  std::shared_ptr<const Callable> FindFunction(const std::string& name,
                                               Position at) {
    if (const Builtin* builtin = FindBuiltin(name)) {
      return std::make_shared<const Callable>(Callable{.builtin = builtin});
    }
    const auto found = functions_.find(name);
    if (found == functions_.end()) {
      const bool below = std::ranges::any_of(
          program_.statements,
          [&](const Statement& s) { return s.name.name == name; });
      Wrong(at, absl::StrCat(
                    "'", name,
                    below ? "' is assigned to only below" : "' is not known"));
      return nullptr;
    }
    const Function& function = *found->second;
    if (!in_function_ && function.statements_above > above_) {
      Wrong(at, absl::StrCat("'", name, "' is defined only below"));
    }
    for (int i = above_; i < function.statements_above; ++i) {
      const Word& between = program_.statements[i].name;
      if (between.name.empty()) continue;
      Wrong(at, absl::StrCat("'", name, "' is defined only below, where '",
                             between.name, "' has been assigned to"));
    }
    return std::make_shared<const Callable>(Callable{.function = &function});
  }

  void Resolve(If& node, Expression&, Scope& scope) {
    Resolve(*node.condition, scope);
    Resolve(*node.then, scope);
    Resolve(*node.otherwise, scope);
  }

  void Resolve(Operation& node, Expression&, Scope& scope) {
    ResolveAll(node.operands, scope);
  }

  void Resolve(Lambda& node, Expression&, Scope& scope) {
    Resolve(*node.function, Scope{.around = &scope, .lambda = &node});
  }

  void Resolve(Call& node, Expression& expression, Scope& scope) {
    ResolveAll(node.parts, scope);
    const auto* const literal = std::get_if<Literal>(&node.parts[0]->node);
    if (literal == nullptr || literal->value.AsFunction() == nullptr) return;
    const auto callable =
        CheckCall(literal->value, node.parts.size() - 1, expression.position);
    if (!callable.ok()) {
      Wrong(callable.error().position, callable.error().message);
    }
  }

  void Resolve(Block& node, Expression&, Scope& scope) {
    const std::size_t outside = scope.locals.size();
    for (Assignment& assignment : node.assignments) {
      Resolve(*assignment.value, scope);
      assignment.slot = Assign(assignment.name, scope);
    }
    Resolve(*node.result, scope);
    scope.locals.resize(outside);
  }

  Program& program_;
  absl::flat_hash_map<std::string_view, int> globals_;
  absl::flat_hash_map<std::string_view, const Function*> functions_;
  // The statements above the one that is being resolved, or the function.
  int above_ = 0;
  bool in_function_ = false;
  std::optional<Error> error_;
};

}  // namespace

std::optional<Error> ResolveNames(Program& program) {
  return Resolver(program).Run();
}

}  // namespace flowlang
