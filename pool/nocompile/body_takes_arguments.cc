// What cannot be run is no body of a task.

#include "weft/pool/pool.h"

[[maybe_unused]] void Use(weft::Pool& pool) {
#ifdef WEFT_NOCOMPILE
  pool.SpawnDetached([](int) {});
#else
  pool.SpawnDetached([] {});
#endif
}
