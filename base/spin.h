// One step of waiting for another thread that is about to finish.

#ifndef WEFT_BASE_SPIN_H_
#define WEFT_BASE_SPIN_H_

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

#include "weft/base/model_mode.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
#include "weft/model/spin.h"
#endif

namespace weft {

/// Tells the processor that this thread spins: it lets the sibling hyperthread
/// run and does not mispredict the exit of the loop. Any thread. Costs 10 to
/// 150 cycles depending on the processor; orders nothing, and does not give the
/// core to another thread, so every spin needs a bound after which it parks
/// or yields.
inline void CpuRelax() noexcept {
#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE
  // The checker then waits for something to change.
  model::SpinHint();
#elif defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#elif defined(__aarch64__)
  // `yield` does nothing on most cores; `isb` waits about as long as `pause`.
  asm volatile("isb" ::: "memory");
#else
  asm volatile("" ::: "memory");
#endif
}

}  // namespace weft

#endif  // WEFT_BASE_SPIN_H_
