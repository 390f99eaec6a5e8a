// The evaluator that this language is for: everything is a future.

#ifndef WEFT_EXAMPLES_FLOWLANG_PARALLEL_H_
#define WEFT_EXAMPLES_FLOWLANG_PARALLEL_H_

#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "weft/examples/flowlang/recorder.h"
#include "weft/examples/flowlang/source.h"
#include "weft/examples/flowlang/syntax.h"
#include "weft/examples/flowlang/value.h"
#include "weft/pool/options.h"

namespace flowlang {

/// The same as RunSequentially, on a pool of its own with these options, which
/// must be valid: all statements start at once. What is printed, and the error,
/// do not depend on timing. Records the graph, unless `recorder` is null;
/// it must have as many workers.
///
/// No worker waits; the calling thread does. What still runs when an error ends
/// the program is cancelled.
std::optional<Error> RunInParallel(const Program& program,
                                   const std::string& folder,
                                   weft::Options options, Recorder* recorder,
                                   absl::FunctionRef<void(const Value&)> print);

}  // namespace flowlang

#endif  // WEFT_EXAMPLES_FLOWLANG_PARALLEL_H_
