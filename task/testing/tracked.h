#ifndef WEFT_TASK_TESTING_TRACKED_H_
#define WEFT_TASK_TESTING_TRACKED_H_

#include <functional>
#include <utility>

#include "weft/base/atomic.h"
#include "weft/base/check.h"
#include "weft/task/testing/errors.h"

namespace weft::task_testing {

/// Counts what is made of it and destroyed: shows that a body or a value is
/// destroyed exactly once, and when. Outlives its `Tracked`s.
class Tracker {
 public:
  /// How many `Tracked` own something: made and not moved from nor destroyed.
  int alive() const {
    // ORDER: acquire. Pairs with the release in Die: who sees 0 also sees what
    // the owners did before.
    return alive_.load(std::memory_order_acquire);
  }
  /// How many owners have been destroyed.
  int destroyed() const {
    // ORDER: acquire. As `alive`.
    return destroyed_.load(std::memory_order_acquire);
  }

  /// Called by the destructor of an owner. Set before the first is made.
  std::function<void()> on_destroy = nullptr;
  /// If positive, counted down by each move; the one that reaches 0 throws.
  int throw_at_move = 0;

 private:
  friend class Tracked;

  void Born() { alive_.fetch_add(1, std::memory_order_relaxed); }
  void Die() {
    if (on_destroy) on_destroy();
    // ORDER: release. See alive().
    destroyed_.fetch_add(1, std::memory_order_release);
    alive_.fetch_sub(1, std::memory_order_release);
  }

  atomic<int> alive_{0};
  atomic<int> destroyed_{0};
};

/// A move-only value whose life a Tracker watches. A moved-from one owns
/// nothing and is not counted. A second destruction of the same object ends the
/// program.
class Tracked {
 public:
  explicit Tracked(Tracker& tracker) : tracker_(&tracker) { tracker.Born(); }
  Tracked(Tracked&& other) noexcept(false) : tracker_(other.tracker_) {
    if (tracker_ != nullptr && tracker_->throw_at_move > 0 &&
        --tracker_->throw_at_move == 0) {
      Throw("moved once too often");
    }
    other.tracker_ = nullptr;
  }
  Tracked& operator=(Tracked&&) = delete;
  ~Tracked() {
    Check(magic_ == kAlive, "weft: a Tracked is destroyed twice");
    magic_ = kDead;
    if (tracker_ != nullptr) tracker_->Die();
  }

  /// Whether this owns, that is, was not moved from.
  bool owns() const { return tracker_ != nullptr; }

 private:
  static constexpr unsigned kAlive = 0x600dcafe;
  static constexpr unsigned kDead = 0xdeadbeef;

  Tracker* tracker_;
  volatile unsigned magic_ = kAlive;
};

}  // namespace weft::task_testing

#endif  // WEFT_TASK_TESTING_TRACKED_H_
