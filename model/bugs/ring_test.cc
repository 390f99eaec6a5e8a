// Bugs of bounded rings that are stolen from, and of counters that share a
// word.

#include <gtest/gtest.h>

#include <cstdint>

#include "weft/model/atomic.h"
#include "weft/model/bugs/corpus.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

// --- A ring of two places whose head is two indices. ---

struct Head {
  unsigned steal = 0;
  unsigned real = 0;
};

/// The owner pushes and pops; one thief at a time steals half. A thief claims
/// items by moving `real`, copies them, and then lets go of their places by
/// moving `steal`.
class Ring {
 public:
  static constexpr unsigned kPlaces = 2;
  static constexpr int kNone = 0;

  /// By the owner. False if there is no place. `room_by_steal` is right: places
  /// that a thief still copies from are not free.
  bool Push(int item, bool room_by_steal = true) {
    const unsigned tail = tail_.load(kRelaxed);
    const Head head = head_.load(kAcquire);
    if (tail - (room_by_steal ? head.steal : head.real) >= kPlaces) {
      return false;
    }
    At(tail).Set(item, Suspect());
    tail_.store(tail + 1, kRelease);
    return true;
  }

  /// By the owner.
  int Pop() {
    const unsigned tail = tail_.load(kRelaxed);
    Head head = head_.load(kAcquire);
    Head next;
    do {
      if (head.real == tail) return kNone;
      next.real = head.real + 1;
      next.steal = head.steal == head.real ? next.real : head.steal;
    } while (!head_.compare_exchange_strong(head, next, kAcqRel, kAcquire));
    return At(head.real).Take(Suspect());
  }

  /// By the owner of `to`. Returns how many items it moved. `look_for_thief` is
  /// right: `to` may look empty to its owner while a thief copies from it.
  unsigned StealInto(Ring& to, bool look_for_thief = true) {
    const unsigned to_tail = to.tail_.load(kRelaxed);
    if (look_for_thief &&
        to_tail - to.head_.load(kAcquire).steal > kPlaces / 2) {
      return 0;
    }
    Head head = head_.load(kAcquire);
    Head claimed;
    unsigned count;
    do {
      if (head.steal != head.real) return 0;  // another thief is at work
      const unsigned all = tail_.load(kAcquire) - head.real;
      count = all - all / 2;
      if (count == 0) return 0;
      claimed = {.steal = head.steal, .real = head.real + count};
    } while (!head_.compare_exchange_strong(head, claimed, kAcqRel, kAcquire));
    for (unsigned i = 0; i < count; ++i) {
      const int item = At(head.real + i).Take(Suspect());
      to.At(to_tail + i).Set(item, Suspect());
    }
    Head done;
    do {
      done = {.steal = claimed.real, .real = claimed.real};
    } while (!head_.compare_exchange_strong(claimed, done, kAcqRel, kAcquire));
    to.tail_.store(to_tail + count, kRelease);
    return count;
  }

 private:
  Cell<int>& At(unsigned index) { return slots_[index % kPlaces]; }

  Atomic<Head> head_;
  Atomic<unsigned> tail_{0};
  Cell<int> slots_[kPlaces];
};

/// Each of the items 1 to `count` is added exactly once.
class Tally {
 public:
  void Add(int item) {
    if (item != Ring::kNone) sum_ += 1 << (4 * item);
  }
  void AddAll(Ring& ring) {
    for (unsigned i = 0; i < Ring::kPlaces; ++i) Add(ring.Pop());
  }
  void ExpectEach(int count) const {
    int expected = 0;
    for (int item = 1; item <= count; ++item) expected += 1 << (4 * item);
    Assert(sum_ == expected, "an item was lost or seen twice");
  }

 private:
  int sum_ = 0;
};

// A ring is stolen from while its owner, to whom it looks empty, steals into
// it: the owner overwrites a place that the thief has not copied yet.
TEST(Bugs, A08StealIntoWhileStolenFrom_tokio2382) {
  Examine({.source = "tokio #2382, second bug of #2387",
           .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Ring mine, other, thiefs;
            mine.Push(1);
            mine.Push(2);
            other.Push(3);
            other.Push(4);
            Thread thief([&] { mine.StealInto(thiefs); });
            Tally tally;
            tally.AddAll(mine);
            other.StealInto(mine, fixed);
            thief.join();
            tally.AddAll(mine);
            tally.AddAll(other);
            tally.AddAll(thiefs);
            tally.ExpectEach(4);
          });
}

// The owner pushes into a full ring while a thief copies from it. Counted from
// `real`, there is room already.
TEST(Bugs, Q6PushOverStolenPlace) {
  Examine({.source = "tokio's steal_overflow", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Ring ring, thiefs;
            ring.Push(1);
            ring.Push(2);
            Thread thief([&] { ring.StealInto(thiefs); });
            int overflow = Ring::kNone;
            if (!ring.Push(3, fixed)) overflow = 3;
            thief.join();
            Tally tally;
            tally.Add(overflow);
            tally.AddAll(ring);
            tally.AddAll(thiefs);
            tally.ExpectEach(3);
          });
}

// --- Indices. ---

// An index that represents no more values than there are places cannot tell a
// full ring from an empty one.
TEST(Bugs, Q2IndexAsNarrowAsRing_tokio2387) {
  Examine({.source = "tokio #2387, first bug",
           .verdict = Verdict::kAssertion,
           .message = "looks empty"},
          [](bool fixed) {
            const unsigned mask = fixed ? 7 : 3;
            Atomic<unsigned> head(0), tail(0);
            Thread owner([&] {
              for (int i = 0; i < 4; ++i) {
                const unsigned t = tail.load(kRelaxed);
                if (((t - head.load(kAcquire)) & mask) == 4) return;
                tail.store((t + 1) & mask, kRelease);
              }
            });
            owner.join();
            Assert(tail.load(kRelaxed) != head.load(kRelaxed),
                   "a full ring looks empty");
          });
}

// Indices are compared by size instead of by difference: once the tail has
// wrapped, the consumer believes the ring to be empty.
TEST(Bugs, Q4IndicesCompared_tokio2361) {
  Examine({.source = "tokio #2361, #2362",
           .verdict = Verdict::kAssertion,
           .message = "never taken"},
          [](bool fixed) {
            Cell<int> slots[2];
            Atomic<uint8_t> tail(254);
            uint8_t head = 254;
            int taken = 0;
            const auto drain = [&] {
              const uint8_t end = tail.load(kAcquire);
              while (fixed ? head != end : head < end) {
                taken += slots[head % 2].Get();
                ++head;
              }
            };
            Thread producer([&] {
              for (uint8_t i = 254; i != 0; ++i) {
                slots[i % 2].Set(1);
                tail.store(static_cast<uint8_t>(i + 1), kRelease);
              }
            });
            drain();
            producer.join();
            drain();
            Assert(taken == 2, "an item was never taken");
          });
}

// While a thief waits between its look at the head and its compare-exchange, so
// much is pushed and popped that the head has the same value again. The thief
// steals from an empty ring.
TEST(Bugs, A20RingIndexAba_tokio5041) {
  Examine({.source = "tokio #5041",
           .verdict = Verdict::kAssertion,
           .message = "from an empty ring"},
          [](bool fixed) {
            const unsigned mask = fixed ? 255 : 3;
            Atomic<unsigned> head(0), tail(2);
            const auto pop = [&] {
              unsigned h = head.load(kAcquire);
              while (h != tail.load(kRelaxed) &&
                     !head.compare_exchange_strong(h, (h + 1) & mask, kAcqRel,
                                                   kAcquire)) {
              }
            };
            const auto push = [&] {
              tail.store((tail.load(kRelaxed) + 1) & mask, kRelease);
            };
            Thread thief([&] {
              unsigned h = head.load(kAcquire);
              if (h == tail.load(kAcquire)) return;
              head.compare_exchange_strong(h, (h + 1) & mask, kAcqRel,
                                           kRelaxed);
            });
            for (int round = 0; round < 2; ++round) {
              pop();
              pop();
              if (round == 0) {
                push();
                push();
              }
            }
            thief.join();
            const unsigned count =
                (tail.load(kRelaxed) - head.load(kRelaxed)) & mask;
            Assert(count <= 2, "an item was stolen from an empty ring");
          });
}

// --- Counters that share a word. ---

// The number of blocking tasks lies below the number of permits. The task is
// published before it is counted; a fast worker counts it down first, and the
// number borrows from its neighbour.
TEST(Bugs, L9PackedCounterBorrows_kotlin3642) {
  constexpr unsigned kTask = 1, kPermit = 1u << 8;
  Examine({.source = "kotlinx.coroutines #3642, #3684",
           .verdict = Verdict::kAssertion,
           .message = "lost a permit"},
          [](bool fixed) {
            Atomic<unsigned> control(2 * kPermit);
            Atomic<bool> queued(false);
            Thread worker([&] {
              if (!queued.load(kAcquire)) return;
              control.fetch_sub(kTask, kRelaxed);
              Assert(control.load(kRelaxed) / kPermit == 2,
                     "the counter below lost a permit");
            });
            if (fixed) control.fetch_add(kTask, kRelaxed);
            queued.store(true, kRelease);
            if (!fixed) control.fetch_add(kTask, kRelaxed);
            worker.join();
            Assert(control.load(kRelaxed) >= 2 * kPermit);
          });
}

}  // namespace
}  // namespace weft::model::bugs
