#ifndef WEFT_TASK_CELL_H_
#define WEFT_TASK_CELL_H_

#include <exception>
#include <memory>
#include <memory_resource>
#include <new>
#include <type_traits>
#include <utility>

#include "weft/base/exception.h"
#include "weft/task/block.h"
#include "weft/task/header.h"
#include "weft/task/outcome.h"
#include "weft/waker/context.h"
#include "weft/waker/poll.h"

namespace weft {
namespace task_internal {

/// A plain callable as a future that is ready at its first poll.
template <class F>
class CallableFuture {
 public:
  using Result = std::invoke_result_t<F&>;

  explicit CallableFuture(F function) : function_(std::move(function)) {}

  weft::Poll<Result> Poll(Context&) {
    if constexpr (std::is_void_v<Result>) {
      function_();
      return kReady;
    } else {
      return function_();
    }
  }

 private:
  F function_;
};

/// The single allocation of a poll-style task: hot header, then the future,
/// whose place the outcome takes when it is done, then the cold trailer.
template <Future F>
class PollCell final : public TaskHeader {
 public:
  using Result = FutureResult<F>;

  /// One allocation of `sizeof(PollCell)`, rounded up to whole cache lines.
  /// If moving the future throws, nothing is leaked.
  static TaskHeader* New(F future, bool joinable,
                         std::pmr::memory_resource* resource) {
    static_assert(alignof(PollCell) <= kBlockAlignment,
                  "weft: the future or its result is aligned to more than a "
                  "cache line");
    const Block block = AllocateBlock(sizeof(PollCell), resource);
    PollCell* cell = nullptr;
    if (std::exception_ptr exception = CatchAll([&] {
          cell = new (block.memory)
              PollCell(std::move(future), joinable, block.source);
        })) {
      FreeBlock(block.memory, sizeof(PollCell), block.source);
      Rethrow(std::move(exception));
    }
    return cell;
  }

 private:
  PollCell(F&& future, bool joinable, BlockSource source)
      : TaskHeader(TaskState::Queued(joinable), &kVTable) {
    std::construct_at(&stage_.future, std::move(future));
    trailer_.source = source;
    SetTrailer(&trailer_);
    spawned_ = true;
  }
  ~PollCell() {}

  static PollCell* From(TaskHeader* task) {
    return static_cast<PollCell*>(task);
  }

  static void Run(TaskHeader* task) noexcept {
    PollCell* cell = From(task);
    if (cell->state().Start() == StartAction::kCancel) [[unlikely]] {
      return cell->Cancel();
    }
    if (cell->PollOnce()) [[likely]] {
      return EndTask(*cell);
    }
    switch (cell->state().Idle()) {
      case IdleAction::kNothing:
        return;
      case IdleAction::kRequeue:
        return cell->scheduler()->ScheduleYield(cell);
      case IdleAction::kCancel:
        // The queue entry is ours; no need to go through a queue.
        (void)cell->state().Start();
        return cell->Cancel();
    }
  }

  // Polls; true if that ended the task. The value moves once, from the poll's
  // answer to its place; if that throws, so did the task.
  bool PollOnce() noexcept {
    Context context(LentWaker());
    bool ended = false;
    std::exception_ptr exception = CatchAll([&] {
      auto poll = stage_.future.Poll(context);
      if (!poll.ready()) return;
      EndBody();
      ended = true;
      if constexpr (std::is_void_v<Result>) {
        stage_.outcome.Emplace();
      } else {
        stage_.outcome.Emplace(std::move(poll).value());
      }
    });
    if (exception != nullptr) [[unlikely]] {
      if (!ended) EndBody();
      ended = true;
      stage_.outcome.SetException(std::move(exception));
    }
    return ended;
  }

  void Cancel() noexcept {
    EndBody();
    stage_.outcome.SetCancelled();
    EndTask(*this);
  }

  void EndBody() noexcept {
    std::destroy_at(&stage_.future);
    std::construct_at(&stage_.outcome);
  }

  static void Abort(TaskHeader* task) noexcept {
    if (task->state().Abort() == WakeAction::kSubmit) Submit(task);
  }

  static void Submit(TaskHeader* task) noexcept {
    task->scheduler()->Schedule(task);
  }

  static void TakeOutcome(TaskHeader* task, void* to) {
    Outcome<Result>& outcome = From(task)->stage_.outcome;
    if (to != nullptr) {
      *static_cast<Outcome<Result>*>(to) = std::move(outcome);
    }
    outcome.Clear();
  }

  static std::exception_ptr Exception(TaskHeader* task) noexcept {
    return From(task)->stage_.outcome.exception();
  }

  static void Deallocate(TaskHeader* task) noexcept { From(task)->Free(); }

  // For EndTask.
  friend TaskHeader;
  Outcome<Result>& outcome() { return stage_.outcome; }
  void Free() noexcept {
    std::destroy_at(&stage_.outcome);
    std::destroy_at(&trailer_.join_waker);
    FreeEnded();
  }
  // With an empty outcome and no join waker nothing is left to destroy.
  void FreeEnded() noexcept {
    FreeBlock(this, sizeof(PollCell), trailer_.source);
  }

  static constexpr TaskVTable kVTable = {
      .run = Run,
      .abort = Abort,
      .submit = Submit,
      .take_outcome = TakeOutcome,
      .exception = Exception,
      .deallocate = Deallocate,
  };

  // The future until the body ends, then the outcome. Written and read by the
  // runner; the outcome, after Complete, by whoever StateWord says.
  union Stage {
    Stage() {}
    ~Stage() {}
    F future;
    Outcome<Result> outcome;
  };

  Stage stage_;
  TaskTrailer trailer_;
};

}  // namespace task_internal

/// A poll-style task, not yet scheduled: bind it to a scheduler, then hand it
/// over with `Schedule`. `joinable`: a JoinHandle will be made of it.
///
/// One allocation, from `resource` if that is not null; it is given back by
/// whichever thread lets go of the last handle or waker, maybe after the
/// scheduler is gone. Any thread. Throws what allocating, and moving the
/// future, throw. If moving the result throws later, that is the task's
/// exception.
template <Future F>
TaskHeader* NewTask(F future, bool joinable,
                    std::pmr::memory_resource* resource = nullptr) {
  return task_internal::PollCell<F>::New(std::move(future), joinable, resource);
}

}  // namespace weft

#endif  // WEFT_TASK_CELL_H_
