// What the operators do with values.

#ifndef WEFT_EXAMPLES_FLOWLANG_OPERATORS_H_
#define WEFT_EXAMPLES_FLOWLANG_OPERATORS_H_

#include <span>
#include <string_view>

#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/syntax.h"
#include "weft/examples/flowlang/value.h"

namespace flowlang {

/// `op` of `operands`, as many as it takes; an error is at `at`.
///
/// Of two integers + - * / % are integers: / rounds toward zero, and a result
/// that does not fit in 64 bits is an error. If one is a float, both are, and a
/// result that is not finite is an error. So is every division by zero. + also
/// joins strings, and lists. < and its like compare numbers, or strings.
Result Operate(Operator op, std::span<const Value> operands, Position at);

/// How it is written.
std::string_view SymbolOf(Operator op);

/// The boolean that `word` ("if", "and", "or") asks for.
OrError<bool> Condition(std::string_view word, const Value& value, Position at);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_OPERATORS_H_
