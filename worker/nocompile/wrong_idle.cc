// A Idle that is no IdlePolicy is refused, by a message that says so.

#include "weft/worker/site.h"
#include "weft/worker/testing/thread_crew.h"

struct Wrong {};

struct Policies : weft::worker_testing::RealPolicies {
#ifdef WEFT_NOCOMPILE
  using Idle = Wrong;
#endif
};

template struct weft::WorkerSite<Policies>;
