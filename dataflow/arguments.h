// What an argument of Async may be, one answer for each kind: whom it waits
// for, and what the function gets of it.

#ifndef WEFT_DATAFLOW_ARGUMENTS_H_
#define WEFT_DATAFLOW_ARGUMENTS_H_

#include <cstddef>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "weft/dataflow/flow.h"
#include "weft/dataflow/node.h"

namespace weft::dataflow_internal {

/// Has `node` wait for `flow`; false if that is resolved. The last thing that
/// may be done with the node, if nothing else keeps it from running.
template <class T>
bool Connect(const Flow<T>& flow, Link& link, FlowNode& node) {
  link.waiter = &node;
  return flow.node()->dependents().Add(&link);
}

/// An argument of type `A`, decayed. Here: a plain value, which is moved.
///   Links             the place of its links in the node
///   Prepare(a, links) before the argument is moved to its place; may throw
///   kFlows            how many flows it has, or -1 if Flows(a) knows
///   ConnectAll(...)   enters a link for each; returns how many found their
///                     flow resolved
///   FirstFailed(a, f) calls f(flow) for its first flow that has no value, if
///                     there is one; returns whether there was
///   Pass(a)           a tuple of what the function gets
template <class A>
struct Argument {
  static constexpr int kFlows = 0;
  struct Links {};
  static void Prepare(const A&, Links&) {}
  static std::size_t Flows(const A&) { return 0; }
  static std::size_t ConnectAll(const A&, Links&, FlowNode&) { return 0; }
  template <class F>
  static bool FirstFailed(const A&, F&&) {
    return false;
  }
  static std::tuple<A&&> Pass(A& a) { return std::tuple<A&&>(std::move(a)); }
};

/// A flow: the function gets a reference to the value; of a Flow<void> nothing.
template <class T>
struct Argument<Flow<T>> {
  static constexpr int kFlows = 1;
  using Links = Link;
  static void Prepare(const Flow<T>&, Links&) {}
  static std::size_t Flows(const Flow<T>&) { return 1; }
  static std::size_t ConnectAll(const Flow<T>& flow, Links& link,
                                FlowNode& node) {
    return Connect(flow, link, node) ? 0 : 1;
  }
  template <class F>
  static bool FirstFailed(const Flow<T>& flow, F&& found) {
    if (flow.ok()) [[likely]] {
      return false;
    }
    found(flow);
    return true;
  }
  static auto Pass(const Flow<T>& flow) {
    if constexpr (std::is_void_v<T>) {
      return std::tuple<>();
    } else {
      return std::tuple<const T&>(flow.value());
    }
  }
};

/// Flows whose number is known at run time: the function gets the vector, with
/// all of them resolved. One allocation more, of the links.
template <class T>
struct Argument<std::vector<Flow<T>>> {
  static constexpr int kFlows = -1;
  using Vector = std::vector<Flow<T>>;
  using Links = std::unique_ptr<Link[]>;
  static void Prepare(const Vector& flows, Links& links) {
    links = std::make_unique<Link[]>(flows.size());
  }
  static std::size_t Flows(const Vector& flows) { return flows.size(); }
  static std::size_t ConnectAll(const Vector& flows, Links& links,
                                FlowNode& node) {
    std::size_t resolved = 0;
    for (std::size_t i = 0; i < flows.size(); ++i) {
      if (!Connect(flows[i], links[i], node)) ++resolved;
    }
    return resolved;
  }
  template <class F>
  static bool FirstFailed(const Vector& flows, F&& found) {
    for (const Flow<T>& flow : flows) {
      if (!flow.ok()) {
        found(flow);
        return true;
      }
    }
    return false;
  }
  static std::tuple<const Vector&> Pass(const Vector& flows) {
    return std::tuple<const Vector&>(flows);
  }
};

/// All that a function of type `F` gets from arguments of types `As`.
template <class F, class... As>
using CallResult = decltype(std::apply(
    std::declval<F&&>(),
    std::tuple_cat(Argument<As>::Pass(std::declval<As&>())...)));

}  // namespace weft::dataflow_internal

#endif  // WEFT_DATAFLOW_ARGUMENTS_H_
