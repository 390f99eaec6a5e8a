// What each name of a program stands for.

#ifndef WEFT_EXAMPLES_FLOWLANG_NAMES_H_
#define WEFT_EXAMPLES_FLOWLANG_NAMES_H_

#include <optional>

#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/syntax.h"

namespace flowlang {

/// Gives each name its slot, and each function's name its function; or says the
/// first mistake. Whatever it accepts, no name is ever used before it has been
/// assigned to:
///
/// * A name is assigned once in its scope. A function's own names hide others.
/// * A statement sees the names and functions above it, a function the names
///   above it and the functions above it; those below it as well, so that two
///   may call each other, unless a name is assigned to between the two.
///
/// Calls of functions that are known by name get the right number of arguments.
std::optional<Error> ResolveNames(Program& program);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_NAMES_H_
