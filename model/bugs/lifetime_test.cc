// Bugs of who destroys what, and when: channels, coroutine frames, operation
// states.

#include <gtest/gtest.h>

#include <coroutine>
#include <cstdlib>

#include "weft/model/atomic.h"
#include "weft/model/bugs/corpus.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/spin.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

// --- A channel whose first block is made by the first send. ---

/// The first sender makes a block and installs it at the tail, then at the
/// head. The last receiver discards what is there; who destroys the channel
/// frees the block that is left at the head.
struct Channel {
  struct Block {
    int message = 0;
  };

  Atomic<Block*> head_block{nullptr};
  Atomic<Block*> tail_block{nullptr};
  Atomic<unsigned> tail{0};

  ~Channel() { delete head_block.load(kRelaxed); }

  /// Makes the block, if nobody has yet.
  void Begin() {
    auto* block = new Block;
    Block* expected = nullptr;
    if (tail_block.compare_exchange_strong(expected, block, kRelease,
                                           kRelaxed)) {
      head_block.store(block, kRelease);
    } else {
      delete block;
    }
  }

  void Send() {
    if (tail_block.load(kAcquire) == nullptr) Begin();
    tail_block.load(kAcquire)->message = 1;
    tail.store(1, kRelease);
  }
};

// A second sender finds the block at the tail and sends, while the first has
// not installed it at the head yet. The receiver concludes from the message
// that there is a block.
TEST(Bugs, A04MessageBeforeBlock_crossbeam972) {
  Examine({.source = "crossbeam #972 (#971)",
           .verdict = Verdict::kAssertion,
           .message = "null block"},
          [](bool fixed) {
            Channel channel;
            Thread first([&] { channel.Begin(); });
            Thread second([&] { channel.Send(); });
            if (channel.tail.load(kAcquire) == 1) {
              Channel::Block* block = channel.head_block.load(kAcquire);
              while (fixed && block == nullptr) {
                SpinHint();
                block = channel.head_block.load(kAcquire);
              }
              Assert(block != nullptr, "the receiver uses a null block");
              Assert(block->message == 1);
            }
            first.join();
            second.join();
          });
}

// The receiver takes the block from the head; but when it has to wait for it,
// it only reads it. Then the destructor frees it once more.
TEST(Bugs, A03DiscardReadsBlock_crossbeam1187) {
  Examine({.source = "crossbeam #1187, RUSTSEC-2025-0024",
           .verdict = Verdict::kDoubleFree,
           .message = "freed twice"},
          [](bool fixed) {
            using Block = Channel::Block;
            Channel channel;
            Thread first([&] { channel.Begin(); });
            Thread second([&] { channel.Send(); });
            if (channel.tail.load(kAcquire) == 1) {
              Block* block = channel.head_block.exchange(nullptr, kAcqRel);
              while (block == nullptr) {
                SpinHint();
                block = fixed ? channel.head_block.exchange(nullptr, kAcqRel)
                              : channel.head_block.load(kAcquire);
              }
              delete block;
            }
            first.join();
            second.join();
          });
}

// The receiver looks at the head's block, finds none, and sets it to null when
// it has finished. A block that was installed in between is never freed.
TEST(Bugs, A19DiscardOverwritesBlock_crossbeam1084) {
  Examine({.source = "crossbeam #1084 (rust #121582)",
           .verdict = Verdict::kLeak,
           .message = "a block of 4 bytes"},
          [](bool fixed) {
            Channel channel;
            Thread sender([&] { channel.Begin(); });
            if (fixed) {
              delete channel.head_block.exchange(nullptr, kAcqRel);
            } else {
              Channel::Block* block = channel.head_block.load(kAcquire);
              channel.head_block.store(nullptr, kRelease);
              delete block;
            }
            sender.join();
          });
}

// --- Frames and operation states. ---

// A coroutine says that it is done, and then goes to its final suspension, for
// which it needs its frame. Who waits for it destroys the frame in between.
TEST(Bugs, T14DoneBeforeFinalSuspend_libcoro240) {
  struct Frame {
    Atomic<bool> done{false};
    Cell<int> result{0};
    Cell<int> suspend_point{0};
  };
  Examine({.source = "libcoro #240, #287; TMC #201; stdexec #2041",
           .verdict = Verdict::kDataRace},
          [](bool fixed) {
            auto* frame = new Frame;
            Thread worker([=] {
              frame->result.Set(1);
              if (!fixed) frame->done.store(true, kRelease);
              frame->suspend_point.Set(1, Suspect());
              if (fixed) frame->done.store(true, kRelease);
            });
            const bool destroy = frame->done.load(kAcquire);
            if (destroy) delete frame;
            worker.join();
            if (!destroy) delete frame;
          });
}

/// A coroutine that says in its promise when it is done.
class Task {
 public:
  struct promise_type {
    explicit promise_type(bool suspend_first) : late(suspend_first) {}

    Task get_return_object() {
      return {std::coroutine_handle<promise_type>::from_promise(*this)};
    }
    std::suspend_always initial_suspend() noexcept { return {}; }
    void return_void() noexcept {
      if (!late) done.store(true, kRelease);
    }
    void unhandled_exception() noexcept { std::abort(); }
    auto final_suspend() noexcept {
      struct Awaiter {
        bool await_ready() noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> h) noexcept {
          if (h.promise().late) h.promise().done.store(true, kRelease);
        }
        void await_resume() noexcept {}
      };
      return Awaiter{};
    }

    const bool late;
    Atomic<bool> done{false};
  };

  Task(std::coroutine_handle<promise_type> h) : handle(h) {}

  std::coroutine_handle<promise_type> handle;
};

// Not inlined: a compiler that sees the frame's whole life does not allocate
// it.
[[gnu::noinline]] Task TaskWithLocal(bool suspend_first) {
  (void)suspend_first;
  const Cell<int> local(0);
  co_await std::suspend_always();  // so the local is in the frame
  co_return;  // done; but the local still has to be destroyed
}

// The same with a real coroutine, which says that it is done when it returns
// instead of when it is suspended.
TEST(Bugs, T14DoneBeforeFinalSuspendCoroutine) {
  Examine({.source = "libcoro #240, #287; TMC #201; stdexec #2041",
           .verdict = Verdict::kDataRace},
          [](bool fixed) {
            const Task task = TaskWithLocal(fixed);
            task.handle.resume();
            Thread worker([=] { task.handle.resume(); });
            const bool destroy = task.handle.promise().done.load(kAcquire);
            if (destroy) task.handle.destroy();
            worker.join();
            if (!destroy) task.handle.destroy();
          });
}

// A stop is requested, and all children end inside their callbacks. The last
// one destroys the operation with the list of callbacks that is being walked
// through.
TEST(Bugs, T16ChildrenEndInsideStop_stdexec2115) {
  struct Operation {
    Atomic<int> children{2};
    Cell<int> callbacks_left{2};

    void Arrive() {
      if (children.fetch_sub(1, kAcqRel) == 1) delete this;
    }
  };
  Examine(
      {.source = "stdexec #2115 (1649cf3d)", .verdict = Verdict::kUseAfterFree},
      [](bool fixed) {
        auto* operation = new Operation;
        if (fixed) operation->children.fetch_add(1, kRelaxed);
        while (operation->callbacks_left.Get(Suspect()) > 0) {
          operation->callbacks_left.WithMut([](int& left) { --left; },
                                            Suspect());
          operation->Arrive();  // the child's callback
        }
        if (fixed) operation->Arrive();
      });
}

// The state that a cancelled operation leaves to its child is handed over by a
// relaxed exchange.
TEST(Bugs, T18RelaxedHandOver_folly) {
  Examine({.source = "folly fe27f3930 (detachOnCancel)",
           .verdict = Verdict::kDataRace},
          [](bool fixed) {
            using State = Cell<int>;
            const auto order = fixed ? kAcqRel : kRelaxed;
            Atomic<State*> slot(nullptr);
            Thread child([&] { delete slot.exchange(nullptr, order); });
            auto* state = new State(0, Suspect());
            delete slot.exchange(state, order);
            child.join();
            delete slot.load(kRelaxed);
          });
}

// --- Tasks. ---

// An abort finds the task idle and destroys its future; a worker begins to poll
// it in between. Only who has claimed the task may touch the future.
TEST(Bugs, T4AbortDoesNotClaim_tokio3965) {
  enum : int { kIdle, kRunning, kEnded };
  Examine({.source = "tokio #3965, #3157", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            auto* future = new Cell<int>(0);
            Atomic<int> state(kIdle);
            const auto claim = [&] {
              int expected = kIdle;
              return state.compare_exchange_strong(expected, kRunning, kAcqRel,
                                                   kAcquire);
            };
            Thread worker([&] {
              if (!claim()) return;
              future->Set(1, Suspect());
              if (state.exchange(kEnded, kAcqRel) == kRunning) delete future;
            });
            if (fixed ? claim() : state.load(kAcquire) == kIdle) {
              state.store(kEnded, kRelease);
              delete future;
            }
            worker.join();
          });
}

// A dump of all tasks polls each of them, as if it had been notified for it. If
// the task was already notified and is in a queue, a worker finds it in a state
// that it does not expect.
TEST(Bugs, T12DumpOfNotifiedTask_tokio6051) {
  constexpr int kNotified = 1, kRunning = 2;
  Examine({.source = "tokio #6051, #6194",
           .verdict = Verdict::kAssertion,
           .message = "not notified"},
          [](bool fixed) {
            Atomic<int> state(0);
            const auto run = [&] {
              int old = state.load(kAcquire);
              do {
                Assert((old & kNotified) != 0, "a queued task is not notified");
                if ((old & kRunning) != 0) return;  // it will be run again
              } while (!state.compare_exchange_strong(old, kRunning, kAcqRel,
                                                      kAcquire));
              state.fetch_and(~kRunning, kRelease);
            };
            Thread waker([&] {
              if (state.fetch_or(kNotified, kAcqRel) == 0) run();
            });
            // The dump.
            int old = 0;
            if (!fixed) {
              state.fetch_or(kNotified, kAcqRel);
              run();
            } else if (state.compare_exchange_strong(old, kNotified, kAcqRel,
                                                     kRelaxed)) {
              run();
            }
            waker.join();
          });
}

// A bit says that some worker's slot may hold a task. A searcher looks through
// the slots, finds none, and clears the bit; a task is put into a slot in
// between. Nobody will look for it.
TEST(Bugs, A11BitClearedAfterScan_tokio8071) {
  Examine({.source = "tokio #8071",
           .verdict = Verdict::kAssertion,
           .message = "nobody looks for"},
          [](bool fixed) {
            Atomic<bool> bit(true);  // left by a task that has run
            Atomic<int> slot(0);
            Thread owner([&] {
              slot.store(1, kRelease);
              bit.exchange(true, kAcqRel);
            });
            bool found;
            if (fixed) {
              bit.exchange(false, kAcqRel);
              found = slot.exchange(0, kAcquire) != 0;
            } else {
              found = slot.exchange(0, kAcquire) != 0;
              if (!found) bit.exchange(false, kAcqRel);
            }
            owner.join();
            Assert(found || bit.load(kRelaxed) || slot.load(kRelaxed) == 0,
                   "nobody looks for the task in the slot");
          });
}

}  // namespace
}  // namespace weft::model::bugs
