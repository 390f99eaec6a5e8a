// One allocation per spawned task, of each kind, and nothing else: counted by
// replaced operators new.

#include <cstdint>
#include <utility>

#include "gtest/gtest.h"
#include "weft/task/cell.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/task/testing/counting_new.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"
#include "weft/waker/thread_waiter.h"

namespace weft {
namespace {

using task_testing::AllocationsByThisThread;
using task_testing::kCountsAllocations;
using task_testing::LiveAllocations;

// One entry, no memory of its own.
class OneTaskScheduler final : public TaskScheduler {
 public:
  void Admit(TaskHeader* task) {
    task->Bind(this);
    Schedule(task);
  }
  void Run() {
    while (TaskHeader* task = std::exchange(entry_, nullptr)) task->Run();
  }
  void Schedule(TaskHeader* task) noexcept override { entry_ = task; }
  void ScheduleYield(TaskHeader* task) noexcept override { entry_ = task; }
  void Release(TaskHeader*) noexcept override {}
  void Unhandled(std::exception_ptr) noexcept override {}

 private:
  TaskHeader* entry_ = nullptr;
};

struct Twice {
  int polls = 0;
  weft::Poll<int> Poll(Context& context) {
    context.waker().WakeByRef();
    if (++polls < 2) return kPending;
    return polls;
  }
};

Task<int> Coroutine(int value) { co_return value; }
Task<int> Parent() {
  const int first = co_await Coroutine(1);
  co_return first + co_await Coroutine(2);
}

// How many allocations making, running and joining or dropping a task needs.
template <class T, class Make>
std::uint64_t Count(Make make, bool join) {
  const std::int64_t live = LiveAllocations();
  const std::uint64_t before = AllocationsByThisThread();
  {
    OneTaskScheduler scheduler;
    TaskHeader* task = make(join);
    JoinHandle<T> handle(join ? task : nullptr);
    scheduler.Admit(task);
    scheduler.Run();
    EXPECT_TRUE(!join || std::move(handle).Join().ok());
  }
  EXPECT_EQ(LiveAllocations(), live);
  return AllocationsByThisThread() - before;
}

class AllocationTest : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    // A thread's first wait allocates its parking place.
    ThreadWaiter::Current();
  }
};

TEST_P(AllocationTest, APollStyleTaskIsOneAllocation) {
  const auto make = [](bool join) { return NewTask(Twice(), join); };
  EXPECT_EQ(Count<int>(make, GetParam()), kCountsAllocations * 1u);
}

TEST_P(AllocationTest, ACallableIsOneAllocation) {
  const auto make = [](bool join) {
    auto body = [] { return 1; };
    return NewTask(task_internal::CallableFuture(body), join);
  };
  EXPECT_EQ(Count<int>(make, GetParam()), kCountsAllocations * 1u);
}

TEST_P(AllocationTest, ACoroutineIsOneAllocation) {
  const auto make = [](bool join) { return Coroutine(1).Release(join); };
  EXPECT_EQ(Count<int>(make, GetParam()), kCountsAllocations * 1u);
}

TEST_P(AllocationTest, EachAwaitedCoroutineIsOneMore) {
  const auto make = [](bool join) { return Parent().Release(join); };
  EXPECT_EQ(Count<int>(make, GetParam()), kCountsAllocations * 3u);
}

INSTANTIATE_TEST_SUITE_P(DetachedAndJoined, AllocationTest, ::testing::Bool());

}  // namespace
}  // namespace weft
