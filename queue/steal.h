// What a steal from a local queue can come back with. "Nothing there" and
// "somebody was in the way" are different answers: a searcher that saw only
// kEmpty may go to sleep, one that saw kBusy should look again once.
// (crossbeam-deque's Steal type is the model for saying so in the type.)

#ifndef WEFT_QUEUE_STEAL_H_
#define WEFT_QUEUE_STEAL_H_

#include <cstdint>

namespace weft {

enum class StealStatus : uint8_t {
  /// At least one item now belongs to the thief.
  kTook,
  /// The victim had no more than the items it was to be left with.
  kEmpty,
  /// There was something to take, but another thief was at work on this victim.
  /// Not an invitation to loop: a caller that retries bounds its retries, for
  /// the other thief may be suspended (known bug: a `while (busy) steal()` loop
  /// spins for as long as that lasts).
  kBusy,
};

/// Result of a steal. A plain value.
template <class T>
struct Steal {
  StealStatus status = StealStatus::kEmpty;
  /// The oldest of the items taken, for the thief to run now. Null unless
  /// kTook.
  T* item = nullptr;
  /// How many items were taken, `item` included; the other count - 1 are in the
  /// thief's own queue, in order. 0 unless kTook.
  uint32_t count = 0;

  bool took() const { return status == StealStatus::kTook; }
};

/// Upper bound a worker should pass as `max_take`: it bounds the time for which
/// one thief keeps others off a victim to the copy of 32 pointers (four cache
/// lines at each end). Chosen by BM_RingQueue_StealBatch.
inline constexpr uint32_t kMaxStealBatch = 32;

}  // namespace weft

#endif  // WEFT_QUEUE_STEAL_H_
