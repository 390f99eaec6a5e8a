// What is behind a Flow: one block, with the task that computes it if there is
// one.
//
//     [ TaskHeader | dependents, count | outcome | function, arguments, links ]

#ifndef WEFT_DATAFLOW_NODE_H_
#define WEFT_DATAFLOW_NODE_H_

#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/dataflow/count_down.h"
#include "weft/dataflow/dependents.h"
#include "weft/task/block.h"
#include "weft/task/header.h"
#include "weft/task/outcome.h"

namespace weft::dataflow_internal {

/// The part of a node that does not depend on its type. Its references are
/// those of the task (task/state.h): one per handle, and the owner's until it
/// is resolved.
class FlowNode : public TaskHeader {
 public:
  Dependents& dependents() { return dependents_; }
  CountDown& count() { return count_; }
  bool resolved() const { return dependents_.resolved(); }

  /// An argument has arrived, or `n`. See CountDown.
  void Arrive(CountDown::Word n = 1) noexcept {
    switch (count_.Arrive(n)) {
      case ArriveAction::kNothing:
        return;
      case ArriveAction::kSchedule:
        return scheduler()->Schedule(this);
      case ArriveAction::kRelease:
        return DropReference();
    }
  }

  /// Takes the queue entry from the arguments; false if it is too late. If so,
  /// the block stays until the last argument is resolved.
  [[nodiscard]] bool TakeFromArguments() {
    state().AddReference();
    if (count_.Take()) return true;
    DropReference();
    return false;
  }

  // ---- Handles. ----

  void AddHandle() {
    state().AddReference();
    // Relaxed: whoever copies a handle has one.
    if (cancel_on_drop_) handles_.fetch_add(1, std::memory_order_relaxed);
  }
  void DropHandle() noexcept {
    // Relaxed: decides who aborts. Our reference keeps the node until then.
    if (cancel_on_drop_ &&
        handles_.fetch_sub(1, std::memory_order_relaxed) == 1 && !resolved()) {
      Abort();
    }
    DropReference();
  }

 protected:
  // In its maker's hands, who holds the queue entry: with the owner's reference
  // and one handle's.
  FlowNode(const TaskVTable* vtable, bool cancel_on_drop)
      : TaskHeader(TaskState(TaskState::kNotified + 2 * TaskState::kReference),
                   vtable),
        cancel_on_drop_(cancel_on_drop) {
    SetTrailer(&trailer_);
    spawned_ = true;
  }
  ~FlowNode() = default;

  task_internal::BlockSource& source() { return trailer_.source; }

 private:
  Dependents dependents_;
  CountDown count_;
  const bool cancel_on_drop_;
  // Written by: who copies and drops handles, if `cancel_on_drop_`.
  atomic<std::uint32_t> handles_{1};
  TaskTrailer trailer_;
};

/// A node with its outcome, or with the node whose outcome is also its own.
template <class T>
class FlowState : public FlowNode {
 public:
  /// The outcome. Requires that the flow is resolved.
  Outcome<T>& outcome() {
    DCheck(resolved(), "weft: the flow is not resolved");
    return origin_ == nullptr ? outcome_ : origin_->outcome_;
  }

  // ---- For who resolves it, before: ----

  void SetOutcome(Outcome<T> outcome) { outcome_ = std::move(outcome); }
  /// As cancelled, if `exception` is null.
  void SetFailure(std::exception_ptr exception) {
    if (exception == nullptr) return outcome_.SetCancelled();
    outcome_.SetException(std::move(exception));
  }
  /// The outcome shall be that of `other`, which is resolved. It stays with the
  /// node that has it, so that a chain of flows that return flows is no chain
  /// of references.
  void Adopt(FlowState& other) {
    origin_ = other.origin_ == nullptr ? &other : other.origin_;
    origin_->state().AddReference();
  }

 protected:
  using FlowNode::FlowNode;
  ~FlowState() {
    if (origin_ != nullptr) origin_->DropReference();
  }

  // Until it is resolved: written by who resolves. Then read by all.
  Outcome<T> outcome_;
  FlowState* origin_ = nullptr;
};

/// A node without a task: resolved by hand (FlowPromise), or from the start.
template <class T>
class PromiseNode final : public FlowState<T> {
 public:
  static PromiseNode* New() {
    auto block = task_internal::AllocateBlock(kSize, nullptr);
    auto* const node = new (block.memory) PromiseNode();
    node->source() = block.source;
    return node;
  }

  /// Where the outcome goes, before `Resolve`.
  Outcome<T>& place() { return this->outcome_; }

  /// The outcome is written. Once; gives up the owner's reference.
  void Resolve() noexcept {
    this->dependents().Resolve();
    this->DropReference();
  }
  /// The same while nobody else knows the node.
  void StartResolved() {
    this->dependents().StartResolved();
    this->DropReference();
  }

 private:
  static constexpr std::size_t kSize =
      task_internal::RoundUpToBlock(sizeof(FlowState<T>));

  PromiseNode() : FlowState<T>(&kVTable, /*cancel_on_drop=*/false) {}
  ~PromiseNode() = default;

  static void Deallocate(TaskHeader* task) noexcept {
    auto* const node = static_cast<PromiseNode*>(task);
    const task_internal::BlockSource source = node->source();
    node->~PromiseNode();
    task_internal::FreeBlock(task, kSize, source);
  }

  static constexpr TaskVTable kVTable = {
      .run = [](TaskHeader*) noexcept {},
      .abort = [](TaskHeader*) noexcept {},
      .submit = [](TaskHeader*) noexcept {},
      .take_outcome = [](TaskHeader*, void*) {},
      .exception = [](TaskHeader*) noexcept { return std::exception_ptr(); },
      .deallocate = Deallocate,
  };
};

}  // namespace weft::dataflow_internal

#endif  // WEFT_DATAFLOW_NODE_H_
