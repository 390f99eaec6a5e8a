// What the promises of all fork coroutines share, and how they start and end.

#ifndef WEFT_FORK_FORK_FRAME_H_
#define WEFT_FORK_FORK_FRAME_H_

#include <coroutine>
#include <cstdint>
#include <exception>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/cell.h"
#include "weft/fork/join_count.h"
#include "weft/waker/waker.h"

namespace weft {

class ForkSite;

namespace fork_internal {

/// How a fork coroutine was started, which says where its end leads.
enum class ForkKind : std::uint8_t {
  kCall,    ///< awaited: the parent is suspended in the call
  kFork,    ///< the parent is in a deque, or was stolen from it
  kInline,  ///< forked, but the deque was full
  kLast,    ///< second of a ForkJoin: its end is the parent's join
  kRoot,    ///< awaited by a task
};

/// One fork coroutine, without the type of its result.
///
/// At any time one thread runs it, or it lies in one deque, or it waits for
/// children; who resumes it has it from a deque or a JoinCount, which publish
/// all that is written here.
class ForkFrame {
 public:
  ForkFrame(const ForkFrame&) = delete;
  ForkFrame& operator=(const ForkFrame&) = delete;

  // ---- A parent starts its children. Each returns what to resume. ----

  /// `child` runs here now; its end resumes `parent`, which is suspended.
  static std::coroutine_handle<> Call(ForkFrame* parent, ForkFrame* child) {
    return Start(parent, child, ForkKind::kCall);
  }
  /// `child` runs here now, and whoever is faster, this worker after it or a
  /// thief, goes on with `parent`, which is suspended.
  static std::coroutine_handle<> Fork(ForkFrame* parent, ForkFrame* child);
  /// As Fork for `first`; who goes on with `parent` runs `second`, and resumes
  /// `parent` when all of its children have ended.
  static std::coroutine_handle<> ForkJoin(ForkFrame* parent, ForkFrame* first,
                                          ForkFrame* second);
  /// The suspended `parent` waits for its children, some of whom are
  /// outstanding.
  static std::coroutine_handle<> Join(ForkFrame* parent) {
    return parent->join_.Join() ? parent->self_ : std::noop_coroutine();
  }

  /// Starts `root` on this thread, a worker, and runs what follows from it,
  /// until nothing does. `waker` is called when the root has ended; from then
  /// on nothing of its frame is touched.
  static void RunRoot(ForkSite& site, ForkFrame* root, Waker* waker);

  /// The end of `frame`, which is suspended for good. Returns what to resume.
  static std::coroutine_handle<> End(ForkFrame* frame) noexcept;

  /// A thief has taken this out of a deque: what it has to resume, on `site`.
  std::coroutine_handle<> Stolen(ForkSite& site) {
    join_.AddStolen();
    go_on_->site_.Set(&site);
    return go_on_->self_;
  }

  // ---- For the coroutine itself. ----

  /// Whether children may be running.
  bool outstanding() const { return join_.Outstanding(); }

  /// After a join: frees what was kept for it, and throws the first exception.
  void Joined() {
    if (join_.Outstanding()) [[unlikely]] {
      join_.Reset();
      DestroyDropped();
    }
    if (failed()) [[unlikely]] {
      ThrowException();
    }
  }

  /// This coroutine, or a child of it, threw. Keeps the first. Any thread.
  void Keep(std::exception_ptr exception) noexcept {
    // Relaxed: read after a join, or by the same thread.
    if (!failed_.exchange(true, std::memory_order_relaxed)) {
      exception_ = std::move(exception);
    }
  }
  bool failed() const { return failed_.load(std::memory_order_relaxed); }
  [[noreturn, gnu::cold]] void ThrowException();

  /// The handle of `child` is gone. Destroys its frame, at the next join if it
  /// may be running. By whoever runs `child`'s parent.
  static void Drop(ForkFrame* child) {
    ForkFrame* const parent = child->parent_;
    if (!parent->outstanding()) {
      child->Destroy();
    } else {
      child->next_dropped_ = std::exchange(parent->dropped_, child);
    }
  }
  void Destroy() { self_.destroy(); }
  /// Whether the result of this child may be read. For assertions; by whoever
  /// runs its parent.
  bool joined() const { return !parent_->outstanding(); }

 protected:
  explicit ForkFrame(std::coroutine_handle<> self) : self_(self) {}
  ~ForkFrame() {
    if (dropped_ != nullptr) [[unlikely]] {
      DestroyDropped();
    }
  }

 private:
  static std::coroutine_handle<> Start(ForkFrame* parent, ForkFrame* child,
                                       ForkKind kind);
  static std::coroutine_handle<> EndSlowly(ForkFrame* frame) noexcept;
  [[gnu::cold]] void DestroyDropped() noexcept;

  const std::coroutine_handle<> self_;
  // Whose thread runs this. Written by who starts or resumes it.
  Cell<ForkSite*> site_{nullptr};
  // What to resume for whoever goes on with this: itself, or the second child
  // of a ForkJoin. Written by this before it forks, and at the end of that
  // child.
  ForkFrame* go_on_ = this;
  // Who started this. Written by it; read by whoever ends this.
  union {
    ForkFrame* parent_;
    Waker* waker_;  // kRoot
  };
  JoinCount join_;
  // Written by who starts this.
  ForkKind kind_;
  // Its body is over, and it waits for children only to end. Written by itself;
  // read by the last child.
  bool ended_ = false;
  // Written by this and its children; says who has exception_.
  atomic<bool> failed_{false};
  std::exception_ptr exception_;
  // Children that this holds no handle of any more, linked by their
  // next_dropped_. Written by whoever runs this.
  ForkFrame* dropped_ = nullptr;
  ForkFrame* next_dropped_;
};

}  // namespace fork_internal
}  // namespace weft

#endif  // WEFT_FORK_FORK_FRAME_H_
