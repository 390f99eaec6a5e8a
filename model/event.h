// One event of an execution graph, and what it may do to a value.

#ifndef WEFT_MODEL_EVENT_H_
#define WEFT_MODEL_EVENT_H_

#include <atomic>
#include <bit>
#include <cstdint>
#include <source_location>

#include "weft/model/clock.h"

namespace weft::model {

/// The bytes of an atomic's value, at most 16, the rest zero.
struct Value {
  uint64_t low = 0;
  uint64_t high = 0;

  friend constexpr bool operator==(const Value&, const Value&) = default;
};

/// What a read-modify-write writes, as a function of what it reads. The engine
/// knows the function, so that it can compute the written half without running
/// the program.
enum class Op : uint8_t {
  kNone,  ///< A plain read.
  kExchange,
  kAdd,
  kSub,
  kAnd,
  kOr,
  kXor,
  kCompareExchange,  ///< Writes only if it read `expected`.
  kClearBits,        ///< Clears as many of the bits set as the operand says;
                     ///< which ones is a variant.
};

/// A read-modify-write function with its operands.
struct Update {
  Op op = Op::kNone;
  uint8_t size = 8;  ///< Bytes of the value: arithmetic wraps there.
  Value operand;
  Value expected;  ///< Of kCompareExchange.

  friend constexpr bool operator==(const Update&, const Update&) = default;
};

/// The number of ways to choose k of n things; n is small.
constexpr int WaysToChoose(int n, int k) {
  if (k > n) return 0;
  int ways = 1;
  for (int i = 0; i < k; ++i) ways = ways * (n - i) / (i + 1);
  return ways;
}

/// The `which`-th way to choose `count` of the bits set, all if there are
/// fewer.
constexpr uint64_t ChooseBits(uint64_t bits, int count, int which) {
  uint64_t chosen = 0;
  while (count > 0 && bits != 0) {
    const int rest = std::popcount(bits) - 1;
    // The ways that take the lowest bit come first.
    const int with_lowest = WaysToChoose(rest, count - 1);
    if (rest < count || which < with_lowest) {
      chosen |= bits & -bits;
      --count;
    } else {
      which -= with_lowest;
    }
    bits &= bits - 1;
  }
  return chosen;
}

/// What `update` writes if it reads `old`. Not for a failing kCompareExchange.
/// `variant` says which bits kClearBits clears.
constexpr Value Apply(const Update& update, Value old, int variant = 0) {
  const Value by = update.operand;
  Value result = old;
  switch (update.op) {
    case Op::kNone:
      break;
    case Op::kExchange:
    case Op::kCompareExchange:
      return by;
    case Op::kAdd:
      result.low = old.low + by.low;
      break;
    case Op::kSub:
      result.low = old.low - by.low;
      break;
    case Op::kAnd:
      result.low = old.low & by.low;
      break;
    case Op::kOr:
      result.low = old.low | by.low;
      break;
    case Op::kXor:
      result.low = old.low ^ by.low;
      break;
    case Op::kClearBits:
      result.low =
          old.low & ~ChooseBits(old.low, static_cast<int>(by.low), variant);
      break;
  }
  if (update.size < 8) result.low &= (uint64_t{1} << (8 * update.size)) - 1;
  return result;
}

/// What a blocking read waits for: (value & mask) equal, or not, to operand.
struct Condition {
  enum class Kind : uint8_t { kNone, kEqual, kNotEqual };

  /// What happens if it waits for ever.
  enum class GiveUp : uint8_t {
    kNever,      ///< A deadlock.
    kElsewhere,  ///< Nothing: in another execution the time-out was chosen.
    kWhenStuck,  ///< It times out when no thread can go on otherwise.
  };

  Kind kind = Kind::kNone;
  GiveUp give_up = GiveUp::kNever;
  uint64_t mask = ~uint64_t{0};
  uint64_t operand = 0;
  int64_t deadline = 0;  ///< Of kWhenStuck: the earliest gives up first.

  constexpr bool active() const { return kind != Kind::kNone; }

  constexpr bool Holds(Value value) const {
    return kind == Kind::kNone ||
           ((value.low & mask) == operand) == (kind == Kind::kEqual);
  }

  friend constexpr bool operator==(const Condition&,
                                   const Condition&) = default;
};

enum class EventKind : uint8_t {
  kInit,     ///< The initial value of a location; in lane kInitLane.
  kRead,     ///< A load, or the first half of a read-modify-write.
  kWrite,    ///< A store, or the second half of a read-modify-write.
  kFence,    ///< A memory fence.
  kCreate,   ///< The start of a thread; `value.low` is its lane.
  kJoin,     ///< The wait for the end of a thread; `value.low` is its lane.
  kChoice,   ///< A decision of the test: `value.low` of `update.operand.low`.
  kTimeout,  ///< After a blocked read, or a turn of a loop that sleeps: no
             ///< thread could go on, so time passed.
};

/// One step of one thread. The events of a thread, in order, are its part of
/// the graph; the clocks are those of the point right after the event.
struct Event {
  VectorClock hb;       ///< What happens before, the event itself included.
  VectorClock prefix;   ///< What program order and reads-from put before it.
  VectorClock message;  ///< Writes: what a reader that acquires learns.
  VectorClock pending;  ///< What an acquire fence after this event will learn.

  Value value;          ///< Read, written or chosen.
  Update update;        ///< Of a read: the read-modify-write it belongs to.
  Condition condition;  ///< Of a blocking read.
  std::source_location where;
  const char* label = nullptr;  ///< What the user called ("lock"), if it was
                                ///< not an operation of an atomic; "" for the
                                ///< inside of such a call. Static.
  int64_t time = 0;  ///< The thread's virtual time when it came here, in
                     ///< nanoseconds.

  uint32_t stamp = 0;  ///< The order in which events were added to the graph.
  EventId rf;          ///< Of a read: the write that it reads from.
  int16_t location = -1;
  int16_t release_fence = -1;  ///< Index of the thread's last release fence.

  EventKind kind = EventKind::kFence;
  std::memory_order order = std::memory_order_relaxed;
  std::memory_order success_order = std::memory_order_relaxed;
  std::memory_order failure_order = std::memory_order_relaxed;

  bool rmw = false;      ///< Half of a read-modify-write that did write.
  bool weak = false;     ///< A compare-exchange that may fail for no reason.
  bool blocked = false;  ///< A blocking read whose condition fails.
  bool silent = false;   ///< Neither acquires nor releases, whatever its order.
  bool causal = false;   ///< Reads nothing older than its prefix (a futex's
                         ///< look at its word, which is under a lock).
  uint16_t variant = 0;  ///< Which of several effects of one read; see
                         ///< Variants().

  bool is_read() const { return kind == EventKind::kRead; }
  bool is_write() const { return kind == EventKind::kWrite; }
};

/// How many effects a read of `value` may have: a weak compare-exchange may
/// fail for no reason (variant 1), and kClearBits may clear any of the bits.
constexpr int Variants(const Event& read, Value value) {
  if (read.weak) return value == read.update.expected ? 2 : 1;
  if (read.update.op != Op::kClearBits) return 1;
  const int count = static_cast<int>(read.update.operand.low);
  const int set = std::popcount(value.low);
  return count < set ? WaysToChoose(set, count) : 1;
}

/// Whether an operation of this order acquires.
constexpr bool IsAcquire(std::memory_order order) {
  return order == std::memory_order_acquire ||
         order == std::memory_order_consume ||
         order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

/// Whether an operation of this order releases.
constexpr bool IsRelease(std::memory_order order) {
  return order == std::memory_order_release ||
         order == std::memory_order_acq_rel ||
         order == std::memory_order_seq_cst;
}

}  // namespace weft::model

#endif  // WEFT_MODEL_EVENT_H_
