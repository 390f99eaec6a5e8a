// From words to a tree.

#ifndef WEFT_EXAMPLES_FLOWLANG_PARSER_H_
#define WEFT_EXAMPLES_FLOWLANG_PARSER_H_

#include <string_view>

#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/syntax.h"

namespace flowlang {

/// The program that `text` says, with its names resolved (names.h) and ready to
/// run; or the first mistake. The grammar is in README.md.
OrError<Program> Parse(std::string_view text);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_PARSER_H_
