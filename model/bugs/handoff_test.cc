// Bugs of hand-overs from thread to thread: a node of a queue, or a lock.

#include <gtest/gtest.h>

#include <array>

#include "weft/model/atomic.h"
#include "weft/model/bugs/corpus.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/spin.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

// --- Queues of linked nodes. ---

struct Node {
  explicit Node(int v) : next(nullptr, Suspect()), value(v, Suspect()) {}

  Atomic<Node*> next;
  Cell<int> value;
};

void DeleteAll(Node* node) {
  while (node != nullptr) {
    Node* next = node->next.load(kRelaxed);
    delete node;
    node = next;
  }
}

/// The queue of Michael and Scott. Its first node is a dummy. Nodes stay until
/// the end, so that nothing but the orders can be wrong.
class MsQueue {
 public:
  MsQueue(std::memory_order tail_load, std::memory_order head_exchange)
      : tail_load_(tail_load), head_exchange_(head_exchange) {}
  ~MsQueue() { DeleteAll(first_); }

  void Push(int value) {
    auto* node = new Node(value);
    for (;;) {
      Node* tail = tail_.load(tail_load_);
      Node* next = tail->next.load(kAcquire, Suspect());
      if (next == nullptr &&
          tail->next.compare_exchange_strong(next, node, kRelease, kAcquire)) {
        tail_.compare_exchange_strong(tail, node, kRelease, kRelaxed);
        return;
      }
      tail_.compare_exchange_strong(tail, next, kRelease, kRelaxed);
    }
  }

  /// 0: empty, or another thread was faster.
  int Pop() {
    Node* head = head_.load(kAcquire);
    Node* next = head->next.load(kAcquire, Suspect());
    if (next == nullptr ||
        !head_.compare_exchange_strong(head, next, head_exchange_, kRelaxed)) {
      return 0;
    }
    return next->value.Take();
  }

 private:
  const std::memory_order tail_load_;
  const std::memory_order head_exchange_;
  Node* const first_ = new Node(0);
  Atomic<Node*> head_{first_};
  Atomic<Node*> tail_{first_};
};

// The tail is loaded relaxed, so that the node it points to may not be visible.
TEST(Bugs, A05MsQueueRelaxedTail_crossbeam100) {
  Examine({.source = "crossbeam #100, #132", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            MsQueue queue(fixed ? kAcquire : kRelaxed, kAcqRel);
            Thread other([&] { queue.Push(1); });
            queue.Push(2);
            other.join();
            Assert(queue.Pop() + queue.Pop() == 3, "a value was lost");
          });
}

// The head is moved with acquire only. Who loads the head then has no edge to
// the thread that made the node.
TEST(Bugs, A06MsQueueHeadWithoutRelease_libcds186) {
  Examine(
      {.source = "libcds #186, found by GenMC", .verdict = Verdict::kDataRace},
      [](bool fixed) {
        MsQueue queue(kAcquire, fixed ? kAcqRel : kAcquire);
        Thread pusher([&] { queue.Push(1); });
        int popped = 0;
        Thread popper([&] { popped = queue.Pop(); });
        popped += queue.Pop();
        pusher.join();
        popper.join();
        Assert(popped == 0 || popped == 1);
      });
}

// Pushers take tickets. Whose turn it is says a counter, and the first
// allocates the page for all; the second reads the counter relaxed and uses the
// page before it is visible.
TEST(Bugs, A07PageUnderRelaxedCounter_onetbb782) {
  using Page = std::array<Cell<int>, 2>;
  Examine({.source = "oneTBB #782", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Atomic<unsigned> tickets(0), turn(0);
            Cell<Page*> page(nullptr);
            const auto push = [&] {
              const unsigned ticket = tickets.fetch_add(1, kRelaxed);
              if (turn.load(fixed ? kAcquire : kRelaxed) != ticket) return;
              if (ticket == 0) page.Set(new Page, Suspect());
              (*page.Get(Suspect()))[ticket].Set(1, Suspect());
              turn.store(ticket + 1, kRelease);
            };
            Thread other(push);
            push();
            other.join();
            delete page.Get();
          });
}

// Two threads push once and then pop once, so neither should find the queue
// empty. But one that sees that an item was popped, with a relaxed load, need
// not see all that were pushed before.
TEST(Bugs, A07PopMissesPush_onetbb782) {
  Examine(
      {.source = "oneTBB #782, second part",
       .verdict = Verdict::kAssertion,
       .message = "looks empty"},
      [](bool fixed) {
        const auto see = fixed ? kAcquire : kRelaxed;
        Atomic<int> pushed(0), popped(0);
        const auto push_and_pop = [&] {
          pushed.fetch_add(1, kRelaxed);
          int k = popped.load(see);
          do {
            Assert(pushed.load(kRelaxed) > k, "the queue looks empty");
          } while (!popped.compare_exchange_strong(k, k + 1, kRelease, see));
        };
        Thread other(push_and_pop);
        push_and_pop();
        other.join();
      });
}

// The tail is at the same time the lock of the poppers: an exchange with null
// takes it, a store gives it back. Without acquire the next popper does not see
// the node that it got.
TEST(Bugs, A12TailAsLockWithoutAcquire_spmc11) {
  Examine({.source = "spmc #11 (#10), found by Loom",
           .verdict = Verdict::kDataRace},
          [](bool fixed) {
            Atomic<Node*> tail(new Node(0));
            Node* last = tail.load(kRelaxed);
            int popped[2] = {};
            const auto pop = [&](int me) {
              Node* node = tail.exchange(nullptr, fixed ? kAcquire : kRelaxed);
              if (node == nullptr) return;  // another popper has it
              Node* next = node->next.load(kAcquire, Suspect());
              tail.store(next == nullptr ? node : next, kRelease);
              if (next == nullptr) return;
              popped[me] = node->value.Take(Suspect());
              delete node;
            };
            Thread sender([&] {
              auto* end = new Node(0);
              last->value.Set(1, Suspect());
              last->next.store(end, kRelease);
            });
            Thread other([&] { pop(1); });
            pop(0);
            sender.join();
            other.join();
            Assert(popped[0] + popped[1] <= 1, "popped twice");
            DeleteAll(tail.load(kRelaxed));
          });
}

// --- Locks. ---

/// Two threads go once each through the lock, with a node of their own.
template <class Lock>
void GoThrough(Lock& lock) {
  typename Lock::Node nodes[2];
  Cell<int> inside(0);
  const auto go = [&](int me) {
    lock.Acquire(nodes[me]);
    inside.Set(me, Suspect());
    lock.Release(nodes[me]);
  };
  Thread other([&] { go(1); });
  go(0);
  other.join();
}

/// The queue lock of Mellor-Crummey and Scott: a thread links its node behind
/// the last one and waits until its predecessor calls it.
class McsLock {
 public:
  struct Node {
    Atomic<Node*> next{nullptr};
    Atomic<bool> waiting{false};
  };

  explicit McsLock(std::memory_order link) : link_(link) {}

  void Acquire(Node& node) {
    node.waiting.store(true, kRelaxed);
    Node* before = last_.exchange(&node, kAcqRel);
    if (before == nullptr) return;
    before->next.store(&node, link_);
    while (node.waiting.load(kAcquire, Suspect())) SpinHint();
  }

  void Release(Node& node) {
    Node* expected = &node;
    if (last_.compare_exchange_strong(expected, nullptr, kRelease, kRelaxed)) {
      return;
    }
    Node* next;
    while ((next = node.next.load(kAcquire, Suspect())) == nullptr) SpinHint();
    next->waiting.store(false, kRelease);
  }

 private:
  const std::memory_order link_;
  Atomic<Node*> last_{nullptr};
};

// The link is stored relaxed. The predecessor's call may then come before the
// store with which the successor says that it waits, and be overwritten.
TEST(Bugs, A14McsRelaxedLink) {
  Examine({.source = "textbook", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            McsLock lock(fixed ? kRelease : kRelaxed);
            GoThrough(lock);
          });
}

/// The queue lock of Craig, Landin and Hagersten: a thread waits at the node of
/// its predecessor.
class ClhLock {
 public:
  struct Node {
    Atomic<bool> held{false};
  };

  explicit ClhLock(std::memory_order exchange) : exchange_(exchange) {}

  void Acquire(Node& node) {
    node.held.store(true, kRelaxed);
    Node* before = last_.exchange(&node, exchange_);
    while (before->held.load(kAcquire)) SpinHint();
  }

  void Release(Node& node) { node.held.store(false, kRelease); }

 private:
  const std::memory_order exchange_;
  Node free_;
  Atomic<Node*> last_{&free_};
};

// The exchange is relaxed: the successor may see its predecessor's node as it
// was before the predecessor came.
TEST(Bugs, A14ClhRelaxedExchange) {
  Examine({.source = "textbook", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            ClhLock lock(fixed ? kAcqRel : kRelaxed);
            GoThrough(lock);
          });
}

/// A word with a bit for the owner and one for the first who waits, as before
/// the queue in a queued spin lock.
class PendingLock {
 public:
  struct Node {};

  PendingLock(std::memory_order hand_over, bool atomic_release)
      : hand_over_(hand_over), atomic_release_(atomic_release) {}

  void Acquire(Node&) {
    int old = 0;
    if (word_.compare_exchange_strong(old, kOwned, kAcquire, kRelaxed)) return;
    old = word_.fetch_or(kPending, kAcquire);
    if ((old & kOwned) != 0) {
      while ((word_.load(hand_over_) & kOwned) != 0) SpinHint();
    }
    old = word_.fetch_add(kOwned - kPending, kRelaxed);
    Assert(old == kPending, "the pending bit was lost");
  }

  void Release(Node&) {
    if (atomic_release_) {
      word_.fetch_sub(kOwned, kRelease);
    } else {
      word_.store(word_.load(kRelaxed) & ~kOwned, kRelease);
    }
  }

 private:
  static constexpr int kOwned = 1, kPending = 2;

  const std::memory_order hand_over_;
  const bool atomic_release_;
  Atomic<int> word_{0};
};

// Who waits with the pending bit sees the lock free, but with a relaxed load.
TEST(Bugs, A15PendingBitRelaxedHandOver) {
  Examine({.source = "after the queued spin lock of Linux",
           .verdict = Verdict::kDataRace},
          [](bool fixed) {
            PendingLock lock(fixed ? kAcquire : kRelaxed, true);
            GoThrough(lock);
          });
}

// The owner gives the lock back by a load and a store. A pending bit that was
// set in between is lost.
TEST(Bugs, A15PendingBitOverwritten) {
  Examine({.source = "after the queued spin lock of Linux",
           .verdict = Verdict::kAssertion,
           .message = "pending bit was lost"},
          [](bool fixed) {
            PendingLock lock(kAcquire, fixed);
            GoThrough(lock);
          });
}

}  // namespace
}  // namespace weft::model::bugs
