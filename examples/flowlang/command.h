// The program as a function: what main calls, and a test.

#ifndef WEFT_EXAMPLES_FLOWLANG_COMMAND_H_
#define WEFT_EXAMPLES_FLOWLANG_COMMAND_H_

#include <cstdio>
#include <span>

namespace flowlang {

/// Does what the arguments (without the program's name) say: runs a file,
/// results to `out`, errors to `errors`. Returns what the process should: 0; 1
/// if the file's program is wrong or ends with an error; 2 if it cannot be
/// read, or the arguments are wrong.
int Command(std::span<const char* const> arguments, std::FILE* out,
            std::FILE* errors);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_COMMAND_H_
