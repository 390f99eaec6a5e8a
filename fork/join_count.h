// JoinCount: how a coroutine that has forked finds out that its children have
// ended, without a read-modify-write unless somebody has stolen from it.

#ifndef WEFT_FORK_JOIN_COUNT_H_
#define WEFT_FORK_JOIN_COUNT_H_

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/cell.h"

namespace weft::fork_internal {

/// Counts, for one coroutine (the parent), the forks from which it was stolen
/// and the children of those forks that have arrived, which is to say ended.
///
/// A fork whose parent was not stolen needs no counting: the worker has run the
/// child to its end, and goes on with the parent. So the parent alone knows how
/// many it waits for, in a plain number that whoever resumes it writes; and one
/// atomic number, which begins at zero, is lowered by each child that arrives
/// and raised by the parent, once, when it has nothing else to do. Whoever
/// brings it to zero from above, or from below, is last, and goes on with the
/// parent.
///
/// Wait-free; one read-modify-write for each stolen fork and one for the join.
///
/// Source: Nowa (IPDPS 2021), libfork.
class JoinCount {
 public:
  /// A thief has the parent: one child more will arrive. By whoever runs the
  /// parent, as are all but `Arrive`.
  void AddStolen() {
    stolen_.WithMut([](std::int32_t& n) { ++n; });
  }

  /// Whether children may be running. If not, there is nothing to join.
  bool Outstanding() const { return stolen_.Get() != 0; }

  /// A child has ended whose parent was stolen. True: it was the last, the
  /// parent waits, and the caller goes on with it. False: nothing that belongs
  /// to the parent may be touched any more, the child's own frame included.
  [[nodiscard]] bool Arrive() {
    // ORDER(fork.join): release publishes the child's result, to the parent or
    // through the other children's read-modify-writes to the last of them;
    // acquire, for the last: the results of the others, and the parent's frame
    // as it was left in Join.
    return pending_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  /// The parent, suspended, waits for what is outstanding. True: all is there,
  /// go on. False: the last child goes on with it, maybe already; it must not
  /// be touched any more.
  [[nodiscard]] bool Join() {
    const std::int32_t stolen = stolen_.Get();
    // ORDER(fork.join): acquire. Pairs with Arrive. All are there, and so
    // nobody else has the word: no read-modify-write.
    if (pending_.load(std::memory_order_acquire) == -stolen) {
      pending_.store(0, std::memory_order_relaxed);
      return true;
    }
    // ORDER(fork.join): release publishes the suspended frame to the last
    // child; acquire pairs with Arrive.
    return pending_.fetch_add(stolen, std::memory_order_acq_rel) == -stolen;
  }

  /// After a join: nothing is outstanding.
  void Reset() { stolen_.Set(0); }

 private:
  // Written and read by whoever runs the parent; the deque publishes it.
  Cell<std::int32_t> stolen_{0};
  // Written by children that arrive, and by Join. Negative: so many have
  // arrived before the parent waits. Positive: so many are missing while it
  // does.
  atomic<std::int32_t> pending_{0};
};

}  // namespace weft::fork_internal

#endif  // WEFT_FORK_JOIN_COUNT_H_
