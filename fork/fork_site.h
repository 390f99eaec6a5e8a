#ifndef WEFT_FORK_FORK_SITE_H_
#define WEFT_FORK_FORK_SITE_H_

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "weft/base/model_mode.h"
#include "weft/base/thread_local.h"
#include "weft/fork/fork_frame.h"
#include "weft/fork/frame_cache.h"
#include "weft/queue/fork_deque.h"
#include "weft/task/header.h"
#include "weft/task/stack_mark.h"

namespace weft {

/// What a worker has for fork coroutines: the deque of those that can go on,
/// memory for their frames. A model of ForkPolicy (worker/concepts.h).
///
/// One for each worker. Its thread's own, but for `StealInto` and `Stealable`.
class ForkSite {
 public:
  ForkSite() : stolen_(this) {}
  ForkSite(const ForkSite&) = delete;
  ForkSite& operator=(const ForkSite&) = delete;

  /// The calling thread is the worker. `wake(worker)` wakes a sleeper if that
  /// makes sense: there is one thing to steal that nobody was told of.
  void Attach(void (*wake)(void*), void* worker) {
    wake_ = wake;
    worker_ = worker;
    ThisThread::Get() = this;
  }
  /// And is so no more.
  void Detach() {
    if (ThisThread::Get() == this) ThisThread::Get() = nullptr;
    cache_.Clear();
  }

  /// Takes the oldest coroutine that can go on here, and returns a task that
  /// goes on with it when it is run by the worker of `thief`, which calls this;
  /// null if there is none. At most one such task at a time for each thief.
  TaskHeader* StealInto(ForkSite& thief, bool& busy) {
    fork_internal::ForkFrame* const frame = deque_.thief().Steal(busy);
    if (frame == nullptr) return nullptr;
    thief.stolen_.frame = frame;
    return &thief.stolen_;
  }

  /// Whether there is something to steal: two loads; see ForkDeque. A single
  /// coroutine is enough, unlike a single task: its worker is busy with a child
  /// of it.
  bool Stealable() const { return !deque_.thief().Empty(); }

  /// The calling thread's; null if it is no worker, or of a pool without forks.
  static ForkSite* Current() { return ThisThread::Get(); }

  /// Memory for a frame, from the calling thread's cache if it has one.
  [[gnu::noinline]] static void* Allocate(std::size_t size) {
    ForkSite* const site = ThisThread::GetHere();
    return fork_internal::FrameCache::Allocate(
        site == nullptr ? nullptr : &site->cache_, size);
  }
  [[gnu::noinline]] static void Free(void* memory, std::size_t size) noexcept {
    ForkSite* const site = ThisThread::GetHere();
    fork_internal::FrameCache::Free(site == nullptr ? nullptr : &site->cache_,
                                    memory, size);
  }

  // ---- For ForkFrame, on this worker's thread. ----

  /// Runs `next` and what follows from it by symmetric transfer.
  void Run(std::coroutine_handle<> next) {
    const task_internal::StackMark outer = mark_;
    mark_.Set();
    while (next) {
      next.resume();
      next = std::exchange(deferred_, nullptr);
    }
    mark_ = outer;
  }

  /// What to return from await_suspend in order to go on with `next`: `next`,
  /// or nothing if the stack has grown too much, and `Run` goes on with it.
  std::coroutine_handle<> Transfer(std::coroutine_handle<> next) {
    if (!mark_.Exceeded()) [[likely]] {
      return next;
    }
    deferred_ = next;
    return std::noop_coroutine();
  }

  [[nodiscard]] bool TakeBack(fork_internal::ForkFrame* frame) {
    return deque_.owner().TakeBack(frame);
  }
  [[nodiscard]] ForkPush Push(fork_internal::ForkFrame* frame) {
    return deque_.owner().Push(frame);
  }
  [[gnu::cold, gnu::noinline]] void Wake() {
    if (wake_ != nullptr) wake_(worker_);
  }

 private:
  struct ThisThreadTag;
  using ThisThread = ThreadLocal<ForkSite*, ThisThreadTag>;

  // A stolen coroutine, as the worker sees it: a task.
  struct StolenTask final : TaskHeader {
    explicit StolenTask(ForkSite* owner)
        : TaskHeader(TaskState::Coroutine(/*joinable=*/false), &kVTable),
          site(owner) {}
    static void Run(TaskHeader* task) noexcept {
      auto& self = static_cast<StolenTask&>(*task);
      // Read first: what runs may run the worker's loop, and steal again.
      self.site->Run(self.frame->Stolen(*self.site));
    }
    // Nobody has a reference to it but the worker that runs it at once.
    static constexpr TaskVTable kVTable = {.run = Run,
                                           .abort = nullptr,
                                           .submit = nullptr,
                                           .take_outcome = nullptr,
                                           .exception = nullptr,
                                           .deallocate = nullptr};

    ForkSite* const site;
    fork_internal::ForkFrame* frame = nullptr;
  };

  // Deeper than trees of calls are, as a rule; beyond it forks are calls.
  static constexpr std::uint32_t kCapacity = kModelMode ? 2 : 1024;
  using Deque = ForkDeque<fork_internal::ForkFrame, kCapacity>;

  // Mutable, because its handles are not const, not even to look at it.
  mutable Deque deque_;
  fork_internal::FrameCache cache_;
  // Where the stack stood when Run was called last.
  task_internal::StackMark mark_;
  std::coroutine_handle<> deferred_;
  void (*wake_)(void*) = nullptr;
  void* worker_ = nullptr;
  StolenTask stolen_;
};

}  // namespace weft

#endif  // WEFT_FORK_FORK_SITE_H_
