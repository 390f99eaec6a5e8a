// The value of a task outlives what it was made of.

#include "weft/pool/pool.h"

int value = 0;

[[maybe_unused]] auto Use(weft::Pool& pool) {
#ifdef WEFT_NOCOMPILE
  return pool.Spawn([]() -> int& { return value; });
#else
  return pool.Spawn([]() -> int* { return &value; });
#endif
}
