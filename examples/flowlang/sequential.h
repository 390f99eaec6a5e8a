// The plain evaluator: one thread, by recursion, in the order of the text. What
// the parallel one is compared with; the two share operators and builtins, and
// nothing of how a program is run.

#ifndef WEFT_EXAMPLES_FLOWLANG_SEQUENTIAL_H_
#define WEFT_EXAMPLES_FLOWLANG_SEQUENTIAL_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/syntax.h"
#include "weft/examples/flowlang/value.h"

namespace flowlang {

/// Runs the program and gives `print` the value of each statement that is an
/// expression. Ends at the first error. `folder`: where files are read.
///
/// On a thread of its own, whose stack is large enough for kMaxDepth.
std::optional<Error> RunSequentially(
    const Program& program, const std::string& folder,
    absl::FunctionRef<void(const Value&)> print);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_SEQUENTIAL_H_
