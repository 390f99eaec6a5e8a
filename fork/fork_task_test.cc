// Fork coroutines, step by step: on one thread, with two sites between which a
// test moves what it likes.

#include "weft/fork/fork_task.h"

#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gtest/gtest.h"
#include "weft/fork/testing/fork_crew.h"

namespace weft {
namespace {

using fork_testing::ForkCrew;

ForkTask<int> Value(int n) { co_return n; }
ForkTask<> Nothing() { co_return; }

// ---- What it computes. ----

ForkTask<int> Fib(int n) {
  if (n < 2) co_return n;
  auto [a, b] = co_await ForkJoin(Fib(n - 1), Fib(n - 2));
  co_return a + b;
}
TEST(ForkTask, ForkJoin) { EXPECT_EQ(ForkCrew().Run(Fib(10)), 55); }

ForkTask<int> FibOfForks(int n) {
  if (n < 2) co_return n;
  Forked<int> a = co_await Fork(FibOfForks(n - 1));
  const int b = co_await FibOfForks(n - 2);
  co_await Join();
  co_return *a + b;
}
TEST(ForkTask, ForkCallJoin) { EXPECT_EQ(ForkCrew().Run(FibOfForks(10)), 55); }

ForkTask<int> SumBelow(int n) {
  std::vector<Forked<int>> children;
  for (int i = 0; i < n; ++i) children.push_back(co_await Fork(Value(i)));
  co_await Join();
  int sum = 0;
  for (Forked<int>& child : children) sum += *child;
  co_return sum;
}
TEST(ForkTask, AnyNumberOfChildren) {
  EXPECT_EQ(ForkCrew().Run(SumBelow(100)), 4950);
  EXPECT_EQ(ForkCrew().Run(SumBelow(0)), 0);
}

ForkTask<std::unique_ptr<int>> Boxed(int n) {
  co_return std::make_unique<int>(n);
}
ForkTask<std::string> ManyKinds() {
  auto [box, nothing] = co_await ForkJoin(Boxed(7), Nothing());
  static_assert(std::is_same_v<decltype(nothing), std::monostate>);
  Forked<std::unique_ptr<int>> other = co_await Fork(Boxed(8));
  std::ignore = co_await Fork(Nothing());
  co_await Nothing();
  std::unique_ptr<int> third = co_await Boxed(9);
  co_await Join();
  co_return std::to_string(*box) + std::to_string(**other) +
      std::to_string(*third);
}
TEST(ForkTask, ResultsAreMoved) {
  EXPECT_EQ(ForkCrew().Run(ManyKinds()), "789");
}

ForkTask<int> Held(std::shared_ptr<int> held) { co_return *held; }
TEST(ForkTask, OneThatWasNotStartedIsDestroyed) {
  auto box = std::make_shared<int>(1);
  { const ForkTask<int> task = Held(box); }
  EXPECT_EQ(box.use_count(), 1);
}

// Calls, forks and ends in a row do not use up the stack, however the compiler
// makes transfers.
ForkTask<int> Loop(int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) {
    sum += co_await Value(1);
    auto [a, b] = co_await ForkJoin(Value(1), Value(1));
    sum += a + b;
  }
  co_return sum;
}
TEST(ForkTask, ALongLoopNeedsNoStack) {
  EXPECT_EQ(ForkCrew().Run(Loop(100'000)), 300'000);
}

// Deeper than the deque: from there on forks are calls.
ForkTask<int> Depth(int n, bool fork) {
  if (n == 0) co_return 0;
  if (!fork) co_return 1 + co_await Depth(n - 1, false);
  auto [a, b] = co_await ForkJoin(Depth(n - 1, true), Value(1));
  Forked<int> none = co_await Fork(Value(0));
  co_await Join();
  co_return a + b + *none;
}
TEST(ForkTask, AFullDequeMakesForksCalls) {
  EXPECT_EQ(ForkCrew().Run(Depth(3'000, true)), 3'000);
}
TEST(ForkTask, DeepCallsNeedNoStack) {
  EXPECT_EQ(ForkCrew().Run(Depth(100'000, false)), 100'000);
}

// ---- A parent that goes on elsewhere. ----

struct TwoSites {
  ForkCrew crew;
  ForkSite other;
  std::string order;

  // Steals the oldest from the crew's thread and runs it here, as if another
  // worker did: an ancestor of the caller goes on while the caller runs.
  bool GoOnElsewhere() {
    bool busy = false;
    TaskHeader* const task = crew.site().StealInto(other, busy);
    if (task == nullptr) return false;
    task->Run();
    return true;
  }
};

ForkTask<int> Robbed(TwoSites& sites, int n) {
  sites.order += 'c';
  EXPECT_TRUE(sites.GoOnElsewhere());
  sites.order += 'e';
  co_return n;
}

ForkTask<int> ParentOfRobbed(TwoSites& sites) {
  Forked<int> child = co_await Fork(Robbed(sites, 1));
  sites.order += 'p';
  co_await Join();
  sites.order += 'j';
  co_return *child + 1;
}
TEST(ForkTaskStolen, WaitsForItsChild) {
  TwoSites sites;
  EXPECT_EQ(sites.crew.Run(ParentOfRobbed(sites)), 2);
  EXPECT_EQ(sites.order, "cpej");
}

ForkTask<int> PairOfRobbed(TwoSites& sites) {
  auto [a, b] = co_await ForkJoin(Robbed(sites, 1), Value(2));
  co_return a * 10 + b;
}
TEST(ForkTaskStolen, ForkJoinWaitsForBoth) {
  TwoSites sites;
  EXPECT_EQ(sites.crew.Run(PairOfRobbed(sites)), 12);
  EXPECT_EQ(sites.order, "ce");
}

ForkTask<int> RobbedTwice(TwoSites& sites) {
  Forked<int> first = co_await Fork(Robbed(sites, 1));
  co_await Join();
  Forked<int> second = co_await Fork(Robbed(sites, 2));
  co_await Join();
  co_return *first * 10 + *second;
}
TEST(ForkTaskStolen, TwoJoins) {
  TwoSites sites;
  EXPECT_EQ(sites.crew.Run(RobbedTwice(sites)), 12);
  EXPECT_EQ(sites.order, "cece");
}

// The caller of a coroutine that goes on elsewhere goes on there, too.
ForkTask<int> CallsRobbed(TwoSites& sites) {
  const int n = co_await ParentOfRobbed(sites);
  auto [a, b] = co_await ForkJoin(Value(10), Value(20));
  co_return n + a + b;
}
TEST(ForkTaskStolen, ItsCallerFollows) {
  TwoSites sites;
  EXPECT_EQ(sites.crew.Run(CallsRobbed(sites)), 32);
}

// No Join: the child is joined before the parent's end is seen, and a handle
// that goes before the child has ended leaves it alone.
ForkTask<int> EndsFirst(TwoSites& sites) {
  std::ignore = co_await Fork(Robbed(sites, 1));
  sites.order += 'p';
  co_return 2;
}
ForkTask<int> SeesTheEnd(TwoSites& sites) {
  const int n = co_await EndsFirst(sites);
  sites.order += 's';
  co_return n;
}
TEST(ForkTaskStolen, AnEndJoins) {
  TwoSites sites;
  EXPECT_EQ(sites.crew.Run(SeesTheEnd(sites)), 2);
  EXPECT_EQ(sites.order, "cpes");
}
ForkTask<int> PairOfEnds(TwoSites& sites) {
  auto [a, b] = co_await ForkJoin(EndsFirst(sites), EndsFirst(sites));
  co_return a + b;
}
TEST(ForkTaskStolen, AnEndJoinsInAFork) {
  TwoSites sites;
  EXPECT_EQ(sites.crew.Run(PairOfEnds(sites)), 4);
}

// A dropped child's frame goes at the join, not at the parent's end.
ForkTask<int> HoldsWhileRobbed(TwoSites& sites, std::shared_ptr<int> held) {
  sites.GoOnElsewhere();
  co_return *held;
}
ForkTask<long> DropsAHandle(TwoSites& sites, std::shared_ptr<int>& box) {
  std::ignore = co_await Fork(HoldsWhileRobbed(sites, box));
  const long before = box.use_count();
  co_await Join();
  co_return 10 * before + box.use_count();
}
TEST(ForkTaskStolen, ADroppedChildGoesAtTheJoin) {
  TwoSites sites;
  auto box = std::make_shared<int>(1);
  EXPECT_EQ(sites.crew.Run(DropsAHandle(sites, box)), 21);
}

// ---- Exceptions. ----

#if defined(__cpp_exceptions)

ForkTask<int> Throws(int n) {
  if (n >= 0) throw std::runtime_error(std::to_string(n));
  co_return n;
}
ForkTask<int> RobbedThenThrows(TwoSites& sites, int n) {
  EXPECT_TRUE(sites.GoOnElsewhere());
  if (n >= 0) throw std::runtime_error(std::to_string(n));
  co_return n;
}

// What the root throws, or "".
template <class T>
std::string Thrown(ForkCrew& crew, ForkTask<T> root) {
  try {
    crew.Run(std::move(root));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

ForkTask<int> Calls(ForkTask<int> child) {
  co_return co_await std::move(child);
}
ForkTask<int> JoinsForkOf(ForkTask<int> child) {
  Forked<int> forked = co_await Fork(std::move(child));
  co_await Join();
  co_return *forked;
}
ForkTask<int> ForksOnly(ForkTask<int> child) {
  std::ignore = co_await Fork(std::move(child));
  co_return 0;
}
ForkTask<int> Pairs(ForkTask<int> first, ForkTask<int> second) {
  auto [a, b] = co_await ForkJoin(std::move(first), std::move(second));
  co_return a + b;
}

TEST(ForkTaskException, OfACallReachesTheCaller) {
  ForkCrew crew;
  EXPECT_EQ(Thrown(crew, Throws(1)), "1");
  EXPECT_EQ(Thrown(crew, Calls(Calls(Throws(1)))), "1");
}
TEST(ForkTaskException, OfAChildReachesTheJoin) {
  ForkCrew crew;
  EXPECT_EQ(Thrown(crew, JoinsForkOf(Throws(1))), "1");
  EXPECT_EQ(Thrown(crew, Pairs(Throws(1), Value(2))), "1");
  EXPECT_EQ(Thrown(crew, Pairs(Value(1), Throws(2))), "2");
  EXPECT_EQ(Thrown(crew, Pairs(Throws(1), Throws(2))), "1");
}
TEST(ForkTaskException, OfAChildReachesAStolenParent) {
  TwoSites sites;
  EXPECT_EQ(Thrown(sites.crew, JoinsForkOf(RobbedThenThrows(sites, 1))), "1");
  EXPECT_EQ(Thrown(sites.crew, Pairs(RobbedThenThrows(sites, 1), Value(2))),
            "1");
  EXPECT_EQ(Thrown(sites.crew, Pairs(Robbed(sites, 1), Throws(2))), "2");
  // The second runs first, elsewhere.
  EXPECT_EQ(Thrown(sites.crew, Pairs(RobbedThenThrows(sites, 1), Throws(2))),
            "2");
}
TEST(ForkTaskException, OfAChildThatIsNotJoinedIsTheParents) {
  TwoSites sites;
  EXPECT_EQ(Thrown(sites.crew, ForksOnly(Throws(1))), "1");
  EXPECT_EQ(Thrown(sites.crew, ForksOnly(RobbedThenThrows(sites, 1))), "1");
  EXPECT_EQ(Thrown(sites.crew, Calls(ForksOnly(Throws(1)))), "1");
}

ForkTask<int> ThrowsAfterFork(ForkTask<int> child) {
  std::ignore = co_await Fork(std::move(child));
  throw std::runtime_error("parent");
}
TEST(ForkTaskException, OfAParentWaitsForItsChildren) {
  TwoSites sites;
  EXPECT_EQ(Thrown(sites.crew, ThrowsAfterFork(Robbed(sites, 1))), "parent");
  EXPECT_EQ(sites.order, "ce");
  // The first one counts.
  EXPECT_EQ(Thrown(sites.crew, ThrowsAfterFork(Throws(1))), "1");
}

ForkTask<int> Recovers(TwoSites& sites) {
  int caught = 0;
  std::ignore = co_await Fork(RobbedThenThrows(sites, 1));
  try {
    co_await Join();
  } catch (const std::runtime_error&) {
    ++caught;
  }
  co_await Join();
  auto [a, b] = co_await ForkJoin(Value(10), Value(20));
  co_return caught + a + b;
}
TEST(ForkTaskException, IsThrownOnce) {
  TwoSites sites;
  EXPECT_EQ(sites.crew.Run(Recovers(sites)), 31);
}

// One that was not taken goes with the frame.
TEST(ForkTaskException, InADeepTree) {
  ForkCrew crew;
  EXPECT_EQ(Thrown(crew, Calls(Depth(2'000, false))), "");
  EXPECT_EQ(
      Thrown(crew, Pairs(Pairs(Throws(1), Fib(5)), Pairs(Fib(5), Throws(2)))),
      "1");
}

#endif

}  // namespace
}  // namespace weft
