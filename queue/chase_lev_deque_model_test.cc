// ChaseLevDeque under the model checker: every execution. Items are cells, so
// that one that is taken before it was published, or twice, races.

#include <cstddef>
#include <cstdint>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/fence.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/queue/chase_lev_deque.h"
#include "weft/queue/steal.h"
#include "weft/queue/testing/model_item.h"

namespace weft::queue_testing {
namespace {

using Growing = ChaseLevDeque<ModelItem, 2, 8>;
using Bounded = ChaseLevDeque<ModelItem, 2, 2>;

template <class Deque>
void RunAllOf(Deque& deque) {
  auto owner = deque.owner();
  while (ModelItem* item = owner.Pop()) ModelItems<1>::Run(item);
}

// Takes what one steal gets, and runs it.
template <class Deque>
void StealOnce(Deque& victim, std::uint32_t max_take = 4) {
  Deque mine;
  auto owner = mine.owner();
  const Steal<ModelItem> steal = victim.thief().StealInto(owner, max_take);
  if (steal.took()) ModelItems<1>::Run(steal.item);
  RunAllOf(mine);
}

TEST(ChaseLevDequeModel, ThePopOfTheLastItemAgainstASteal) {
  ModelCheck([] {
    Growing deque;
    ModelItems<1> items;
    ModelSink sink;
    Thread thief([&] { StealOnce(deque); });
    deque.owner().Push(items.Make(0), sink);
    RunAllOf(deque);
    thief.join();
    items.ExpectEachRanOnce();
  });
}

TEST(ChaseLevDequeModel, TwoThieves) {
  ModelCheck([] {
    Growing deque;
    ModelItems<2> items;
    ModelSink sink;
    deque.owner().Push(items.Make(0), sink);
    Thread first([&] { StealOnce(deque); });
    Thread second([&] { StealOnce(deque); });
    deque.owner().Push(items.Make(1), sink);
    RunAllOf(deque);
    first.join();
    second.join();
    items.ExpectEachRanOnce();
  });
}

// The third item does not fit: the deque grows under the thief's feet.
TEST(ChaseLevDequeModel, GrowsWhileAThiefSteals) {
  ModelCheck([] {
    Growing deque;
    ModelItems<3> items;
    ModelSink sink;
    auto owner = deque.owner();
    Thread thief([&] { StealOnce(deque); });
    for (std::size_t i = 0; i < 3; ++i) owner.Push(items.Make(i), sink);
    RunAllOf(deque);
    thief.join();
    items.ExpectEachRanOnce();
  });
}

// Places are used again, in the old buffer, and then it grows.
TEST(ChaseLevDequeModel, UsesPlacesAgainAndGrowsWhileAThiefSteals) {
  ModelCheck([] {
    Growing deque;
    ModelItems<5> items;
    ModelSink sink;
    auto owner = deque.owner();
    owner.Push(items.Make(0), sink);
    owner.Push(items.Make(1), sink);
    Thread thief([&] { StealOnce(deque, 1); });
    if (ModelItem* item = owner.Pop()) ModelItems<1>::Run(item);
    for (std::size_t i = 2; i < 5; ++i) owner.Push(items.Make(i), sink);
    RunAllOf(deque);
    thief.join();
    items.ExpectEachRanOnce();
  });
}

// A place that a thief has read is written again.
TEST(ChaseLevDequeModel, APlaceIsUsedAgainAfterAThiefHasReadIt) {
  ModelCheck([] {
    Bounded deque;
    ModelItems<4> items;
    ModelSink sink;
    auto owner = deque.owner();
    owner.Push(items.Make(0), sink);
    Thread thief([&] {
      StealOnce(deque, 1);
      StealOnce(deque, 1);
    });
    for (std::size_t i = 1; i < 4; ++i) owner.Push(items.Make(i), sink);
    RunAllOf(deque);
    thief.join();
    ModelItems<1>::RunAll(std::move(sink.items));
    items.ExpectEachRanOnce();
  });
}

// A thief whose own deque has to grow for what it takes.
TEST(ChaseLevDequeModel, AThiefIsRobbed) {
  ModelCheck([] {
    Growing deque;
    Growing other;
    ModelItems<4> items;
    ModelSink sink;
    auto owner = deque.owner();
    for (std::size_t i = 0; i < 4; ++i) owner.Push(items.Make(i), sink);
    Thread first([&] {
      auto mine = other.owner();
      const Steal<ModelItem> steal = deque.thief().StealInto(mine, 4);
      if (steal.took()) ModelItems<1>::Run(steal.item);
    });
    StealOnce(other);
    first.join();
    RunAllOf(deque);
    RunAllOf(other);
    items.ExpectEachRanOnce();
  });
}

// The look before sleep: either it sees the item, or the pusher the sleeper.
TEST(ChaseLevDequeModel, ALookBeforeSleepMissesNothing) {
  ModelCheck([] {
    Growing deque;
    ModelItems<1> items;
    ModelSink sink;
    atomic<bool> asleep(false);
    bool sees_work = false;
    Thread sleeper([&] {
      asleep.store(true, std::memory_order_relaxed);
      FullFence();
      sees_work = deque.thief().Size() != 0;
    });
    deque.owner().Push(items.Make(0), sink);
    FullFence();
    const bool sees_sleeper = asleep.load(std::memory_order_relaxed);
    sleeper.join();
    model::Assert(sees_work || sees_sleeper);
    RunAllOf(deque);
    items.ExpectEachRanOnce();
  });
}

// Who sees that it has something also sees what came before the push; and a
// size is never negative.
TEST(ChaseLevDequeModel, SizeAcquiresWhatCameBeforeThePush) {
  ModelCheck([] {
    Growing deque;
    ModelItems<2> items;
    ModelSink sink;
    Cell<int> before(0);
    Thread looker([&] {
      const std::uint32_t size = deque.thief().Size();
      model::Assert(size <= 2);
      if (size != 0) model::Assert(before.Get() == 1);
    });
    auto owner = deque.owner();
    before.Set(1);
    owner.Push(items.Make(0), sink);
    owner.Push(items.Make(1), sink);
    RunAllOf(deque);
    looker.join();
    items.ExpectEachRanOnce();
  });
}

}  // namespace
}  // namespace weft::queue_testing
