// Known bugs Q2, tokio #2387: the index range must exceed the capacity.

#include <cstdint>

#include "weft/queue/ring_queue.h"

namespace {

struct Item {
  Item* next = nullptr;
};

#ifdef WEFT_NOCOMPILE
using Index = uint8_t;
#else
using Index = uint16_t;
#endif
[[maybe_unused]] weft::RingQueue<Item, 256, Index> ring;

}  // namespace
