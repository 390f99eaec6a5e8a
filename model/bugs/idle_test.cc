// The lost wake-up between a worker that goes to sleep and a thread that brings
// work, in the forms that it has had. The worker announces that it sleeps and
// looks for work once more; the other one brings the work and looks for
// sleepers. Each must see the other's store if the other misses its own.

#include <gtest/gtest.h>

#include <cstdint>

#include "weft/model/atomic.h"
#include "weft/model/bugs/corpus.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/futex.h"
#include "weft/model/mutex.h"
#include "weft/model/park.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

// All that the variants of the protocol's two sides differ in.
struct IdleParts {
  bool worker_fence = true;
  bool submit_fence = true;
};

void IdleProtocol(IdleParts parts) {
  Atomic<bool> work(false);
  Atomic<int> sleepers(0);
  Parker parker;
  Thread worker([&] {
    sleepers.fetch_add(1, kRelease);
    if (parts.worker_fence) AtomicThreadFence(kSc);
    if (work.load(kAcquire)) return;
    parker.Park(Suspect());
    Assert(work.load(kAcquire), "woken for nothing");
  });
  work.store(true, kRelease);
  if (parts.submit_fence) AtomicThreadFence(kSc);
  if (sleepers.load(kAcquire) > 0) parker.Unpark();
  worker.join();
}

// No fence on either side.
TEST(Bugs, N07IdleParkLostWakeup_affinitypool21) {
  Examine(
      {.source = "affinitypool #21, silk #76", .verdict = Verdict::kDeadlock},
      [](bool fixed) {
        IdleProtocol({.worker_fence = fixed, .submit_fence = fixed});
      });
}

// A fence on the worker's side only.
TEST(Bugs, N07IdleParkSubmitWithoutFence) {
  Examine({.source = "textbook", .verdict = Verdict::kDeadlock},
          [](bool fixed) { IdleProtocol({.submit_fence = fixed}); });
}

// A fence on the submitter's side only.
TEST(Bugs, N07IdleParkWorkerWithoutFence) {
  Examine({.source = "textbook", .verdict = Verdict::kDeadlock},
          [](bool fixed) { IdleProtocol({.worker_fence = fixed}); });
}

// The submitter's look at the sleepers is a seq_cst load. Since its store to
// the queue is not seq_cst, that orders nothing; an addition of 0 does, as both
// sides then modify one word.
TEST(Bugs, N07IdleParkLostWakeup_tokio1768) {
  Examine({.source = "tokio #1768, #1788", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Atomic<bool> work(false);
            Atomic<int> sleepers(0);
            Parker parker;
            Thread worker([&] {
              sleepers.fetch_add(1, kSc);
              if (!work.load(kAcquire)) parker.Park(Suspect());
            });
            work.store(true, kRelease);
            const int sleeping =
                fixed ? sleepers.fetch_add(0, kSc) : sleepers.load(kSc);
            if (sleeping > 0) parker.Unpark();
            worker.join();
          });
}

// The notifier's read-modify-write of the flag is no fence: its relaxed look at
// the waiters may still come before.
TEST(Bugs, N07ExchangeIsNoFence_onetbb2136) {
  Examine({.source = "oneTBB #2136", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Atomic<bool> locked(true);
            Atomic<int> waiters(0);
            Parker parker;
            Thread waiter([&] {
              waiters.fetch_add(1, kRelaxed);
              AtomicThreadFence(kSc);
              if (locked.load(kRelaxed)) parker.Park(Suspect());
            });
            locked.exchange(false, kAcqRel);
            if (fixed) AtomicThreadFence(kSc);
            if (waiters.load(kRelaxed) > 0) parker.Unpark();
            waiter.join();
          });
}

/// A lot where workers sleep on a word that each signal changes. A worker reads
/// the word, looks for work, counts itself among the waiters, and sleeps if the
/// word is the same.
void ParkingLot(bool always_signal, bool fences) {
  Atomic<bool> work(false);
  Atomic<uint32_t> signals(0);
  Atomic<int> waiters(0);
  Thread worker([&] {
    for (;;) {
      const uint32_t seen = signals.load(kAcquire);
      if (work.load(kAcquire)) return;
      waiters.fetch_add(1, kRelaxed);
      if (fences) AtomicThreadFence(kSc);
      FutexWait(signals, seen, Suspect());
      waiters.fetch_sub(1, kRelaxed);
    }
  });
  work.store(true, kRelease);
  if (always_signal || waiters.load(kRelaxed) > 0) {
    signals.fetch_add(1, kRelease);
    if (fences) AtomicThreadFence(kSc);
    if (waiters.load(kRelaxed) > 0) FutexWake(signals, 1);
  }
  worker.join();
}

// The signal leaves the word as it is when nobody waits; but somebody may have
// read the word and be about to wait.
TEST(Bugs, W7SignalWithoutSequence_brpc2916) {
  Examine({.source = "brpc #2916", .verdict = Verdict::kDeadlock},
          [](bool fixed) { ParkingLot(fixed, true); });
}

// The word is always changed, but the two counters are not ordered.
TEST(Bugs, W7WaiterCountRelaxed_brpc3539) {
  Examine({.source = "brpc #3539", .verdict = Verdict::kDeadlock},
          [](bool fixed) { ParkingLot(true, fixed); });
}

// A submitter wakes nobody while some worker still searches. The last one to
// search must look again after it has said that it does not search any more.
TEST(Bugs, W4LastSearcherDoesNotRecheck_go45867) {
  Examine({.source = "Go #45867", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Atomic<bool> work(false);
            Atomic<int> searching(1);
            Parker parker;
            Thread worker([&] {
              if (work.load(kSc)) return;
              searching.fetch_sub(1, kSc);
              if (fixed && work.load(kSc)) return;
              parker.Park(Suspect());
            });
            work.store(true, kSc);
            if (searching.load(kSc) == 0) parker.Unpark();
            worker.join();
          });
}

// A worker is in the stack of sleepers and says that it is parked. A waker
// takes it from the stack and is slow. The worker sees that it was taken, looks
// for work, goes into the stack again and parks; then the waker claims it and
// unparks it. The worker sees itself in the stack and parks again, still
// claimed: the next waker takes it from the stack, but cannot claim it.
TEST(Bugs, W6ReparkWhileClaimed_kotlin2381) {
  enum : int { kRunning, kParked, kClaimed };
  Examine({.source = "kotlinx.coroutines #2381", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Atomic<int> work(0);
            Atomic<bool> in_stack(false);
            Atomic<int> state(kRunning);
            Parker parker;
            Thread worker([&] {
              for (int done = 0;;) {
                done += work.exchange(0, kSc);
                if (done == 2) return;
                if (!in_stack.load(kSc)) {
                  in_stack.store(true, kSc);
                  continue;
                }
                state.store(kParked, kSc);
                while (in_stack.load(kSc) &&
                       (!fixed || state.load(kSc) == kParked)) {
                  parker.Park(Suspect());
                }
              }
            });
            for (int i = 0; i < 2; ++i) {
              work.fetch_add(1, kSc);
              int expected = kParked;
              if (in_stack.exchange(false, kSc) &&
                  state.compare_exchange_strong(expected, kClaimed, kSc)) {
                parker.Unpark();
              }
            }
            worker.join();
          });
}

// The queue has a lock of its own, and the idle threads are counted under
// another one. A thread finds the queue empty; a task is queued, and nobody is
// idle who had to be woken; then the thread becomes idle.
TEST(Bugs, A10LostSpawn_tokio8056) {
  Examine({.source = "tokio #8056, #8067", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Mutex shard, pool;
            CondVar wake;
            Cell<int> queue(0);
            Cell<bool> notified(false);
            Atomic<int> idle(0);
            const auto take = [&] {
              MutexLock lock(shard);
              const bool found = queue.Get() > 0;
              if (found) queue.Set(0);
              return found;
            };
            Thread thread([&] {
              if (take()) return;
              MutexLock lock(pool);
              idle.fetch_add(1, kSc);
              if (fixed && take()) return;
              while (!notified.Get()) wake.wait(lock, Suspect());
            });
            {
              MutexLock lock(shard);
              queue.Set(1);
            }
            if (idle.load(kSc) > 0) {
              MutexLock lock(pool);
              notified.Set(true);
              wake.notify_one();
            }
            thread.join();
          });
}

}  // namespace
}  // namespace weft::model::bugs
