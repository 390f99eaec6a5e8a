// A Observer that is no ObserverPolicy is refused, by a message that says so.

#include "weft/worker/site.h"
#include "weft/worker/testing/thread_crew.h"

struct Wrong {};

struct Policies : weft::worker_testing::RealPolicies {
#ifdef WEFT_NOCOMPILE
  using Observer = Wrong;
#endif
};

template struct weft::WorkerSite<Policies>;
