// Fork coroutines under the model checker: one thread runs a tree, another
// steals from it. What a coroutine leaves in its frame, and what children
// return, are cells: whoever goes on too early races. A tree whose end nobody
// runs shows as a result that is missing: nothing here waits for anybody.

#include <coroutine>
#include <tuple>
#include <utility>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/fork/fork_site.h"
#include "weft/fork/fork_task.h"
#include "weft/task/header.h"

namespace weft {
namespace {

// The coroutine of no scheduler that awaits the root.
struct Outside {
  struct promise_type {
    Outside get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { model::Assert(false, "an exception"); }
  };
};
Outside Await(ForkTask<int>& root, Cell<int>& result) {
  const int n = co_await std::move(root);
  result.Set(n);
}

void StealOnce(ForkSite& from, ForkSite& mine) {
  bool busy = false;
  if (TaskHeader* task = from.StealInto(mine, busy)) task->Run();
}

// Runs the tree on this thread while `thieves` others steal from it; each tries
// once, the second from both.
void RunTree(ForkTask<int> root, int expected, int thieves = 1) {
  ForkSite mine, first_site, second_site;
  mine.Attach(nullptr, nullptr);
  Cell<int> result(-1);
  Thread first([&] {
    first_site.Attach(nullptr, nullptr);
    StealOnce(mine, first_site);
    first_site.Detach();
  });
  Thread second;
  if (thieves == 2) {
    second = Thread([&] {
      second_site.Attach(nullptr, nullptr);
      StealOnce(mine, second_site);
      StealOnce(first_site, second_site);
      second_site.Detach();
    });
  }
  Await(root, result);
  first.join();
  if (thieves == 2) second.join();
  model::Assert(!mine.Stealable() && !first_site.Stealable() &&
                !second_site.Stealable());
  model::Assert(result.Get() == expected, "the tree has ended");
  mine.Detach();
}

// Writes to its frame before and after it suspends, reads what was there.
ForkTask<int> Leaf(int n) {
  Cell<int> local(n);
  co_return local.Get();
}

ForkTask<int> Pair() {
  Cell<int> local(1);
  auto [a, b] = co_await ForkJoin(Leaf(10), Leaf(20));
  local.WithMut([](int& n) { ++n; });
  co_return local.Get() + a + b;
}
TEST(ForkModel, ForkJoin) {
  ModelCheck([] { RunTree(Pair(), 32); });
}
TEST(ForkModel, ForkJoinWithTwoThieves) {
  ModelCheck([] { RunTree(Pair(), 32, 2); });
}

ForkTask<int> ForkAndJoin() {
  Cell<int> local(1);
  Forked<int> child = co_await Fork(Leaf(10));
  local.WithMut([](int& n) { ++n; });
  co_await Join();
  co_return local.Get() + *child;
}
TEST(ForkModel, ForkAndJoin) {
  ModelCheck([] { RunTree(ForkAndJoin(), 12); });
}

// Its end is its join; its handle goes while the child may run.
ForkTask<int> ForkOnly() {
  Cell<int> local(1);
  std::ignore = co_await Fork(Leaf(10));
  co_return local.Get();
}
TEST(ForkModel, AnEndJoins) {
  ModelCheck([] { RunTree(ForkOnly(), 1); });
}

ForkTask<int> TwoForks() {
  Forked<int> first = co_await Fork(Leaf(1));
  Forked<int> second = co_await Fork(Leaf(2));
  co_await Join();
  co_return *first + *second;
}
TEST(ForkModel, TwoForksAndTwoThieves) {
  ModelCheck([] { RunTree(TwoForks(), 3, 2); },
             {.max_deviations = 5, .samples = true});
}

ForkTask<int> Nested() {
  auto [a, b] = co_await ForkJoin(ForkAndJoin(), Leaf(20));
  co_return a + b;
}
TEST(ForkModel, ATreeOfTwoLevels) {
  ModelCheck([] { RunTree(Nested(), 32); },
             {.max_deviations = 6, .samples = true});
}

// The deque has two places: the third fork is a call.
ForkTask<int> Deep(int n) {
  if (n == 0) co_return 0;
  auto [a, b] = co_await ForkJoin(Deep(n - 1), Leaf(1));
  co_return a + b;
}
TEST(ForkModel, AFullDeque) {
  ModelCheck([] { RunTree(Deep(3), 3); },
             {.max_deviations = 5, .samples = true});
}

}  // namespace
}  // namespace weft
