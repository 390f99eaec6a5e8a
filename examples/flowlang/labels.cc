#include "weft/examples/flowlang/labels.h"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "weft/examples/flowlang/builtins.h"
#include "weft/examples/flowlang/operators.h"

namespace flowlang {
namespace {

using Inputs = absl::FunctionRef<const Value*(std::size_t)>;

std::string Short(const Value* value) {
  constexpr std::size_t kMost = 14;
  if (value == nullptr) return "error";
  if (const List* list = value->AsList(); list && list->elements.size() > 4) {
    return absl::StrCat("[", list->elements.size(), " elements]");
  }
  if (const auto* text = value->AsString(); text && text->size() > kMost) {
    return absl::StrCat(ToSource(Value(text->substr(0, kMost - 3))), "...");
  }
  std::string text = ToSource(*value);
  if (text.size() > kMost) text.replace(kMost - 3, text.npos, "...");
  return text;
}

struct Labeler {
  std::string operator()(const Call& call) const {
    const Value* const callee = input(0);
    const Callable* const function =
        callee == nullptr ? nullptr : callee->AsFunction();
    std::string text =
        function == nullptr ? "call" : std::string(NameOf(*function));
    // A call that `map` made has other arguments than its own.
    const std::size_t parts = function == nullptr ? call.parts.size()
                              : function->builtin != nullptr
                                  ? function->builtin->parameters + 1
                                  : function->function->parameters.size() + 1;
    for (std::size_t i = 1; i < parts; ++i) {
      absl::StrAppend(&text, i == 1 ? "(" : ", ", Short(input(i)));
    }
    return text + (parts > 1 ? ")" : "()");
  }
  std::string operator()(const Operation& operation) const {
    switch (operation.op) {
      case Operator::kList:
        return "[...]";
      case Operator::kIndex:
        return absl::StrCat(Short(input(0)), "[", Short(input(1)), "]");
      default:
        break;
    }
    const std::string symbol(SymbolOf(operation.op));
    if (operation.operands.size() == 1) {
      return absl::StrCat(symbol, " ", Short(input(0)));
    }
    return absl::StrCat(Short(input(0)), " ", symbol, " ", Short(input(1)));
  }
  std::string operator()(const If& node) const {
    return absl::StrCat(node.word, " ", Short(input(0)));
  }
  std::string operator()(const Lambda&) const { return "fn"; }
  std::string operator()(const Block&) const { return "{...}"; }
  std::string operator()(const Literal&) const { return "literal"; }
  std::string operator()(const Name& name) const { return name.name; }

  Inputs input;
};

}  // namespace

std::string LabelOf(const Expression& expression, Inputs input) {
  return std::visit(Labeler{input}, expression.node);
}

}  // namespace flowlang
