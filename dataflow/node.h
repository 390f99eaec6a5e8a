// What is behind a Flow: one block, with the task that computes it if there is
// one.
//
//     [ TaskHeader | dependents, count, handles | outcome | function,
//     arguments,
//       links ]
//
// 128 bytes for a function of a flow whose result fits into a word.

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

/// The part of a node that does not depend on its type.
///
/// Its references are those of the task (task/state.h): one per handle; one for
/// each waker, of a node whose task can be woken; one for all links, once a
/// canceller was there (TakeFromArguments). A flow that is not resolved is kept
/// alive by its resolver in any case, who holds no reference for that, but gets
/// one from who drops the last: so there is always one until it is freed.
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
        return Drop();
    }
  }

  /// Takes the queue entry from the arguments; false if it is too late. If so,
  /// the block stays until the last argument is resolved.
  [[nodiscard]] bool TakeFromArguments() {
    state().AddReference();
    if (count_.Take()) return true;
    Drop();
    return false;
  }

  /// The outcome is written: tells all who wait, the last entered first. Once;
  /// the node must not be touched afterwards.
  void Resolve() noexcept {
    const Dependents::Closed closed = dependents_.Close();
    // From here on others may free us; the links are theirs, and stay.
    if (closed.left) Drop();
    for (Link* link = closed.first; link != nullptr;) {
      // Before the call, after which the link may be gone.
      Link* const next = link->next.Get();
      if (link->waiter != nullptr) {
        link->waiter->Arrive();
      } else {
        CallLink* const call = static_cast<CallLink*>(link);
        call->resolved(call);
      }
      link = next;
    }
  }

  /// Takes a reference away. Any thread that holds it. Once the flow is
  /// resolved, the last frees the block, and needs no read-modify-write.
  void Drop() noexcept {
    if (resolved()) return TaskHeader::DropReference();
    if (state().DropUnlessLast()) return;
    if (dependents_.Leave()) vtable().deallocate(this);
  }
  void DropReference() = delete;

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
    Drop();
  }

 protected:
  // In its maker's hands, who holds the queue entry, with one handle's
  // reference. `wakeable`: its task may have wakers, so that the resolver needs
  // a reference of its own.
  FlowNode(const TaskVTable* vtable, bool cancel_on_drop, bool wakeable)
      : TaskHeader(TaskState(TaskState::kNotified +
                             (wakeable ? 2 : 1) * TaskState::kReference),
                   vtable),
        cancel_on_drop_(cancel_on_drop),
        dependents_(wakeable) {
    spawned_ = true;
  }
  ~FlowNode() = default;

  task_internal::BlockSource& source() { return source_; }

 private:
  // First: it has room in the header's cache line.
  const bool cancel_on_drop_;
  Dependents dependents_;
  CountDown count_;
  // Written by: who copies and drops handles, if `cancel_on_drop_`.
  atomic<std::uint32_t> handles_{1};
  // Written once.
  task_internal::BlockSource source_ = task_internal::BlockSource::PlainNew();
};

/// A node with its outcome, or with the node whose outcome is also its own.
template <class T>
class FlowState : public FlowNode {
 public:
  /// The outcome. Requires that the flow is resolved.
  Outcome<T>& outcome() {
    DCheck(resolved(), "weft: the flow is not resolved");
    return outcome_.empty() ? origin()->outcome_ : outcome_;
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
    FlowState* const origin = other.outcome_.empty() ? other.origin() : &other;
    origin->state().AddReference();
    // A task that has ended is in no queue any more.
    this->next = origin;
  }

 protected:
  using FlowNode::FlowNode;
  ~FlowState() {
    if (outcome_.empty() && this->next != nullptr) origin()->Drop();
  }

  // Until it is resolved: written by who resolves. Then read by all. Empty: it
  // is that of origin().
  Outcome<T> outcome_;

 private:
  FlowState* origin() const { return static_cast<FlowState*>(this->next); }
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

  /// Resolve, while nobody else knows the node.
  void StartResolved() { this->dependents().StartResolved(); }

 private:
  static constexpr std::size_t kSize =
      task_internal::RoundUpToBlock(sizeof(FlowState<T>));

  PromiseNode()
      : FlowState<T>(&kVTable, /*cancel_on_drop=*/false, /*wakeable=*/false) {}
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
