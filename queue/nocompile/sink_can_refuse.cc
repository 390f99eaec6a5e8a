// An injector can refuse items, so nothing may overflow into it unattended.

#include <utility>

#include "weft/queue/chain.h"
#include "weft/queue/ring_queue.h"

namespace {

struct Item {
  Item* next = nullptr;
};

#ifdef WEFT_NOCOMPILE
struct Sink {
  weft::Chain<Item> PushBatch(weft::Chain<Item> batch) { return batch; }
};
#else
struct Sink {
  void PushBatch(weft::Chain<Item> batch) { all.Append(std::move(batch)); }
  weft::Chain<Item> all;
};
#endif

[[maybe_unused]] void Misuse(weft::RingQueue<Item>& ring, Item* item,
                             Sink& sink) {
  ring.owner().Push(item, sink);
}

}  // namespace
