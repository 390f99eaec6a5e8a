// Who waits for a flow: a lock-free list that is closed when it resolves; and
// who frees the flow.

#ifndef WEFT_DATAFLOW_DEPENDENTS_H_
#define WEFT_DATAFLOW_DEPENDENTS_H_

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/cell.h"

namespace weft::dataflow_internal {

class FlowNode;

/// One entry of the list: an argument of `waiter`, in which it lies; or, if
/// that is null, a CallLink.
struct Link {
  Link() = default;
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Written by: who enters it, before `Add`. Read by: the resolver.
  Cell<Link*> next{nullptr};
  FlowNode* waiter = nullptr;
};

/// An entry that calls a function: once, by the resolver, after its last use of
/// the link.
struct CallLink : Link {
  using Resolved = void (*)(CallLink* link) noexcept;

  explicit CallLink(Resolved on_resolved) : resolved(on_resolved) {}

  const Resolved resolved;
};

/// Entered by anybody, closed once. An entry cannot be taken out: who loses
/// interest leaves its link there until the flow resolves. (A list that allows
/// more is a lock, or hazard pointers, on the path of every node.)
///
/// The word also says who frees the flow, so that resolving one costs one
/// read-modify-write and no reference: the last who holds it; or, if it was not
/// resolved then, the resolver, to whom that reference was left.
///
///     bit  0   resolved: nothing else is left of the list
///     bit  1   left: a reference belongs to the resolver
///     others   the entry that was entered last
class Dependents {
 public:
  /// `left`: the resolver has a reference from the beginning.
  explicit Dependents(bool left = false) : head_(left ? kLeft : 0) {}

  /// Whether the flow is resolved; its outcome is then visible. A load.
  bool resolved() const {
    // ORDER(dataflow.dependents): acquire. Pairs with Close: the outcome, and
    // the resolver's last use of the flow, for who frees it.
    return head_.load(std::memory_order_acquire) & kResolved;
  }

  /// `link` will be called when the flow resolves. False: it is resolved, its
  /// outcome is visible, the link is the caller's. Any thread. One
  /// compare-and-swap.
  [[nodiscard]] bool Add(Link* link) {
    // ORDER(dataflow.dependents): acquire, here and on failure. Pairs with
    // Close: the outcome.
    Word head = head_.load(std::memory_order_acquire);
    do {
      if (head & kResolved) return false;
      link->next.Set(First(head));
      // ORDER(dataflow.dependents): release. Pairs with Close: the link.
    } while (!head_.compare_exchange_weak(
        head, reinterpret_cast<Word>(link) | (head & kLeft),
        std::memory_order_release, std::memory_order_acquire));
    return true;
  }

  /// The caller's is the only reference to the flow. True: it is resolved, and
  /// the caller's to free. False: the reference is the resolver's from here on.
  /// Once, and not if it was left from the beginning. One read-modify-write.
  [[nodiscard]] bool Leave() {
    // ORDER(dataflow.dependents): acq_rel. Release pairs with Close: all that
    // was done with the flow comes before the resolver frees it. Acquire pairs
    // with Close, too: what the resolver did comes before the caller frees it.
    return head_.fetch_or(kLeft, std::memory_order_acq_rel) & kResolved;
  }

  /// What was there when the list was closed.
  struct Closed {
    Link* first;
    bool left;  ///< a reference is the resolver's
  };

  /// The outcome is written: closes the list. Once. If no reference was left,
  /// the flow may be gone when this returns. One read-modify-write.
  [[nodiscard]] Closed Close() {
    // ORDER(dataflow.dependents): acq_rel. Release pairs with the acquires
    // above: the outcome, and our last use of the flow. Acquire pairs with Add,
    // the links, and with Leave.
    const Word head = head_.exchange(kResolved, std::memory_order_acq_rel);
    return {First(head), (head & kLeft) != 0};
  }

  /// Resolves a flow that nobody else knows yet.
  void StartResolved() { head_.store(kResolved, std::memory_order_relaxed); }

 private:
  using Word = std::uintptr_t;
  static constexpr Word kResolved = 1;
  static constexpr Word kLeft = 2;
  static_assert(alignof(Link) > (kResolved | kLeft));

  static Link* First(Word head) {
    return reinterpret_cast<Link*>(head & ~(kResolved | kLeft));
  }

  // Written by: who enters a link, the last holder, and the resolver.
  atomic<Word> head_;
};

static_assert(sizeof(Dependents) == sizeof(void*));

}  // namespace weft::dataflow_internal

#endif  // WEFT_DATAFLOW_DEPENDENTS_H_
