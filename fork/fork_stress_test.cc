// Trees of fork coroutines on several threads, against the same computed by
// plain calls.

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "gtest/gtest.h"
#include "weft/base/test_seed.h"
#include "weft/base/xorshift.h"
#include "weft/fork/fork_task.h"
#include "weft/fork/testing/fork_crew.h"

namespace weft {
namespace {

using fork_testing::ForkCrew;

class ForkStress : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Thieves, ForkStress, ::testing::Values(0, 1, 3));

ForkTask<std::int64_t> Fib(std::int64_t n) {
  if (n < 2) co_return n;
  auto [a, b] = co_await ForkJoin(Fib(n - 1), Fib(n - 2));
  co_return a + b;
}
TEST_P(ForkStress, Fib) {
  ForkCrew crew(GetParam());
  for (std::uint64_t i = 0; i < StressIterations(50); ++i) {
    ASSERT_EQ(crew.Run(Fib(18)), 2584);
  }
}

ForkTask<std::int64_t> Skynet(std::int64_t first, std::int64_t leaves) {
  if (leaves == 1) co_return first;
  std::array<Forked<std::int64_t>, 10> children;
  for (Forked<std::int64_t>& child : children) {
    child = co_await Fork(Skynet(first, leaves / 10));
    first += leaves / 10;
  }
  co_await Join();
  std::int64_t sum = 0;
  for (Forked<std::int64_t>& child : children) sum += *child;
  co_return sum;
}
TEST_P(ForkStress, Skynet) {
  ForkCrew crew(GetParam());
  for (std::uint64_t i = 0; i < StressIterations(50); ++i) {
    ASSERT_EQ(crew.Run(Skynet(0, 1'000)), 499'500);
  }
}

constexpr int kBoard = 8;
struct Queens {
  std::array<std::int8_t, kBoard> columns = {};
  int rows = 0;

  bool Allows(int column) const {
    for (int row = 0; row < rows; ++row) {
      const int distance = column - columns[static_cast<std::size_t>(row)];
      if (distance == 0 || distance == rows - row || distance == row - rows) {
        return false;
      }
    }
    return true;
  }
  Queens With(int column) const {
    Queens more = *this;
    more.columns[static_cast<std::size_t>(more.rows++)] =
        static_cast<std::int8_t>(column);
    return more;
  }
};
ForkTask<int> Solutions(Queens board) {
  if (board.rows == kBoard) co_return 1;
  std::vector<Forked<int>> children;
  for (int column = 0; column < kBoard; ++column) {
    if (!board.Allows(column)) continue;
    children.push_back(co_await Fork(Solutions(board.With(column))));
  }
  co_await Join();
  int sum = 0;
  for (Forked<int>& child : children) sum += *child;
  co_return sum;
}
TEST_P(ForkStress, Queens) {
  ForkCrew crew(GetParam());
  for (std::uint64_t i = 0; i < StressIterations(20); ++i) {
    ASSERT_EQ(crew.Run(Solutions(Queens())), 92);
  }
}

// ---- Random trees: every way to start a child, any of which may throw. ----

constexpr std::uint32_t kWays = 4;
constexpr int kThrown = 1'000'000;

int Combine(int sum, int n) { return (sum * 31 + n) % 1'000; }

// The same by plain calls. A tree throws, or does not; which of its exceptions
// comes first, nobody knows.
struct Tree {
  std::uint64_t seed;
  int depth;
  bool throwing;

  XorShift64 Random() const { return XorShift64(seed); }
  Tree Child(XorShift64& random) const {
    return {random.Next(), depth - 1, throwing};
  }
  bool ThrowsAtStart(XorShift64& random) const {
    return throwing && random.Below(200) == 0;
  }
};

// True: it throws.
bool Plainly(Tree tree, int& result) {
  XorShift64 random = tree.Random();
  bool threw = tree.ThrowsAtStart(random);
  if (threw) return true;
  result = static_cast<int>(random.Below(100));
  if (tree.depth == 0) return false;
  const std::uint32_t steps = random.Below(4);
  for (std::uint32_t i = 0; i < steps; ++i) {
    (void)random.Below(kWays);
    const Tree a = tree.Child(random);
    const Tree b = tree.Child(random);
    int x = 0;
    int y = 0;
    threw |= Plainly(a, x);
    threw |= Plainly(b, y);
    if (threw) return true;
    result = Combine(Combine(result, x), y);
  }
  return false;
}

ForkTask<int> Forking(Tree tree) {
  XorShift64 random = tree.Random();
#if defined(__cpp_exceptions)
  if (tree.ThrowsAtStart(random)) throw std::runtime_error("tree");
#else
  (void)tree.ThrowsAtStart(random);
#endif
  int result = static_cast<int>(random.Below(100));
  if (tree.depth == 0) co_return result;
  const std::uint32_t steps = random.Below(4);
  for (std::uint32_t i = 0; i < steps; ++i) {
    const std::uint32_t way = random.Below(kWays);
    const Tree a = tree.Child(random);
    const Tree b = tree.Child(random);
    int x = 0;
    int y = 0;
    if (way == 0) {
      auto both = co_await ForkJoin(Forking(a), Forking(b));
      x = both.first;
      y = both.second;
    } else if (way == 1) {
      x = co_await Forking(a);
      y = co_await Forking(b);
    } else {
      Forked<int> first = co_await Fork(Forking(a));
      Forked<int> second;
      if (way == 2) {
        second = co_await Fork(Forking(b));
      } else {
        y = co_await Forking(b);
      }
      co_await Join();
      x = *first;
      if (way == 2) y = *second;
    }
    result = Combine(Combine(result, x), y);
  }
  co_return result;
}

void RunTrees(int thieves, bool throwing) {
  ForkCrew crew(thieves);
  XorShift64 seeds(TestSeed());
  for (std::uint64_t i = 0; i < StressIterations(500); ++i) {
    const Tree tree{seeds.Next(), 7, throwing};
    int expected = 0;
    if (Plainly(tree, expected)) expected = kThrown;
    int result = kThrown;
#if defined(__cpp_exceptions)
    try {
      result = crew.Run(Forking(tree));
    } catch (const std::runtime_error&) {
    }
#else
    result = crew.Run(Forking(tree));
#endif
    ASSERT_EQ(result, expected);
  }
}

TEST_P(ForkStress, RandomTrees) { RunTrees(GetParam(), false); }

#if defined(__cpp_exceptions)
TEST_P(ForkStress, RandomTreesThatThrow) { RunTrees(GetParam(), true); }
#endif

}  // namespace
}  // namespace weft
