// Loops that wait for another thread.

#ifndef WEFT_MODEL_SPIN_H_
#define WEFT_MODEL_SPIN_H_

#include <source_location>
#include <thread>

#include "weft/model/execution.h"

namespace weft::model {

/// Ends a turn of a loop that waits for another thread. Put it where the turn
/// was in vain. A turn that only reads is then not repeated: the thread waits
/// until there is something else to read. So it must not be used in a loop that
/// gives up after some turns; there, let the loop have one turn in model mode.
inline void SpinHint(
    std::source_location where = std::source_location::current()) noexcept {
  if (Execution* e = Execution::Current()) e->EndTurn(where);
}

/// std::this_thread::yield; inside an execution SpinHint.
inline void YieldThread(
    std::source_location where = std::source_location::current()) noexcept {
  if (Execution* e = Execution::Current()) {
    e->EndTurn(where);
  } else {
    std::this_thread::yield();
  }
}

}  // namespace weft::model

#endif  // WEFT_MODEL_SPIN_H_
