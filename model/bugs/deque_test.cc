// Bugs of work-stealing deques and of stacks whose places are used again.

#include <gtest/gtest.h>

#include <array>

#include "weft/model/atomic.h"
#include "weft/model/bugs/corpus.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

// --- The deque of Chase and Lev. ---

/// What a correct deque has, each of which a test leaves out.
struct DequeParts {
  bool push_fence = true;     ///< Release, between item and bottom.
  bool take_fence = true;     ///< Seq_cst, between bottom and top.
  bool steal_fence = true;    ///< Seq_cst, between top and bottom.
  bool publish_array = true;  ///< A new array is stored with release.
  bool recheck_array = true;  ///< In a batch, before each claim.
};

/// The orders of Le, Pop, Cohen and Zappa Nardelli (PPoPP 2013). Begins with
/// two places and grows once, to four.
class Deque {
 public:
  static constexpr int kNone = -1;

  explicit Deque(DequeParts parts) : parts_(parts), array_(new Array(2)) {}

  ~Deque() {
    delete array_.load(kRelaxed);
    delete outgrown_;
  }

  void Push(int item) {
    const int b = bottom_.load(kRelaxed);
    const int t = top_.load(kAcquire);
    Array* array = array_.load(kRelaxed);
    if (b - t >= array->capacity) array = Grow(array, t, b);
    array->At(b).store(item, kRelaxed);
    if (parts_.push_fence) AtomicThreadFence(kRelease);
    bottom_.store(b + 1, kRelaxed);
  }

  int Take() {
    const int b = bottom_.load(kRelaxed) - 1;
    Array* array = array_.load(kRelaxed);
    bottom_.store(b, kRelaxed);
    if (parts_.take_fence) AtomicThreadFence(kSc);
    int t = top_.load(kRelaxed);
    if (t > b) {
      bottom_.store(b + 1, kRelaxed);
      return kNone;
    }
    int item = array->At(b).load(kRelaxed);
    if (t == b) {
      if (!top_.compare_exchange_strong(t, t + 1, kSc, kRelaxed)) item = kNone;
      bottom_.store(b + 1, kRelaxed);
    }
    return item;
  }

  int Steal() {
    int t = top_.load(kAcquire);
    if (parts_.steal_fence) AtomicThreadFence(kSc);
    const int b = bottom_.load(kAcquire);
    if (t >= b) return kNone;
    Array* array = array_.load(kAcquire);
    return Claim(array, t, false);
  }

  /// Steals up to `limit` items; hands each to `got`.
  template <class F>
  void StealBatch(int limit, F&& got) {
    int t = top_.load(kAcquire);
    AtomicThreadFence(kSc);
    int b = bottom_.load(kAcquire);
    Array* array = array_.load(kAcquire);
    for (int i = 0; i < limit && t < b; ++i, ++t) {
      const int item = Claim(array, t, parts_.recheck_array);
      if (item == kNone) return;
      got(item);
      AtomicThreadFence(kSc);
      b = bottom_.load(kAcquire);
    }
  }

 private:
  struct Array {
    explicit Array(int n) : capacity(n) {}
    Atomic<int>& At(int i) { return items[static_cast<size_t>(i % capacity)]; }

    const int capacity;
    std::array<Atomic<int>, 4> items;
  };

  // A thief may still look at the old array, so it is kept.
  Array* Grow(Array* old, int t, int b) {
    auto* array = new Array(4);
    for (int i = t; i < b; ++i) {
      array->At(i).store(old->At(i).load(kRelaxed), kRelaxed);
    }
    outgrown_ = old;
    array_.store(array, parts_.publish_array ? kRelease : kRelaxed);
    return array;
  }

  int Claim(Array* array, int t, bool recheck) {
    const int item = array->At(t).load(kRelaxed);
    if (recheck && array_.load(kAcquire) != array) return kNone;
    if (!top_.compare_exchange_strong(t, t + 1, kSc, kRelaxed)) return kNone;
    return item;
  }

  const DequeParts parts_;
  Atomic<int> top_{0};
  Atomic<int> bottom_{0};
  Atomic<Array*> array_;
  Array* outgrown_ = nullptr;
};

/// Items 1, 2, ...: none is seen twice, and none that was never pushed.
class Seen {
 public:
  void Add(int item) {
    if (item == Deque::kNone) return;
    Assert(item > 0, "an item was stolen before it was written");
    Assert(!seen_[item], "an item was taken twice");
    seen_[item] = true;
  }
  void ExpectAll(int count) const {
    for (int item = 1; item <= count; ++item) {
      Assert(seen_[item], "an item was lost");
    }
  }

 private:
  bool seen_[8] = {};
};

// Without a release fence in Push a thief may see the new bottom before the
// item.
TEST(Bugs, N08ChaseLevPushWithoutFence) {
  Examine({.source = "textbook",
           .verdict = Verdict::kAssertion,
           .message = "before it was written"},
          [](bool fixed) {
            Deque deque({.push_fence = fixed});
            int stolen = Deque::kNone;
            Thread thief([&] { stolen = deque.Steal(); });
            deque.Push(1);
            const int taken = deque.Take();
            thief.join();
            Seen seen;
            seen.Add(stolen);
            seen.Add(taken);
          });
}

// The owner takes the second of two items without a compare-exchange, since it
// believes that there are two; a thief steals both.
void TakeAgainstTwoSteals(DequeParts parts) {
  Deque deque(parts);
  deque.Push(1);
  deque.Push(2);
  int stolen[2] = {Deque::kNone, Deque::kNone};
  Thread thief([&] {
    stolen[0] = deque.Steal();
    stolen[1] = deque.Steal();
  });
  const int taken = deque.Take();
  thief.join();
  Seen seen;
  seen.Add(taken);
  seen.Add(stolen[0]);
  seen.Add(stolen[1]);
}

TEST(Bugs, N09ChaseLevTakeWithoutFence) {
  Examine({.source = "textbook",
           .verdict = Verdict::kAssertion,
           .message = "taken twice"},
          [](bool fixed) { TakeAgainstTwoSteals({.take_fence = fixed}); });
}

TEST(Bugs, N09ChaseLevStealWithoutFence) {
  Examine({.source = "textbook",
           .verdict = Verdict::kAssertion,
           .message = "taken twice"},
          [](bool fixed) { TakeAgainstTwoSteals({.steal_fence = fixed}); });
}

// The bug of the paper's own code that CDSChecker found: the array that Push
// grows into is stored relaxed, so that a thief may use it before it is made.
TEST(Bugs, A01ChaseLevResizePublish_ppopp13) {
  Examine({.source = "PPoPP'13 code, found by CDSChecker",
           .verdict = Verdict::kDataRace,
           .message = "before its construction"},
          [](bool fixed) {
            Deque deque({.publish_array = fixed});
            deque.Push(1);
            deque.Push(2);
            int stolen = Deque::kNone;
            Thread thief([&] { stolen = deque.Steal(); });
            deque.Push(3);
            thief.join();
            Seen().Add(stolen);
          });
}

// A thief that steals several items looks up the array once. The owner grows
// into another one meanwhile, and the thief reads a new index in the old array:
// it takes an item for the second time, and the new one is lost.
TEST(Bugs, A02StealBatchFromOldArray_crossbeam726) {
  Examine({.source = "crossbeam #726, CVE-2021-32810",
           .verdict = Verdict::kAssertion,
           .message = "taken twice"},
          [](bool fixed) {
            Deque deque({.recheck_array = fixed});
            deque.Push(1);
            deque.Push(2);
            Seen seen;
            Thread thief([&] {
              deque.StealBatch(3, [&](int item) { seen.Add(item); });
            });
            deque.Push(3);
            thief.join();
            for (int i = 0; i < 3; ++i) seen.Add(deque.Take());
            seen.ExpectAll(3);
          });
}

// --- Stacks. ---

// A stack of indices: between a thread's look at the top and its
// compare-exchange, the top is taken, the next one is taken, and the top is put
// back. The exchange succeeds and installs a node that another thread owns.
TEST(Bugs, N05TreiberIndexAba) {
  constexpr uint32_t kNil = 3;
  Examine({.source = "textbook",
           .verdict = Verdict::kAssertion,
           .message = "owned and in the stack"},
          [](bool fixed) {
            // The head: an index below, a version above.
            Atomic<uint32_t> head(0);
            Atomic<uint32_t> next[2];
            next[0].store(1, kRelaxed);
            next[1].store(kNil, kRelaxed);
            const auto with = [&](uint32_t index, uint32_t old) {
              return index | (fixed ? (old & ~0xffu) + 0x100u : 0u);
            };
            const auto pop = [&]() -> uint32_t {
              uint32_t old = head.load(kAcquire);
              const uint32_t node = old & 0xff;
              if (node == kNil) return kNil;
              const uint32_t below = next[node].load(kRelaxed);
              return head.compare_exchange_strong(old, with(below, old),
                                                  kAcqRel, kRelaxed)
                         ? node
                         : kNil;
            };
            const auto push = [&](uint32_t node) {
              uint32_t old = head.load(kRelaxed);
              do {
                next[node].store(old & 0xff, kRelaxed);
              } while (!head.compare_exchange_strong(old, with(node, old),
                                                     kRelease, kRelaxed));
            };

            bool owned[kNil + 1] = {};
            uint32_t popped = kNil;
            Thread other([&] { popped = pop(); });
            const uint32_t a = pop();
            const uint32_t b = pop();
            if (a != kNil) push(a);
            other.join();
            owned[popped] = owned[b] = true;
            uint32_t node = head.load(kRelaxed) & 0xff;
            for (; node != kNil; node = next[node].load(kRelaxed)) {
              Assert(!owned[node], "a node is owned and in the stack");
            }
          });
}

// The same with pointers: the node that was freed comes back from the allocator
// at the same address. The popper gives its protection up before its
// compare-exchange instead of after it. Found only if addresses are used again.
TEST(Bugs, N05TreiberPointerAba) {
  struct Node {
    explicit Node(Node* below) : next(below) {}
    Cell<Node*> next;
  };
  Examine({.source = "textbook",
           .verdict = Verdict::kUseAfterFree,
           .options = {.reuse_addresses = true}},
          [](bool fixed) {
            Atomic<Node*> head(new Node(new Node(nullptr)));
            Atomic<Node*> hazard(nullptr);
            Node* popped = nullptr;
            Thread popper([&] {
              Node* top = head.load(kAcquire);
              if (top == nullptr) return;
              hazard.store(top, kRelaxed);
              AtomicThreadFence(kSc);
              if (head.load(kAcquire) != top) return;
              Node* below = top->next.Get();
              if (!fixed) hazard.store(nullptr, kRelease);
              Node* expected = top;
              if (head.compare_exchange_strong(expected, below, kAcqRel,
                                               kRelaxed)) {
                popped = top;
              }
              if (fixed) hazard.store(nullptr, kRelease);
            });
            // Takes all, frees what is not protected, and pushes a new node.
            Node* taken = head.exchange(nullptr, kAcqRel);
            AtomicThreadFence(kSc);
            Node* const hazardous = hazard.load(kAcquire);
            bool deferred = false;
            while (taken != nullptr) {
              Node* below = taken->next.Get();
              if (taken == hazardous) {
                deferred = true;
              } else {
                delete taken;
              }
              taken = below;
            }
            head.store(new Node(nullptr), kRelease);
            popper.join();
            if (deferred) delete hazardous;
            delete popped;
            Node* node = head.load(kRelaxed);
            while (node != nullptr) {
              Node* below = node->next.Get(Suspect());
              delete node;
              node = below;
            }
          });
}

}  // namespace
}  // namespace weft::model::bugs
