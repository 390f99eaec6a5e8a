#include "weft/fork/fork_frame.h"

#include <coroutine>
#include <exception>
#include <utility>

#include "weft/base/exception.h"
#include "weft/fork/fork_site.h"

namespace weft::fork_internal {

// A loop, because the last child of a coroutine that has ended ends it, which
// may be the last child of another that has.
std::coroutine_handle<> ForkFrame::EndSlowly(ForkFrame* frame) noexcept {
  for (;;) {
    if (frame->join_.Outstanding()) {
      frame->ended_ = true;
      if (!frame->join_.Join()) return std::noop_coroutine();
      frame->join_.Reset();
    }
    ForkSite* const site = frame->site_.Get();
    const ForkKind kind = frame->kind_;
    if (kind == ForkKind::kRoot) {
      Waker waker = std::move(*frame->waker_);
      std::move(waker).Wake();
      return std::noop_coroutine();
    }
    ForkFrame* const parent = frame->parent_;
    if (kind == ForkKind::kCall) {
      // Its awaiter throws.
      parent->site_.Set(site);
      return site->Transfer(parent->self_);
    }
    if (frame->failed()) parent->Keep(std::move(frame->exception_));
    if (kind == ForkKind::kLast) {
      parent->site_.Set(site);
      parent->go_on_ = parent;
      if (parent->join_.Outstanding() && !parent->join_.Join()) {
        return std::noop_coroutine();
      }
      return site->Transfer(parent->self_);
    }
    if (kind == ForkKind::kInline) {
      parent->go_on_->site_.Set(site);
      return site->Transfer(parent->go_on_->self_);
    }
    if (site->TakeBack(parent)) {
      return site->Transfer(parent->go_on_->self_);
    }
    if (!parent->join_.Arrive()) return std::noop_coroutine();
    parent->site_.Set(site);
    if (!parent->ended_) return site->Transfer(parent->self_);
    parent->join_.Reset();
    frame = parent;
  }
}

void ForkFrame::ThrowException() {
  failed_.store(false, std::memory_order_relaxed);
  Rethrow(std::move(exception_));
}

void ForkFrame::DestroyDropped() noexcept {
  while (dropped_ != nullptr) {
    ForkFrame* const child = dropped_;
    dropped_ = child->next_dropped_;
    child->self_.destroy();
  }
}

}  // namespace weft::fork_internal
