// A coroutine that waits for an event, under the model checker: the event
// happens, the task is aborted, and its handle is joined or dropped, all at the
// same time. The body's locals are destroyed once and on nobody's back, a
// resumed coroutine sees what came before the event, and nothing is leaked.

#include <utility>

#include "gtest/gtest.h"
#include "weft/base/cell.h"
#include "weft/base/model_test.h"
#include "weft/base/thread.h"
#include "weft/task/task.h"
#include "weft/task/testing/event.h"
#include "weft/task/testing/model_scheduler.h"
#include "weft/waker/context.h"
#include "weft/waker/model_parker.h"

namespace weft::task_testing {
namespace {

using waker_testing::ModelParker;

struct Shared {
  Event event;
  Cell<int> before{0};
  Cell<int> destroyed{0};
  ModelScheduler scheduler;
};

// The tracked parameter lives in the frame, also of a body that never began.
Task<int> WaitForEvent(Shared& shared, ModelTracked) {
  co_await shared.event;
  co_return shared.before.Get();
}

void Happen(Shared& shared) {
  shared.before.Set(1);
  shared.event.Happen();
}

Outcome<int> JoinOn(JoinHandle<int>& handle) {
  ModelParker parker;
  const Waker waker = parker.MakeWaker();
  Context context(waker);
  for (;;) {
    auto poll = handle.Poll(context);
    if (poll.ready()) return std::move(poll).value();
    parker.Park();
  }
}

void ExpectEnded(const Shared& shared) {
  model::Assert(shared.destroyed.Get() == 1, "the locals are destroyed once");
  model::Assert(shared.scheduler.released() == 1, "it is released once");
}

TEST(SuspensionModel, TheEventAgainstTheSuspension) {
  ModelCheck([] {
    Shared shared;
    Thread happening([&] { Happen(shared); });
    auto handle = shared.scheduler.Spawn(
        WaitForEvent(shared, ModelTracked(shared.destroyed)));
    Outcome<int> outcome = JoinOn(handle);
    model::Assert(outcome.ok() && outcome.value() == 1);
    happening.join();
    ExpectEnded(shared);
  });
}

TEST(SuspensionModel, TheEventAgainstAnAbort) {
  ModelCheck([] {
    Shared shared;
    auto handle = shared.scheduler.Spawn(
        WaitForEvent(shared, ModelTracked(shared.destroyed)));
    Thread happening([&] { Happen(shared); });
    handle.Abort();
    Outcome<int> outcome = JoinOn(handle);
    model::Assert(outcome.cancelled() || outcome.value() == 1);
    happening.join();
    ExpectEnded(shared);
  });
}

// The first step of the body runs on one thread, the abort comes from another.
TEST(SuspensionModel, AnAbortAgainstTheSuspension) {
  ModelCheck([] {
    Shared shared;
    JoinHandle<int> handle;
    AbortHandle abort;
    TaskHeader* const task =
        WaitForEvent(shared, ModelTracked(shared.destroyed))
            .Release(/*joinable=*/true);
    handle = JoinHandle<int>(task);
    abort = handle.GetAbortHandle();
    task->Bind(&shared.scheduler);
    Thread running([&] { task->Run(); });
    abort.Abort();
    model::Assert(JoinOn(handle).cancelled());
    running.join();
    ExpectEnded(shared);
  });
}

TEST(SuspensionModel, TheEventTheAbortAndTheSuspension) {
  ModelCheck([] {
    Shared shared;
    TaskHeader* const task =
        WaitForEvent(shared, ModelTracked(shared.destroyed))
            .Release(/*joinable=*/true);
    JoinHandle<int> handle(task);
    const AbortHandle abort = handle.GetAbortHandle();
    task->Bind(&shared.scheduler);
    Thread running([&] { task->Run(); });
    Thread happening([&] { Happen(shared); });
    abort.Abort();
    running.join();
    happening.join();
    Outcome<int> outcome = JoinOn(handle);
    model::Assert(outcome.cancelled() || outcome.value() == 1);
    ExpectEnded(shared);
  });
}

TEST(SuspensionModel, TwoAbortsAgainstTheEvent) {
  ModelCheck([] {
    Shared shared;
    auto handle = shared.scheduler.Spawn(
        WaitForEvent(shared, ModelTracked(shared.destroyed)));
    const AbortHandle abort = handle.GetAbortHandle();
    Thread happening([&] { Happen(shared); });
    Thread aborting([&] { abort.Abort(); });
    handle.Abort();
    handle.Detach();
    happening.join();
    aborting.join();
    ExpectEnded(shared);
  });
}

TEST(SuspensionModel, TheHandleIsDroppedWhileTheEventHappens) {
  ModelCheck([] {
    Shared shared;
    auto handle = shared.scheduler.Spawn(
        WaitForEvent(shared, ModelTracked(shared.destroyed)));
    Thread happening([&] { Happen(shared); });
    handle.Detach();
    happening.join();
    ExpectEnded(shared);
  });
}

// T14 (libcoro #240, stdexec #2041): the joiner frees the frame only after the
// runner's last use of it. A frame is an allocation, so a use after that is
// found.
TEST(SuspensionModel, T14TheJoinerFreesTheFrame) {
  ModelCheck([] {
    Shared shared;
    TaskHeader* const task =
        WaitForEvent(shared, ModelTracked(shared.destroyed))
            .Release(/*joinable=*/true);
    JoinHandle<int> handle(task);
    task->Bind(&shared.scheduler);
    shared.before.Set(1);
    shared.event.Happen();
    Thread running([&] { task->Run(); });
    model::Assert(JoinOn(handle).value() == 1);
    running.join();
    ExpectEnded(shared);
  });
}

}  // namespace
}  // namespace weft::task_testing
