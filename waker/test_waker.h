// For tests: a waker's target that counts what is done to it and may do
// something itself when it is.

#ifndef WEFT_WAKER_TEST_WAKER_H_
#define WEFT_WAKER_TEST_WAKER_H_

#include <functional>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/waker/waker.h"

namespace weft {

/// Something that can be woken. Its wakers point to it, so it must outlive
/// them; its destructor checks that it does. The counters may be read by any
/// thread; the callbacks are set before the first waker is made.
class TestWaker {
 public:
  TestWaker() = default;
  TestWaker(const TestWaker&) = delete;
  TestWaker& operator=(const TestWaker&) = delete;
  ~TestWaker() { Check(alive() == 0, "a waker outlives its target"); }

  Waker Make() {
    alive_.fetch_add(1, std::memory_order_relaxed);
    return Waker(&kVTable, this);
  }

  /// How often a waker of this was called.
  int wakes() const {
    // Acquire: pairs with the release in `Woken`, as the contract of wakers
    // asks: what happened before the wake is visible to whom it wakes.
    return wakes_.load(std::memory_order_acquire);
  }
  /// How often a waker of this was cloned.
  int clones() const { return clones_.load(std::memory_order_relaxed); }
  /// How many wakers of this there are.
  int alive() const {
    // Acquire: pairs with the release in `Gone`: the target may be destroyed
    // when it reads 0.
    return alive_.load(std::memory_order_acquire);
  }

  /// Called in the middle of a clone (may throw), a wake of either kind, and
  /// the dropping of a waker that was not used up by its wake.
  std::function<void()> on_clone = nullptr;
  std::function<void()> on_wake = nullptr;
  std::function<void()> on_drop = nullptr;

 private:
  static TestWaker& Of(void* data) { return *static_cast<TestWaker*>(data); }

  void Woken() noexcept {
    if (on_wake) on_wake();
    // Release: see `wakes`.
    wakes_.fetch_add(1, std::memory_order_release);
  }
  void Gone() noexcept {
    // Release: see `alive`. Acquire is for the thread that reads 0.
    alive_.fetch_sub(1, std::memory_order_release);
  }

  static Waker CloneIt(void* data) {
    TestWaker& it = Of(data);
    it.clones_.fetch_add(1, std::memory_order_relaxed);
    if (it.on_clone) it.on_clone();
    return it.Make();
  }
  static void WakeIt(void* data) noexcept {
    Of(data).Woken();
    Of(data).Gone();
  }
  static void WakeItByRef(void* data) noexcept { Of(data).Woken(); }
  static void DropIt(void* data) noexcept {
    if (Of(data).on_drop) Of(data).on_drop();
    Of(data).Gone();
  }
  static constexpr WakerVTable kVTable = {.clone = CloneIt,
                                          .wake = WakeIt,
                                          .wake_by_ref = WakeItByRef,
                                          .drop = DropIt};

  atomic<int> wakes_{0};
  atomic<int> clones_{0};
  atomic<int> alive_{0};
};

}  // namespace weft

#endif  // WEFT_WAKER_TEST_WAKER_H_
