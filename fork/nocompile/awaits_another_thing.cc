// A fork coroutine waits for its children only: a worker that goes on with it
// holds no task that could be suspended.

#include "weft/fork/fork_task.h"
#include "weft/task/yield.h"

weft::ForkTask<> Child() { co_return; }

[[maybe_unused]] weft::ForkTask<> Use() {
#ifdef WEFT_NOCOMPILE
  co_await weft::YieldNow();
#else
  co_await Child();
#endif
}
