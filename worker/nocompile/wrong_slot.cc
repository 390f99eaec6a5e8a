// A Slot that is no NextSlot is refused, by a message that says so.

#include "weft/worker/site.h"
#include "weft/worker/testing/thread_crew.h"

struct Wrong {};

struct Policies : weft::worker_testing::RealPolicies {
#ifdef WEFT_NOCOMPILE
  using Slot = Wrong;
#endif
};

template struct weft::WorkerSite<Policies>;
