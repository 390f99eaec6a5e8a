// The atomic type of the model checker. Inside an execution each operation is
// explored; outside it is std::atomic's.

#ifndef WEFT_MODEL_ATOMIC_H_
#define WEFT_MODEL_ATOMIC_H_

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <source_location>
#include <thread>
#include <type_traits>
#include <utility>

#include "weft/model/execution.h"
#include "weft/model/wait_queue.h"

namespace weft::model {

namespace model_internal {

/// A std::atomic for types that the processor does not handle without a
/// library: under one lock for all. For use outside executions, where nothing
/// is checked and little happens.
template <class T>
class LockedAtomic {
  using Order = std::memory_order;

 public:
  static constexpr bool is_always_lock_free = false;

  constexpr LockedAtomic(T value) noexcept : value_(value) {}

  bool is_lock_free() const noexcept { return false; }
  T load(Order) const noexcept {
    const std::lock_guard<std::mutex> lock(Lock());
    return value_;
  }
  void store(T value, Order order) noexcept { exchange(value, order); }
  T exchange(T value, Order) noexcept {
    const std::lock_guard<std::mutex> lock(Lock());
    return std::exchange(value_, value);
  }
  bool compare_exchange_strong(T& expected, T desired, Order, Order) noexcept {
    const std::lock_guard<std::mutex> lock(Lock());
    const bool same = std::memcmp(&value_, &expected, sizeof(T)) == 0;
    (same ? value_ : expected) = same ? desired : value_;
    return same;
  }
  void wait(T old, Order order) const noexcept {
    for (T now = load(order); std::memcmp(&now, &old, sizeof(T)) == 0;
         now = load(order)) {
      std::this_thread::yield();
    }
  }
  void notify_one() noexcept {}
  void notify_all() noexcept {}
  bool compare_exchange_weak(T& expected, T desired, Order success,
                             Order failure) noexcept {
    return compare_exchange_strong(expected, desired, success, failure);
  }

 private:
  static std::mutex& Lock() {
    static constinit std::mutex lock;
    return lock;
  }

  alignas(sizeof(T) == 16 ? 16 : alignof(T)) T value_;
};

/// What an Atomic keeps.
template <class T>
using AtomicStorage =
    std::conditional_t<(sizeof(T) <= 8), std::atomic<T>, LockedAtomic<T>>;

}  // namespace model_internal

/// An atomic T, of any trivially copyable type of at most 16 bytes. Each member
/// does what its namesake of std::atomic does. There are no operators: code
/// that relies on them is sequentially consistent without saying so.
///
/// Same size as std::atomic<T>. Within an execution the bytes keep the value of
/// before the execution; the current value is the checker's.
template <class T>
class Atomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 16);

  using Order = std::memory_order;
  using Where = std::source_location;
  // As std::atomic's: code that names no order means the same in both builds.
  static constexpr Order kDefault = std::memory_order_seq_cst;

 public:
  using value_type = T;
  using difference_type =
      std::conditional_t<std::is_pointer_v<T>, std::ptrdiff_t, T>;
  static constexpr bool is_always_lock_free =
      model_internal::AtomicStorage<T>::is_always_lock_free;

  constexpr Atomic(Where where = Where::current()) noexcept(
      std::is_nothrow_default_constructible_v<T>) requires
      std::is_default_constructible_v<T> : storage_(T()) {
    Begin(where);
  }
  constexpr Atomic(T value, Where where = Where::current()) noexcept
      : storage_(value) {
    Begin(where);
  }
  Atomic(const Atomic&) = delete;
  Atomic& operator=(const Atomic&) = delete;

  constexpr ~Atomic() {
    if (std::is_constant_evaluated()) return;
    if (Execution* e = Execution::Current()) {
      e->DestroyAtomic(ref(), Where());
    }
  }

  bool is_lock_free() const noexcept { return storage_.is_lock_free(); }

  T load(Order order = kDefault,
         Where where = Where::current()) const noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.load(order);
    return Decode(
        e->Read({.atomic = ref(), .order = order, .where = where}).value);
  }

  void store(T value, Order order = kDefault,
             Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.store(value, order);
    e->Write(ref(), Encode(value), order, where);
  }

  T exchange(T value, Order order = kDefault,
             Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.exchange(value, order);
    return Modify(e, Op::kExchange, Encode(value), order, where);
  }

  bool compare_exchange_weak(T& expected, T desired, Order success,
                             Order failure,
                             Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) {
      return storage_.compare_exchange_weak(expected, desired, success,
                                            failure);
    }
    return CompareExchange(e, true, expected, desired, success, failure, where);
  }

  bool compare_exchange_weak(T& expected, T desired, Order order = kDefault,
                             Where where = Where::current()) noexcept {
    return compare_exchange_weak(expected, desired, order, ForFailure(order),
                                 where);
  }

  bool compare_exchange_strong(T& expected, T desired, Order success,
                               Order failure,
                               Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) {
      return storage_.compare_exchange_strong(expected, desired, success,
                                              failure);
    }
    return CompareExchange(e, false, expected, desired, success, failure,
                           where);
  }

  bool compare_exchange_strong(T& expected, T desired, Order order = kDefault,
                               Where where = Where::current()) noexcept {
    return compare_exchange_strong(expected, desired, order, ForFailure(order),
                                   where);
  }

  T fetch_add(difference_type n, Order order = kDefault,
              Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.fetch_add(n, order);
    return Modify(e, Op::kAdd, Scaled(n), order, where);
  }

  T fetch_sub(difference_type n, Order order = kDefault,
              Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.fetch_sub(n, order);
    return Modify(e, Op::kSub, Scaled(n), order, where);
  }

  T fetch_and(T bits, Order order = kDefault,
              Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.fetch_and(bits, order);
    return Modify(e, Op::kAnd, Encode(bits), order, where);
  }

  T fetch_or(T bits, Order order = kDefault,
             Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.fetch_or(bits, order);
    return Modify(e, Op::kOr, Encode(bits), order, where);
  }

  T fetch_xor(T bits, Order order = kDefault,
              Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.fetch_xor(bits, order);
    return Modify(e, Op::kXor, Encode(bits), order, where);
  }

  /// Blocks while the value is `old`, until a notification. Without one it does
  /// not look again.
  void wait(T old, Order order = kDefault,
            Where where = Where::current()) const noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.wait(old, order);
    while (Encode(load(order, where)) == Encode(old)) {
      WaitQueue queue(*e, &storage_, where, "atomic wait",
                      WaitQueue::Barrier::kFull);
      if (queue.EnterIf(ref(), Encode(old))) queue.Sleep();
    }
  }

  void notify_one(Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.notify_one();
    WaitQueue(*e, &storage_, where, "notify_one", WaitQueue::Barrier::kFull)
        .Wake(1);
  }

  void notify_all(Where where = Where::current()) noexcept {
    Execution* e = Execution::Current();
    if (e == nullptr) return storage_.notify_all();
    WaitQueue(*e, &storage_, where, "notify_all", WaitQueue::Barrier::kFull)
        .WakeAll();
  }

  /// Names the atomic to the engine. For the checker's own types.
  AtomicRef ref() const { return {&storage_, sizeof(T)}; }

 private:
  static Value Encode(const T& value) {
    Value bits;
    std::memcpy(static_cast<void*>(&bits), &value, sizeof(T));
    return bits;
  }

  static T Decode(const Value& bits) {
    struct Bytes {
      alignas(T) unsigned char data[sizeof(T)];
    } bytes;
    std::memcpy(&bytes, &bits, sizeof(T));
    return std::bit_cast<T>(bytes);
  }

  /// What fetch_add adds to the bits: a pointer moves by whole objects.
  static Value Scaled(difference_type n) {
    if constexpr (std::is_pointer_v<T>) {
      return Value{static_cast<uint64_t>(n) * sizeof(std::remove_pointer_t<T>),
                   0};
    } else {
      return Encode(n);
    }
  }

  /// The failure order that std::atomic derives from a single order: the same
  /// without its release half, since a failure stores nothing.
  static constexpr Order ForFailure(Order order) noexcept {
    if (order == std::memory_order_acq_rel) return std::memory_order_acquire;
    if (order == std::memory_order_release) return std::memory_order_relaxed;
    return order;
  }

  constexpr void Begin(const Where& where) {
    if (std::is_constant_evaluated()) return;
    if (Execution* e = Execution::Current()) e->ConstructAtomic(ref(), where);
  }

  T Modify(Execution* e, Op op, Value operand, Order order,
           const Where& where) {
    const Update update{
        .op = op, .size = sizeof(T), .operand = operand, .expected = {}};
    return Decode(e->Read({.atomic = ref(),
                           .order = order,
                           .update = update,
                           .where = where})
                      .value);
  }

  bool CompareExchange(Execution* e, bool weak, T& expected, T desired,
                       Order success, Order failure, const Where& where) {
    const Update update{.op = Op::kCompareExchange,
                        .size = sizeof(T),
                        .operand = Encode(desired),
                        .expected = Encode(expected)};
    const ReadResult read = e->Read({.atomic = ref(),
                                     .order = success,
                                     .failure_order = failure,
                                     .update = update,
                                     .weak = weak,
                                     .where = where});
    if (!read.wrote) expected = Decode(read.value);
    return read.wrote;
  }

  model_internal::AtomicStorage<T> storage_;
};

/// std::atomic_thread_fence. Order relaxed does nothing.
inline void AtomicThreadFence(
    std::memory_order order,
    std::source_location where = std::source_location::current()) noexcept {
  if (Execution* e = Execution::Current()) {
    e->Fence(order, where);
  } else {
#if defined(__SANITIZE_THREAD__)
    // ThreadSanitizer does not understand fences; a read-modify-write of one
    // word orders at least as much.
    static constinit std::atomic<int> word{0};
    if (order != std::memory_order_relaxed) {
      word.fetch_add(1, std::memory_order_seq_cst);
    }
#else
    std::atomic_thread_fence(order);
#endif
  }
}

}  // namespace weft::model

#endif  // WEFT_MODEL_ATOMIC_H_
