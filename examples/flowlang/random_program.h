// Programs made at random.

#ifndef WEFT_EXAMPLES_FLOWLANG_RANDOM_PROGRAM_H_
#define WEFT_EXAMPLES_FLOWLANG_RANDOM_PROGRAM_H_

#include <cstdint>
#include <string>

namespace flowlang {

/// A program that is accepted, and ends soon: with what it prints, or with an
/// error. Most of its expressions are well-typed, some are not; divisors may be
/// zero, indices out of range, files missing. The same for the
/// same seed and compiler.
std::string RandomProgram(std::uint64_t seed);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_RANDOM_PROGRAM_H_
