#include "weft/base/cell.h"

#include <memory>
#include <type_traits>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/spin.h"
#include "weft/base/thread.h"

namespace weft {
namespace {

struct Odd {
  char bytes[3];
};

static_assert(sizeof(Cell<Odd>) == sizeof(Odd));
static_assert(sizeof(Cell<std::unique_ptr<int>>) == sizeof(void*));
static_assert(!std::is_copy_constructible_v<Cell<int>>);
static_assert(!std::is_move_constructible_v<Cell<int>>);

TEST(Cell, StartsWithTheValueOfAnEmptyT) {
  Cell<int> number;
  EXPECT_EQ(number.Get(), 0);
  Cell<int*> pointer;
  EXPECT_EQ(pointer.Get(), nullptr);
}

TEST(Cell, GetSetAndTake) {
  Cell<int> number(3);
  EXPECT_EQ(number.Get(), 3);
  number.Set(4);
  EXPECT_EQ(number.Get(), 4);
  Cell<std::unique_ptr<int>> owner(std::make_unique<int>(5));
  const std::unique_ptr<int> taken = owner.Take();
  EXPECT_EQ(*taken, 5);
  EXPECT_EQ(owner.Take(), nullptr);
}

TEST(Cell, WithReadsAndWithMutWritesInPlace) {
  Cell<std::pair<int, int>> pair(std::pair(1, 2));
  pair.WithMut([](auto& p) { p.first = 10; });
  const auto& view = pair;
  EXPECT_EQ(view.With([](const auto& p) { return p.first + p.second; }), 12);
  static_assert(std::is_const_v<std::remove_reference_t<decltype(pair.With(
                    [](auto& p) -> auto& { return p; }))>>,
                "With gives no way to write");
}

TEST(Cell, IsPublishedByTheAtomicBesideIt) {
  // Also shows ThreadSanitizer that the cell is plain memory used correctly.
  Cell<int> payload(0);
  atomic<bool> ready{false};
  Thread writer([&] {
    payload.Set(42);
    // Release: pairs with the acquire below; publishes the payload.
    ready.store(true, std::memory_order_release);
  });
  // Acquire: pairs with the release above.
  while (!ready.load(std::memory_order_acquire)) {
    CpuRelax();
    YieldThread();
  }
  EXPECT_EQ(payload.Get(), 42);
  writer.join();
}

}  // namespace
}  // namespace weft
