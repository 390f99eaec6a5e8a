// One steals into a queue that one owns, not into one that one may rob.

#include <cstdint>

#include "weft/queue/ring_queue.h"

namespace {

struct Item {
  Item* next = nullptr;
};

[[maybe_unused]] uint32_t Misuse(weft::RingQueue<Item>& victim,
                                 weft::RingQueue<Item>& other) {
#ifdef WEFT_NOCOMPILE
  auto mine = other.thief();
#else
  auto mine = other.owner();
#endif
  return victim.thief().StealInto(mine, 32).count;
}

}  // namespace
