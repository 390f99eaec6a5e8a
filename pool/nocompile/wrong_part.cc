// A pool made with a part that is none is refused, by a message that says which
// part it is. Each of the parts: worker/nocompile.

#include "weft/pool/policies.h"
#include "weft/pool/pool.h"

struct CannotWait {
  void Park();
};

struct Policies : weft::DefaultPolicies {
#ifdef WEFT_NOCOMPILE
  using Parker = CannotWait;
#endif
};

[[maybe_unused]] void Use(weft::BasicPool<Policies>& pool) {
  pool.SpawnDetached([] {});
}
