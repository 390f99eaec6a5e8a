// The word of a suspension under the model checker, by itself: a task that is
// suspended, the completer of its operation, a canceller. What they touch is
// plain memory: the frame, the operation in it, the operation's result, what
// came before an abort, and the link by which a queue holds the task. So a
// transition that does not publish what it should is a data race.
// (suspension_model_test.cc has whole tasks.)

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/task/suspension.h"
#include "weft/waker/suspend.h"

namespace weft {
namespace {

// One suspension of one task. Each of the three parties calls its function.
class Parties final : private SuspendedOperation {
 public:
  // The worker: has taken the task out of its queue, and runs it up to its
  // operation, which is registered with the completer. The frame is its own
  // until it commits.
  void Suspend() {
    (void)link_.Get();
    registered_.store(true, std::memory_order_release);
    frame_.Set(1);
    switch (word_.Commit(*this)) {
      case CommitAction::kStay:
        return;
      case CommitAction::kResume:
        model::Assert(result_.Get() == 1, "it goes on with a result");
        model::Assert(!word_.Load().suspended());
        return GoOn();
      case CommitAction::kSubmit:
        return Submit();
      case CommitAction::kCancelOperation:
        return CancelOperation();
    }
  }

  void Complete() {
    // Nobody completes what was not registered.
    if (!registered_.load(std::memory_order_acquire) || !Decide()) return;
    result_.Set(1);
    (void)operation_.Get();
    if (word_.Ready() == ReadyAction::kSubmit) Submit();
  }

  void Abort() {
    before_abort_.Set(1);
    if (word_.Cancel() == CancelAction::kCancelOperation) CancelOperation();
  }

  // After the threads were joined.
  int resumed() const { return resumed_.Get(); }
  bool completed() const { return result_.Get() == 1; }

 private:
  // What task/suspend_task.cc does.
  void CancelOperation() {
    if (word_.Load().operation()->TryCancel()) {
      word_.CancelWon();
      Submit();
    } else if (word_.CancelLost() == ReadyAction::kSubmit) {
      Submit();
    }
  }
  bool TryCancel() noexcept override {
    (void)operation_.Get();
    const bool won = Decide();
    (void)operation_.Get();
    return won;
  }
  // Whether the caller, and not the other one, ends the operation. Relaxed: the
  // word alone publishes.
  bool Decide() { return !decided_.exchange(true, std::memory_order_relaxed); }

  // The task goes into a queue, and a worker takes it out again.
  void Submit() {
    link_.Set(1);
    if (word_.Begin()) {
      model::Assert(before_abort_.Get() == 1, "what came before the abort");
    } else {
      model::Assert(result_.Get() == 1, "it goes on with a result");
    }
    GoOn();
  }
  void GoOn() {
    operation_.Set(2);
    frame_.Set(2);
    resumed_.WithMut([](int& n) { ++n; });
  }

  Suspension word_;
  atomic<bool> registered_{false};
  atomic<bool> decided_{false};
  Cell<int> link_{0};
  Cell<int> frame_{0};
  Cell<int> operation_{0};
  Cell<int> result_{0};
  Cell<int> before_abort_{0};
  Cell<int> resumed_{0};
};

TEST(SuspensionWordModel, ACompletion) {
  ModelCheck([] {
    Parties parties;
    Thread completer([&] { parties.Complete(); });
    parties.Suspend();
    completer.join();
    model::Assert(parties.resumed() == (parties.completed() ? 1 : 0));
  });
}

TEST(SuspensionWordModel, AnAbort) {
  ModelCheck([] {
    Parties parties;
    Thread canceller([&] { parties.Abort(); });
    parties.Suspend();
    canceller.join();
    model::Assert(parties.resumed() == 1, "it is run to be destroyed");
  });
}

TEST(SuspensionWordModel, ACompletionAgainstAnAbort) {
  ModelCheck([] {
    Parties parties;
    parties.Suspend();
    Thread completer([&] { parties.Complete(); });
    parties.Abort();
    completer.join();
    model::Assert(parties.resumed() == 1, "one of them, once");
  });
}

TEST(SuspensionWordModel, AllThree) {
  ModelCheck([] {
    Parties parties;
    Thread completer([&] { parties.Complete(); });
    Thread canceller([&] { parties.Abort(); });
    parties.Suspend();
    completer.join();
    canceller.join();
    model::Assert(parties.resumed() == 1, "one of them, once");
  });
}

}  // namespace
}  // namespace weft
