// A thief cannot pop: that would be the owner's side of the protocol.

#include <cstdint>

#include "weft/queue/ring_queue.h"

namespace {

struct Item {
  Item* next = nullptr;
};

[[maybe_unused]] Item* Misuse(weft::RingQueue<Item>& ring) {
#ifdef WEFT_NOCOMPILE
  return ring.thief().Pop();
#else
  return ring.owner().Pop();
#endif
}

}  // namespace
