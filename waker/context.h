#ifndef WEFT_WAKER_CONTEXT_H_
#define WEFT_WAKER_CONTEXT_H_

#include "weft/waker/waker.h"

namespace weft {

/// What a poll is given: the waker to call when another poll is worth while.
/// Lives for one poll, on the polling thread.
class Context {
 public:
  explicit Context(WakerRef waker) : waker_(waker) {}
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// The waker of whoever polls. Clone it to keep it.
  const WakerRef& waker() const { return waker_; }

 private:
  WakerRef waker_;
};

}  // namespace weft

#endif  // WEFT_WAKER_CONTEXT_H_
