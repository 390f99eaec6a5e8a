// What a program may ask for at most. Each is an error with a place when it is
// exceeded, the same however the program is run.

#ifndef WEFT_EXAMPLES_FLOWLANG_LIMITS_H_
#define WEFT_EXAMPLES_FLOWLANG_LIMITS_H_

#include <cstddef>

namespace flowlang {

/// Expressions one within the other in the text. Bounds the stack of whatever
/// walks the tree of one function.
inline constexpr int kMaxHeight = 200;

/// The heights of the functions that are called one within the other, added up:
/// 10,000 calls of a function whose expressions are ten deep. Bounds the
/// sequential evaluator's stack and, in the parallel one, what waits.
inline constexpr int kMaxDepth = 100'000;

/// Lists and functions one within the other. Bounds the stack of whatever walks
/// a value, its destructor included.
inline constexpr int kMaxNesting = 100;

inline constexpr std::size_t kMaxElements = 1'000'000;    ///< of a list
inline constexpr std::size_t kMaxStringBytes = 64 << 20;  ///< of a string

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_LIMITS_H_
