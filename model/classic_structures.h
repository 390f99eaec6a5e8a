// Two well-known lock-free structures, small enough to be explored completely.
// Their numbers of executions are known from other checkers, so they show that
// the search visits each execution once. For tests and benchmarks.

#ifndef WEFT_MODEL_CLASSIC_STRUCTURES_H_
#define WEFT_MODEL_CLASSIC_STRUCTURES_H_

#include <array>
#include <atomic>

#include "weft/model/atomic.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"

namespace weft::model {

/// The work-stealing deque of Chase and Lev with the orders of Lê, Pop, Cohen
/// and Zappa Nardelli ("Correct and efficient work-stealing for weak memory
/// models", PPoPP 2013). Four places, no growth.
class ChaseLevDeque {
 public:
  static constexpr int kEmpty = -1;
  static constexpr int kLost = -2;  ///< Another thread was faster.

  /// Without the release fence in Push a thief may get an unwritten item.
  explicit ChaseLevDeque(bool release_fence = true)
      : release_fence_(release_fence) {}

  void Push(int item) {
    const int b = bottom_.load(std::memory_order_relaxed);
    top_.load(std::memory_order_acquire);
    At(b).store(item, std::memory_order_relaxed);
    if (release_fence_) AtomicThreadFence(std::memory_order_release);
    bottom_.store(b + 1, std::memory_order_relaxed);
  }

  int Take() {
    const int b = bottom_.load(std::memory_order_relaxed) - 1;
    bottom_.store(b, std::memory_order_relaxed);
    AtomicThreadFence(std::memory_order_seq_cst);
    int t = top_.load(std::memory_order_relaxed);
    int item = kEmpty;
    if (t <= b) {
      item = At(b).load(std::memory_order_relaxed);
      if (t == b) {
        if (!top_.compare_exchange_strong(t, t + 1, std::memory_order_seq_cst,
                                          std::memory_order_relaxed)) {
          item = kEmpty;
        }
        bottom_.store(b + 1, std::memory_order_relaxed);
      }
    } else {
      bottom_.store(b + 1, std::memory_order_relaxed);
    }
    return item;
  }

  int Steal() {
    int t = top_.load(std::memory_order_acquire);
    AtomicThreadFence(std::memory_order_seq_cst);
    const int b = bottom_.load(std::memory_order_acquire);
    if (t >= b) return kEmpty;
    const int item = At(t).load(std::memory_order_relaxed);
    if (!top_.compare_exchange_strong(t, t + 1, std::memory_order_seq_cst,
                                      std::memory_order_relaxed)) {
      return kLost;
    }
    return item;
  }

 private:
  Atomic<int>& At(int i) { return items_[static_cast<size_t>(i) % 4]; }

  const bool release_fence_;
  Atomic<int> top_{0};
  Atomic<int> bottom_{0};
  std::array<Atomic<int>, 4> items_;
};

/// The owner pushes 1 and 2 and takes twice, while each thief steals once.
inline void ChaseLevProgram(int thieves, bool release_fence = true) {
  ChaseLevDeque deque(release_fence);
  int got[4] = {-1, -1, -1, -1};
  Thread owner([&] {
    deque.Push(1);
    deque.Push(2);
    got[0] = deque.Take();
    got[1] = deque.Take();
  });
  Thread first([&] { got[2] = deque.Steal(); });
  if (thieves == 2) {
    Thread second([&] { got[3] = deque.Steal(); });
    second.join();
  }
  owner.join();
  first.join();
  int ones = 0, twos = 0;
  for (int item : got) {
    Assert(item != 0, "an item was stolen before it was written");
    ones += item == 1;
    twos += item == 2;
  }
  Assert(ones <= 1 && twos <= 1, "an item was taken twice");
}

/// Vyukov's bounded queue for many producers and consumers, with two places and
/// at most two attempts per operation.
class MpmcQueue {
 public:
  MpmcQueue() { slots_[1].sequence.store(1, std::memory_order_relaxed); }

  bool Push(int item) {
    unsigned position = tail_.load(std::memory_order_relaxed);
    for (int attempt = 0; attempt < 2; ++attempt) {
      Slot& slot = slots_[position & 1];
      const unsigned sequence = slot.sequence.load(std::memory_order_acquire);
      const int ahead = static_cast<int>(sequence - position);
      if (ahead < 0) return false;
      if (ahead > 0) {
        position = tail_.load(std::memory_order_relaxed);
      } else if (tail_.compare_exchange_strong(position, position + 1,
                                               std::memory_order_relaxed)) {
        slot.item.Set(item);
        slot.sequence.store(position + 1, std::memory_order_release);
        return true;
      }
    }
    return false;
  }

  bool Pop(int& item) {
    unsigned position = head_.load(std::memory_order_relaxed);
    for (int attempt = 0; attempt < 2; ++attempt) {
      Slot& slot = slots_[position & 1];
      const unsigned sequence = slot.sequence.load(std::memory_order_acquire);
      const int ahead = static_cast<int>(sequence - (position + 1));
      if (ahead < 0) return false;
      if (ahead > 0) {
        position = head_.load(std::memory_order_relaxed);
      } else if (head_.compare_exchange_strong(position, position + 1,
                                               std::memory_order_relaxed)) {
        item = slot.item.Get();
        slot.sequence.store(position + 2, std::memory_order_release);
        return true;
      }
    }
    return false;
  }

 private:
  struct Slot {
    Atomic<unsigned> sequence{0};
    Cell<int> item{0};
  };

  Slot slots_[2];
  Atomic<unsigned> tail_{0};
  Atomic<unsigned> head_{0};
};

/// Two producers of one item each; one consumer that pops twice or two that pop
/// once.
inline void MpmcProgram(int consumers) {
  MpmcQueue queue;
  Thread p1([&] { queue.Push(1); });
  Thread p2([&] { queue.Push(2); });
  const auto pop = [&] {
    int item;
    queue.Pop(item);
  };
  if (consumers == 1) {
    Thread c([&] {
      pop();
      pop();
    });
    c.join();
  } else {
    Thread c1(pop);
    Thread c2(pop);
    c1.join();
    c2.join();
  }
  p1.join();
  p2.join();
}

}  // namespace weft::model

#endif  // WEFT_MODEL_CLASSIC_STRUCTURES_H_
