// A thief cannot push into the queue that it robs.

#include <utility>

#include "weft/queue/chain.h"
#include "weft/queue/ring_queue.h"

namespace {

struct Item {
  Item* next = nullptr;
};

struct Sink {
  void PushBatch(weft::Chain<Item> batch) { all.Append(std::move(batch)); }
  weft::Chain<Item> all;
};

[[maybe_unused]] void Misuse(weft::RingQueue<Item>& ring, Item* item,
                             Sink& sink) {
  ring.owner().Push(item, sink);
#ifdef WEFT_NOCOMPILE
  ring.thief().Push(item, sink);
#endif
}

}  // namespace
