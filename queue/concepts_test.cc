// Which types are models of which role. All of it is decided by the compiler;
// the one test at the end is there to be run.

#include "weft/queue/concepts.h"

#include <utility>

#include "gtest/gtest.h"
#include "weft/queue/chain.h"
#include "weft/queue/injector.h"
#include "weft/queue/lifo_slot.h"
#include "weft/queue/ring_queue.h"
#include "weft/queue/sharded_injector.h"
#include "weft/queue/testing/deque_injector.h"
#include "weft/queue/testing/item.h"
#include "weft/queue/testing/mutex_local_queue.h"
#include "weft/queue/testing/mutex_slot.h"

namespace weft::queue_testing {
namespace {

static_assert(LocalQueue<RingQueue<Item>>);
static_assert(LocalQueue<MutexLocalQueue<Item>>);
static_assert(!LocalQueue<Injector<Item>>);

static_assert(InjectorQueue<Injector<Item>>);
static_assert(InjectorQueue<ShardedInjector<Item>>);
static_assert(InjectorQueue<DequeInjector<Item>>);
static_assert(!InjectorQueue<RingQueue<Item>>);

static_assert(NextSlot<LifoSlot<Item>>);
static_assert(NextSlot<MutexSlot<Item>>);
static_assert(!NextSlot<Injector<Item>>);

// The handles are not interchangeable: each concept asks for one side only.
using Ring = RingQueue<Item>;
static_assert(LocalQueueOwner<Ring::Owner, Item>);
static_assert(LocalQueueThief<Ring::Thief, Ring::Owner, Item>);
static_assert(!LocalQueueOwner<Ring::Thief, Item>);
static_assert(!LocalQueueThief<Ring::Owner, Ring::Owner, Item>);
// One steals into a queue that one owns, not into one that one may rob.
static_assert(!LocalQueueThief<Ring::Thief, Ring::Thief, Item>);

// A sink takes for good. What can refuse is not a sink, or a refused item would
// be dropped in silence.
struct RefusingSink {
  Chain<Item> PushBatch(Chain<Item> chain) { return chain; }
};
struct SinkOfOne {
  void Push(Item* item);
};
static_assert(OverflowSink<RecordingSink, Item>);
static_assert(OverflowSink<NoOverflow, Item>);
static_assert(!OverflowSink<RefusingSink, Item>);
static_assert(!OverflowSink<SinkOfOne, Item>);
static_assert(!OverflowSink<Injector<Item>, Item>);
static_assert(!OverflowSink<RecordingSink, int>);

TEST(Concepts, AUserCanWriteASinkInOneLine) {
  struct Sink {
    void PushBatch(Chain<Item> chain) { all.Append(std::move(chain)); }
    Chain<Item> all;
  };
  Ledger ledger(5);
  Sink sink;
  RingQueue<Item, 4> ring;
  for (uint32_t id = 0; id < 5; ++id) ring.owner().Push(ledger.Make(id), sink);
  EXPECT_EQ(Ids(std::move(sink.all)), Range(2, 3));
  while (ring.owner().Pop() != nullptr) {
  }
}

}  // namespace
}  // namespace weft::queue_testing
