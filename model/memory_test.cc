// Allocation inside an execution: determinism, leaks, double free, use after
// free.

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

#include "weft/model/arena.h"
#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"

namespace weft::model {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;
constexpr auto kAcquire = std::memory_order_acquire;
constexpr auto kRelease = std::memory_order_release;

TEST(ArenaTest, BlocksAreApartAndAligned) {
  Arena arena;
  Arena::Block* a = arena.Allocate(0, 10, 8);
  Arena::Block* b = arena.Allocate(0, 10, 256);
  Arena::Block* c = arena.Allocate(1, 0, 1);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b->memory()) % 256, 0u);
  EXPECT_GE(b->memory(), a->memory() + 10);
  EXPECT_EQ(arena.live(), 3);
  EXPECT_EQ(arena.Find(b->memory() + 9), b);
  EXPECT_EQ(arena.Find(c->memory()), c);
  arena.Free(b);
  EXPECT_EQ(arena.live(), 2);
  EXPECT_FALSE(arena.Find(b->memory())->live);
  const char* first = a->memory();
  arena.Reset();
  EXPECT_EQ(arena.Allocate(0, 10, 8)->memory(), first);
  EXPECT_EQ(arena.Allocate(0, Arena::kBytesPerLane, 8), nullptr);
}

TEST(MemoryTest, AddressesAreTheSameInEveryExecution) {
  std::set<const void*> addresses;
  const Result result = Explore([&] {
    Atomic<int> x(0);
    const void* address = nullptr;
    Thread t([&] {
      x.store(1, kRelaxed);
      auto block = std::make_unique<int>(1);
      address = block.get();
    });
    if (x.load(kRelaxed) == 1) std::vector<int> other(100);
    t.join();
    const size_t number = reinterpret_cast<uintptr_t>(address);
    Note("address", static_cast<long long>(number));
  });
  EXPECT_EQ(result.verdict, Verdict::kPassed) << result.report;
  EXPECT_EQ(result.complete, 2u);
  EXPECT_EQ(result.outcomes.size(), 1u);
}

TEST(MemoryTest, Leak) {
  const auto body = [] {
    Atomic<int> x(0);
    Thread t([&] { x.store(1, kRelaxed); });
    int* volatile block = new int(1);
    if (x.load(kRelaxed) == 0) delete block;
    t.join();
  };
  EXPECT_EQ(Explore(body).verdict, Verdict::kLeak);
  EXPECT_EQ(Explore(body, {.check_leaks = false}).verdict, Verdict::kPassed);
}

TEST(MemoryTest, DoubleFree) {
  const Result result = Explore([] {
    auto* block = new int(1);
    int* volatile alias = block;
    delete block;
    delete alias;
  });
  EXPECT_EQ(result.verdict, Verdict::kDoubleFree);
}

struct Node {
  Atomic<int> count{2};
  Cell<int> value{1};
};

// Two owners drop a reference each; the last one frees.
Result DropTwice(std::memory_order order) {
  return Explore([=] {
    auto* node = new Node;
    const auto drop = [=] {
      node->value.Get();
      if (node->count.fetch_sub(1, order) == 1) {
        AtomicThreadFence(kAcquire);
        delete node;
      }
    };
    Thread t(drop);
    drop();
    t.join();
  });
}

TEST(MemoryTest, FreeRacesWithUse) {
  EXPECT_EQ(DropTwice(kRelease).verdict, Verdict::kPassed);
  EXPECT_EQ(DropTwice(kRelaxed).verdict, Verdict::kDataRace);
}

TEST(MemoryTest, UseAfterFree) {
  const Result cell = Explore([] {
    auto* node = new Node;
    Node* volatile alias = node;
    delete node;
    alias->value.Get();
  });
  EXPECT_EQ(cell.verdict, Verdict::kUseAfterFree);
  const Result atomic = Explore([] {
    auto* node = new Node;
    Node* volatile alias = node;
    delete node;
    alias->count.load(kRelaxed);
  });
  EXPECT_EQ(atomic.verdict, Verdict::kUseAfterFree);
}

// The classic: a node is popped, freed and pushed again at the same address
// while another thread is about to swing the head away from it.
TEST(MemoryTest, AddressesMayBeUsedAgain) {
  const auto body = [] {
    int* first = new int(1);
    Atomic<int*> head(first);
    Thread t([&] {
      int* seen = head.load(kAcquire);
      int* expected = seen;
      Note("swapped", head.compare_exchange_strong(expected, nullptr) &&
                          head.load(kRelaxed) == nullptr);
    });
    head.exchange(nullptr, std::memory_order_acq_rel);
    delete first;
    int* second = new int(2);
    Note("same", second == first);
    head.exchange(second, std::memory_order_acq_rel);
    t.join();
    delete second;
  };
  EXPECT_EQ(Explore(body).outcomes.count("same=1 swapped=1"), 0u);
  const Result reuse = Explore(body, {.reuse_addresses = true});
  EXPECT_EQ(reuse.verdict, Verdict::kPassed) << reuse.report;
  EXPECT_EQ(reuse.outcomes.count("same=1 swapped=1"), 1u);
}

// The end of an object must come before its memory is freed.
TEST(MemoryTest, FreeRacesWithDestruction) {
  const auto body = [](bool late) {
    return Explore([=] {
      void* memory = ::operator new(sizeof(Cell<int>));
      auto* cell = new (memory) Cell<int>(1);
      Atomic<bool> done(false);
      Thread t([&] {
        if (late) done.store(true, kRelease);
        cell->~Cell();
        if (!late) done.store(true, kRelease);
      });
      const bool early = done.load(kAcquire);
      if (early) ::operator delete(memory);
      t.join();
      if (!early) ::operator delete(memory);
    });
  };
  EXPECT_EQ(body(false).verdict, Verdict::kPassed);
  EXPECT_EQ(body(true).verdict, Verdict::kDataRace);
}

TEST(MemoryTest, DoubleDestruction) {
  const Result result = Explore([] {
    auto* node = new Node;
    Node* volatile alias = node;
    delete node;
    delete alias;
  });
  EXPECT_EQ(result.verdict, Verdict::kDoubleFree);
}

// The waker's last look at an object on the waiter's stack.
TEST(MemoryTest, UseAfterReturn) {
  const Result result = Explore([] {
    Atomic<Atomic<int>*> published(nullptr);
    Thread t([&] {
      if (Atomic<int>* done = published.load(kAcquire)) {
        done->store(1, kRelease);
        done->load(kRelaxed);
      }
    });
    {
      Atomic<int> done(0);
      published.store(&done, kRelease);
      if (done.load(kAcquire) == 0) t.join();
    }
    if (t.joinable()) t.join();
  });
  EXPECT_EQ(result.verdict, Verdict::kDataRace);
}

}  // namespace
}  // namespace weft::model
