// The node of an Async: a task that is scheduled when its arguments are known.

#ifndef WEFT_DATAFLOW_ASYNC_NODE_H_
#define WEFT_DATAFLOW_ASYNC_NODE_H_

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "weft/base/cache_line.h"
#include "weft/base/check.h"
#include "weft/base/exception.h"
#include "weft/base/model_mode.h"
#include "weft/dataflow/arguments.h"
#include "weft/dataflow/cycling.h"
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

/// An idle node waits for a flow, and is woken by it as by a waker. Has a
/// reference to the node while it is in a list.
struct WakeLink : CallLink {
  WakeLink() : CallLink(&OnResolved) {}
  static void OnResolved(CallLink* link) noexcept {
    TaskHeader* const task = static_cast<WakeLink*>(link)->node;
    switch (task->state().WakeByValue()) {
      case WakeAction::kSubmit:
        return task->scheduler()->Schedule(task);
      case WakeAction::kDeallocate:
        return task->vtable().deallocate(task);
      case WakeAction::kNothing:
        return;
    }
  }
  /// Written before the link is entered.
  FlowNode* node = nullptr;
};

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
  bool Poll(FlowNode& node, WakeLink& link) {
    if (waits || inner.Done()) return inner.Done();
    waits = true;
    link.node = &node;
    node.state().AddReference();
    if (inner.node()->dependents().Add(&link)) return false;
    node.Drop();
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

  bool Poll(FlowNode& node, WakeLink&) {
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

  bool Poll(FlowNode& node, WakeLink& link) {
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
  /// them. Once, by its maker, who has a handle; `worker` is the calling
  /// thread's of this executor, or null.
  void Start(Executor& executor, void* worker) noexcept {
    if (executor.waiting_tasks() != nullptr) [[unlikely]] {
      if (GoesToQueue(executor)) return;
    }
    if constexpr (((Argument<As>::kFlows == 0) && ...)) {
      executor.AdmitHere(worker, this);
    } else if (kFixed && worker != nullptr) {
      ConnectHere(executor, worker);
    } else {
      ConnectAnywhere(executor);
    }
  }

 private:
  template <class G, class... Bs>
  AsyncNode(bool cancel_on_drop, G&& function, Bs&&... arguments)
      : FlowState<Result>(&kVTable, cancel_on_drop,
                          /*wakeable=*/!Next::kNone) {
    std::apply(
        [&](auto&... links) {
          (Argument<As>::Prepare(std::as_const(arguments), links), ...);
        },
        links_);
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

  // Whether the number of flows is known to the compiler.
  static constexpr bool kFixed = ((Argument<As>::kFlows >= 0) && ...);

  // On a worker of the executor, where no shutdown interferes before we have
  // returned: so the node may be entered first, and has no one to fear but its
  // arguments. The last of these that it waits for makes it runnable, and the
  // maker need not be counted.
  void ConnectHere(Executor& executor, void* worker) noexcept {
    constexpr auto kFlows =
        static_cast<CountDown::Word>((0 + ... + Argument<As>::kFlows));
    this->count().Expect(kFlows);
    if (!executor.EnterHere(worker, this)) return;
    const auto known = static_cast<CountDown::Word>(ConnectAll());
    // If none was known, the node may have run, and be gone.
    if (known == 0) return;
    if (known < kFlows) return this->Arrive(known);
    this->count().Expect(0);
    this->scheduler()->Schedule(this);
  }

  // Where waiting tasks cycle: see cycling.h. True: it waits there, or was
  // refused.
  [[gnu::noinline]] bool GoesToQueue(Executor& executor) noexcept {
    this->SetVTable(&kRingingVTable);
    const auto computed = [&](const As&... a) {
      return (ComputedBy(executor, a) && ...);
    };
    if (AllDone(this) || !std::apply(computed, body_.arguments)) return false;
    this->SetVTable(&kQueuedVTable);
    this->count().Expect(1);
    executor.waiting_tasks()->Admit(this);
    return true;
  }
  static bool AllDone(const TaskHeader* task) noexcept {
    return std::apply([](const As&... a) { return (IsDone(a) && ...); },
                      static_cast<const AsyncNode*>(task)->body_.arguments);
  }

  void ConnectAnywhere(Executor& executor) noexcept {
    const std::size_t flows = std::apply(
        [](const As&... a) {
          return (std::size_t{0} + ... + Argument<As>::Flows(a));
        },
        body_.arguments);
    Check(flows < CountDown::kCount, "weft: too many arguments");
    // One more for us: nothing can happen to the node until we have arrived.
    this->count().Expect(static_cast<CountDown::Word>(flows + 1));
    const std::size_t known = ConnectAll();
    // From here on a shutdown finds it. If it is refused, it has ended; but
    // the links are in the arguments' lists.
    if (!executor.Enter(this)) (void)this->TakeFromArguments();
    this->Arrive(static_cast<CountDown::Word>(known + 1));
  }

  // Returns how many arguments were known. Touches nothing after the last link.
  std::size_t ConnectAll() noexcept {
    return [this]<std::size_t... I>(std::index_sequence<I...>) {
      return (std::size_t{0} + ... +
              Argument<As>::ConnectAll(std::get<I>(body_.arguments),
                                       std::get<I>(links_), *this));
    }
    (std::index_sequence_for<As...>());
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
    if (Begin() == StartAction::kCancel) return Cancel();
    if constexpr (Next::kNone) {
      if (!TakeFailure()) Call();
      End();
    } else {
      if (!then_.called) {
        if (TakeFailure()) return End();
        then_.called = true;
        if (!Call()) return End();
      }
      GoOn();
    }
  }

  // A node that runs once and has no wakers stays "notified" until it is freed:
  // a canceller leaves its bit, and that is all that can happen to it.
  StartAction Begin() noexcept {
    if constexpr (!Next::kNone) return this->state().Start();
    return this->state().Load().cancelled() ? StartAction::kCancel
                                            : StartAction::kPoll;
  }

  // Polls what the function returned.
  void GoOn() noexcept requires(!Next::kNone) {
    bool ready = false;
    std::exception_ptr exception = CatchAll([&] {
      ready = then_.next.Poll(*this, then_.link);
      if (ready) then_.next.GiveTo(*this);
    });
    if (exception != nullptr) {
      this->outcome_.SetException(std::move(exception));
      ready = true;
    }
    if (ready) {
      std::destroy_at(&then_.next);
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

  // Calls the function. False: it threw.
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
        new (&then_.next) Next(call(), *this);
      } else if constexpr (std::is_void_v<Returned>) {
        call();
        this->outcome_.Emplace();
      } else {
        this->outcome_.Emplace(call());
      }
    });
    if (exception != nullptr) [[unlikely]] {
      this->outcome_.SetException(std::move(exception));
      return false;
    }
    return true;
  }

  void Cancel() noexcept {
    if constexpr (!Next::kNone) {
      if (then_.called) {
        then_.next.Abort();
        std::destroy_at(&then_.next);
      }
    }
    this->outcome_.SetCancelled();
    End();
  }

  // The outcome is there: drops function and arguments, leaves the pool, tells
  // the dependents. (The state is not "complete": there is no JoinHandle, and a
  // waker or canceller who comes later finds a task that is not idle.)
  void End() noexcept {
    std::destroy_at(&body_);
    if (!this->LeaveRegistry()) this->scheduler()->Release(this);
    this->Resolve();
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
  static constexpr CyclingVTable kRingingVTable{kVTable};
  static constexpr CyclingVTable kQueuedVTable{kVTable, AllDone};

  // Function and arguments live until the node is resolved: a coroutine may
  // refer to them.
  struct Body {
    template <class G, class... Bs>
    explicit Body(G&& f, Bs&&... a)
        : function(std::forward<G>(f)), arguments(std::forward<Bs>(a)...) {}
    [[no_unique_address]] F function;
    [[no_unique_address]] std::tuple<As...> arguments;
  };
  // Of a function that returns a value: nothing more.
  struct NoContinuation {};
  // Else: what it returned, from the call to the end of that; and a link, which
  // outlives it as the other links do.
  struct Continued {
    Continued() {}
    ~Continued() {}
    bool called = false;
    union {
      Next next;
    };
    WakeLink link;
  };

  union {
    Body body_;
  };
  // Outlive the body: an argument may resolve after a cancelled node.
  [[no_unique_address]] std::tuple<typename Argument<As>::Links...> links_;
  [[no_unique_address]] std::conditional_t<Next::kNone, NoContinuation,
                                           Continued>
      then_;
};

// A node of most graphs is two cache lines.
static_assert(kModelMode ||
              sizeof(AsyncNode<std::negate<int>, Flow<int>>) == 2 * kCacheLine);

}  // namespace weft::dataflow_internal

#endif  // WEFT_DATAFLOW_ASYNC_NODE_H_
