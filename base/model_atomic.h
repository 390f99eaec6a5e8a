// weft::atomic<T> of model mode: std::atomic<T> with a perturbation before each
// operation (base/perturb.h) and spurious failures of compare_exchange_weak.
// Same values, same orders, worse luck. Include base/atomic.h, never this.
//
// No operators, on purpose: code that relies on them would be sequentially
// consistent without saying so, and fails to compile here.

#ifndef WEFT_BASE_MODEL_ATOMIC_H_
#define WEFT_BASE_MODEL_ATOMIC_H_

#include <atomic>
#include <cstddef>
#include <type_traits>

#include "weft/base/perturb.h"

#if defined(WEFT_MODEL_MODE) && WEFT_MODEL_MODE

namespace weft {
inline namespace model_mode {

/// An atomic T; each member does what its namesake of std::atomic does, with
/// the same default order, after a perturbation. Any thread. Same size and
/// representation as std::atomic<T>, so that a futex can wait on one.
template <class T>
class atomic {
  using Order = std::memory_order;
  // The default order is std::atomic's: sequentially consistent, so that code
  // which names no order means the same in both builds. Pairs with whatever the
  // caller pairs it with.
  static constexpr Order kDefault = std::memory_order_seq_cst;

 public:
  using value_type = T;
  using difference_type =
      std::conditional_t<std::is_pointer_v<T>, std::ptrdiff_t, T>;
  static constexpr bool is_always_lock_free =
      std::atomic<T>::is_always_lock_free;

  constexpr atomic() noexcept(std::is_nothrow_default_constructible_v<T>) =
      default;
  constexpr atomic(T value) noexcept : value_(value) {}
  atomic(const atomic&) = delete;
  atomic& operator=(const atomic&) = delete;

  T load(Order order = kDefault) const noexcept {
    base_internal::Perturb();
    return value_.load(order);
  }

  void store(T value, Order order = kDefault) noexcept {
    base_internal::Perturb();
    value_.store(value, order);
  }

  T exchange(T value, Order order = kDefault) noexcept {
    base_internal::Perturb();
    return value_.exchange(value, order);
  }

  bool compare_exchange_weak(T& expected, T desired, Order success,
                             Order failure) noexcept {
    base_internal::Perturb();
    if (base_internal::PerturbChance()) {
      // A spurious failure: what a lost reservation does on other processors.
      expected = value_.load(failure);
      return false;
    }
    return value_.compare_exchange_weak(expected, desired, success, failure);
  }

  bool compare_exchange_weak(T& expected, T desired,
                             Order order = kDefault) noexcept {
    return compare_exchange_weak(expected, desired, order, ForFailure(order));
  }

  bool compare_exchange_strong(T& expected, T desired, Order success,
                               Order failure) noexcept {
    base_internal::Perturb();
    return value_.compare_exchange_strong(expected, desired, success, failure);
  }

  bool compare_exchange_strong(T& expected, T desired,
                               Order order = kDefault) noexcept {
    return compare_exchange_strong(expected, desired, order, ForFailure(order));
  }

  T fetch_add(difference_type n, Order order = kDefault) noexcept {
    base_internal::Perturb();
    return value_.fetch_add(n, order);
  }

  T fetch_sub(difference_type n, Order order = kDefault) noexcept {
    base_internal::Perturb();
    return value_.fetch_sub(n, order);
  }

  T fetch_and(T bits, Order order = kDefault) noexcept {
    base_internal::Perturb();
    return value_.fetch_and(bits, order);
  }

  T fetch_or(T bits, Order order = kDefault) noexcept {
    base_internal::Perturb();
    return value_.fetch_or(bits, order);
  }

  T fetch_xor(T bits, Order order = kDefault) noexcept {
    base_internal::Perturb();
    return value_.fetch_xor(bits, order);
  }

 private:
  /// The failure order that std::atomic derives from a single order: the same
  /// without its release half, since a failure stores nothing.
  static constexpr Order ForFailure(Order order) noexcept {
    if (order == std::memory_order_acq_rel) return std::memory_order_acquire;
    if (order == std::memory_order_release) return std::memory_order_relaxed;
    return order;
  }

  static_assert(sizeof(std::atomic<T>) >= sizeof(T));

  std::atomic<T> value_;
};

static_assert(sizeof(atomic<unsigned>) == sizeof(unsigned));

}  // namespace model_mode
}  // namespace weft

#endif  // model mode

#endif  // WEFT_BASE_MODEL_ATOMIC_H_
