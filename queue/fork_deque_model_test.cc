// ForkDeque under the model checker, with two places and 8-bit indices. Items
// are cells, so that an item that is taken before it was published races.

#include <array>
#include <cstddef>
#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/fence.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/queue/fork_deque.h"

namespace weft {
namespace {

// Whoever takes it writes it.
struct Item {
  Cell<int> taken{0};
  void Take() {
    taken.WithMut([](int& n) { ++n; });
  }
};
using Deque = ForkDeque<Item, 2, std::uint8_t>;

void StealOnce(Deque& deque) {
  bool lost = false;
  if (Item* item = deque.thief().Steal(lost)) item->Take();
}

TEST(ForkDequeModel, ATakeBackAgainstASteal) {
  ModelCheck([] {
    Deque deque;
    Item item;
    Thread thief([&] { StealOnce(deque); });
    auto owner = deque.owner();
    model::Assert(owner.Push(&item) == ForkPush::kFirst);
    if (owner.TakeBack(&item)) item.Take();
    thief.join();
    model::Assert(item.taken.Get() == 1, "taken once");
  });
}

TEST(ForkDequeModel, TwoItemsAgainstAThief) {
  ModelCheck([] {
    Deque deque;
    Item a, b;
    Thread thief([&] { StealOnce(deque); });
    auto owner = deque.owner();
    (void)owner.Push(&a);
    (void)owner.Push(&b);
    model::Assert(owner.TakeBack(&b), "one thief takes the older");
    b.Take();
    if (owner.TakeBack(&a)) a.Take();
    thief.join();
    model::Assert(a.taken.Get() == 1 && b.taken.Get() == 1);
  });
}

TEST(ForkDequeModel, TwoItemsAgainstTwoThieves) {
  ModelCheck([] {
    Deque deque;
    Item a, b;
    Thread first([&] { StealOnce(deque); });
    Thread second([&] { StealOnce(deque); });
    auto owner = deque.owner();
    (void)owner.Push(&a);
    (void)owner.Push(&b);
    const bool got_b = owner.TakeBack(&b);
    const bool got_a = owner.TakeBack(&a);
    model::Assert(got_b || !got_a, "what is stolen is oldest");
    if (got_b) b.Take();
    if (got_a) a.Take();
    first.join();
    second.join();
    model::Assert(a.taken.Get() == 1 && b.taken.Get() == 1);
  });
}

// A place is used again after a thief has read it.
TEST(ForkDequeModel, APlaceIsUsedAgain) {
  ModelCheck([] {
    Deque deque;
    std::array<Item, 4> items;
    Thread thief([&] {
      StealOnce(deque);
      StealOnce(deque);
    });
    auto owner = deque.owner();
    std::array<bool, 4> mine = {};
    for (std::size_t i = 0; i < items.size(); ++i) {
      // A full deque: it is a call, and the item stays here.
      if (owner.Push(&items[i]) == ForkPush::kFull) mine[i] = true;
    }
    for (std::size_t i = items.size(); i-- > 0;) {
      if (mine[i] || owner.TakeBack(&items[i])) items[i].Take();
    }
    thief.join();
    for (Item& item : items) model::Assert(item.taken.Get() == 1);
  });
}

TEST(ForkDequeModel, TheIndicesWrap) {
  ModelCheck([] {
    Deque deque(255);
    std::array<Item, 3> items;
    Thread thief([&] { StealOnce(deque); });
    auto owner = deque.owner();
    for (int round = 0; round < 2; ++round) {
      Item& item = items[static_cast<std::size_t>(round)];
      (void)owner.Push(&item);
      if (owner.TakeBack(&item)) item.Take();
    }
    thief.join();
    model::Assert(items[0].taken.Get() == 1 && items[1].taken.Get() == 1);
  });
}

// A worker that looks before it sleeps, after its fence, sees what was pushed
// before the pusher's; or the pusher, after its own, sees the sleeper.
TEST(ForkDequeModel, ALookBeforeSleepMissesNothing) {
  ModelCheck([] {
    Deque deque;
    Item item;
    atomic<bool> asleep(false);
    bool sees_work = false;
    Thread sleeper([&] {
      asleep.store(true, std::memory_order_relaxed);
      FullFence();
      sees_work = !deque.thief().Empty();
    });
    (void)deque.owner().Push(&item);
    FullFence();
    const bool sees_sleeper = asleep.load(std::memory_order_relaxed);
    sleeper.join();
    model::Assert(sees_work || sees_sleeper);
  });
}

}  // namespace
}  // namespace weft
