// Bugs of waiting: deadlocks, and loops that burn a processor.

#include <gtest/gtest.h>

#include <cstdint>

#include "weft/model/atomic.h"
#include "weft/model/bugs/corpus.h"
#include "weft/model/cell.h"
#include "weft/model/check.h"
#include "weft/model/futex.h"
#include "weft/model/mutex.h"
#include "weft/model/park.h"
#include "weft/model/spin.h"
#include "weft/model/thread.h"

namespace weft::model::bugs {
namespace {

// Two threads take two locks in opposite orders.
TEST(Bugs, N14AbbaDeadlock) {
  Examine({.source = "textbook", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Mutex a, b;
            Thread other([&] {
              MutexLock first(a, Suspect());
              MutexLock second(b, Suspect());
            });
            {
              MutexLock first(fixed ? a : b, Suspect());
              MutexLock second(fixed ? b : a, Suspect());
            }
            other.join();
          });
}

// The flag is set and the notification given without the lock: between the
// waiter's look at the flag and its wait.
TEST(Bugs, A16NotifyWithoutLock) {
  Examine({.source = "textbook", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Mutex mutex;
            CondVar changed;
            Atomic<bool> ready(false);
            Thread waiter([&] {
              MutexLock lock(mutex);
              while (!ready.load(kRelaxed)) changed.wait(lock, Suspect());
            });
            if (fixed) {
              MutexLock lock(mutex);
              ready.store(true, kRelaxed);
            } else {
              ready.store(true, kRelaxed);
            }
            changed.notify_one();
            waiter.join();
          });
}

// The waiter looks at what it waits for, and only then at the word that it
// sleeps on: the word has changed already, and will not change again.
TEST(Bugs, A18FutexWordReadAfterCheck) {
  Examine({.source = "textbook", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Atomic<uint32_t> sequence(0);
            Atomic<bool> ready(false);
            Thread waiter([&] {
              for (;;) {
                uint32_t seen = sequence.load(kAcquire);
                if (ready.load(kAcquire)) return;
                if (!fixed) seen = sequence.load(kAcquire);
                FutexWait(sequence, seen, Suspect());
              }
            });
            ready.store(true, kRelease);
            sequence.fetch_add(1, kRelease);
            FutexWake(sequence, 1);
            waiter.join();
          });
}

// A thread is told to stop and unparked; at its end it unparks its owner, who
// is inside join. That is legal, and the token is there for the owner's next
// park. But it says nothing about the thread's end: to park instead of joining
// is a bug.
TEST(Bugs, A17UnparkIsNoJoin_loom249) {
  struct Shared {
    Parker worker, owner;
    Atomic<bool> stop{false};
    Cell<int> exited{0};
  };
  Examine({.source = "loom #249, #418", .verdict = Verdict::kDataRace},
          [](bool fixed) {
            auto* shared = new Shared;
            Thread worker([=] {
              while (!shared->stop.load(kAcquire)) shared->worker.Park();
              shared->owner.Unpark();
              shared->exited.Set(1, Suspect());
            });
            shared->stop.store(true, kRelease);
            shared->worker.Unpark();
            if (fixed) worker.join();
            shared->owner.Park();
            shared->exited.Get(Suspect());
            delete shared;
            if (!fixed) worker.join();
          });
}

// The token is given before the thread parks. A parker that sleeps without a
// look at the token waits for a second one.
TEST(Bugs, W16ParkWithoutTokenCheck_tokio7041) {
  Examine({.source = "tokio #7041", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Mutex mutex;
            CondVar given;
            Cell<bool> token(false);
            Thread waker([&] {
              MutexLock lock(mutex);
              token.Set(true);
              given.notify_one();
            });
            {
              MutexLock lock(mutex);
              if (!fixed) given.wait(lock, Suspect());
              while (!token.Get()) given.wait(lock);
            }
            waker.join();
          });
}

// The noop that ends a loop is run before its sender has counted itself out:
// the loop turns until then and leaves the processor to nobody.
TEST(Bugs, W19SpinWithoutYield_stdexec2217) {
  Examine({.source = "stdexec #2217", .verdict = Verdict::kUnhintedSpin},
          [](bool fixed) {
            Atomic<int> outstanding(2);
            Atomic<bool> noop(false);
            Thread finisher([&] {
              noop.store(true, kRelease);
              outstanding.fetch_sub(1, kRelease);
            });
            while (outstanding.load(kAcquire, Suspect()) != 0) {
              if (noop.load(kAcquire, Suspect())) {
                noop.store(false, kRelaxed);
                outstanding.fetch_sub(1, kRelease);
              } else if (fixed) {
                SpinHint();
              }
            }
            finisher.join();
          });
}

// A coroutine finds that it must wait, and queues up in a second step without
// another look. The event is set in between. The fixed one is a single word
// that holds either the event or the waiter.
TEST(Bugs, T20SuspendWithoutRecheck_libcoro120) {
  enum : int { kNothing, kSet, kWaiter };
  Examine({.source = "libcoro #120, #125", .verdict = Verdict::kDeadlock},
          [](bool fixed) {
            Atomic<int> state(kNothing);
            Atomic<bool> queued(false);
            Parker parker;
            Thread waiter([&] {
              if (state.load(kSc) == kSet) return;
              int expected = kNothing;
              if (!fixed) {
                queued.store(true, kSc);
              } else if (!state.compare_exchange_strong(expected, kWaiter,
                                                        kAcqRel, kAcquire)) {
                return;
              }
              parker.Park(Suspect());
            });
            const bool wake = state.exchange(kSet, kSc) == kWaiter;
            if (wake || queued.load(kSc)) parker.Unpark();
            waiter.join();
          });
}

}  // namespace
}  // namespace weft::model::bugs
