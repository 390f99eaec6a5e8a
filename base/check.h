// Checks of what must be true. A failed check is a bug in the program: it
// prints one line to stderr and aborts, in every thread and at any time.
// Functions and not macros, so that they obey scopes and overloads; the price
// is that the argument is always evaluated (see DCheck).

#ifndef WEFT_BASE_CHECK_H_
#define WEFT_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>
#include <source_location>

#include "weft/base/model_mode.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/check.h"
#endif

namespace weft {

/// True if DCheck does something: in every build without NDEBUG.
#ifdef NDEBUG
inline constexpr bool kDCheckEnabled = false;
#else
inline constexpr bool kDCheckEnabled = true;
#endif

namespace base_internal {

/// Prints `message` with the place it came from, and aborts. Out of line and
/// cold, so that a passing check costs its caller one predicted branch and
/// keeps nothing else in the hot code.
[[noreturn, gnu::cold, gnu::noinline]] inline void CheckFailed(
    const char* message, std::source_location where) noexcept {
#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
  // A finding of the checker, with the execution that leads to it.
  if (model::InExecution()) model::Fail(message, where);
#endif
  std::fprintf(stderr, "%s:%u: %s: check failed: %s\n", where.file_name(),
               static_cast<unsigned>(where.line()), where.function_name(),
               message);
  std::fflush(stderr);
  std::abort();
}

}  // namespace base_internal

/// Aborts with `message` unless `condition` holds, in every build. `message`
/// says what was expected, as a sentence. Any thread; one predicted branch.
constexpr void Check(
    bool condition, const char* message = "condition does not hold",
    std::source_location where = std::source_location::current()) noexcept {
  if (!condition) [[unlikely]] {
    base_internal::CheckFailed(message, where);
  }
}

/// Check in builds without NDEBUG, nothing otherwise. Any thread.
///
/// The argument is an ordinary function argument: it is evaluated in every
/// build, and only what the compiler can prove free of effects is dropped (an
/// atomic load is not). For a condition that costs something, write
/// `if constexpr (kDCheckEnabled) Check(...)`.
constexpr void DCheck(
    [[maybe_unused]] bool condition,
    [[maybe_unused]] const char* message = "condition does not hold",
    [[maybe_unused]] std::source_location where =
        std::source_location::current()) noexcept {
  if constexpr (kDCheckEnabled) Check(condition, message, where);
}

/// Marks a place that control never reaches: prints `message` and aborts, in
/// every build. Not a promise to the optimiser.
[[noreturn]] inline void Unreachable(
    const char* message = "unreachable code was reached",
    std::source_location where = std::source_location::current()) noexcept {
  base_internal::CheckFailed(message, where);
}

}  // namespace weft

#endif  // WEFT_BASE_CHECK_H_
