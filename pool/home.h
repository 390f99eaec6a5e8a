#ifndef WEFT_POOL_HOME_H_
#define WEFT_POOL_HOME_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>
#include <vector>

#include "weft/task/header.h"
#include "weft/task/scheduler.h"

namespace weft::pool_internal {

/// In place of Homes, in a pool whose tasks may run on any worker.
struct NoHomes {
  template <class Core>
  NoHomes(Core&, std::uint32_t) {}
};

/// What a pinned task knows as its scheduler: the worker that alone may run it.
/// So it costs the task nothing to know its home.
template <class Core>
class Home final : public TaskScheduler {
 public:
  Home(Core& core, std::uint32_t index) : core_(core), index_(index) {}
  std::uint32_t index() const { return index_; }

  void Schedule(TaskHeader* task) noexcept override {
    core_.ScheduleAtHome(index_, task);
  }
  void ScheduleYield(TaskHeader* task) noexcept override {
    core_.ScheduleAtHome(index_, task);
  }
  void Release(TaskHeader* task) noexcept override { core_.Release(task); }
  void Unhandled(std::exception_ptr exception) noexcept override {
    core_.Unhandled(std::move(exception));
  }

 private:
  Core& core_;
  const std::uint32_t index_;
};

/// One home for each worker, as long as the pool's tasks live.
template <class Core>
class Homes {
 public:
  Homes(Core& core, std::uint32_t workers) {
    homes_.reserve(workers);
    for (std::uint32_t i = 0; i < workers; ++i) homes_.emplace_back(core, i);
  }

  /// The home of what is spawned on worker `index`. Any thread.
  TaskScheduler* Of(std::uint32_t index) { return &homes_[index]; }
  /// That of the next task from outside: round robin. One thread at a time.
  TaskScheduler* Next() {
    TaskScheduler* const home = &homes_[next_];
    next_ = (next_ + 1) % homes_.size();
    return home;
  }
  /// The worker that `task`, which was bound to a home, belongs to.
  static std::uint32_t IndexOf(const TaskHeader* task) {
    return static_cast<Home<Core>*>(task->scheduler())->index();
  }

 private:
  std::vector<Home<Core>> homes_;
  std::size_t next_ = 0;
};

template <class Core, bool kPinned>
using HomesOf = std::conditional_t<kPinned, Homes<Core>, NoHomes>;

}  // namespace weft::pool_internal

#endif  // WEFT_POOL_HOME_H_
