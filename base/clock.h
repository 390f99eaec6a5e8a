// The one door to the time of day: the monotonic clock in the ordinary build,
// the model checker's in model mode, where time passes only when somebody
// waits for it.

#ifndef WEFT_BASE_CLOCK_H_
#define WEFT_BASE_CLOCK_H_

#include <chrono>

#include "weft/base/model_mode.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/time.h"
#endif

namespace weft {

/// The clock of all deadlines: `Clock::now()` is a
/// std::chrono::steady_clock::time_point in both builds. Any thread; some 25 ns
/// on Linux, and no system call.
#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
using Clock = model::Clock;
#else
using Clock = std::chrono::steady_clock;
#endif

}  // namespace weft

#endif  // WEFT_BASE_CLOCK_H_
