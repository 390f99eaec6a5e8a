// A pool is moved, not copied.

#include <utility>

#include "weft/pool/pool.h"

[[maybe_unused]] weft::Pool Use(weft::Pool& pool) {
#ifdef WEFT_NOCOMPILE
  return pool;
#else
  return std::move(pool);
#endif
}
