// Runs a test under every behaviour that the C++ memory model allows.
//
//     const Result result = Explore([] {
//       Atomic<int> x(0), y(0);
//       Thread t([&] { x.store(1, std::memory_order_relaxed); ... });
//       ...
//       t.join();
//       Assert(...);
//     });
//
// The body runs many times, each time from the start; so it must be
// deterministic but for what the checker decides, and must leave nothing behind
// outside itself.

#ifndef WEFT_MODEL_CHECK_H_
#define WEFT_MODEL_CHECK_H_

#include <cstdint>
#include <functional>
#include <source_location>
#include <string_view>

#include "weft/model/options.h"
#include "weft/model/replay.h"
#include "weft/model/result.h"
#include "weft/model/verdict.h"

namespace weft::model {

/// Explores the body's executions until one fails or there are no more.
Result Explore(const std::function<void()>& body, const Options& options = {});

/// Whether the caller is a thread of an execution.
bool InExecution();

/// Ends the execution with kAssertion if the condition does not hold. Outside
/// an execution it aborts.
void Assert(bool condition, const char* what = "",
            std::source_location where = std::source_location::current());

/// Ends the execution with kAssertion. Outside an execution it aborts.
[[noreturn]] void Fail(const char* what, std::source_location where =
                                             std::source_location::current());

/// Makes `name=value` part of this execution's outcome. A second value for one
/// name replaces the first.
void Note(std::string_view name, long long value);

/// Returns each of 0 to n - 1, in different executions; 0 outside of one.
uint32_t Choose(uint32_t n,
                std::source_location where = std::source_location::current());

}  // namespace weft::model

#endif  // WEFT_MODEL_CHECK_H_
