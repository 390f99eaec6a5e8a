// A ring cannot be of any size.

#include <cstdint>

#include "weft/queue/ring_queue.h"

namespace {

struct Item {
  Item* next = nullptr;
};

#ifdef WEFT_NOCOMPILE
constexpr uint32_t kCapacity = 100;
#else
constexpr uint32_t kCapacity = 128;
#endif
[[maybe_unused]] weft::RingQueue<Item, kCapacity> ring;

}  // namespace
