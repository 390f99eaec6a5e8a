// JoinCount under the model checker: a parent that is stolen, its children, and
// who goes on with it. Results are cells, so that one that is read too early
// races.

#include <array>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/fork/join_count.h"

namespace weft::fork_internal {
namespace {

// A parent with up to three children.
struct Parent {
  JoinCount join;
  std::array<Cell<int>, 3> results;
  Cell<int> at_join{0};
  Cell<int> went_on{0};

  // By whoever goes on with it.
  void GoOn(int children) {
    int sum = 0;
    for (int i = 0; i < children; ++i) {
      sum += results[static_cast<std::size_t>(i)].Get();
    }
    model::Assert(sum == children, "all results are there");
    model::Assert(at_join.Get() == 1, "the frame is as it was left");
    went_on.WithMut([](int& n) { ++n; });
    join.Reset();
    model::Assert(!join.Outstanding());
  }
  void RunChild(std::size_t i, int children) {
    results[i].Set(1);
    if (join.Arrive()) GoOn(children);
  }
  void RunParent(int children) {
    for (int i = 0; i < children; ++i) join.AddStolen();
    at_join.Set(1);
    if (join.Join()) GoOn(children);
  }
};

template <int kChildren>
void RunFamily() {
  Parent parent;
  std::array<Thread, kChildren> children;
  for (std::size_t i = 0; i < kChildren; ++i) {
    children[i] = Thread([&parent, i] { parent.RunChild(i, kChildren); });
  }
  parent.RunParent(kChildren);
  for (Thread& child : children) child.join();
  model::Assert(parent.went_on.Get() == 1, "somebody goes on, once");
}

TEST(JoinCountModel, OneChild) { ModelCheck(RunFamily<1>); }
TEST(JoinCountModel, TwoChildren) { ModelCheck(RunFamily<2>); }
TEST(JoinCountModel, ThreeChildren) { ModelCheck(RunFamily<3>); }

// The same count is used again after a join.
TEST(JoinCountModel, TwoJoinsInARow) {
  ModelCheck([] {
    Parent parent;
    const auto once = [&] {
      Thread child([&] { parent.RunChild(0, 1); });
      parent.RunParent(1);
      child.join();
    };
    once();
    parent.at_join.Set(0);
    once();
    model::Assert(parent.went_on.Get() == 2);
  });
}

}  // namespace
}  // namespace weft::fork_internal
