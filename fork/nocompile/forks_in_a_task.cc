// A task spawns; what forks is a ForkTask.

#include "weft/fork/fork_task.h"
#include "weft/task/task.h"

weft::ForkTask<> Child() { co_return; }

[[maybe_unused]] weft::Task<> Use() {
#ifdef WEFT_NOCOMPILE
  co_await weft::Fork(Child());
#else
  co_await Child();
#endif
}
