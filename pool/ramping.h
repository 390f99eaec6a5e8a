#ifndef WEFT_POOL_RAMPING_H_
#define WEFT_POOL_RAMPING_H_

#include "weft/pool/policies.h"
#include "weft/pool/pool.h"
#include "weft/worker/ramping_idle.h"

namespace weft {

/// The default scheduler with the sleeping rule of "Architecting Asynchronous
/// Schedulers": thieves wake others, who makes work does not. What the text
/// leaves out, and what was added, is at RampingIdle.
///
/// Use when: comparing. A task behind one that blocks its worker may have to
/// wait for the watchdog even if it is not alone.
struct RampingPolicies : DefaultPolicies {
  using Idle = RampingIdle;
};

/// A pool with that rule. The same interface and promises as `Pool`.
using RampingPool = BasicPool<RampingPolicies>;

}  // namespace weft

#endif  // WEFT_POOL_RAMPING_H_
