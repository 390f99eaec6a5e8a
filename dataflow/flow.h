// Flow<T>: a value that will be known. See dataflow/README.md.

#ifndef WEFT_DATAFLOW_FLOW_H_
#define WEFT_DATAFLOW_FLOW_H_

#include <coroutine>
#include <exception>
#include <memory>
#include <type_traits>
#include <utility>
#include <variant>

#include "weft/base/check.h"
#include "weft/base/exception.h"
#include "weft/dataflow/node.h"
#include "weft/sync/oneshot.h"
#include "weft/task/outcome.h"
#include "weft/waker/budget.h"
#include "weft/waker/suspend.h"
#include "weft/waker/wait.h"

namespace weft {

template <class T>
class Flow;

namespace dataflow_internal {

/// Someone who is no flow waits for one: a coroutine or a thread.
struct WaiterLink : CallLink {
  explicit WaiterLink(OneshotSender<std::monostate> s)
      : CallLink(&OnResolved), sender(std::move(s)) {}
  static void OnResolved(CallLink* link) noexcept {
    std::unique_ptr<WaiterLink> self(static_cast<WaiterLink*>(link));
    (void)std::move(self->sender).Send({});
  }
  OneshotSender<std::monostate> sender;
};

/// Told when `node` is resolved, or that moment. Two allocations: the price of
/// an edge of the graph; within it nobody pays it.
inline OneshotReceiver<std::monostate> WhenResolved(FlowNode& node) {
  auto [sender, receiver] = Oneshot<std::monostate>();
  auto link = std::make_unique<WaiterLink>(std::move(sender));
  if (node.dependents().Add(link.get())) {
    (void)link.release();
  } else {
    WaiterLink::OnResolved(link.release());
  }
  return std::move(receiver);
}

/// Waits for `flow` and gives `Result(*flow)`.
template <class T, class Result>
class FlowAwaiter {
 public:
  explicit FlowAwaiter(Flow<T> flow) : flow_(std::move(flow)) {}
  FlowAwaiter(const FlowAwaiter&) = delete;
  FlowAwaiter& operator=(const FlowAwaiter&) = delete;
  ~FlowAwaiter() {
    if (waiting_) std::destroy_at(&waiter_);
  }

  bool await_ready() const { return flow_.Done() && Budget::Spend(); }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> handle) {
    if (flow_.Done()) return YieldIn(handle);
    new (&waiter_) Waiter(WhenResolved(*flow_.node()).operator co_await());
    waiting_ = true;
    // The channel's awaiter is the operation from now on.
    return !waiter_.await_ready() && waiter_.await_suspend(handle);
  }
  typename Result::type await_resume() {
    if (waiting_) (void)waiter_.await_resume();
    return Result::Of(flow_);
  }

 private:
  using Waiter = decltype(std::declval<OneshotReceiver<std::monostate>>().
                          operator co_await());

  Flow<T> flow_;
  bool waiting_ = false;
  union {
    Waiter waiter_;
  };
};

// What the three ways to wait give.
template <class T>
struct ByReference {
  using type = std::add_lvalue_reference_t<std::add_const_t<T>>;
  static type Of(const Flow<T>& flow) { return flow.value(); }
};
template <class T>
struct ByValue {
  using type = T;
  static T Of(const Flow<T>& flow) { return flow.value(); }
};
template <class T>
struct Nothing {
  using type = void;
  static void Of(const Flow<T>&) {}
};

}  // namespace dataflow_internal

/// A value that is known already or will be: the result of an `Async`
/// (dataflow/async.h), of a `FlowPromise`, or of `MakeFlow`.
///
/// A shared handle, as cheap to copy as a reference count. One handle belongs
/// to one thread at a time; copies may be anywhere. Passed to `Async` as an
/// argument it makes the new flow wait, and nobody else: no thread and no task.
///
/// It resolves once: with a value, an exception, or as cancelled. The outcome
/// stays until the last handle goes, and everything that was done to make it is
/// visible to who sees it. An exception that nobody looks at is dropped.
template <class T>
class [[nodiscard]] Flow {
 public:
  using value_type = T;

  /// No flow: may be assigned to and destroyed.
  Flow() = default;
  Flow(const Flow& other) : node_(other.node_) {
    if (node_ != nullptr) node_->AddHandle();
  }
  Flow(Flow&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  Flow& operator=(Flow other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~Flow() {
    if (node_ != nullptr) node_->DropHandle();
  }

  explicit operator bool() const { return node_ != nullptr; }

  /// Whether it is resolved. A load.
  bool Done() const { return node()->resolved(); }

  /// The value. Rethrows the exception it resolved with; throws TaskCancelled
  /// if it was cancelled. (Without exceptions both end the program.) Requires
  /// Done(). Lives as long as some handle of this flow.
  std::add_lvalue_reference_t<std::add_const_t<T>> value() const {
    auto& value = node()->outcome().value();
    if constexpr (!std::is_void_v<T>) return value;
  }
  /// How it ended. Requires Done().
  bool ok() const { return node()->outcome().ok(); }
  bool cancelled() const { return node()->outcome().cancelled(); }
  /// The exception it ended with, or null. Requires Done().
  std::exception_ptr exception() const { return node()->outcome().exception(); }

  /// Blocks until it is resolved; on a worker, runs other tasks meanwhile (see
  /// BlockOn in pool/pool.h). For the edges of a graph.
  void Wait() const {
    if (!Done()) (void)weft::Wait(dataflow_internal::WhenResolved(*node()));
  }
  /// Waits, then value().
  std::add_lvalue_reference_t<std::add_const_t<T>> Get() const& {
    Wait();
    return value();
  }
  /// The same for a temporary, whose value would not outlive it: a copy.
  T Get() && {
    Wait();
    return value();
  }

  /// Waits for it in a coroutine of any executor; gives what value() gives, of
  /// a temporary a copy.
  auto operator co_await() const& {
    return dataflow_internal::FlowAwaiter<T, dataflow_internal::ByReference<T>>(
        *this);
  }
  auto operator co_await() && {
    return dataflow_internal::FlowAwaiter<T, dataflow_internal::ByValue<T>>(
        std::move(*this));
  }
  /// Only waits: `co_await flow.Settled()`, then ask how it ended.
  auto Settled() const {
    return dataflow_internal::FlowAwaiter<T, dataflow_internal::Nothing<T>>(
        *this);
  }

  /// Asks for its end, for all who hold it: a flow that waits or is queued
  /// resolves as cancelled, its coroutine is aborted, a function that runs is
  /// left to end. Returns at once; any thread; harmless when it is resolved.
  /// The flow of a FlowPromise takes no notice.
  void Cancel() const { node()->Abort(); }

  /// For the implementation: takes over a handle's reference.
  explicit Flow(dataflow_internal::FlowState<T>* node) : node_(node) {}
  dataflow_internal::FlowState<T>* node() const {
    DCheck(node_ != nullptr, "weft: an empty Flow");
    return node_;
  }

 private:
  dataflow_internal::FlowState<T>* node_ = nullptr;
};

/// A flow that is resolved with a value made of `args`. One allocation.
template <class T, class... Args>
Flow<T> MakeFlowOf(Args&&... args) {
  auto* const node = dataflow_internal::PromiseNode<T>::New();
  Flow<T> flow(node);
  std::exception_ptr exception =
      CatchAll([&] { node->place().Emplace(std::forward<Args>(args)...); });
  if (exception != nullptr) node->place().SetException(std::move(exception));
  node->StartResolved();
  return flow;
}
/// The same for a value. An exception of its copy is the flow's.
template <class T>
Flow<std::decay_t<T>> MakeFlow(T&& value) {
  return MakeFlowOf<std::decay_t<T>>(std::forward<T>(value));
}

/// A flow that is resolved with `exception`; as cancelled, if that is null.
template <class T>
Flow<T> MakeFailedFlow(std::exception_ptr exception) {
  auto* const node = dataflow_internal::PromiseNode<T>::New();
  Flow<T> flow(node);
  node->SetFailure(std::move(exception));
  node->StartResolved();
  return flow;
}

/// The other end of a flow that no task computes: for I/O and other edges.
/// Resolves it once, from any thread; dropping it unresolved cancels the flow.
/// Move-only; one thread at a time. Who depends on the flow is put into the
/// queues of its own pool.
template <class T>
class FlowPromise {
 public:
  /// One allocation.
  FlowPromise() : flow_(Node::New()) {}
  FlowPromise(FlowPromise&& other) noexcept = default;
  FlowPromise& operator=(FlowPromise&& other) noexcept {
    const FlowPromise old(std::move(*this));
    flow_ = std::move(other.flow_);
    return *this;
  }
  ~FlowPromise() {
    if (flow_) Cancel();
  }

  /// A handle of the flow. Not after it was resolved.
  Flow<T> flow() const { return flow_; }

  /// Whether it can still be resolved.
  explicit operator bool() const { return static_cast<bool>(flow_); }

  /// Resolve it; each uses the promise up. If making the value throws, the flow
  /// resolves with that exception.
  template <class... Args>
  void Resolve(Args&&... args) {
    std::exception_ptr exception =
        CatchAll([&] { Place().Emplace(std::forward<Args>(args)...); });
    if (exception != nullptr) Place().SetException(std::move(exception));
    Finish();
  }
  void Fail(std::exception_ptr exception) {
    Place().SetException(std::move(exception));
    Finish();
  }
  void Cancel() {
    Place().SetCancelled();
    Finish();
  }

 private:
  using Node = dataflow_internal::PromiseNode<T>;

  Outcome<T>& Place() {
    Check(static_cast<bool>(flow_), "weft: this FlowPromise is used up");
    return static_cast<Node*>(flow_.node())->place();
  }
  void Finish() {
    // Resolving may let somebody run who destroys this object.
    const Flow<T> flow = std::move(flow_);
    flow.node()->Resolve();
  }

  // Empty once it is resolved.
  Flow<T> flow_;
};

}  // namespace weft

#endif  // WEFT_DATAFLOW_FLOW_H_
