// What a node is called in a picture.

#ifndef WEFT_EXAMPLES_FLOWLANG_LABELS_H_
#define WEFT_EXAMPLES_FLOWLANG_LABELS_H_

#include <cstddef>
#include <string>

#include "absl/functional/function_ref.h"
#include "weft/examples/flowlang/syntax.h"
#include "weft/examples/flowlang/value.h"

namespace flowlang {

/// What `expression` does, in a few words: "fib(5)", "3 + 2", "if true".
/// `input(i)` is the value of its part number i, or null if that is an error.
std::string LabelOf(const Expression& expression,
                    absl::FunctionRef<const Value*(std::size_t)> input);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_LABELS_H_
