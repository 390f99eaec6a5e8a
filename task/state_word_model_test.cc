// The state word of a task under the model checker, by itself: those who wake,
// abort, join and drop a task, and who poll it. What they touch is plain
// memory: the body, the outcome, the join waker's slot, the link by which a
// queue holds the task, the block. So a transition that does not publish what
// it should is a data race. (state_model_test.cc has whole tasks.)

#include <cstdint>

#include "gtest/gtest.h"
#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/base/futex.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/task/state.h"
#include "weft/task/state_word.h"

namespace weft {
namespace {

// A task, queued, that ends once it has seen `expected` wakes. There are as
// many references as the threads of a test use up.
class WordTask {
 public:
  WordTask(int expected, bool joinable, int references)
      : expected_(expected), word_(TaskState::Queued(joinable)) {
    for (int i = 0; i < references; ++i) word_.AddReference();
  }

  // The worker: takes the task out of its queue and runs it.
  void Run() {
    for (;;) {
      (void)link_.Get();
      if (word_.Start() == StartAction::kCancel) return Cancel();
      if (Poll()) return End();
      switch (word_.Idle()) {
        case IdleAction::kNothing:
          return;
        case IdleAction::kRequeue:
          link_.Set(1);
          break;
        case IdleAction::kCancel:
          (void)word_.Start();
          return Cancel();
      }
    }
  }

  // Each of these uses up a reference.
  void WakeByRef(int i) {
    Say(i);
    Do(word_.WakeByRef());
    Drop();
  }
  void WakeByValue(int i) {
    Say(i);
    (void)block_.Get();
    Do(word_.WakeByValue());
  }
  void Abort() {
    before_abort_.Set(1);
    Do(word_.Abort());
    Drop();
  }
  void Drop() {
    (void)block_.Get();
    if (word_.DropReference()) Free();
  }

  // What a JoinHandle does: it waits, having polled so often; or goes.
  void Join(int polls) {
    for (int i = 0; i < polls; ++i) {
      if (!PollHandle()) return TakeOutcome();
    }
    // As every waker publishes.
    while (joined_.load(std::memory_order_acquire) == 0) FutexWait(joined_, 0);
    model::Assert(word_.Load().complete(), "the joiner was woken");
    TakeOutcome();
  }
  void Detach() {
    const TaskState before = word_.DropJoinInterest();
    if (before.complete()) {
      DropOutcome();
    } else if (before.join_waker()) {
      slot_.Set(0);
    }
    Drop();
  }
  void PollAndDetach() {
    if (!PollHandle()) return TakeOutcome();
    Detach();
  }

  // After the threads were joined.
  void ExpectEnded() const {
    model::Assert(outcomes_dropped_.Get() == 1, "no wake is lost");
    model::Assert(freed_.Get() == 1, "it is freed once");
  }

 private:
  // Relaxed: that the poll after a wake sees it is the word's to promise.
  void Say(int i) { said_[i].store(true, std::memory_order_relaxed); }
  void Do(WakeAction action) {
    switch (action) {
      case WakeAction::kNothing:
        return;
      case WakeAction::kSubmit:
        link_.Set(2);
        return Run();
      case WakeAction::kDeallocate:
        return Free();
    }
  }
  bool Poll() {
    body_.Set(1);
    int seen = 0;
    for (int i = 0; i < expected_; ++i) {
      seen += said_[i].load(std::memory_order_relaxed) ? 1 : 0;
    }
    return seen == expected_;
  }
  void Cancel() {
    model::Assert(before_abort_.Get() == 1, "what came before the abort");
    End();
  }

  // As TaskHeader::Complete.
  void End() {
    body_.Set(2);
    outcome_.Set(1);
    const TaskState before = word_.Load();
    if (!before.join_interest()) DropOutcome();
    if (before.unshared()) return Free();
    (void)block_.Get();
    if (!before.join_waker() && word_.CompleteUnawaited(before)) return;
    const TaskState old = word_.Complete();
    if (before.join_interest() && !old.join_interest()) DropOutcome();
    if (old.join_waker()) {
      model::Assert(slot_.Get() == 1, "there is a waker");
      slot_.Set(0);
      joined_.store(1, std::memory_order_release);
      FutexWake(joined_, 1);
    }
    Drop();
  }

  // As JoinHandle::Poll. False: the task is complete.
  bool PollHandle() {
    const TaskState state = word_.Load();
    const bool mine =
        state.join_waker() ? word_.RetractJoinWaker() : !state.complete();
    if (!mine) return false;
    slot_.Set(1);
    if (word_.PublishJoinWaker()) return true;
    slot_.Set(0);
    return false;
  }
  void TakeOutcome() {
    model::Assert(outcome_.Get() == 1, "there is an outcome");
    DropOutcome();
    Drop();
  }
  void DropOutcome() {
    outcome_.Set(2);
    outcomes_dropped_.WithMut([](int& n) { ++n; });
  }
  void Free() {
    block_.Set(1);
    freed_.WithMut([](int& n) { ++n; });
  }

  const int expected_;
  StateWord word_;
  atomic<bool> said_[2] = {};
  atomic<std::uint32_t> joined_{0};
  Cell<int> before_abort_{0};
  Cell<int> link_{0};
  Cell<int> body_{0};
  Cell<int> outcome_{0};
  Cell<int> outcomes_dropped_{0};
  Cell<int> slot_{0};
  Cell<int> block_{0};
  Cell<int> freed_{0};
};

// Runs the task on this thread, and beside it what two others do to it.
template <class First, class Second>
void RunBeside(WordTask& task, First&& first, Second&& second) {
  Thread one([&] { first(task); });
  Thread two([&] { second(task); });
  task.Run();
  one.join();
  two.join();
  task.ExpectEnded();
}

TEST(StateWordModel, TwoWakes) {
  ModelCheck([] {
    WordTask task(2, /*joinable=*/false, /*references=*/2);
    RunBeside(
        task, [](WordTask& t) { t.WakeByRef(0); },
        [](WordTask& t) { t.WakeByRef(1); });
  });
}

TEST(StateWordModel, TwoWakesByValue) {
  ModelCheck([] {
    WordTask task(2, /*joinable=*/false, /*references=*/2);
    RunBeside(
        task, [](WordTask& t) { t.WakeByValue(0); },
        [](WordTask& t) { t.WakeByValue(1); });
  });
}

TEST(StateWordModel, AWakeAndAnAbort) {
  ModelCheck([] {
    WordTask task(1, /*joinable=*/false, /*references=*/2);
    RunBeside(
        task, [](WordTask& t) { t.WakeByRef(0); },
        [](WordTask& t) { t.Abort(); });
  });
}

TEST(StateWordModel, AnAbortAndADroppedWaker) {
  ModelCheck([] {
    WordTask task(1, /*joinable=*/false, /*references=*/2);
    RunBeside(
        task, [](WordTask& t) { t.Abort(); }, [](WordTask& t) { t.Drop(); });
  });
}

TEST(StateWordModel, AJoinAgainstTheCompletion) {
  for (int polls : {1, 2}) {
    ModelCheck([polls] {
      WordTask task(0, /*joinable=*/true, /*references=*/0);
      Thread joiner([&] { task.Join(polls); });
      task.Run();
      joiner.join();
      task.ExpectEnded();
    });
  }
}

TEST(StateWordModel, AJoinAndALateWaker) {
  ModelCheck([] {
    WordTask task(0, /*joinable=*/true, /*references=*/1);
    RunBeside(
        task, [](WordTask& t) { t.Join(1); },
        [](WordTask& t) { t.WakeByValue(0); });
  });
}

TEST(StateWordModel, AHandleGoesDuringTheCompletion) {
  ModelCheck([] {
    WordTask task(0, /*joinable=*/true, /*references=*/1);
    RunBeside(
        task, [](WordTask& t) { t.Detach(); }, [](WordTask& t) { t.Drop(); });
  });
}

TEST(StateWordModel, APolledHandleGoesDuringTheCompletion) {
  ModelCheck([] {
    WordTask task(0, /*joinable=*/true, /*references=*/1);
    RunBeside(
        task, [](WordTask& t) { t.PollAndDetach(); },
        [](WordTask& t) { t.Drop(); });
  });
}

// Three holders, each of whom uses the block before it goes. Who is last, and
// says so in one way or the other, has it alone.
TEST(StateWordModel, WhoIsLastComesAfterTheOthers) {
  ModelCheck([] {
    StateWord word(TaskState(3 * TaskState::kReference));
    Cell<int> block{0};
    const auto leave = [&] {
      (void)block.Get();
      if (!word.DropUnlessLast()) block.WithMut([](int& n) { ++n; });
    };
    Thread first(leave);
    Thread second(leave);
    (void)block.Get();
    if (word.DropReference()) block.WithMut([](int& n) { ++n; });
    first.join();
    second.join();
    model::Assert(block.Get() == 1, "one of them was last");
  });
}

}  // namespace
}  // namespace weft
