// TaskRegistry under the model checker: an owner that inserts, completers that
// remove, and a visitor that must see every task that is there.

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/task/registry.h"
#include "weft/task/testing/fake_task.h"

namespace weft::task_testing {
namespace {

// Who sees that a task is gone also sees what it did.
TEST(RegistryModel, WhoSeesNobodySeesWhatTheyDid) {
  ModelCheck([] {
    TaskRegistry registry;
    FakeTask task;
    Cell<int> done(0);
    registry.Insert(&task);
    Thread completing([&] {
      done.Set(1);
      TaskRegistry::Remove(&task);
    });
    if (registry.Empty()) model::Assert(done.Get() == 1);
    completing.join();
    model::Assert(registry.Empty());
  });
}

// The same after the entry was used again, by a task that is gone as well: the
// hand has been round the first two entries when the third task comes.
TEST(RegistryModel, AnEntryThatIsUsedAgain) {
  ModelCheck([] {
    TaskRegistry registry;
    FakeTask first, second, third;
    Cell<int> done(0);
    registry.Insert(&first);
    registry.Insert(&second);
    TaskRegistry::Remove(&second);
    Thread completing([&] {
      done.Set(1);
      TaskRegistry::Remove(&first);
    });
    Thread looking([&] {
      if (registry.Empty()) model::Assert(done.Get() == 1);
    });
    registry.Insert(&third);
    TaskRegistry::Remove(&third);
    completing.join();
    looking.join();
  });
}

// A visitor finds a task that was inserted before, with what it is made of.
TEST(RegistryModel, AVisitorSeesWhatWasInserted) {
  ModelCheck([] {
    TaskRegistry registry;
    FakeTask tasks[2];
    Cell<int> made(0);
    atomic<bool> inserted(false);
    Thread visiting([&] {
      const bool both = inserted.load(std::memory_order_acquire);
      int seen = 0;
      registry.ForEach([&](TaskHeader*) {
        model::Assert(made.Get() == 1, "the task is visible");
        ++seen;
        return true;
      });
      model::Assert(!both || seen == 2, "none is missed");
    });
    made.Set(1);
    registry.Insert(&tasks[0]);
    registry.Insert(&tasks[1]);
    inserted.store(true, std::memory_order_release);
    visiting.join();
    for (FakeTask& task : tasks) TaskRegistry::Remove(&task);
  });
}

// The same in a table that is there already and so publishes nothing.
TEST(RegistryModel, AnEntryPublishesItsTask) {
  ModelCheck([] {
    TaskRegistry registry;
    FakeTask first, second;
    Cell<int> made(0);
    registry.Insert(&first);
    Thread visiting([&] {
      registry.ForEach([&](TaskHeader* task) {
        if (task == &second) model::Assert(made.Get() == 1);
        return true;
      });
    });
    made.Set(1);
    registry.Insert(&second);
    visiting.join();
    TaskRegistry::Remove(&first);
    TaskRegistry::Remove(&second);
  });
}

// The table grows while somebody goes through it.
TEST(RegistryModel, TheTableGrowsUnderAVisitor) {
  ModelCheck([] {
    TaskRegistry registry;
    FakeTask tasks[3];
    registry.Insert(&tasks[0]);
    Thread visiting([&] {
      int seen = 0;
      registry.ForEach([&](TaskHeader*) {
        ++seen;
        return true;
      });
      model::Assert(seen >= 1 && seen <= 3);
    });
    registry.Insert(&tasks[1]);
    registry.Insert(&tasks[2]);
    visiting.join();
    int left = 0;
    registry.ForEach([&](TaskHeader*) {
      ++left;
      return true;
    });
    model::Assert(left == 3, "no task is put over another one");
    for (FakeTask& task : tasks) TaskRegistry::Remove(&task);
    model::Assert(registry.Empty());
  });
}

}  // namespace
}  // namespace weft::task_testing
