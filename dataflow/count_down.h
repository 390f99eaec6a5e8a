// How many arguments a flow still waits for, and who may schedule it.

#ifndef WEFT_DATAFLOW_COUNT_DOWN_H_
#define WEFT_DATAFLOW_COUNT_DOWN_H_

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/check.h"

namespace weft::dataflow_internal {

/// What the caller of `CountDown::Arrive` must do next.
enum class ArriveAction {
  kNothing,   ///< others are missing; do not touch the node any more
  kSchedule,  ///< it was the last; the node's queue entry is the caller's
  kRelease,   ///< it was the last, of a node that a canceller has scheduled;
              ///< the arguments' reference to the node is the caller's
};

/// The queue entry of a waiting node belongs to its count: the last arrival
/// takes it, or a canceller who is faster, and nobody else. So an argument
/// costs one subtraction, and a node that waits holds no queue slot.
///
///     bits 0-30  arguments that have not arrived, and the maker until it has
///                connected them
///     bit  31    taken: a canceller has the queue entry
class CountDown {
 public:
  using Word = std::uint32_t;
  static constexpr Word kTaken = Word{1} << 31;
  static constexpr Word kCount = kTaken - 1;

  /// Sets the number of arrivals to come. Only before anybody else knows it.
  void Expect(Word count) {
    DCheck(count <= kCount, "weft: too many arguments");
    word_.store(count, std::memory_order_relaxed);
  }

  /// `n` > 0 of the expected arrivals. Any thread. One subtraction.
  [[nodiscard]] ArriveAction Arrive(Word n = 1) {
    // ORDER(dataflow.count): acq_rel. Pairs with itself: release publishes the
    // argument's outcome and our last use of the node, acquire makes all
    // arguments' visible to the last, who has the node run. Acquire also pairs
    // with Take, whose reference the last one drops.
    const Word old = word_.fetch_sub(n, std::memory_order_acq_rel);
    if ((old & kCount) != n) return ArriveAction::kNothing;
    return old & kTaken ? ArriveAction::kRelease : ArriveAction::kSchedule;
  }

  /// Whether it is still counting. By who may be the last to arrive.
  bool waiting() const {
    // Relaxed: the caller learns of nobody else's arrival by it.
    return (word_.load(std::memory_order_relaxed) & kCount) != 0;
  }

  /// A canceller wants the queue entry. True: it has it, and the last arrival
  /// will drop a reference, which the caller has added before. Any thread that
  /// holds the node. One read-modify-write.
  [[nodiscard]] bool Take() {
    // ORDER(dataflow.count): release. Pairs with Arrive: the reference was
    // added before the last arrival drops it. No acquire: the caller learns
    // nothing of the arguments, and has the node destroyed, not run.
    const Word old = word_.fetch_or(kTaken, std::memory_order_release);
    return (old & kTaken) == 0 && (old & kCount) != 0;
  }

  /// After a Take that succeeded: the canceller does not want it any more. True
  /// if all have arrived meanwhile: it has it all the same. Once, by the
  /// canceller.
  [[nodiscard]] bool GiveBack() {
    // ORDER(dataflow.count): acq_rel. Release pairs with Arrive: our uses of
    // the node come before it is run. Acquire pairs with Arrive, if all have
    // arrived: the node is ours as they left it.
    const Word old = word_.fetch_and(~kTaken, std::memory_order_acq_rel);
    return (old & kCount) == 0;
  }

 private:
  // Written by: the maker, the arguments' resolvers, cancellers.
  atomic<Word> word_{0};
};

static_assert(sizeof(CountDown) == 4);

}  // namespace weft::dataflow_internal

#endif  // WEFT_DATAFLOW_COUNT_DOWN_H_
