// An owner cannot steal from its own queue.

#include <cstdint>

#include "weft/queue/ring_queue.h"

namespace {

struct Item {
  Item* next = nullptr;
};

[[maybe_unused]] uint32_t Misuse(weft::RingQueue<Item>& victim,
                                 weft::RingQueue<Item>::Owner& mine) {
#ifdef WEFT_NOCOMPILE
  return victim.owner().StealInto(mine, 32).count;
#else
  return victim.thief().StealInto(mine, 32).count;
#endif
}

}  // namespace
