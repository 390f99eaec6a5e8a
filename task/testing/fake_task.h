#ifndef WEFT_TASK_TESTING_FAKE_TASK_H_
#define WEFT_TASK_TESTING_FAKE_TASK_H_

#include "weft/task/header.h"

namespace weft::task_testing {

/// A header without a task: for tests and benchmarks of what only links or
/// points to tasks. Must not be run, joined or woken.
class FakeTask final : public TaskHeader {
 public:
  FakeTask() : TaskHeader(TaskState::Queued(/*joinable=*/false), &kVTable) {}

 private:
  static constexpr TaskVTable kVTable = {};
};

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_FAKE_TASK_H_
