#ifndef WEFT_TASK_FRAME_H_
#define WEFT_TASK_FRAME_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <memory_resource>
#include <new>
#include <utility>

#include "weft/task/block.h"
#include "weft/task/header.h"
#include "weft/task/outcome.h"
#include "weft/task/suspend_task.h"

namespace weft::task_internal {

/// The cold end of a coroutine's block. The outcome is here and not in the
/// promise, so that the frame, with the coroutine's parameters, is destroyed
/// by the worker that ends it, and not by the joiner.
template <class T>
struct FrameTrailer : TaskTrailer {
  Outcome<T> outcome;
};

/// The block of a `Task<T>`:
///
///     [ TaskHeader | coroutine frame | FrameTrailer<T> ]
///
/// made by the promise's operator new, so that a spawned coroutine is one
/// allocation. A coroutine that is awaited and never spawned has the same
/// block and leaves the header alone.
template <class T>
class FrameBlock final : public TaskHeader {
 public:
  using Trailer = FrameTrailer<T>;

  /// Room for a frame of `frame_size` bytes; returns the frame's place.
  static void* Allocate(std::size_t frame_size,
                        std::pmr::memory_resource* resource) {
    const std::size_t offset = TrailerOffset(frame_size);
    const Block block =
        AllocateBlock(RoundUpToBlock(offset + sizeof(Trailer)), resource);
    auto* const memory = static_cast<std::byte*>(block.memory);
    auto* trailer = new (memory + offset) Trailer;
    trailer->source = block.source;
    new (memory) FrameBlock(trailer);
    return memory + sizeof(FrameBlock);
  }

  /// The frame has been destroyed. A task's block stays until its last
  /// reference goes.
  static void FreeFrame(void* frame) noexcept {
    FrameBlock& block = FromFrame(frame);
    if (!block.spawned_) block.Free();
  }

  static FrameBlock& FromFrame(void* frame) {
    return *std::launder(reinterpret_cast<FrameBlock*>(
        static_cast<std::byte*>(frame) - sizeof(FrameBlock)));
  }

  Outcome<T>& outcome() { return static_cast<Trailer&>(trailer()).outcome; }

  /// Ends the task, whose frame has been destroyed. See TaskHeader::EndTask.
  /// Out of line, so that an awaited call that ends saves no registers for it.
  [[gnu::noinline]] static void End(TaskHeader* task) noexcept {
    EndTask(From(task));
  }

  /// Makes a task of a coroutine that has not started.
  TaskHeader* MakeTask(bool joinable) {
    spawned_ = true;
    if (!joinable) state().Reset(TaskState::Coroutine(false));
    resume_point = Root();
    return this;
  }

 private:
  friend TaskHeader;

  explicit FrameBlock(Trailer* trailer)
      : TaskHeader(TaskState::Coroutine(/*joinable=*/true), &kVTable) {
    SetTrailer(trailer);
  }
  ~FrameBlock() = default;

  static std::size_t TrailerOffset(std::size_t frame_size) {
    static_assert(alignof(Trailer) <= kBlockAlignment,
                  "weft: the result type is aligned to more than a cache line");
    constexpr std::size_t align = alignof(Trailer);
    return (sizeof(FrameBlock) + frame_size + align - 1) & ~(align - 1);
  }

  static FrameBlock& From(TaskHeader* task) {
    return *static_cast<FrameBlock*>(task);
  }

  std::coroutine_handle<> Root() {
    return std::coroutine_handle<>::from_address(
        reinterpret_cast<std::byte*>(this) + sizeof(FrameBlock));
  }

  void Free() noexcept {
    auto& trailer = static_cast<Trailer&>(this->trailer());
    std::destroy_at(&trailer.outcome);
    std::destroy_at(&trailer.join_waker);
    FreeEnded();
  }
  // For EndTask: with an empty outcome and no join waker nothing is left to
  // destroy.
  void FreeEnded() noexcept {
    auto& trailer = static_cast<Trailer&>(this->trailer());
    const std::size_t size = reinterpret_cast<std::byte*>(&trailer + 1) -
                             reinterpret_cast<std::byte*>(this);
    FreeBlock(this, RoundUpToBlock(size), trailer.source);
  }

  static void Run(TaskHeader* task) noexcept {
    if (task->suspension().Begin()) [[unlikely]] {
      FrameBlock& block = From(task);
      block.Root().destroy();
      block.outcome().SetCancelled();
      End(task);
    } else {
      task->stack_mark().Set();
      task->resume_point.resume();
    }
  }

  static void Abort(TaskHeader* task) noexcept { AbortCoroutine(task); }

  // A waker made the task notified while it waited for one: the operation it
  // is suspended in (task/await.h) is complete.
  static void Submit(TaskHeader* task) noexcept { ResumeCoroutine(task); }

  static void TakeOutcome(TaskHeader* task, void* to) {
    Outcome<T>& outcome = From(task).outcome();
    if (to != nullptr) *static_cast<Outcome<T>*>(to) = std::move(outcome);
    outcome.Clear();
  }

  static std::exception_ptr Exception(TaskHeader* task) noexcept {
    return From(task).outcome().exception();
  }

  static void Deallocate(TaskHeader* task) noexcept { From(task).Free(); }

  static constexpr TaskVTable kVTable = {
      .run = Run,
      .abort = Abort,
      .submit = Submit,
      .take_outcome = TakeOutcome,
      .exception = Exception,
      .deallocate = Deallocate,
  };
};

}  // namespace weft::task_internal

#endif  // WEFT_TASK_FRAME_H_
