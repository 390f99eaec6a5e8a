// The simplest execution that fails in the same way.

#ifndef WEFT_MODEL_SHRINK_H_
#define WEFT_MODEL_SHRINK_H_

#include <chrono>
#include <functional>

#include "weft/model/options.h"
#include "weft/model/result.h"

namespace weft::model {

/// Looks for an execution that fails as `result` did (with the same verdict)
/// and needs fewer decisions that are not the default: first none, then one,
/// and so on, for as long as `max_time`. Puts the first that it finds in place
/// of the failure in `result`; counts, report and token stay. Returns whether
/// it found one.
bool Shrink(const std::function<void()>& body, const Options& options,
            std::chrono::nanoseconds max_time, Result& result);

}  // namespace weft::model

#endif  // WEFT_MODEL_SHRINK_H_
