#ifndef WEFT_TASK_TESTING_ERRORS_H_
#define WEFT_TASK_TESTING_ERRORS_H_

#include <exception>
#include <string>
#include <utility>

#include "weft/base/check.h"
#include "weft/base/exception.h"
#include "weft/task/outcome.h"

namespace weft::task_testing {

/// What the bodies of test tasks throw.
class TestError : public std::exception {
 public:
  explicit TestError(const char* what) : what_(what) {}
  const char* what() const noexcept override { return what_; }

 private:
  const char* what_;
};

/// Throws a TestError; ends a program that is compiled without exceptions, so
/// call it only if `kExceptionsEnabled`.
[[noreturn]] inline void Throw(const char* what) {
#if defined(__cpp_exceptions)
  throw TestError(what);
#else
  Unreachable(what);
#endif
}

/// The `what()` of an exception; "" for none.
inline std::string Message(std::exception_ptr exception) {
  if (exception == nullptr) return "";
#if defined(__cpp_exceptions)
  try {
    std::rethrow_exception(std::move(exception));
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "not a std::exception";
  }
#else
  return "an exception without exceptions";
#endif
}

/// How a task ended, for comparison: "value", "cancelled", "empty", or the
/// message of its exception.
template <class T>
std::string HowItEnded(const Outcome<T>& outcome) {
  if (outcome.ok()) return "value";
  if (outcome.cancelled()) return "cancelled";
  if (outcome.empty()) return "empty";
  return Message(outcome.exception());
}

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_ERRORS_H_
