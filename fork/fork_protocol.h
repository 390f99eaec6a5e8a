// How fork coroutines start and end: the functions of ForkFrame that need to
// know where. README.md says why this is right.

#ifndef WEFT_FORK_FORK_PROTOCOL_H_
#define WEFT_FORK_FORK_PROTOCOL_H_

#include <coroutine>

#include "weft/fork/fork_frame.h"
#include "weft/fork/fork_site.h"
#include "weft/queue/fork_deque.h"
#include "weft/waker/waker.h"

namespace weft::fork_internal {

inline std::coroutine_handle<> ForkFrame::Start(ForkFrame* parent,
                                                ForkFrame* child,
                                                ForkKind kind) {
  ForkSite* const site = parent->site_.Get();
  child->site_.Set(site);
  child->parent_ = parent;
  child->kind_ = kind;
  return site->Transfer(child->self_);
}

inline std::coroutine_handle<> ForkFrame::Fork(ForkFrame* parent,
                                               ForkFrame* child) {
  // After the push the parent, and all that is in its frame but the child, may
  // be somebody else's.
  ForkSite* const site = parent->site_.Get();
  const std::coroutine_handle<> next = Start(parent, child, ForkKind::kFork);
  switch (site->Push(parent)) {
    [[likely]] case ForkPush::kPushed : break;
    case ForkPush::kFirst:
      site->Wake();
      break;
    case ForkPush::kFull:
      child->kind_ = ForkKind::kInline;
      break;
  }
  return next;
}

inline std::coroutine_handle<> ForkFrame::ForkJoin(ForkFrame* parent,
                                                   ForkFrame* first,
                                                   ForkFrame* second) {
  second->site_.Set(parent->site_.Get());
  second->parent_ = parent;
  second->kind_ = ForkKind::kLast;
  parent->go_on_ = second;
  return Fork(parent, first);
}

inline void ForkFrame::RunRoot(ForkSite& site, ForkFrame* root, Waker* waker) {
  root->site_.Set(&site);
  root->waker_ = waker;
  root->kind_ = ForkKind::kRoot;
  site.Run(root->self_);
}

inline std::coroutine_handle<> ForkFrame::End(ForkFrame* frame) noexcept {
  if (frame->join_.Outstanding()) [[unlikely]] {
    return EndSlowly(frame);
  }
  ForkSite* const site = frame->site_.Get();
  ForkFrame* const parent = frame->parent_;
  const ForkKind kind = frame->kind_;
  if (kind == ForkKind::kCall) {
    parent->site_.Set(site);
    return site->Transfer(parent->self_);
  }
  if (!frame->failed()) [[likely]] {
    if (kind == ForkKind::kFork) {
      if (site->TakeBack(parent)) [[likely]] {
        return site->Transfer(parent->go_on_->self_);
      }
    } else if (kind == ForkKind::kLast && !parent->join_.Outstanding())
        [[likely]] {
      parent->site_.Set(site);
      parent->go_on_ = parent;
      return site->Transfer(parent->self_);
    }
  }
  return EndSlowly(frame);
}

}  // namespace weft::fork_internal

#endif  // WEFT_FORK_FORK_PROTOCOL_H_
