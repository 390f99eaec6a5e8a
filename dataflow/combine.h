// Then, WhenAll, WhenAny and Map: what can be said with Async and flows alone.
// All are called on a worker, and run on its pool.

#ifndef WEFT_DATAFLOW_COMBINE_H_
#define WEFT_DATAFLOW_COMBINE_H_

#include <cstddef>
#include <memory>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/dataflow/async.h"
#include "weft/dataflow/flow.h"
#include "weft/task/task.h"

namespace weft {

/// `Async(function, flow)`, for those who read from left to right.
template <class T, class F>
auto Then(Flow<T> flow, F&& function) {
  return Async(std::forward<F>(function), std::move(flow));
}

/// All values together, as copies: a flow of a tuple. Without a value if one of
/// them has none, when all are resolved: see AsyncOn.
template <class... Ts>
Flow<std::tuple<Ts...>> WhenAll(Flow<Ts>... flows) {
  static_assert((!std::is_void_v<Ts> && ...),
                "weft: WhenAll of a Flow<void>; put those in a vector");
  return Async([](const Ts&... values) { return std::tuple<Ts...>(values...); },
               std::move(flows)...);
}

/// The same for any number of flows: a flow of a vector, or of nothing if these
/// are flows of nothing.
template <class T>
auto WhenAll(std::vector<Flow<T>> flows) {
  return Async(
      [](const std::vector<Flow<T>>& resolved) {
        if constexpr (!std::is_void_v<T>) {
          std::vector<T> values;
          values.reserve(resolved.size());
          for (const Flow<T>& flow : resolved) values.push_back(flow.value());
          return values;
        }
      },
      std::move(flows));
}

/// What WhenAny found: which of the flows, and that flow.
template <class T>
struct AnyFlow {
  std::size_t index;
  Flow<T> flow;
};

namespace dataflow_internal {

// Resolved by the first who comes, cancelled if all are gone.
template <class T>
class FirstOf {
 public:
  void Resolve(std::size_t index, const Flow<T>& flow) {
    // Relaxed: decides who uses the promise, which nobody has used before.
    if (!taken_.exchange(true, std::memory_order_relaxed)) {
      promise_.Resolve(AnyFlow<T>{index, flow});
    }
  }
  Flow<AnyFlow<T>> flow() const { return promise_.flow(); }

 private:
  atomic<bool> taken_{false};
  FlowPromise<AnyFlow<T>> promise_;
};

}  // namespace dataflow_internal

/// The first flow that resolves with a value. Those that fail are passed over;
/// if all do, or there is none, it resolves as cancelled. The others go on. Two
/// allocations, and one for each flow.
template <class T>
Flow<AnyFlow<T>> WhenAny(std::vector<Flow<T>> flows) {
  auto first = std::make_shared<dataflow_internal::FirstOf<T>>();
  Flow<AnyFlow<T>> any = first->flow();
  for (std::size_t i = 0; i < flows.size(); ++i) {
    // The flow is an argument to be waited for, and one of a vector to be kept
    // as it is; a failed one drops its share of `first`.
    (void)Async(
        [first, i](const std::vector<Flow<T>>& one) {
          first->Resolve(i, one.front());
        },
        std::vector<Flow<T>>{std::move(flows[i])});
  }
  return any;
}

namespace dataflow_internal {

template <class R>
using MapResult = std::conditional_t<std::is_void_v<R>, void, std::vector<R>>;

template <class R>
struct MapResults {
  using Type = std::vector<R>;
  static void Add(Type& results, const Flow<R>& flow) {
    results.push_back(flow.value());
  }
};
template <>
struct MapResults<void> {
  using Type = std::monostate;
  static void Add(Type&, const Flow<void>&) {}
};

template <class Range, class F, class R>
Task<Flow<MapResult<R>>> MapTask(Range range, std::size_t limit, F function) {
  typename MapResults<R>::Type results{};
  // The newest `limit` calls, each at its number modulo `limit`.
  std::vector<Flow<R>> window(limit);
  std::size_t started = 0;
  std::size_t taken = 0;
  auto next = std::ranges::begin(range);
  const auto end = std::ranges::end(range);
  for (;;) {
    const bool more = next != end;
    if (!more && taken == started) break;
    if (!more || started - taken == limit) {
      Flow<R>& oldest = window[taken % limit];
      co_await oldest.Settled();
      if (!oldest.ok()) {
        co_return MakeFailedFlow<MapResult<R>>(oldest.exception());
      }
      MapResults<R>::Add(results, oldest);
      oldest = Flow<R>();
      ++taken;
    } else {
      window[started % limit] = Async(function, *next);
      ++next;
      ++started;
    }
  }
  if constexpr (std::is_void_v<R>) {
    co_return MakeFlowOf<void>();
  } else {
    co_return MakeFlow(std::move(results));
  }
}

}  // namespace dataflow_internal

/// `Async(function, element)` for each element of `range`, of which at most
/// `limit` > 0 are between their start and the end of the oldest among them:
/// so memory is bounded, however long the range (which may be a view that makes
/// its elements as they are asked for). An element may be a flow.
///
/// A flow of the results as a vector, in order; of nothing if `function`
/// returns nothing. If a call has no value, no more are started, and the flow
/// has the outcome of the first such in order.
///
/// `range` and `function` are moved, or copied if they are lvalues; `function`
/// is copied for each call.
template <std::ranges::input_range Range, class F>
auto Map(Range&& range, std::size_t limit, F&& function) {
  using Element = std::decay_t<std::ranges::range_reference_t<Range>>;
  using Call = decltype(Async(std::declval<std::decay_t<F>&>(),
                              std::declval<Element>()));
  using R = typename Call::value_type;
  Check(limit > 0, "weft: Map with a limit of 0");
  return Async(
      [](std::decay_t<Range> r, std::size_t n, std::decay_t<F> f) {
        return dataflow_internal::MapTask<std::decay_t<Range>, std::decay_t<F>,
                                          R>(std::move(r), n, std::move(f));
      },
      std::forward<Range>(range), limit, std::forward<F>(function));
}

}  // namespace weft

#endif  // WEFT_DATAFLOW_COMBINE_H_
