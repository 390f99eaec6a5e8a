// Exceptions for code that must also compile without them. A task's body may
// throw: the scheduler catches at one place, keeps the exception as a value and
// throws it again at the joiner. With -fno-exceptions the same source compiles
// to a plain call.

#ifndef WEFT_BASE_EXCEPTION_H_
#define WEFT_BASE_EXCEPTION_H_

#include <exception>
#include <utility>

#include "weft/base/check.h"

namespace weft {

// One inline namespace per mode, so that objects compiled with and without
// exceptions can be linked without sharing the wrong instance of a template.
#if defined(__cpp_exceptions)

inline namespace exceptions_on {

/// True if this code was compiled with exceptions.
inline constexpr bool kExceptionsEnabled = true;

/// Calls `f()`, drops its result, and returns what it threw, or null. Any
/// thread; free unless it throws.
template <class F>
[[nodiscard]] std::exception_ptr CatchAll(F&& f) noexcept {
  try {
    static_cast<void>(std::forward<F>(f)());
  } catch (...) {
    return std::current_exception();
  }
  return nullptr;
}

/// Throws what `exception` holds, which must not be null. One object may be
/// thrown again on several threads: its own members are then shared by them.
[[noreturn, gnu::cold]] inline void Rethrow(std::exception_ptr exception) {
  Check(exception != nullptr, "Rethrow needs an exception");
  std::rethrow_exception(std::move(exception));
}

}  // namespace exceptions_on

#else

inline namespace exceptions_off {

/// True if this code was compiled with exceptions.
inline constexpr bool kExceptionsEnabled = false;

/// Calls `f()`, drops its result, and returns null.
template <class F>
[[nodiscard]] std::exception_ptr CatchAll(F&& f) noexcept {
  static_cast<void>(std::forward<F>(f)());
  return nullptr;
}

/// Aborts: without exceptions there is nothing that could be thrown.
[[noreturn, gnu::cold]] inline void Rethrow(std::exception_ptr) {
  Unreachable("Rethrow in a program compiled without exceptions");
}

}  // namespace exceptions_off

#endif

}  // namespace weft

#endif  // WEFT_BASE_EXCEPTION_H_
