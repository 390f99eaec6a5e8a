#include "weft/examples/flowlang/parser.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "weft/examples/flowlang/lexer.h"
#include "weft/examples/flowlang/limits.h"
#include "weft/examples/flowlang/names.h"
#include "weft/examples/flowlang/syntax.h"

namespace flowlang {
namespace {

struct Infix {
  std::string_view symbol;
  int precedence;
  Operator op;
};
constexpr int kOr = 1;
constexpr int kAnd = 2;
constexpr int kComparison = 3;
constexpr int kPrefix = 6;  // binds closer than all of these
constexpr Infix kInfixes[] = {
    {"==", kComparison, Operator::kEqual},
    {"!=", kComparison, Operator::kUnequal},
    {"<", kComparison, Operator::kLess},
    {"<=", kComparison, Operator::kLessOrEqual},
    {">", kComparison, Operator::kGreater},
    {">=", kComparison, Operator::kGreaterOrEqual},
    {"+", 4, Operator::kAdd},
    {"-", 4, Operator::kSubtract},
    {"*", 5, Operator::kMultiply},
    {"/", 5, Operator::kDivide},
    {"%", 5, Operator::kRemainder},
};

int HeightOf(const std::vector<ExpressionPtr>& parts) {
  int height = 0;
  for (const ExpressionPtr& part : parts) {
    height = std::max(height, part->height);
  }
  return height;
}

template <class... Parts>
std::vector<ExpressionPtr> ListOf(Parts... parts) {
  std::vector<ExpressionPtr> list;
  (list.push_back(std::move(parts)), ...);
  return list;
}

// By recursive descent. After the first mistake all that is left to read is the
// end: so each function returns soon, and what it returns is thrown away.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  OrError<Program> Parse() {
    Program program;
    while (Peek().kind != Token::Kind::kEnd) {
      if (Peek().Is("def")) {
        program.functions.push_back(ParseDefinition());
        program.functions.back()->statements_above =
            static_cast<int>(program.statements.size());
      } else {
        program.statements.push_back(ParseStatement());
      }
      if (Peek().kind != Token::Kind::kEnd) Expect(";", "after a statement");
    }
    if (error_.has_value()) return *std::move(error_);
    return program;
  }

 private:
  // ---- Tokens. ----

  const Token& Peek(std::size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  Token Take() {
    Token token = Peek();
    if (at_ + 1 < tokens_.size()) ++at_;
    return token;
  }
  bool TakeIf(std::string_view word) {
    const bool is = Peek().Is(word);
    if (is) (void)Take();
    return is;
  }
  void Expect(std::string_view word, std::string_view where) {
    if (!TakeIf(word)) Unexpected(absl::StrCat("'", word, "' ", where));
  }
  Word ExpectName(std::string_view what) {
    if (Peek().kind != Token::Kind::kName) {
      Unexpected(std::string(what));
      return {};
    }
    Token token = Take();
    return {std::move(token.text), token.position};
  }

  void Unexpected(std::string wanted) {
    const Token& token = Peek();
    std::string found = "the end of the program";
    if (token.kind == Token::Kind::kString) {
      found = "a string";
    } else if (token.kind != Token::Kind::kEnd) {
      found = absl::StrCat("'", token.text, "'");
    }
    Wrong(token.position, absl::StrCat("expected ", wanted, ", not ", found));
  }
  void Wrong(Position at, std::string message) {
    if (!error_.has_value()) error_ = Error{at, std::move(message)};
    at_ = tokens_.size() - 1;
  }

  // ---- Statements. ----

  Statement ParseStatement() {
    Statement statement;
    if (AtAssignment()) {
      statement.name = ExpectName("a name");
      Expect("=", "after a name");
    }
    statement.value = ParseExpression();
    return statement;
  }
  bool AtAssignment() const {
    return Peek().kind == Token::Kind::kName && Peek(1).Is("=");
  }

  std::unique_ptr<Function> ParseDefinition() {
    Expect("def", "before a function");
    const Word name = ExpectName("the function's name after 'def'");
    return ParseFunction(name.name, name.position);
  }

  // From the parameters on.
  std::unique_ptr<Function> ParseFunction(std::string name, Position at) {
    auto function = std::make_unique<Function>();
    function->name = std::move(name);
    function->position = at;
    Expect("(", "before the parameters");
    if (!TakeIf(")")) {
      do {
        function->parameters.push_back(ExpectName("a parameter's name"));
      } while (TakeIf(","));
      Expect(")", "after the parameters");
    }
    Expect("=", "before the function's expression");
    function->body = ParseExpression();
    return function;
  }

  // ---- Expressions. ----

  template <class Node>
  ExpressionPtr New(Position at, int height_of_parts, Node node) {
    const int height = height_of_parts + 1;
    if (height > kMaxHeight) TooHigh(at);
    return std::make_unique<Expression>(
        Expression{at, height, std::move(node)});
  }
  ExpressionPtr NewOperation(Position at, Operator op,
                             std::vector<ExpressionPtr> operands) {
    const int height = HeightOf(operands);
    return New(at, height, Operation{op, std::move(operands)});
  }
  void TooHigh(Position at) {
    Wrong(at, absl::StrCat("more than ", kMaxHeight,
                           " expressions one in the other"));
  }

  ExpressionPtr ParseExpression() { return ParseInfix(kOr); }

  // Operators that bind at least as closely as `least`.
  ExpressionPtr ParseInfix(int least) {
    ExpressionPtr left = ParsePrefix();
    for (;;) {
      const Token& token = Peek();
      if (token.Is("or") && least <= kOr) {
        left = ParseLogic(std::move(left), kOr);
      } else if (token.Is("and") && least <= kAnd) {
        left = ParseLogic(std::move(left), kAnd);
      } else {
        const Infix* const infix = InfixAt(token);
        if (infix == nullptr || infix->precedence < least) return left;
        const Position at = Take().position;
        ExpressionPtr right = ParseInfix(infix->precedence + 1);
        left = NewOperation(at, infix->op,
                            ListOf(std::move(left), std::move(right)));
        const Infix* const next = InfixAt(Peek());
        if (infix->precedence == kComparison && next != nullptr &&
            next->precedence == kComparison) {
          Wrong(Peek().position,
                "comparisons do not chain: write a < b and b < c");
        }
      }
    }
  }
  static const Infix* InfixAt(const Token& token) {
    const auto found = std::ranges::find_if(
        kInfixes, [&](const Infix& infix) { return token.Is(infix.symbol); });
    return found == std::end(kInfixes) ? nullptr : found;
  }

  // `a and b` is `if a then b else false`, `a or b` is `if a then true else b`,
  // where b must be a boolean.
  ExpressionPtr ParseLogic(ExpressionPtr left, int precedence) {
    const Position at = Take().position;
    ExpressionPtr right =
        NewOperation(at, Operator::kTruth, ListOf(ParseInfix(precedence + 1)));
    const int height = std::max(left->height, right->height);
    ExpressionPtr constant = New(at, 0, Literal{Value(precedence == kOr)});
    if (precedence == kOr) std::swap(right, constant);
    return New(at, height,
               If{precedence == kOr ? "or" : "and", std::move(left),
                  std::move(right), std::move(constant)});
  }

  // All recursion comes through here.
  ExpressionPtr ParsePrefix() {
    if (++nesting_ > kMaxHeight) TooHigh(Peek().position);
    ExpressionPtr expression;
    const Position at = Peek().position;
    if (TakeIf("-")) {
      expression =
          NewOperation(at, Operator::kMinus, ListOf(ParseInfix(kPrefix)));
    } else if (TakeIf("not")) {
      expression =
          NewOperation(at, Operator::kNot, ListOf(ParseInfix(kComparison)));
    } else {
      expression = ParsePostfix();
    }
    --nesting_;
    return expression;
  }

  ExpressionPtr ParsePostfix() {
    ExpressionPtr expression = ParsePrimary();
    for (;;) {
      const Position at = Peek().position;
      if (TakeIf("(")) {
        const Position callee = expression->position;
        std::vector<ExpressionPtr> parts = ListOf(std::move(expression));
        ParseListUntil(")", "after the arguments", parts);
        const int height = HeightOf(parts);
        expression = New(callee, height, Call{std::move(parts)});
      } else if (TakeIf("[")) {
        ExpressionPtr index = ParseExpression();
        Expect("]", "after the index");
        expression =
            NewOperation(at, Operator::kIndex,
                         ListOf(std::move(expression), std::move(index)));
      } else {
        return expression;
      }
    }
  }

  void ParseListUntil(std::string_view end, std::string_view where,
                      std::vector<ExpressionPtr>& list) {
    if (TakeIf(end)) return;
    do {
      list.push_back(ParseExpression());
    } while (TakeIf(","));
    Expect(end, where);
  }

  ExpressionPtr ParsePrimary() {
    if (Peek().Is("if")) return ParseIf();
    if (Peek().Is("fn")) return ParseLambda();
    if (Peek().Is("{")) return ParseBlock();
    const std::size_t before = at_;
    Token token = Take();
    const Position at = token.position;
    switch (token.kind) {
      case Token::Kind::kInteger:
        return New(at, 0, Literal{Value(token.integer)});
      case Token::Kind::kFloat:
        return New(at, 0, Literal{Value(token.number)});
      case Token::Kind::kString:
        return New(at, 0, Literal{Value(std::move(token.text))});
      case Token::Kind::kName:
        return New(at, 0, Name{.name = std::move(token.text)});
      default:
        break;
    }
    if (token.Is("true")) return New(at, 0, Literal{Value(true)});
    if (token.Is("false")) return New(at, 0, Literal{Value(false)});
    if (token.Is("(")) {
      ExpressionPtr inner = ParseExpression();
      Expect(")", "after the expression");
      return inner;
    }
    if (token.Is("[")) {
      std::vector<ExpressionPtr> elements;
      ParseListUntil("]", "after the elements", elements);
      return NewOperation(at, Operator::kList, std::move(elements));
    }
    at_ = before;
    if (token.Is("def")) {
      Wrong(at,
            "a function is defined at the top level; within an expression "
            "write fn (x) = ...");
    } else {
      Unexpected("an expression");
    }
    return New(at, 0, Literal{Value(false)});
  }

  ExpressionPtr ParseIf() {
    const Position at = Take().position;
    ExpressionPtr condition = ParseExpression();
    Expect("then", "after the condition");
    ExpressionPtr then = ParseExpression();
    Expect("else", "after the first branch: an 'if' has two");
    ExpressionPtr otherwise = ParseExpression();
    const int height =
        std::max({condition->height, then->height, otherwise->height});
    return New(
        at, height,
        If{"if", std::move(condition), std::move(then), std::move(otherwise)});
  }

  ExpressionPtr ParseLambda() {
    const Position at = Take().position;
    auto function = ParseFunction("fn", at);
    const int height = function->body->height;
    return New(at, height, Lambda{std::move(function), {}});
  }

  ExpressionPtr ParseBlock() {
    const Position at = Take().position;
    Block block;
    int height = 0;
    while (AtAssignment()) {
      Assignment assignment;
      assignment.name = ExpectName("a name");
      Expect("=", "after a name");
      assignment.value = ParseExpression();
      Expect(";", "after an assignment");
      height = std::max(height, assignment.value->height);
      block.assignments.push_back(std::move(assignment));
    }
    block.result = ParseExpression();
    if (Peek().Is(";")) {
      Wrong(Peek().position,
            "a block ends with an expression, and that without a ';'");
    }
    Expect("}", "after the block's result");
    height = std::max(height, block.result->height);
    return New(at, height, std::move(block));
  }

  const std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  std::optional<Error> error_;
};

}  // namespace

OrError<Program> Parse(std::string_view text) {
  OrError<std::vector<Token>> tokens = Lex(text);
  if (!tokens.ok()) return tokens.error();
  OrError<Program> program = Parser(*std::move(tokens)).Parse();
  if (!program.ok()) return program;
  if (auto error = ResolveNames(*program)) return *std::move(error);
  return program;
}

}  // namespace flowlang
