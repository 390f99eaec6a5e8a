// What the model tests wake: a thread that sleeps on a word, and a waker for it
// that is an allocation of its own.

#ifndef WEFT_WAKER_MODEL_PARKER_H_
#define WEFT_WAKER_MODEL_PARKER_H_

#include <cstdint>

#include "weft/base/atomic.h"
#include "weft/base/futex.h"
#include "weft/waker/waker.h"

namespace weft::waker_testing {

/// A thread's parking place; a wake that is lost leaves it there, which the
/// checker reports as a deadlock. Acquires what its wakers did before.
class ModelParker {
 public:
  ModelParker() = default;
  ModelParker(const ModelParker&) = delete;
  ModelParker& operator=(const ModelParker&) = delete;

  /// A waker that owns memory: one that is dropped twice or never, or used
  /// after it was dropped, is found. No two of them are equal.
  Waker MakeWaker() { return Waker(&kVTable, new Target{this}); }

  /// Until a wake has come since the last Park. The owner.
  void Park() {
    // Acquire: pairs with Unpark, as the contract of wakers asks.
    while (word_.exchange(0, std::memory_order_acquire) == 0) {
      FutexWait(word_, 0);
    }
  }

  /// Whether a wake has come since the last Park. The owner.
  bool woken() const { return word_.load(std::memory_order_relaxed) != 0; }

 private:
  struct Target {
    ModelParker* parker;
  };

  void Unpark() noexcept {
    // Release: pairs with Park.
    word_.exchange(1, std::memory_order_release);
    FutexWake(word_, 1);
  }

  static Target* Of(void* data) { return static_cast<Target*>(data); }
  static Waker Clone(void* data) { return Of(data)->parker->MakeWaker(); }
  static void Wake(void* data) noexcept {
    Of(data)->parker->Unpark();
    delete Of(data);
  }
  static void WakeByRef(void* data) noexcept { Of(data)->parker->Unpark(); }
  static void Drop(void* data) noexcept { delete Of(data); }
  static constexpr WakerVTable kVTable = {
      .clone = Clone, .wake = Wake, .wake_by_ref = WakeByRef, .drop = Drop};

  atomic<std::uint32_t> word_{0};
};

}  // namespace weft::waker_testing

#endif  // WEFT_WAKER_MODEL_PARKER_H_
