// Who waits for a flow: a lock-free list that is closed when it resolves.

#ifndef WEFT_DATAFLOW_DEPENDENTS_H_
#define WEFT_DATAFLOW_DEPENDENTS_H_

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/cell.h"

namespace weft::dataflow_internal {

/// One entry of the list: lies in whoever waits, or is an allocation.
struct Link {
  using Resolved = void (*)(Link* link) noexcept;

  Link() = default;
  explicit Link(Resolved on_resolved) : resolved(on_resolved) {}
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  // Written by: who enters it, before `Add`. Read by: the resolver.
  Cell<Link*> next{nullptr};
  /// Called once, by the resolver, after its last use of the link.
  Resolved resolved = nullptr;
};

/// Entered by anybody, closed once. An entry cannot be taken out: who loses
/// interest leaves its link there until the flow resolves. (A list that allows
/// more is a lock, or hazard pointers, on the path of every node.)
class Dependents {
 public:
  /// Whether the flow is resolved; its outcome is then visible. A load.
  bool resolved() const {
    // ORDER(dataflow.dependents): acquire. Pairs with Resolve: the outcome.
    return head_.load(std::memory_order_acquire) == kResolved;
  }

  /// `link` will be called when the flow resolves. False: it is resolved, its
  /// outcome is visible, the link is the caller's. Any thread. One
  /// compare-and-swap.
  [[nodiscard]] bool Add(Link* link) {
    // ORDER(dataflow.dependents): acquire, here and on failure. Pairs with
    // Resolve: the outcome.
    Word head = head_.load(std::memory_order_acquire);
    do {
      if (head == kResolved) return false;
      link->next.Set(reinterpret_cast<Link*>(head));
      // ORDER(dataflow.dependents): release. Pairs with Resolve: the link.
    } while (!head_.compare_exchange_weak(head, reinterpret_cast<Word>(link),
                                          std::memory_order_release,
                                          std::memory_order_acquire));
    return true;
  }

  /// The outcome is written: closes the list and calls all that is in it, the
  /// last entered first. One read-modify-write and the calls. Once. The caller
  /// keeps this alive.
  void Resolve() noexcept {
    // ORDER(dataflow.dependents): acq_rel. Release pairs with the acquires
    // above: the outcome. Acquire pairs with Add: the links.
    Word head = head_.exchange(kResolved, std::memory_order_acq_rel);
    while (head != 0) {
      Link* const link = reinterpret_cast<Link*>(head);
      // Before the call, after which the link may be gone.
      head = reinterpret_cast<Word>(link->next.Get());
      link->resolved(link);
    }
  }

  /// Resolves a flow that nobody else knows yet.
  void StartResolved() { head_.store(kResolved, std::memory_order_relaxed); }

 private:
  using Word = std::uintptr_t;
  // No link has this address.
  static constexpr Word kResolved = 1;

  // Written by: who enters a link, and the resolver.
  atomic<Word> head_{0};
};

}  // namespace weft::dataflow_internal

#endif  // WEFT_DATAFLOW_DEPENDENTS_H_
