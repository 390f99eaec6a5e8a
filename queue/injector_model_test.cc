// Injector and ShardedInjector under the model checker.

#include <cstddef>
#include <cstdint>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/queue/injector.h"
#include "weft/queue/sharded_injector.h"
#include "weft/queue/testing/model_item.h"

namespace weft::queue_testing {
namespace {

struct Plain : Injector<ModelItem> {};
struct Sharded : ShardedInjector<ModelItem> {
  Sharded() : ShardedInjector<ModelItem>(2) {}
};

template <class Q>
class InjectorModel : public ::testing::Test {};
using Queues = ::testing::Types<Plain, Sharded>;
TYPED_TEST_SUITE(InjectorModel, Queues);

template <class Q>
void RunAllOf(Q& queue) {
  while (ModelItem* item = queue.Pop()) ModelItems<0>::Run(item);
}

TYPED_TEST(InjectorModel, TwoPushersAndAPopper) {
  ModelCheck([] {
    TypeParam queue;
    ModelItems<2> items;
    Thread first(
        [&] { model::Assert(queue.Push(items.Make(0)), "it is open"); });
    Thread second(
        [&] { model::Assert(queue.Push(items.Make(1)), "it is open"); });
    if (ModelItem* item = queue.Pop()) ModelItems<0>::Run(item);
    first.join();
    second.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

TYPED_TEST(InjectorModel, ABatchAgainstTwoPoppers) {
  ModelCheck([] {
    TypeParam queue;
    ModelItems<2> items;
    Thread first([&] {
      if (ModelItem* item = queue.Pop()) ModelItems<0>::Run(item);
    });
    Thread second([&] { ModelItems<0>::RunAll(queue.PopBatch(2)); });
    Chain<ModelItem> batch;
    batch.PushBack(items.Make(0));
    batch.PushBack(items.Make(1));
    model::Assert(queue.PushBatch(std::move(batch)).empty(), "it is open");
    first.join();
    second.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

// A push either comes before the end, and then the drain after Close finds the
// item, or is refused and gives it back: tokio #1875, #3752, folly ebb45e070.
TYPED_TEST(InjectorModel, I1APushAgainstCloseAndDrain) {
  ModelCheck([] {
    TypeParam queue;
    ModelItems<2> items;
    Thread pusher([&] {
      for (int i = 0; i < 2; ++i) {
        ModelItem* item = items.Make(i);
        if (!queue.Push(item)) ModelItems<0>::Run(item);
      }
    });
    model::Assert(queue.Close(), "nobody else closes it");
    RunAllOf(queue);
    model::Assert(queue.Empty(), "nothing comes after the end");
    pusher.join();
    model::Assert(queue.Pop() == nullptr, "nothing comes after the end");
    items.ExpectEachRanOnce();
  });
}

// Who sees it closed, and then finds nothing in it, has seen the last item.
TYPED_TEST(InjectorModel, I1APushAgainstCloseAndAConsumer) {
  ModelCheck([] {
    TypeParam queue;
    ModelItems<1> items;
    Thread pusher([&] {
      ModelItem* item = items.Make(0);
      if (!queue.Push(item)) ModelItems<0>::Run(item);
    });
    Thread closer([&] { (void)queue.Close(); });
    const bool closed = queue.closed();
    RunAllOf(queue);
    pusher.join();
    if (closed) model::Assert(queue.Pop() == nullptr, "that was the last");
    closer.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

// The queue becomes empty and has an item again.
TYPED_TEST(InjectorModel, TwoPushesAgainstAPop) {
  ModelCheck([] {
    TypeParam queue;
    ModelItems<2> items;
    Thread pusher([&] {
      model::Assert(queue.Push(items.Make(0)), "it is open");
      model::Assert(queue.Push(items.Make(1)), "it is open");
    });
    if (ModelItem* item = queue.Pop()) ModelItems<0>::Run(item);
    pusher.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

// A consumer leaves a part of what it finds. Once all are quiet, size and
// emptiness are what is left, and the order is that of the pushes.
TYPED_TEST(InjectorModel, APartIsTakenWhileAnotherPushes) {
  ModelCheck([] {
    TypeParam queue;
    ModelItems<3> items;
    Chain<ModelItem> batch;
    batch.PushBack(items.Make(0));
    batch.PushBack(items.Make(1));
    ModelItem* const last = items.Make(2);
    model::Assert(queue.PushBatch(std::move(batch)).empty(), "it is open");
    Thread pusher([&] { model::Assert(queue.Push(last), "it is open"); });
    Chain<ModelItem> taken = queue.PopBatch(1);
    model::Assert(taken.size() == 1, "there is one");
    ModelItems<0>::RunAll(std::move(taken));
    pusher.join();
    std::size_t left = 2;
    while (ModelItem* item = queue.Pop()) {
      model::Assert(queue.Size() == --left, "the size is what is left");
      model::Assert(queue.Empty() == (left == 0), "empty if nothing is");
      ModelItems<0>::Run(item);
    }
    model::Assert(left == 0, "empty only if nothing is left");
    items.ExpectEachRanOnce();
  });
}

// An item that stays is counted, wherever it is moved meanwhile.
TYPED_TEST(InjectorModel, TheSizeMissesNothingThatIsThere) {
  ModelCheck([] {
    TypeParam queue;
    ModelItems<2> items;
    Chain<ModelItem> batch;
    batch.PushBack(items.Make(0));
    batch.PushBack(items.Make(1));
    model::Assert(queue.PushBatch(std::move(batch)).empty(), "it is open");
    Thread consumer([&] { ModelItems<0>::RunAll(queue.PopBatch(1)); });
    model::Assert(queue.Size() >= 1, "one of the two is still there");
    model::Assert(!queue.Empty(), "so it is not empty");
    consumer.join();
    RunAllOf(queue);
    items.ExpectEachRanOnce();
  });
}

// What the closer did before is visible to who sees it closed.
TYPED_TEST(InjectorModel, CloseIsARelease) {
  ModelCheck([] {
    TypeParam queue;
    Cell<int> before(0);
    Thread closer([&] {
      before.Set(1);
      (void)queue.Close();
    });
    if (queue.closed()) model::Assert(before.Get() == 1, "visible");
    closer.join();
  });
}

// A consumer that comes too late for the first shard takes from the other.
TEST(ShardedInjectorModel, TwoConsumersOfTwoShards) {
  ModelCheck([] {
    Sharded queue;
    ModelItems<2> items;
    model::Assert(queue.Push(items.Make(0), 0), "it is open");
    model::Assert(queue.Push(items.Make(1), 1), "it is open");
    const auto take = [&] {
      ModelItem* const item = queue.Pop();
      model::Assert(item != nullptr, "there is one for each");
      ModelItems<0>::Run(item);
    };
    Thread other(take);
    take();
    other.join();
    items.ExpectEachRanOnce();
  });
}

}  // namespace
}  // namespace weft::queue_testing
