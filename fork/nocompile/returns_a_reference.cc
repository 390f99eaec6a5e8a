// The result lies in the child's frame, which goes.

#include "weft/fork/fork_task.h"

#ifdef WEFT_NOCOMPILE
weft::ForkTask<int&> Use(int& n) { co_return n; }
#else
weft::ForkTask<int*> Use(int& n) { co_return &n; }
#endif
