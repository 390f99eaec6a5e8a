// A program as a tree.

#ifndef WEFT_EXAMPLES_FLOWLANG_SYNTAX_H_
#define WEFT_EXAMPLES_FLOWLANG_SYNTAX_H_

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/value.h"

namespace flowlang {

struct Expression;
struct Function;
using ExpressionPtr = std::unique_ptr<Expression>;

/// A name with its place.
struct Word {
  std::string name;
  Position position = 0;
};

/// A number, a string, a boolean; after ResolveNames also a function's name.
struct Literal {
  Value value;
};

/// A name that stands for a value. `slot` is found by ResolveNames: among the
/// program's own names, or in the frame of the function.
struct Name {
  std::string name;
  bool global = false;
  int slot = -1;
};

/// `if` condition `then` ... `else` ...; also `and` and `or`, as `word` says.
struct If {
  std::string_view word;
  ExpressionPtr condition;
  ExpressionPtr then;
  ExpressionPtr otherwise;
};

/// What has values as operands and calls nobody.
enum class Operator {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kRemainder,
  kEqual,
  kUnequal,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kMinus,  // one operand
  kNot,    // one operand
  kTruth,  // one operand, which must be a boolean: of `and` and `or`
  kIndex,
  kList,  // any number of operands
};
struct Operation {
  Operator op;
  std::vector<ExpressionPtr> operands;
};

/// `fn (parameters) = body`. `captured` are slots of the frame around it whose
/// values go into the new function's own slots `function->captures`.
struct Lambda {
  std::unique_ptr<Function> function;
  std::vector<int> captured;
};

/// The function first, then the arguments.
struct Call {
  std::vector<ExpressionPtr> parts;
};

/// `{ name = value; ... result }`
struct Assignment {
  Word name;
  int slot = -1;
  ExpressionPtr value;
};
struct Block {
  std::vector<Assignment> assignments;
  ExpressionPtr result;
};

struct Expression {
  /// Where an error of it is reported.
  Position position = 0;
  /// How many expressions are in one another, with this one.
  int height = 1;
  std::variant<Literal, Name, If, Operation, Lambda, Call, Block> node;
};

/// `def`, or the function of a Lambda.
struct Function {
  std::string name;
  Position position = 0;
  std::vector<Word> parameters;
  ExpressionPtr body;
  /// How many statements are above its definition.
  int statements_above = 0;
  /// Of a frame: first the parameters, then captured values and assignments.
  int slots = 0;
  std::vector<int> captures;
};

/// `name = value;` or, without a name, an expression whose value is printed.
struct Statement {
  Word name;
  int slot = -1;
  ExpressionPtr value;
};

/// The tree must outlive the values that were made by running it.
struct Program {
  std::vector<std::unique_ptr<Function>> functions;
  std::vector<Statement> statements;
  int globals = 0;
  /// Of the frame for what the statements assign within blocks.
  int slots = 0;
};

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_SYNTAX_H_
