#ifndef WEFT_WAKER_NOOP_WAKER_H_
#define WEFT_WAKER_NOOP_WAKER_H_

#include "weft/waker/waker.h"

namespace weft {
namespace waker_internal {
inline constexpr WakerVTable kNoopVTable = {
    .clone = [](void*) -> Waker { return Waker(&kNoopVTable, nullptr); },
    .wake = [](void*) noexcept {},
    .wake_by_ref = [](void*) noexcept {},
    .drop = [](void*) noexcept {},
};
}  // namespace waker_internal

/// A waker that wakes nobody: to poll a future once and see. Costs nothing.
inline Waker NoopWaker() {
  return Waker(&waker_internal::kNoopVTable, nullptr);
}

}  // namespace weft

#endif  // WEFT_WAKER_NOOP_WAKER_H_
