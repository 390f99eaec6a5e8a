#include "weft/dataflow/testing/each_pool.h"

#include "weft/pool/cycling.h"
#include "weft/pool/policies.h"

namespace weft::testing {

const PoolKind kPoolKinds[2] = {
    {"Counting", false, MakeAnyPool<DefaultPolicies>},
    {"Cycling", true, MakeAnyPool<CyclingPolicies>},
};

}  // namespace weft::testing
