// The functions of the language.

#ifndef WEFT_EXAMPLES_FLOWLANG_BUILTINS_H_
#define WEFT_EXAMPLES_FLOWLANG_BUILTINS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/value.h"

namespace flowlang {

/// A call of a builtin: as many arguments as it takes.
struct BuiltinCall {
  std::string_view name;
  std::span<const Value> arguments;
  /// Where its error is reported.
  Position at = 0;
  /// Where `read_file` looks.
  const std::string& folder;
};

struct Builtin {
  /// Those that call functions are the evaluators' own work.
  enum class Kind { kPlain, kMap, kFilter, kReduce, kFold };

  std::string_view name;
  std::size_t parameters;
  Kind kind;
  /// Of a plain one what it does; of the others, whether their arguments are of
  /// the right types: then it is their list. May block, if it is `read_file`.
  Result (*function)(const BuiltinCall& call);
};

/// The builtin with this name, or null. They live as long as the program.
const Builtin* FindBuiltin(std::string_view name);

/// The function that `callee` is, if it takes that many arguments.
OrError<const Callable*> CheckCall(const Value& callee, std::size_t arguments,
                                   Position at);

/// What a function is called, in a message.
std::string_view NameOf(const Callable& function);

/// The error of a call that would be deeper than kMaxDepth.
Error TooDeepCalls(Position at);

/// Whether `filter` takes an element for which its function gave `value`.
OrError<bool> Chosen(const Value& value, Position at);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_BUILTINS_H_
