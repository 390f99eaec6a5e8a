// The node of an Async: a task that is scheduled when its arguments are known.

#ifndef WEFT_DATAFLOW_ASYNC_NODE_H_
#define WEFT_DATAFLOW_ASYNC_NODE_H_

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weft/base/check.h"
#include "weft/base/exception.h"
#include "weft/dataflow/arguments.h"
#include "weft/dataflow/flow.h"
#include "weft/dataflow/node.h"
#include "weft/pool/executor.h"
#include "weft/pool/spawn.h"
#include "weft/task/block.h"
#include "weft/task/join_handle.h"
#include "weft/task/task.h"
#include "weft/waker/context.h"

namespace weft::dataflow_internal {

// ---- What a function may return, and what follows from it. ----

/// `Returned` is a value or void: the node is resolved with it.
template <class Returned>
struct Continuation {
  using Result = Returned;
  static constexpr bool kNone = true;
};

/// A flow: the node resolves when that does, and shares its outcome.
template <class T>
struct Continuation<Flow<T>> {
  using Result = T;
  static constexpr bool kNone = false;

  Continuation(Flow<T> flow, FlowNode&) : inner(std::move(flow)) {
    Check(static_cast<bool>(inner), "weft: the function's Flow is empty");
  }

  // True: the node is not to be suspended. Else its waker is called once, with
  // the reference that it has. The link is in the node, not in here: it may
  // have to outlive this.
  bool Poll(FlowNode& node, ArgumentLink& link) {
    if (waits || inner.Done()) return inner.Done();
    waits = true;
    link.node = &node;
    link.resolved = [](Link* l) noexcept {
      // As a waker of the task does.
      TaskHeader* const task = static_cast<ArgumentLink*>(l)->node;
      switch (task->state().WakeByValue()) {
        case WakeAction::kSubmit:
          return task->scheduler()->Schedule(task);
        case WakeAction::kDeallocate:
          return task->vtable().deallocate(task);
        case WakeAction::kNothing:
          return;
      }
    };
    node.state().AddReference();
    if (inner.node()->dependents().Add(&link)) return false;
    node.DropReference();
    return true;
  }
  void Abort() {}
  void GiveTo(FlowState<T>& node) { node.Adopt(*inner.node()); }

  Flow<T> inner;
  bool waits = false;
};

/// A coroutine: a task beside the node, aborted with it.
template <class T>
class Continuation<Task<T>> {
 public:
  using Result = T;
  static constexpr bool kNone = false;

  // On the worker that runs the node. (Its scheduler need not be an Executor.)
  Continuation(Task<T> task, FlowNode&) : handle_(Spawn(std::move(task))) {}

  bool Poll(FlowNode& node, ArgumentLink&) {
    Context context(node.LentWaker());
    auto poll = handle_.Poll(context);
    if (!poll.ready()) return false;
    outcome_ = std::move(poll).value();
    return true;
  }
  void Abort() { handle_.Abort(); }
  void GiveTo(FlowState<T>& node) { node.SetOutcome(std::move(outcome_)); }

 private:
  JoinHandle<T> handle_;
  Outcome<T> outcome_;
};

/// A coroutine that returns a flow: first the one, then the other.
template <class T>
class Continuation<Task<Flow<T>>> {
 public:
  using Result = T;
  static constexpr bool kNone = false;

  Continuation(Task<Flow<T>> task, FlowNode&)
      : handle_(Spawn(std::move(task))) {}

  bool Poll(FlowNode& node, ArgumentLink& link) {
    if (!flow_.has_value()) {
      Context context(node.LentWaker());
      auto poll = handle_.Poll(context);
      if (!poll.ready()) return false;
      outcome_ = std::move(poll).value();
      if (!outcome_.ok()) return true;
      flow_.emplace(std::move(*outcome_), node);
    }
    return flow_->Poll(node, link);
  }
  void Abort() { handle_.Abort(); }
  void GiveTo(FlowState<T>& node) {
    if (flow_.has_value()) return flow_->GiveTo(node);
    node.SetFailure(outcome_.exception());
  }

 private:
  JoinHandle<Flow<T>> handle_;
  Outcome<Flow<T>> outcome_;
  std::optional<Continuation<Flow<T>>> flow_;
};

/// The node for a function `F` and arguments `As`, all decayed. See node.h.
template <class F, class... As>
class AsyncNode final
    : public FlowState<typename Continuation<CallResult<F, As...>>::Result> {
  using Returned = CallResult<F, As...>;
  using Next = Continuation<Returned>;

 public:
  using Result = typename Next::Result;
  static_assert(!std::is_reference_v<Result>,
                "weft: a flow's function cannot return a reference; return a "
                "pointer");

  /// One allocation. If it, or moving an argument, throws, so does this.
  template <class G, class... Bs>
  static AsyncNode* New(Executor& executor, bool cancel_on_drop, G&& function,
                        Bs&&... arguments) {
    static_assert(alignof(AsyncNode) <= task_internal::kBlockAlignment,
                  "weft: an argument or the result is aligned to more than a "
                  "cache line");
    const task_internal::Block block =
        task_internal::AllocateBlock(Size(), executor.memory_resource());
    AsyncNode* node = nullptr;
    std::exception_ptr exception = CatchAll([&] {
      node = new (block.memory)
          AsyncNode(cancel_on_drop, std::forward<G>(function),
                    std::forward<Bs>(arguments)...);
    });
    if (exception != nullptr) {
      task_internal::FreeBlock(block.memory, Size(), block.source);
      Rethrow(std::move(exception));
    }
    node->source() = block.source;
    return node;
  }

  /// Hands the node over: to the queue if the arguments are known, else to
  /// them. Once, by its maker, who has a handle.
  void Start(Executor& executor) noexcept {
    if (AllDone()) return executor.Admit(this);
    Connect(executor, std::index_sequence_for<As...>());
  }

 private:
  template <class G, class... Bs>
  AsyncNode(bool cancel_on_drop, G&& function, Bs&&... arguments)
      : FlowState<Result>(&kVTable, cancel_on_drop) {
    std::construct_at(&body_, std::forward<G>(function),
                      std::forward<Bs>(arguments)...);
  }
  ~AsyncNode() {}

  static constexpr std::size_t Size() {
    return task_internal::RoundUpToBlock(sizeof(AsyncNode));
  }
  static AsyncNode* From(TaskHeader* task) {
    return static_cast<AsyncNode*>(task);
  }

  // ---- Before it runs. ----

  bool AllDone() const {
    return std::apply(
        [](const As&... a) { return (Argument<As>::AllDone(a) && ...); },
        body_.arguments);
  }

  template <std::size_t... I>
  void Connect(Executor& executor, std::index_sequence<I...>) noexcept {
    auto& arguments = body_.arguments;
    // One more for us: nothing can happen to the node until we have arrived.
    const std::size_t flows =
        (std::size_t{0} + ... + Argument<As>::Flows(std::get<I>(arguments)));
    Check(flows < CountDown::kCount, "weft: too many arguments");
    this->count().Expect(static_cast<CountDown::Word>(flows + 1));
    const std::size_t known =
        (std::size_t{0} + ... +
         Argument<As>::ConnectAll(std::get<I>(arguments), std::get<I>(links_),
                                  *this));
    // From here on a shutdown finds it. If it is refused, it has ended; but
    // the links are in the arguments' lists.
    if (!executor.Enter(this)) (void)this->TakeFromArguments();
    this->Arrive(static_cast<CountDown::Word>(known + 1));
  }

  static void Abort(TaskHeader* task) noexcept {
    AsyncNode* const node = From(task);
    if (node->state().Abort() == WakeAction::kSubmit) return Submit(node);
    // Not entered: its maker ends it.
    if (node->registry_entry() == nullptr) return;
    if (node->TakeFromArguments()) Submit(node);
  }

  // ---- While it runs: on a worker. ----

  static void Run(TaskHeader* task) noexcept { From(task)->RunOnce(); }

  void RunOnce() noexcept {
    if (this->state().Start() == StartAction::kCancel) return Cancel();
    if (!called_) {
      if (TakeFailure()) return End();
      called_ = true;
      if (Call()) return End();
    }
    if constexpr (!Next::kNone) {
      std::exception_ptr exception;
      bool ready = false;
      exception = CatchAll([&] {
        ready = body_.next.Poll(*this, inner_link_);
        if (ready) body_.next.GiveTo(*this);
      });
      if (exception != nullptr) {
        this->outcome_.SetException(std::move(exception));
        ready = true;
      }
      if (ready) {
        std::destroy_at(&body_.next);
        return End();
      }
      switch (this->state().Idle()) {
        case IdleAction::kNothing:
          return;
        case IdleAction::kRequeue:
          return this->scheduler()->ScheduleYield(this);
        case IdleAction::kCancel:
          (void)this->state().Start();
          return Cancel();
      }
    }
  }

  // The outcome of the first argument that has no value is ours.
  bool TakeFailure() {
    const auto take = [this](const auto& flow) {
      this->SetFailure(flow.exception());
    };
    return std::apply(
        [&](const As&... a) {
          return (Argument<As>::FirstFailed(a, take) || ...);
        },
        body_.arguments);
  }

  // Calls the function. True: that was all.
  bool Call() noexcept {
    std::exception_ptr exception = CatchAll([&] {
      auto call = [&]() -> Returned {
        return std::apply(
            [&](As&... a) -> Returned {
              return std::apply(std::move(body_.function),
                                std::tuple_cat(Argument<As>::Pass(a)...));
            },
            body_.arguments);
      };
      if constexpr (!Next::kNone) {
        new (&body_.next) Next(call(), *this);
      } else if constexpr (std::is_void_v<Returned>) {
        call();
        this->outcome_.Emplace();
      } else {
        this->outcome_.Emplace(call());
      }
    });
    if (exception != nullptr) [[unlikely]] {
      this->outcome_.SetException(std::move(exception));
      return true;
    }
    return Next::kNone;
  }

  void Cancel() noexcept {
    if constexpr (!Next::kNone) {
      if (called_) {
        body_.next.Abort();
        std::destroy_at(&body_.next);
      }
    }
    this->outcome_.SetCancelled();
    End();
  }

  // The outcome is there: drops function and arguments, leaves the pool, tells
  // the dependents.
  void End() noexcept {
    std::destroy_at(&body_);
    if (!this->LeaveRegistry()) this->scheduler()->Release(this);
    this->dependents().Resolve();
    (void)this->state().Complete();
    this->DropReference();
  }

  static void Submit(TaskHeader* task) noexcept {
    task->scheduler()->Schedule(task);
  }

  static void Deallocate(TaskHeader* task) noexcept {
    AsyncNode* const node = From(task);
    const task_internal::BlockSource source = node->source();
    node->~AsyncNode();
    task_internal::FreeBlock(task, Size(), source);
  }

  static constexpr TaskVTable kVTable = {
      .run = Run,
      .abort = Abort,
      .submit = Submit,
      // No JoinHandle is ever made of it.
      .take_outcome = [](TaskHeader*, void*) {},
      .exception = [](TaskHeader*) noexcept { return std::exception_ptr(); },
      .deallocate = Deallocate,
  };

  struct NoContinuation {};
  // Function and arguments live until the node is resolved: a coroutine may
  // refer to them. `next` lives from the call to its end, if there is one.
  struct Body {
    template <class G, class... Bs>
    explicit Body(G&& f, Bs&&... a)
        : function(std::forward<G>(f)), arguments(std::forward<Bs>(a)...) {}
    ~Body() {}
    F function;
    [[no_unique_address]] std::tuple<As...> arguments;
    union {
      std::conditional_t<Next::kNone, NoContinuation, Next> next;
    };
  };

  union {
    Body body_;
  };
  bool called_ = false;
  // Outlive the body: an argument may resolve after a cancelled node.
  [[no_unique_address]] std::tuple<typename Argument<As>::Links...> links_;
  [[no_unique_address]] std::conditional_t<Next::kNone, NoContinuation,
                                           ArgumentLink>
      inner_link_;
};

}  // namespace weft::dataflow_internal

#endif  // WEFT_DATAFLOW_ASYNC_NODE_H_
